"""cocotb's results file: how tests end, what the first one says, and files that say nothing."""

import pytest

from itertl.verify.cocotb.results import Status, Test, place_in, read_results, same_tests, skipped

TRACE = """Traceback (most recent call last):
  File "/tmp/run/testbench.py", line 7, in counts
    check(dut)
  File "/tmp/run/lib/model.py", line 3, in check
    assert dut.q.value == 3
  File "/usr/lib/python3/site-packages/cocotb/handle.py", line 9, in value
AssertionError: assert 2 == 3
"""
CASES = f"""<?xml version='1.0' encoding='utf-8'?>
<testsuites name="cocotb tests"><testsuite name="testbench" errors="0" failures="1" skipped="1" tests="4">
<testcase classname="testbench" name="counts"><failure message="q is 2&#10;assert 2 == 3" type="AssertionError">{TRACE}
</failure><properties><property name="cocotb" value="True" /></properties></testcase>
<testcase classname="testbench" name="later"><skipped message="Test was skipped" /></testcase>
<testcase classname="testbench" name="begins"><error message="Test initialization failed" /></testcase>
<testcase classname="testbench" name="resets"><properties /></testcase>
</testsuite></testsuites>"""


def test_tests_come_with_how_they_ended_and_where() -> None:
    found = read_results(CASES.encode(), {"testbench.py"})
    assert found == (
        Test("counts", Status.FAILED, "AssertionError", "q is 2", "line 7"),
        Test("later", Status.SKIPPED),
        Test("begins", Status.FAILED, "", "Test initialization failed"),
        Test("resets", Status.PASSED),
    )
    assert found[0].said == "line 7: AssertionError: q is 2"
    assert skipped(found) == {"later": 1}
    assert same_tests(found, tuple(reversed(found)))
    assert not same_tests(found, found[1:])
    assert place_in(TRACE, {"testbench.py", "model.py"}) == "model.py, line 3"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no XML",
        CASES[:-20],
        CASES.replace('tests="4"', 'tests="3"'),
        CASES.replace("testsuites", "results"),
        CASES.replace("<testsuites", "<testsuites>" * 2),
    ],
)
def test_a_file_that_is_cut_or_forged_says_nothing(text: str) -> None:
    assert read_results(text.encode(), ()) is None


def test_a_fault_of_the_bench_is_told_from_a_wrong_value() -> None:
    assert Test("t", Status.FAILED, "NameError", "name 'x' is not defined").broken
    assert not Test("t", Status.FAILED, "AssertionError").broken
    assert not Test("t", Status.PASSED, "NameError").broken
    assert "ended before the test did" in Test("t", Status.FAILED, "SimFailure", "cocotb expected").said
