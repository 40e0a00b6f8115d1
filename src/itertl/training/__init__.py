"""Learning from groups: objectives, the exact two-pass gradient, the trainer and the stages of the loop.

In: a policy and groups. Out: the next policy, as a folder. Imports: tasks (the gym, to pretrain on), policy and below;
never sampling, verify. Importing this package is cheap; torch is imported by the stage that needs it.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from itertl.config import Config, PolicyConfig
from itertl.policy.retention import keep_policies
from itertl.records import Group, Task
from itertl.training.groups import Past, build_groups

__all__ = ["Past", "build_groups", "keep_policies", "obtain_base", "train", "warm_start"]


def obtain_base(policy: PolicyConfig, seed: int, *, out: Path) -> None:
    """See `itertl.training.stages.obtain_base`."""
    from itertl.training import stages

    stages.obtain_base(policy, seed, out=out)


def warm_start(base: Path, tasks: Sequence[Task], references: frozenset[str], config: Config, *, out: Path) -> None:
    """See `itertl.training.stages.warm_start`."""
    from itertl.training import stages

    stages.warm_start(base, tasks, references, config, out=out)


def train(
    policy: Path, groups: Iterable[Group], config: Config, iteration: int, past: Sequence[Past] = (), *, out: Path
) -> None:
    """See `itertl.training.stages.train`."""
    from itertl.training import stages

    stages.train(policy, groups, config, iteration, past, out=out)
