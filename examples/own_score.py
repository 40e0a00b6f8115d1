"""A score of one's own: the functional score, but short designs are worth a little more.

itertl run configs/quickstart.yaml --out runs/short --set score=examples.own_score:short_is_better
"""

from itertl import Task, Verdict
from itertl.score import functional

WORTH = 0.1  # of the score, how much brevity decides


def short_is_better(task: Task, code: str, verdict: Verdict) -> float:
    """Return a score in [0, 1]: 1 - WORTH from the verdict, up to WORTH for not being longer than the reference."""
    brevity = min(1.0, len(task.reference) / max(1, len(code)))
    return (1 - WORTH) * functional(task, code, verdict) + WORTH * brevity * verdict.passed
