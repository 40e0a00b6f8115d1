"""Suites: the gym's splits, and VerilogEval v2 from its directory."""

import json
from pathlib import Path

import pytest

from itertl.config import Config, parse_config
from itertl.errors import DataError, UsageError
from itertl.suites.load import brings_testbench, load_published, load_suite, suite_name


def test_gym_suites_follow_the_config() -> None:
    config = parse_config({"tasks": {"gym": {"shifted": 9}, "limit": 7}})
    assert len(load_suite("gym-shifted", config)) == 7
    assert all("split:shifted" in task.tags for task in load_suite("gym-shifted", config))


def test_an_unknown_suite_or_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no suite 'gym-base'"):
        load_suite("gym-base", Config())
    with pytest.raises(UsageError, match=r"holds no Prob\*_prompt\.txt"):
        load_suite(str(tmp_path), Config())


def test_a_suite_of_ones_own_has_a_testbench_for_every_task_or_for_none(tmp_path: Path) -> None:
    header = "module t(input a, output y);\n"
    row = {
        "instruction": "i",
        "header": header,
        "reference": f"{header}assign y = a;\nendmodule",
        "files": [["d", "1"]],
    }
    path = tmp_path / "own.v1.jsonl"
    path.write_text(json.dumps({"id": "x", **row}) + "\n" + json.dumps({"id": "y", **row}) + "\n")
    tasks = load_suite(f"file:{path}", Config())
    assert [(t.id, t.header, t.files) for t in tasks] == [("x", header, (("d", "1"),)), ("y", header, (("d", "1"),))]
    assert not brings_testbench(tasks)
    assert suite_name(f"file:{path}") == "own"
    benched = {**row, "testbench": "module tb; endmodule"}
    path.write_text(json.dumps({"id": "x", **benched}) + "\n" + json.dumps({"id": "y", **row}) + "\n")
    with pytest.raises(DataError, match="1 of 2 tasks have no testbench, such as y"):
        load_suite(f"file:{path}", Config())
    path.write_text(json.dumps({"id": "x", **benched}) + "\n")
    assert brings_testbench(load_suite(f"file:{path}", Config()))


def test_the_instruction_of_code_completion_does_not_repeat_the_header(data: Path) -> None:
    tasks = load_published("verilogeval-v2-code-complete", data)
    assert len(tasks) == 156
    assert not [task.id for task in tasks if "module TopModule" in task.instruction]
    assert all(task.header.startswith("module TopModule") for task in tasks)


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
