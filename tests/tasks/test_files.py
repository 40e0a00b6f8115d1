"""Tasks from files, their headers and filters."""

import json
from pathlib import Path

import pytest

from itertl.config import TasksConfig, VerifyConfig
from itertl.errors import DataError
from itertl.records import Task
from itertl.tasks import gym
from itertl.tasks.files import parse_task, read_tasks
from itertl.tasks.filters import Filters, reasons
from itertl.tasks.load import load_tasks, of_iteration, of_split, with_reference
from itertl.verify import elaborates_alone
from itertl.verilog.header import rename_module, top_first

pytestmark = pytest.mark.usefixtures("kept_workers")

CODE = """// helper first
module half(input a, input b, output s);
  assign s = a ^ b;
endmodule
module full #(parameter N = 2) (
    input [N-1:0] a, // a; comment (with) semicolon;
    output y
);
  half h(.a(a[0]), .b(a[1]), .s(y));
endmodule
"""


def test_the_top_module_that_no_other_one_uses_comes_first() -> None:
    reference, header, top = top_first(CODE)
    assert top == "full"
    assert header.startswith("module full #(")
    assert header.endswith(");\n")
    assert reference.startswith(header)
    assert reference.count("endmodule") == 2
    assert elaborates_alone(reference, "full") == (True, "")


def test_a_named_top_wins_and_nothing_is_found_in_prose() -> None:
    assert top_first(CODE, "half")[1] == "module half(input a, input b, output s);\n"
    assert top_first("no design here") == ("no design here", "", "")


def test_renaming_spares_comments_and_longer_names() -> None:
    code = "module Ref(input Ref_a); // Ref\nendmodule : Ref"
    assert rename_module(code, "Ref", "Top") == "module Top(input Ref_a); // Ref\nendmodule : Top"


def test_both_formats_are_read(tmp_path: Path) -> None:
    (task,) = gym.generate("train", 1, 1)
    ours = task.to_dict()
    theirs = {"Instruction": task.instruction, "Input": task.header, "Response": [task.reference]}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ours) + "\n\n" + json.dumps(theirs) + "\n")
    first, second = read_tasks(path)
    assert first == task
    assert (second.instruction, second.header, second.reference, second.top) == (
        task.instruction,
        task.header,
        task.reference,
        task.top,
    )


def test_a_repeated_id_is_refused(tmp_path: Path) -> None:
    (task,) = gym.generate("train", 1, 1)
    (tmp_path / "rows.jsonl").write_text((task.to_json() + "\n") * 2)
    with pytest.raises(DataError, match=r"rows.jsonl:2: the id .* is taken"):
        read_tasks(tmp_path / "rows.jsonl")


def test_equal_rows_without_ids_are_told_apart_by_a_number(tmp_path: Path) -> None:
    (task,) = gym.generate("train", 1, 1)
    ours = json.dumps({"instruction": task.instruction, "reference": task.reference})
    theirs = json.dumps({"Instruction": task.instruction, "Input": "", "Response": [task.reference]})
    bench = {"instruction": "i", "header": "module m(input a);", "testbench": "module tb; endmodule"}
    project = {
        "instruction": "i",
        "top": "m",
        "project": {"files": {"m.v": "module m(output y); assign y = 1; endmodule"}},
    }
    nameless = [json.dumps(row | {"id": None}) for row in (bench, project) for _ in range(2)]
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join([ours, theirs, ours, *nameless]))
    names = [task.id for task in read_tasks(rows)]
    assert names[1:3] == [f"{names[0]}-2", f"{names[0]}-3"]
    assert names[4] == f"{names[3]}-2"
    assert names[5:] == ["m", "m-2"]
    rows.write_text(f"{ours}\n{json.dumps(json.loads(ours) | {'id': names[0]})}\n")
    with pytest.raises(DataError, match=f"rows.jsonl:2: the id '{names[0]}' is taken"):
        read_tasks(rows)


