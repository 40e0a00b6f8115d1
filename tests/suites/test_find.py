"""Names of suites: each leads to one suite without a look at its data, or to an error that says what was meant."""

from pathlib import Path

import pytest

from itertl.errors import ConfigError, UsageError
from itertl.suites.find import data_place, find_published, find_rule, find_suite, missing_data
from itertl.suites.published import PUBLISHED
from itertl.suites.suite import Suite


def test_every_published_suite_is_listed_under_its_own_name_with_a_reader_and_a_source() -> None:
    for name, suite in PUBLISHED.items():
        assert suite.name == name
        assert find_suite(name) is suite
        assert suite.read is not None
        assert suite.source is not None
        assert suite.place.split("/")[0] == suite.source.folder


def test_each_kind_of_name_leads_to_a_suite_with_the_name_of_its_results(tmp_path: Path) -> None:
    assert find_suite("gym-shifted") == Suite("gym-shifted")
    rows = find_suite(f"file:{tmp_path}/own rows.v1.jsonl")
    assert (rows.name, rows.place) == ("own rows", f"{tmp_path}/own rows.v1.jsonl")
    for folder, name in (("some_code-complete_x", "verilogeval-v2-code-complete"), ("x", "verilogeval-v2-spec-to-rtl")):
        (tmp_path / folder).mkdir()
        found = find_suite(str(tmp_path / folder))
        assert (found.name, found.place) == (name, str(tmp_path / folder))


@pytest.mark.parametrize("name", ["rtllm-v3", "gym-base", "", "verilogeval-v2", "/nowhere/at/all"])
def test_an_unknown_name_is_an_error_that_lists_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError, match=f"there is no suite '{name}'.*gym-test, .*rtllm-v2"):
        find_suite(name)


def test_a_name_that_is_nearly_right_is_told_which_one_is_meant() -> None:
    with pytest.raises(UsageError, match="did you mean 'rtllm-v2'"):
        find_suite("rtlm-v2")
    with pytest.raises(UsageError, match="did you mean 'verilogeval-v2-spec-to-rtl'"):
        find_suite("verilogeval-v2")


def test_a_file_of_rows_is_told_how_it_is_named(tmp_path: Path) -> None:
    rows = tmp_path / "tasks.jsonl"
    rows.write_text("")
    with pytest.raises(UsageError, match=f"there is no suite .*: did you mean 'file:{rows}'"):
        find_suite(str(rows))


def test_what_is_no_rule_and_no_published_suite_is_told_what_there_is() -> None:
    with pytest.raises(
        UsageError, match=r"there is no rule 'foo': expected .*rtllm-v2, and package.module:RULE"
    ) as rule:
        find_rule("foo")
    with pytest.raises(UsageError, match=r"there is no rule 'rtllm-v': did you mean 'rtllm-v1.1'"):
        find_rule("rtllm-v")
    for name in ("foo", "gym-test", ""):
        with pytest.raises(UsageError, match=f"there is no published suite '{name}': .*rtllm-v2, and dir") as published:
            find_published(name)
    assert not any(word in str(error.value) for error in (rule, published) for word in ("file:ROWS", "gym-test, "))


def test_it_is_known_without_reading_whether_the_data_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ITERTL_DATA", raising=False)
    suite = find_suite("rtllm-v2")
    assert "give it as --data or in ITERTL_DATA" in missing_data(suite, None)
    assert "does not exist" in (fault := missing_data(suite, tmp_path))
    assert "itertl suites fetch rtllm-v2" in fault
    (tmp_path / "rtllm-v2").mkdir()
    assert missing_data(suite, tmp_path) == ""
    monkeypatch.setenv("ITERTL_DATA", str(tmp_path))
    assert missing_data(suite, None) == ""
    assert data_place(suite, None) == tmp_path / "rtllm-v2"
    assert missing_data(find_suite("gym-test"), None) == ""
    assert "does not exist" in missing_data(find_suite(f"file:{tmp_path}/rows.jsonl"), None)


def test_a_suite_of_ones_own_is_found_by_its_dotted_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "found_suites.py").write_text(
        "from itertl.suites.suite import Suite\n"
        "OWN, TAKEN, TEXT = Suite('own', 'own', list), Suite('rtllm-v2', 'own', list), 'own'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert find_suite("found_suites:OWN").name == "own"
    for name, said in (
        ("found_suites:NONE", "cannot be loaded"),
        ("no_such_module:OWN", "cannot be loaded"),
        ("found_suites:TEXT", "'found_suites:TEXT' is a str; expected"),
        ("found_suites:TAKEN", "is named 'rtllm-v2', as another suite is"),
    ):
        with pytest.raises(ConfigError, match=said):
            find_suite(name)


@pytest.mark.parametrize("name", ["", "a/b", ".hidden", "x" * 101])
def test_a_name_under_which_no_results_can_be_filed_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="results are filed under a suite's name"):
        Suite(name)
