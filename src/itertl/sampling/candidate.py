"""From a drawn text to a candidate: what all ways of sampling share, torch-free.

seed = sample_seed(config.seed, "iteration 1", task.id, index)        the same sample in every run of these values
"""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence

from itertl.errors import UsageError
from itertl.records import Candidate, Task
from itertl.sampling.draw import Draw


def sample_seed(seed: int, stream: str, task_id: str, index: int) -> int:
    """Return the 63-bit seed of one sample; `stream` is the iteration, or the suite that is measured."""
    text = f"{seed}/{stream}/{task_id}/{index}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def make_candidate(
    task: Task, index: int, draw: Draw, policy: str, prompt: str, completion: str, *, ended: bool
) -> Candidate:
    """Return the record of a sample; `ended` is True where the policy stopped by itself, `policy` a digest."""
    completion, stopped = cut(completion, draw.stop)
    return dataclasses.replace(
        Candidate.of(task, completion, index),
        iteration=draw.iteration,
        seed=sample_seed(draw.seed, draw.stream, task.id, index),
        prompt=prompt,
        finish_reason="stop" if ended or stopped else "length",
        policy=policy,
    )


def drawn_before(done: Iterable[Candidate], policy: str) -> set[tuple[str, int]]:
    """Return task and index of the samples in `done`; raise UsageError where another policy than `policy` drew one."""
    known = set()
    for candidate in done:
        if candidate.policy != policy:
            raise UsageError(
                f"the samples so far are drawn by the policy {candidate.policy}, the model's weights are now {policy}; "
                "give the old ones, or start anew with --out DIR"
            )
        known.add((candidate.task_id, candidate.index))
    return known


def cut(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    """Return `text` up to and including the stop that ends first, and whether there is one."""
    ends = [place + len(stop) for stop in stops if (place := text.find(stop)) >= 0]
    return (text[: min(ends)], True) if ends else (text, False)
