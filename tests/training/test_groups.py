"""Groups: which samples are learned from, and which are counted."""

import dataclasses

from itertl.config import Config
from itertl.outcome import Outcome
from itertl.records import Candidate, Group, Verdict
from itertl.tasks import gym
from itertl.training.groups import build_groups

(TASK,) = gym.generate("train", 1, 1)


def group(samples: list[tuple[str, str]], outcomes: dict[str, Outcome]) -> Group:
    """The group of samples that are given by their code and how they ended."""
    candidates = [
        Candidate(TASK.id, 1, index, 0, "prompt", code, code, code, reason)
        for index, (code, reason) in enumerate(samples)
    ]
    verdicts = [Verdict(TASK.id, code, outcome) for code, outcome in outcomes.items()]
    (made,) = build_groups([TASK], frozenset(), candidates, verdicts, Config())
    return made


def test_samples_that_were_cut_off_are_not_counted_either() -> None:
    samples = [("good", "stop"), ("bad", "stop"), *[("bad", "length")] * 4, ("unended", "length")]
    made = group(samples, dict.fromkeys(("bad", "unended"), Outcome.MISMATCH) | {"good": Outcome.PASSED})
    assert made.candidates == ("good", "bad")
    assert made.counts == (1, 1)


def test_samples_that_fall_on_one_code_are_counted_and_tool_errors_are_not() -> None:
    samples = [("good", "stop"), ("bad", "stop"), ("good", "stop"), ("lost", "stop"), ("good", "stop")]
    made = group(
        samples,
        {"good": Outcome.PASSED, "bad": Outcome.MISMATCH, "lost": Outcome.TOOL_ERROR, "beyond": Outcome.UNSUPPORTED},
    )
    assert made.candidates == ("good", "bad")
    assert made.counts == (3, 1)


def test_answers_without_a_design_are_one_whatever_they_lack() -> None:
    answers = ("I cannot.", "<think>module", "No.")
    candidates = [dataclasses.replace(Candidate.of(TASK, text, n), iteration=1) for n, text in enumerate(answers)]
    verdicts = [Verdict(TASK.id, code_id, Outcome.EMPTY) for code_id in {c.code_id for c in candidates}]
    (made,) = build_groups([TASK], frozenset(), candidates, verdicts, Config())
    assert (len(verdicts), made.candidates, made.counts) == (2, answers[:1], (3,))
