"""The policy that is saved is the policy that was trained: checked behind every training.

    seen = look(scorer, lessons)                 what training thinks of a few lessons behind its last step
    check_saved(folder, seen, policy)            what the saved folder, loaded anew, thinks of them

Both go through the same code in the same arithmetic, so that they may differ by its noise only. More than that means
that training computed with weights that are not the ones it wrote: stale copies, a lost update, a shard that is
missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from itertl.config import PolicyConfig
from itertl.errors import TrainingError
from itertl.machine.device import give_back_memory
from itertl.policy.arithmetic import uses_bfloat16
from itertl.training.attention import attend_by_rows
from itertl.training.distributed import ALONE, World
from itertl.training.lessons import Lesson
from itertl.training.rows import Cost, Example
from itertl.training.scorer import Scorer
from itertl.training.trainee import load_trainee
from itertl.training.two_pass import all_logps

LESSONS = 4  # that are looked at, with one target each: whether several may share a row is found out by training
TOKENS = 2048  # per forward pass
NOISE = {False: 1e-4, True: 5e-3}  # nats per token that two loads of one policy may differ, by bfloat16


@dataclass(frozen=True)
class Seen:
    """S of each target of a few examples, in nats, as training had it in memory behind its last step."""

    examples: Sequence[Example]
    logps: Sequence[Tensor]
    cost: Cost  # by which targets shared rows, and rows batches
    end_to_end: bool  # how the rows of a batch stood


def look(scorer: Scorer, lessons: Sequence[Lesson], world: World = ALONE) -> Seen:
    """Score a few of `lessons` with the model as training left it; call it where training calls its forward pass."""
    examples = [Example(x.example.prompt, x.example.targets[-1:]) for x in lessons[:LESSONS]]
    logps = all_logps(scorer, examples, micro_batch=TOKENS, world=world)
    return Seen(examples, logps, scorer.cost, scorer.end_to_end)


def check_saved(folder: Path, seen: Seen, policy: PolicyConfig, world: World = ALONE) -> None:
    """Raise TrainingError where the policy in `folder`, loaded anew, is not the one that training ended with."""
    scorer = load_trainee(folder, policy, 0, world).scorer
    if seen.end_to_end:
        attend_by_rows(scorer.model)
    scorer.cost, scorer.end_to_end = seen.cost, seen.end_to_end
    found = all_logps(scorer, seen.examples, micro_batch=TOKENS, world=world)
    del scorer
    give_back_memory()  # the next stage finds the memory of training free
    lengths = torch.tensor([float(len(target)) for example in seen.examples for target in example.targets])
    before, after = torch.cat(list(seen.logps)) / lengths, torch.cat(found) / lengths
    noise = NOISE[uses_bfloat16(policy.dtype)]
    worst = int((after - before).abs().nan_to_num(torch.inf).argmax())
    if not abs(float(after[worst] - before[worst])) <= noise:
        raise TrainingError(
            f"the policy saved in {folder} is not the one that was trained: a sequence to which training gave "
            f"{float(before[worst]):.4f} nats per token has {float(after[worst]):.4f} in the saved policy, expected "
            f"the same to {noise:g}. Training computed with other weights than it wrote: do not use this policy, start "
            "anew with another --out and policy.dtype=float32, and report it"
        )
