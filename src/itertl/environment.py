"""Tasks and verdicts as an environment that others train or measure on: a question, an answer, a grade.

    tasks = load("gym-train", 100, seed=1)          grade(task, "module ...")  ->  Grade(reward=1.0, outcome="passed")
    episode = Episode(task, turns=3) ; episode.question ; turn = episode.answer(text) ; turn.reward, turn.done

The one implementation behind the front doors in examples/: verifiers, OpenEnv, inspect_ai. A wrong answer is told where
its outputs first differ from the reference's, never more of them, so that there is something to repair and nothing to
copy. What says nothing about the model, a tool error or a legal design beyond the simulator, has no reward. All of it
may be called from many threads at once: the workers of `itertl.rewards` serve them.
"""

import dataclasses
import os
import threading

from itertl.config import Config
from itertl.errors import UsageError
from itertl.outcome import Outcome
from itertl.policy.prompt import render_prompt
from itertl.records import Submission, Task, Verdict
from itertl.rewards import judge
from itertl.score import score as score_of
from itertl.suites.load import load_suite
from itertl.tasks import gym
from itertl.verify.official.verdicts import verify_testbench
from itertl.verify.settings import VerifySettings

GYM = "gym-"
ASKED = "{instruction}\n\nWrite the whole module, from `module` to `endmodule`, in one block of code."
HEADED = "{instruction}\n\nThe module begins with:\n\n{header}\n\n" + ASKED.partition("\n\n")[2]
AGAIN = "That design is not right ({found}). Write the whole module again, corrected."

_benches = threading.BoundedSemaphore(max(1, len(os.sched_getaffinity(0))))  # of suites, each with a worker of its own


@dataclasses.dataclass(frozen=True, slots=True)
class Grade:
    """What an answer is worth: `reward` in [0, 1], None where it says nothing about the model.

    `agreement` is the share of output bits that equal the reference's, `found` a sentence for the model, `official` the
    outcome by a suite's own rule, "" where there is none.
    """

    reward: float | None
    outcome: str
    agreement: float
    found: str
    code: str
    official: str = ""

    @property
    def passed(self) -> bool:
        """True if the design is right."""
        return self.outcome == Outcome.PASSED.value


@dataclasses.dataclass(frozen=True, slots=True)
class Turn:
    """What follows an answer: the next `message` to the model, "" where the episode is over (`done`).

    `reward` is 0.0 for a wrong answer that may be corrected, and the last answer's at the end.
    """

    grade: Grade
    message: str
    done: bool

    @property
    def reward(self) -> float | None:
        """What the turn earns."""
        return self.grade.reward if self.done else 0.0


def load(source: str, count: int = 100, seed: int = 1, families: tuple[str, ...] = ()) -> list[Task]:
    """Return at most `count` tasks: of a split of the gym (gym-train, gym-dev, ...), or of a suite or file.

    `source` is what `itertl eval` takes, too: `file:rows.jsonl`, a published suite, `package.module:SUITE`. Raise
    UsageError for an unknown one, or without its data.
    """
    if count < 1:
        raise UsageError(f"expected a number of tasks from 1, found {count}")
    if seed < 0:
        raise UsageError(f"expected a seed of 0 or more, found {seed}")
    if source.startswith(GYM):
        return gym.generate(source.removeprefix(GYM), count, seed, families=families)
    config = Config.model_validate({"seed": seed, "tasks": {"limit": count}})
    return load_suite(source, config)


def question(task: Task) -> str:
    """Return what a model is asked."""
    return render_prompt(task, HEADED if task.header else ASKED)


def grade(task: Task, answer: str, score: str = "functional", workers: int = 0) -> Grade:
    """Return what `answer`, a model's whole text, is worth by the reference of `task`; blocks until it is known.

    Raise DataError for a task without a reference, ToolError where most verdicts are tool errors.
    """
    ((_, design, verdict),) = judge([(task, answer)], workers)
    reward = score_of(score, task, design.code, verdict) if verdict.outcome.judged else None
    return Grade(reward, verdict.outcome.value, verdict.agreement, _said(verdict), design.code)


def grade_by_suite(task: Task, answer: str) -> Grade:
    """Return the same by the testbench that a suite brings, strictly: 1 or 0; by the reference where it brings none."""
    if not task.testbench:
        found = grade(task, answer)
        return dataclasses.replace(found, reward=None if found.reward is None else float(found.passed))
    design = Submission.of(task, answer)
    with _benches:
        (verdict,) = verify_testbench([design], [task], VerifySettings(workers=1))
    reward = float(verdict.strict is Outcome.PASSED) if verdict.strict.judged and verdict.reference_passes else None
    outcome = verdict.strict.value
    return Grade(reward, outcome, reward or 0.0, verdict.detail or outcome, design.code, verdict.official.value)


class Episode:
    """One task, and `turns` answers to it at most; a right one ends it."""

    def __init__(self, task: Task, turns: int = 1, score: str = "functional", workers: int = 0) -> None:
        if turns < 1:
            raise UsageError(f"expected at least one turn, found {turns}")
        self.task, self.question, self.left = task, question(task), turns
        self._score, self._workers = score, workers

    def answer(self, text: str) -> Turn:
        """Return what follows an answer; raise UsageError where the episode is over."""
        if self.left < 1:
            raise UsageError("the episode is over; begin another one")
        found = grade(self.task, text, self._score, self._workers)
        self.left = 0 if found.passed or found.reward is None else self.left - 1
        return Turn(found, AGAIN.format(found=found.found) if self.left else "", done=self.left == 0)


def _said(verdict: Verdict) -> str:
    words = verdict.outcome.value.replace("_", " ")
    return f"{words}: {verdict.detail}" if verdict.detail else words
