"""Which policy of a run is meant, and what the run knows about where its weights come from.

chosen = choose(Path("runs/quickstart"), "best") ; chosen.iteration, chosen.policy, chosen.base
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from itertl.config import Config
from itertl.disk import names
from itertl.disk.run_dir import read_config
from itertl.errors import UsageError
from itertl.policy.folder import BASE, EMBEDDED, HUB_NAME, NAMES, REMOVED, follow, named, read_pointer
from itertl.policy.gguf import is_gguf, origin_of
from itertl.report.reading import Run, read_run

BEST = "best"
OURS = {"model": "the tiny policy that comes with itertl", "source": "the package itertl", "licence": "Apache-2.0"}


@dataclasses.dataclass(frozen=True)
class Chosen:
    """A policy of a run: `policy` is its folder, or what it points to; `base` what a person calls its base.

    `hub` is the base's name on the hub, "" where it is not there; `origin` has the keys model, source, licence.
    """

    config: Config
    run: Run
    iteration: int
    policy: str
    revision: str | None
    adapters: bool
    base: str
    hub: str
    origin: Mapping[str, str]

    @property
    def title(self) -> str:
        """The policy's name: that of the run, and the iteration."""
        return f"{self.run.name}-iteration-{self.iteration}"


def choose(root: Path, iteration: str) -> Chosen:
    """Return the policy of `iteration`, a number or "best", of the run in `root`.

    Raise ConfigError where `root` is no run, UsageError where there is no such policy or its weights are deleted.
    """
    config = read_config(root)
    run = read_run(root)
    number = _number(run, iteration)
    folder = root / f"iter_{number:02d}" / names.POLICY
    if not folder.is_dir():
        there = [str(i.number) for i in run.iterations if (i.path / names.POLICY).is_dir()]
        if not there:
            raise UsageError(f"{root} has no policy yet: continue the run, or name another one")
        raise UsageError(
            f"iteration {number} of {root} has no policy; expected one of {', '.join(there)}: give --iteration, or "
            "continue the run"
        )
    if (folder / REMOVED).is_file():
        raise UsageError(
            f"the weights of iteration {number} of {root} were deleted to save space (policy.keep); give another "
            "--iteration"
        )
    policy, revision = named(folder)
    adapters = (Path(policy) / BASE).is_file()
    base, base_revision = named(*read_pointer(policy, BASE)) if adapters else _base(config, root)
    return Chosen(
        config, run, number, policy, base_revision if adapters else revision, adapters, base, _hub(base),
        _origin(policy, base),
    )  # fmt: skip


def _number(run: Run, iteration: str) -> int:
    if iteration != BEST:
        if not iteration.isdecimal():
            raise UsageError(f"--iteration expects a number or {BEST!r}, found {iteration!r}")
        return int(iteration)
    if run.best is not None:
        return run.best
    if not run.evaluated:
        raise UsageError(f"no iteration of {run.path} has been measured yet: say which with --iteration")
    return max(run.evaluated, key=lambda entry: (entry[1].pass_at[1].value, -entry[0]))[0]


def _base(config: Config, root: Path) -> tuple[str, str | None]:
    """Return what the run started from, "" where it made its own tiny model."""
    begun = root / "iter_00" / names.BASE
    if (begun).is_dir() and config.policy.path is not None:
        return named(begun)
    return config.policy.path or "", config.policy.revision


def _hub(base: str) -> str:
    """Return `base` where it is a name on the hub, "" where it lies on this machine or comes along with itertl."""
    here = base in NAMES or is_gguf(base) or Path(base).exists() or "/" not in base
    return base if base and not here and HUB_NAME.fullmatch(base) else ""


def _origin(policy: str, base: str) -> Mapping[str, str]:
    """Return what is noted of the weights' origin, beside the policy or its base; nothing is fetched for it."""
    for folder in (policy, base):
        if folder and Path(folder).is_dir() and (found := origin_of(folder)):
            return found
    if base == EMBEDDED:
        return OURS
    return origin_of(follow(base)[0]) or {} if base in NAMES else {}
