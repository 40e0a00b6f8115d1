"""Suites: the gym's splits, and VerilogEval v2 from its directory."""

from pathlib import Path

import pytest

from itertl.config import Config, parse_config
from itertl.errors import UsageError
from itertl.evaluation.suites import load_suite, suite_name


def test_gym_suites_follow_the_config() -> None:
    config = parse_config({"tasks": {"gym": {"shifted": 9}, "limit": 7}})
    assert len(load_suite("gym-shifted", config)) == 7
    assert all("split:shifted" in task.tags for task in load_suite("gym-shifted", config))


def test_an_unknown_suite_or_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no suite 'gym-base'"):
        load_suite("gym-base", Config())
    with pytest.raises(UsageError, match=r"holds no Prob\*_prompt\.txt"):
        load_suite(str(tmp_path), Config())


def test_verilog_eval_is_read_whole_with_the_reference_as_top_module(data: Path) -> None:
    folder = data / "verilog-eval-v2" / "dataset_spec-to-rtl"
    tasks = load_suite(str(folder), Config())
    assert len(tasks) == 156
    assert suite_name(str(folder)) == "verilogeval-v2-spec-to-rtl"
    for task in tasks:
        assert task.reference.startswith(task.header)
        assert task.header.startswith("module TopModule")
        assert task.header.rstrip().endswith(";")
        assert "RefModule" not in task.reference
        assert task.testbench
        assert task.instruction
