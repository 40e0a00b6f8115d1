"""Suites as a task of inspect_ai: any model that it knows, judged by the suite's testbench, strictly.

pip install itertl inspect-ai
inspect eval examples/inspect_suite.py --model openai/gpt-5 -T suite=gym-test -T count=100 --epochs 5
inspect eval examples/inspect_suite.py --model ollama/qwen2.5-coder:7b -T suite=verilogeval-v2-spec-to-rtl

A sample that says nothing about the model (a tool error, a design beyond the simulator, a defect of the suite) is
unscored, which metrics leave out. The figures of `itertl eval`, with its intervals and presets, are those to publish.
"""

import asyncio

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import TaskState, generate

from itertl import records
from itertl.environment import grade_by_suite, load, question


@scorer(metrics=[accuracy(), stderr(cluster="task")])  # type: ignore[untyped-decorator, unused-ignore]
def verdict(tasks: dict[str, records.Task]) -> Scorer:
    """Score by what simulation says."""

    async def score(state: TaskState, target: Target) -> Score:
        found = await asyncio.to_thread(grade_by_suite, tasks[str(state.sample_id)], state.output.completion)
        more = {"outcome": found.outcome, "official": found.official, "agreement": found.agreement}
        if found.reward is None:
            return Score.unscored(reason=found.outcome, answer=found.code, explanation=found.found, metadata=more)
        value = CORRECT if found.passed else INCORRECT
        return Score(value=value, answer=found.code, explanation=found.found, metadata=more)

    return score  # type: ignore[no-any-return, unused-ignore]


@task  # type: ignore[untyped-decorator, unused-ignore]
def verilog(suite: str = "gym-test", count: int = 300, seed: int = 1) -> Task:
    """Return the task: `suite` is what `itertl eval` takes, `count` how many problems of it at most."""
    tasks = {each.id: each for each in load(suite, count, seed)}
    samples = [
        Sample(input=question(each), target=each.reference, id=each.id, metadata={"task": each.id, "tags": each.tags})
        for each in tasks.values()
    ]
    return Task(dataset=MemoryDataset(samples, name=suite), solver=generate(), scorer=verdict(tasks), version=1)
