"""What a policy that is sampled in bfloat16 keeps of what was trained in float32.

    share  =  <cast(after) - cast(before), after - before> / |after - before|^2       over all trained weights

1 is all of the update, 0 nothing of it. It is the projection that counts: rounding adds noise that is larger than a
small update, and that a sum over many weights averages out; an update that stays below the grid is lost for good.

    python -c "from itertl.policy.kept import *
               print(kept_of('runs/x/iter_01/policy', Path('runs/x/iter_02/policy')))"
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from itertl.disk.artefacts import write_text
from itertl.disk.names import KEPT
from itertl.errors import ConfigError
from itertl.policy.folder import BASE, HUB_NAME, follow
from itertl.policy.rounding import CHUNK, round_weight

ENOUGH = 0.9  # share of an update that has to be kept
Cast = Callable[[Tensor, str], Tensor]
Weights = Iterable[tuple[str, Tensor, Tensor]]  # name, before, after
log = logging.getLogger("itertl")


@dataclass(frozen=True)
class Kept:
    """Shares of an update: what is kept of it, and of the entries that it changed, those that moved at all."""

    share: float
    moved: float


def nearest(weight: Tensor, name: str) -> Tensor:
    """Return `weight` in bfloat16 as servers and libraries round it."""
    return weight.to(torch.bfloat16)


def kept_share(weights: Weights, casts: Iterable[Cast]) -> list[Kept]:
    """Return what each of `casts` keeps of the change from `before` to `after`, all tensors taken as one vector.

    Tensors are looked at one after another, so that they may be read from disk as they come. Of no change all is kept.
    """
    casts = list(casts)
    norm, changed = 0.0, 0
    dots, moved = [0.0] * len(casts), [0] * len(casts)
    for name, before, after in weights:
        change = after.float().flatten() - before.float().flatten()
        norm += _dot(change, change)
        changed += int(change.count_nonzero())
        for c, cast in enumerate(casts):
            step = cast(after, name).float().flatten() - cast(before, name).float().flatten()
            dots[c] += _dot(step, change)
            moved[c] += int((step.bool() & change.bool()).sum())
    if not norm:
        return [Kept(1.0, 1.0) for _ in casts]
    return [Kept(dot / norm, some / changed) for dot, some in zip(dots, moved, strict=True)]


def kept_of(before: str | Path, after: Path) -> dict[str, Any]:
    """Return what bfloat16 keeps of the training from one policy of whole weights to the next, for a log.

    `sampled` is what this package samples, `nearest` what plain rounding would leave; `moved` are entries that
    sampling sees change. `skipped` says why there are no such figures.
    """
    try:
        sampled, plain = kept_share(_pairs(before, after), [round_weight, nearest])
    except ConfigError as error:
        return {"skipped": str(error)}
    return {"sampled": sampled.share, "nearest": plain.share, "moved": sampled.moved}


def note_kept(before: str | Path, after: Path) -> None:
    """Write kept.json into the folder of a policy that was trained from `before`, and log it; not of adapters.

    Adapters are sampled beside the weights of their base, in float32: nothing of them is rounded away.
    """
    if (after / BASE).is_file():
        return
    found = kept_of(before, after)
    write_text(after / KEPT, json.dumps(found) + "\n")
    if "skipped" in found:
        log.info("what bfloat16 keeps of this training is not known: %s", found["skipped"])
        return
    log.info(
        "of this training's update the sampled policy keeps %.1f %% in bfloat16, with %.1f %% of the entries moved; "
        "rounding to the nearest would keep %.1f %%",
        100 * found["sampled"],
        100 * found["moved"],
        100 * found["nearest"],
    )


def read_kept(policy: str | Path) -> dict[str, float]:
    """Return the shares in a policy's kept.json, empty where there are none."""
    path = Path(follow(policy)[0]) / KEPT
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {name: value for name, value in found.items() if isinstance(value, float)}


def loses(policy: str | Path) -> bool:
    """Return True if plain rounding to bfloat16 is known to lose more than a tenth of a policy's last update."""
    return read_kept(policy).get("nearest", 1.0) < ENOUGH


def _dot(a: Tensor, b: Tensor) -> float:
    parts = zip(torch.split(a, CHUNK), torch.split(b, CHUNK), strict=True)
    return sum(float((x.double() * y.double()).sum()) for x, y in parts)


def _pairs(before: str | Path, after: Path) -> Iterator[tuple[str, Tensor, Tensor]]:
    old, new = _files(before), _files(after)
    if missing := new.keys() - old.keys():
        raise ConfigError(f"{before} holds its weights under other names, {min(missing)} is not among them")
    for name in sorted(new):
        a, b = _tensor(old[name], name), _tensor(new[name], name)
        if a.shape != b.shape:
            raise ConfigError(f"{name} has another shape in {before}")
        yield name, a, b


def _files(policy: str | Path) -> dict[str, Path]:
    """Return the file of each tensor of a policy; raise ConfigError where they are not safetensors on this machine."""
    source, revision = follow(policy)
    folder = Path(source)
    if not folder.is_dir() and HUB_NAME.fullmatch(source):
        import huggingface_hub

        try:
            folder = Path(huggingface_hub.snapshot_download(source, revision=revision, local_files_only=True))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{source} is not in the hub's cache") from error
    found: dict[str, Path] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as tensors:
            found |= dict.fromkeys(tensors.keys(), file)
    if not found:
        raise ConfigError(f"{source} holds no safetensors")
    return found


def _tensor(file: Path, name: str) -> Tensor:
    with safe_open(file, "pt") as tensors:
        tensor: Tensor = tensors.get_tensor(name)
        return tensor
