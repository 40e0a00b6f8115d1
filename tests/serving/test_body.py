"""What a request may hold: two forms, and one sentence for everything else."""

from typing import Any

import pydantic_core
import pytest

from itertl.records import Task
from itertl.serving.body import TEXT, Refused, read_body

INV = "module inv(input a, output y);\n  assign y = ~a;\nendmodule\n"


def read(values: Any, most: int = 8) -> Any:
    return read_body(pydantic_core.to_json(values), most)


def test_one_design_by_completion_or_code() -> None:
    ((task, design),) = read({"task": {"reference": INV}, "completion": f"Here it is:\n```verilog\n{INV}```\n"})
    assert (task.top, task.reference) == ("inv", INV)
    assert design.code.strip() == INV.strip()
    ((same, coded),) = read({"task": {"reference": INV, "instruction": "invert"}, "code": INV})
    assert (coded.code, coded.task_id, same.instruction) == (INV, task.id, "invert")


def test_a_batch_names_its_tasks_by_their_place() -> None:
    other = INV.replace("inv", "not1").replace("output y", "output z").replace("y =", "z =")
    tasks = [{"reference": INV}, {"reference": other, "header": "module not1(input a, output z);\n"}]
    body = {"tasks": tasks, "designs": [{"task": 1, "completion": "assign z = ~a; endmodule"}, {"task": 0, "code": ""}]}
    found = read(body)
    assert [task.top for task, _ in found] == ["not1", "inv"]
    assert "module not1" in found[0][1].code
    assert found[0][0].id == Task.of(other, header=tasks[1]["header"]).id, "known by content, not by name"


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ([], 422, "expected a JSON object"),
        ({}, 422, "task is missing"),
        ({"task": {"reference": INV}}, 422, "either `completion`"),
        ({"task": {"reference": INV}, "code": "x", "completion": "y"}, 422, "either `completion`"),
        ({"task": {"reference": 7}, "code": "x"}, 422, "task.reference: expected a valid string, found '7'"),
        ({"task": {"reference": ""}, "code": "x"}, 422, "task.reference"),
        ({"task": {"reference": INV, "rule": "os:system"}, "code": "x"}, 422, "there is no field task.rule"),
        ({"task": {"reference": INV}, "code": "x", "score": "os:system"}, 422, "there is no field score"),
        ({"task": {"reference": "no design"}, "code": "x"}, 422, "task.reference: expected a whole design"),
        ({"task": {"reference": INV}, "code": "x" * (TEXT + 1)}, 422, "at most 500000 characters"),
        ({"tasks": [], "designs": [{"task": 0, "code": ""}]}, 422, "tasks"),
        ({"tasks": [{"reference": INV}], "designs": []}, 422, "designs"),
        (
            {"tasks": [{"reference": INV}], "designs": [{"task": 1, "code": ""}]},
            422,
            "names the task 1; expected one below 1",
        ),
        ({"tasks": [{"reference": INV}], "designs": [{"task": -1, "code": ""}]}, 422, "designs.0.task"),
        ({"tasks": [{"reference": INV}], "designs": [{"task": "0", "code": ""}]}, 422, "designs.0.task"),
        ({"tasks": [{"reference": INV}], "designs": [{"task": 0, "code": ""}] * 9}, 413, "9 designs in one request"),
        (
            {"tasks": [{"reference": INV}, {"reference": "?"}], "designs": [{"task": 0, "code": ""}]},
            422,
            "tasks.1.reference: ",
        ),
    ],
)
def test_what_is_wrong_is_said(values: Any, status: int, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read(values)
    assert refused.value.status == status
    assert said in refused.value.why


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"task": "\\ud800"}', b"9" * 10_000 + b"x", b'{"a": NaN}x'],
)
def test_what_is_no_json_is_said(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_body(data, 8)
    assert refused.value.status == 400
    assert "is not JSON" in refused.value.why
