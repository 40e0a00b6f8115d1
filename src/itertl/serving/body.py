"""What a request of the judge holds, and everything that can be wrong with one.

    {"task": {"reference": "module ...", "header": "", "instruction": "", "top": ""}, "completion": "..."}
    {"tasks": [{"reference": ...}, ...], "designs": [{"task": 0, "completion": "..."}, {"task": 0, "code": "..."}]}

A `completion` is a model's whole answer, prose and all, or goes on from the header; `code` is whole modules. A task
is named by its place among `tasks` and known by its content alone: two callers never share one by name.
"""

import functools
from collections.abc import Mapping
from typing import Annotated, Any

import pydantic
import pydantic_core
from pydantic import Field

from itertl.errors import DataError
from itertl.records import Submission, Task

TEXT = 500_000  # characters of any text in a request
_MOST_FAULTS, _QUOTED = 5, 60  # faults that an error names, and characters of what was found

Text = Annotated[str, Field(max_length=TEXT)]
Question = tuple[Task, Submission]


class Refused(Exception):  # noqa: N818 - an answer
    """A request that is answered with an HTTP status other than 200, and why."""

    def __init__(self, status: int, why: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(why)
        self.status, self.why, self.headers = status, why, dict(headers or {})


class _Closed(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", strict=True)


class TaskBody(_Closed):
    """A task: what designs are compared with."""

    reference: Annotated[Text, Field(min_length=1)]
    header: Text = ""
    instruction: Text = ""
    top: Text = ""


class _Design(_Closed):
    completion: Text | None = None
    code: Text | None = None

    @pydantic.model_validator(mode="after")
    def _one_text(self) -> "_Design":
        if (self.completion is None) == (self.code is None):
            raise ValueError("expected either `completion`, a whole answer, or `code`, whole modules")
        return self


class OneBody(_Design):
    """A request about one design."""

    task: TaskBody


class DesignBody(_Design):
    """A design of a batch; `task` counts from 0."""

    task: Annotated[int, Field(ge=0)]


class BatchBody(_Closed):
    """A request about many designs."""

    tasks: Annotated[list[TaskBody], Field(min_length=1)]
    designs: Annotated[list[DesignBody], Field(min_length=1)]

    @pydantic.model_validator(mode="after")
    def _known(self) -> "BatchBody":
        if wrong := next((d.task for d in self.designs if d.task >= len(self.tasks)), None):
            raise ValueError(
                f"a design names the task {wrong}; expected one below {len(self.tasks)}, the number of tasks"
            )
        return self


def read_body(data: bytes, most: int) -> list[Question]:
    """Return task and design of each question, at most `most`; raise Refused with 400, 413 or 422 and a sentence."""
    try:
        values = pydantic_core.from_json(data)
    except ValueError as error:
        raise Refused(400, f"the body is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise Refused(422, f"expected a JSON object with `task` or `tasks`, found {type(values).__name__}")
    batch = "designs" in values or "tasks" in values
    if batch and isinstance(values.get("designs"), list) and len(values["designs"]) > most:
        raise Refused(413, f"{len(values['designs'])} designs in one request; expected at most {most}, send several")
    try:
        if not batch:
            one = OneBody.model_validate(values)
            return [_question(_task(one.task, "task"), one)]
        many = BatchBody.model_validate(values)
    except pydantic.ValidationError as error:
        raise Refused(422, "; ".join(map(_fault, error.errors()[:_MOST_FAULTS]))) from error
    tasks = [_task(body, f"tasks.{number}") for number, body in enumerate(many.tasks)]
    return [_question(tasks[design.task], design) for design in many.designs]


def _question(task: Task, design: _Design) -> Question:
    if design.code is not None:
        return task, Submission.whole(task.id, design.code)
    return task, Submission.of(task, design.completion or "")


def _task(body: TaskBody, where: str) -> Task:
    try:
        task = _made(body.reference, body.header, body.instruction, body.top)
    except DataError as error:
        raise Refused(422, f"{where}: {error}") from error
    if not task.top:
        raise Refused(422, f"{where}.reference: expected a whole design, found no module in it")
    return task


@functools.lru_cache(maxsize=4096)
def _made(reference: str, header: str, instruction: str, top: str) -> Task:
    return Task.of(reference, instruction, header=header, top=top)


def _fault(fault: Any) -> str:
    """Return one fault: where, what was expected, and what was found."""
    place = ".".join(map(str, fault["loc"])) or "the body"
    if fault["type"] == "missing":
        return f"{place} is missing"
    if fault["type"] == "extra_forbidden":
        return f"there is no field {place}"
    said = fault["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    found = "" if fault["type"] == "value_error" else f", found {str(fault['input'])[:_QUOTED]!r}"
    return f"{place}: {said}{found}"