def test_a_row_that_is_there_twice_is_trained_on_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [{"instruction": t.instruction, "reference": t.reference} for t in gym.generate("train", 3, 1)]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, *rows]))
    tasks = list(load_tasks(TasksConfig(file=path), 1, VerifyConfig(workers=1)))
    assert [len(of_split(tasks, split)) for split in ("train", "dev")] == [2, 1]
    assert sum("dropped: duplicate of row-" in line for line in caplog.messages) == 3


def test_the_self_contained_filter_keeps_four_of_rtlcoders_ten(data: Path) -> None:
    tasks = read_tasks(data / "rtlcoder" / "data_sample.json")
    found = list(reasons(tasks, Filters(), VerifyConfig()))
    assert sum("does not elaborate alone" in fault for fault in found) == 6
    assert sum("never drives an output" in fault for fault in found) == 2
    assert found.count("") == 2


def test_a_file_is_split_into_training_and_dev(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(task.to_json() + "\n" for task in gym.generate("train", 10, 1)))
    tasks = list(load_tasks(TasksConfig(file=path), 1, VerifyConfig(workers=1)))
    assert (len(of_split(tasks, "dev")), len(tasks)) == (1, 10)


def test_gym_tasks_carry_their_split() -> None:
    tasks = list(load_tasks(TasksConfig(limit=4), 1, VerifyConfig()))
    assert (len(of_split(tasks, "train")), len(of_split(tasks, "dev"))) == (4, 4)


def test_every_iteration_sees_the_references_and_fresh_other_tasks() -> None:
    tasks = gym.generate("train", 10, 1)
    references = with_reference(tasks, 2)
    first, second = (of_iteration(tasks, references, t, 4) for t in (1, 2))
    assert first[:2] == second[:2] == tasks[:2]
    assert first[2:] == tasks[2:6]
    assert second[2:] == tasks[6:10]
    assert of_iteration(tasks, references, 3, 4)[2:] == tasks[2:6]
    assert of_iteration(tasks, references, 1, None) == tasks
    assert of_iteration(tasks, references, 5, 0) == tasks[:2]
    assert of_iteration(tasks, with_reference(tasks, None), 2, 4) == tasks


def test_references_take_turns_where_a_number_is_given() -> None:
    tasks = gym.generate("train", 10, 1)
    references = with_reference(tasks, 6)
    batches = [of_iteration(tasks, references, t, 2, 4) for t in (1, 2)]
    assert batches[0] == [*tasks[:4], *tasks[6:8]]
    assert batches[1] == [*tasks[4:6], *tasks[:2], *tasks[8:10]]
    assert of_iteration(tasks, references, 1, 4, 0) == tasks[6:]
    assert of_iteration(tasks, references, 3, 0, 100) == tasks[:6]


def test_a_row_says_what_its_testbench_is_written_in() -> None:
    python = "import cocotb\n\n@cocotb.test()\nasync def one(dut):\n    pass\n"
    row = {"id": "a", "instruction": "", "header": "module a(output y);", "testbench": python, "bench": "cocotb"}
    task = parse_task(row, "rows:1")
    assert (task.bench, task.testbench, Task.from_dict(task.to_dict())) == ("cocotb", python, task)
    whole = row | {"reference": "module a(output y); assign y = 1; endmodule"}
    assert parse_task(whole, "rows:1").bench == "cocotb"
    for wrong, said in (
        ({"bench": "verilog"}, r'imports cocotb, .*: add "bench": "cocotb"'),
        ({"bench": "vhdl"}, "expected verilog or cocotb, found 'vhdl'"),
        ({"testbench": "import cocotb\ndef (\n"}, "is no Python: line 2: SyntaxError"),
    ):
        for base in (row, whole):
            with pytest.raises(DataError, match=f"rows:1: .*{said}"):
                parse_task({**base, **wrong}, "rows:1")
