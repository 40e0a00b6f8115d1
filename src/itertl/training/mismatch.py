r"""How far a training has moved a policy away from the samples that it learned from.

    S = log-probability of a sample, n = its tokens, d = (S when drawn - S after training) / n
    kl = mean over samples of d                       [nats per token]: estimates KL(who drew || who was trained)
    k3 = mean over samples of exp(d) - d - 1          the same with less noise, never negative (Schulman 2020)

The samples are those of the first `GROUPS` groups that have some, so that they are the same whenever the same groups
are trained on, and their cost does not grow with the run: two passes without gradients.

    itertl run configs/quickstart.yaml && cat runs/quickstart/iter_01/policy/mismatch.json
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from itertl.disk.names import MISMATCH
from itertl.policy.prompt import encode_prompt, encode_target
from itertl.records import Group
from itertl.training import objectives
from itertl.training.distributed import ALONE, World
from itertl.training.rows import Example
from itertl.training.scorer import Scorer
from itertl.training.two_pass import all_logps

GROUPS = 24  # whose samples are looked at


@dataclass(frozen=True)
class Drawn:
    """Samples of one group: their tokens, and how often each was drawn, `count_K`."""

    example: Example
    count_K: Tensor

    @property
    def lengths(self) -> Tensor:
        """Tokens of each sample, EOS included, [K]."""
        return torch.tensor([float(len(target)) for target in self.example.targets])


def few_drawn(groups: Sequence[Group], tokenizer: Any, context: int) -> list[Drawn]:
    """Return the samples of the first groups that have some, without those beyond `context` tokens."""
    found = []
    for group in [group for group in groups if group.candidates][:GROUPS]:
        prompt = encode_prompt(tokenizer, group.prompt)
        targets = [encode_target(tokenizer, text) for text in group.candidates]
        kept = [k for k, target in enumerate(targets) if len(prompt) + len(target) <= context]
        if kept:
            counts = torch.tensor([float(group.counts[k]) for k in kept])
            found.append(Drawn(Example(prompt, [targets[k] for k in kept]), counts))
    return found


def score(scorer: Scorer, drawn: Sequence[Drawn], micro_batch: int, world: World = ALONE) -> list[Tensor]:
    """Return S of the samples of each group, in nats, as the model stands."""
    if not drawn:
        return []
    return all_logps(scorer, [one.example for one in drawn], micro_batch=micro_batch, world=world)


def mismatch(drawn: Sequence[Drawn], then: Sequence[Tensor], now: Sequence[Tensor]) -> dict[str, float]:
    """Return both estimates, as means over groups, and the number of samples; empty where there are none."""
    if not drawn:
        return {}
    gaps, bounds = [], []
    for one, then_K, now_K in zip(drawn, then, now, strict=True):
        gaps.append(float((one.count_K * (then_K - now_K) / one.lengths).sum() / one.count_K.sum()))
        bounds.append(float(objectives.divergence(now_K, then_K, one.lengths, one.count_K)))
    samples = sum(float(one.count_K.sum()) for one in drawn)
    return {"kl": sum(gaps) / len(gaps), "k3": sum(bounds) / len(bounds), "samples": samples}


def write_mismatch(found: dict[str, float], out: Path) -> None:
    """Leave what was found in the policy's folder; nothing where there were no samples."""
    if found:
        (out / MISMATCH).write_text(json.dumps(found) + "\n", encoding="utf-8")
