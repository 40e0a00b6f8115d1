"""What cocotb's results file says: the tests of a bench, in their order, and how each of them ended.

    read_results(data, {"testbench.py"})  ->  (Test("counts", Status.FAILED, "AssertionError", "assert 3 == 2", ...),)

The file is xUnit's XML, as cocotb 2.1 and later versions write it. One that is no such, or was cut, says nothing.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Collection, Sequence
from enum import StrEnum
from xml.etree import ElementTree

MAX_MESSAGE = 200  # characters of a message that are kept
_NAMED = 4  # failing tests that a message names
_FRAME = re.compile(r'File "(?:[^"\n]*/)?([^"/\n]+)", line (\d+)')
_ENDED = "SimFailure"  # what cocotb says of tests that the end of the simulation has overtaken
_BROKEN = frozenset(
    {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "SyntaxError", "SystemExit"}
)


class Status(StrEnum):
    """How a test ended; one that failed as it is expected to has passed, as cocotb counts."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclasses.dataclass(frozen=True, slots=True)
class Test:
    """One test of a bench: `error` is the type of what it raised and `place` where in the bench, "" for neither."""

    __test__ = False  # the name is no test's

    name: str
    status: Status
    error: str = ""
    message: str = ""
    place: str = ""

    @property
    def broken(self) -> bool:
        """True if it failed for a fault of the bench, which no design can bring about."""
        return self.status is Status.FAILED and self.error in _BROKEN

    @property
    def said(self) -> str:
        """What went wrong, where, in one line."""
        if self.error == _ENDED:
            return "the simulation ended before the test did: nothing was left to happen, or the design ended it"
        what = f"{self.error}: {self.message}" if self.error and self.message else self.error or self.message
        return f"{self.place}: {what}" if self.place else what


def read_results(data: bytes, own: Collection[str]) -> tuple[Test, ...] | None:
    """Return the tests of a results file, None where it is none; `own` are the names of the bench's files."""
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    if root.tag != "testsuites":
        return None
    tests: list[Test] = []
    for suite in root:
        cases = suite.findall("testcase")
        if suite.tag != "testsuite" or suite.get("tests") != str(len(cases)):
            return None
        tests += [_test(case, own) for case in cases]
    return tuple(tests)


def _test(case: ElementTree.Element, own: Collection[str]) -> Test:
    name = case.get("name", "")
    if case.find("skipped") is not None:
        return Test(name, Status.SKIPPED)
    for kind in ("failure", "error"):
        if (fault := case.find(kind)) is not None:
            message = first_line(fault.get("message", ""))
            return Test(name, Status.FAILED, fault.get("type", ""), message, place_in(fault.text or "", own))
    return Test(name, Status.PASSED)


def place_in(trace: str, own: Collection[str]) -> str:
    """Return the last place of a traceback that lies in one of the files `own`: "line 3", or "model.py, line 3"."""
    frames = [(name, line) for name, line in _FRAME.findall(trace) if name in own]
    if not frames:
        return ""
    name, line = frames[-1]
    return f"line {line}" if name == "testbench.py" else f"{name}, line {line}"


def first_line(text: str) -> str:
    """Return the first line of a message, cut."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:MAX_MESSAGE] if lines else ""


def same_tests(found: Sequence[Test], wanted: Sequence[Test]) -> bool:
    """True if two runs of a bench had the same tests, however they ended."""
    return Counter(test.name for test in found) == Counter(test.name for test in wanted)


def skipped(tests: Sequence[Test]) -> Counter[str]:
    """Return the names of the tests that were skipped."""
    return Counter(test.name for test in tests if test.status is Status.SKIPPED)


def passes(tests: Sequence[Test]) -> bool:
    """True if some test has passed, and none has failed."""
    return any(t.status is Status.PASSED for t in tests) and all(t.status is not Status.FAILED for t in tests)


def failures(tests: Sequence[Test]) -> str:
    """Return how many tests fail, what the first of them says, and which others there are."""
    wrong = [test for test in tests if test.status is Status.FAILED]
    ran = sum(test.status is not Status.SKIPPED for test in tests)
    others = ", ".join(test.name for test in wrong[1:_NAMED]) + (", ..." if len(wrong) > _NAMED else "")
    how = "test fails" if ran == 1 else "tests fail"
    return f"{len(wrong)} of {ran} {how}: {wrong[0].name}, {wrong[0].said}" + (f"; also {others}" if others else "")


def number_of(tests: Sequence[Test]) -> str:
    """Return how many tests there are, in words."""
    return "1 test" if len(tests) == 1 else f"{len(tests)} tests"
