"""Tasks and verdicts as a taskset of verifiers (PrimeIntellect), which prime-rl trains on: one answer, one reward.

pip install itertl verifiers            # this file on the Python path, as any installed taskset
PYTHONPATH=examples vf-eval itertl-verifiers --env.taskset.tasks gym-train --env.agent.harness.id null ...

An answer that says nothing about the model (a tool error, a design beyond the simulator) is an error of the rollout,
which trainers leave out, and never a reward of 0.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import verifiers.v1 as vf

from itertl.environment import grade, load, question
from itertl.errors import ToolError
from itertl.records import Task

__all__ = ["RtlTaskset"]


class RtlData(vf.TaskData):  # type: ignore[misc, unused-ignore]
    """What travels with a task: its record, as itertl writes it."""

    record: dict[str, Any]


class RtlTaskConfig(vf.TaskConfig):  # type: ignore[misc, unused-ignore]
    """How answers are judged; the score is functional, syntax, or package.module:function."""

    score: str = "functional"
    workers: int = 0


class RtlConfig(vf.TasksetConfig):  # type: ignore[misc, unused-ignore]
    """Which tasks: a split of the gym, `file:rows.jsonl`, or a suite."""

    tasks: str = "gym-train"
    count: int = 100
    seed: int = 1
    task: RtlTaskConfig = RtlTaskConfig()


class RtlTask(vf.Task[RtlData, vf.State, RtlTaskConfig]):  # type: ignore[misc, unused-ignore]
    """One design problem."""

    @vf.reward  # type: ignore[untyped-decorator, unused-ignore]
    async def verdict(self, trace: vf.Trace) -> float:
        """Return the score of the last reply; workers of itertl simulate it, this loop goes on meanwhile."""
        task = Task.from_dict(self.data.record)
        found = await asyncio.to_thread(grade, task, trace.last_reply, self.config.score, self.config.workers)
        if found.reward is None:
            raise ToolError(f"{task.id}: {found.found}")
        trace.record_metrics({"passed": float(found.passed), "agreement": found.agreement})
        trace.info["verdict"] = found.found
        return found.reward


class RtlTaskset(vf.Taskset[RtlTask, RtlConfig]):  # type: ignore[misc, unused-ignore]
    """The tasks of a config."""

    def load(self) -> Iterator[RtlTask]:
        """Yield each task with its question."""
        for task in load(self.config.tasks, self.config.count, self.config.seed):
            data = RtlData(id=task.id, name=task.id, prompt=question(task), record=task.to_dict())
            yield RtlTask(data, self.config.task)
