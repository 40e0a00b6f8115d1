"""The user's cache: what can be had again at any time, and what is made there once for all runs.

    folder = user_cache() / "models" / "smollm2"
    made_once(folder, fill)        # fill(partial) runs in one process, the others wait and find the folder

The cache lies in $ITERTL_CACHE, else $XDG_CACHE_HOME/itertl, else ~/.cache/itertl. ITERTL_CACHE=off is about verdicts
alone; the rest then lies where it does without the variable.
"""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from itertl.disk.artefacts import PARTIAL, disk_faults, fill_folder
from itertl.errors import ConfigError

VARIABLE = "ITERTL_CACHE"
OFF = ("", "0", "off")
LOCK = ".lock"


def user_cache() -> Path | None:
    """Return the folder of the cache, which need not exist; None where the user has no home."""
    if (moved := os.environ.get(VARIABLE, "")) not in OFF:
        return Path(moved).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never raises
    return Path(base) / "itertl" if Path(base).is_absolute() else None


def cached_model(name: str) -> Path:
    """Return where a model called `name` lies or would lie; raise ConfigError where there is no cache at all."""
    cache = user_cache()
    if cache is None:
        raise ConfigError(f"there is no home folder to keep models in: set {VARIABLE} to a folder")
    return cache / "models" / name


def made_once(folder: Path, fill: Callable[[Path], Any]) -> Path:
    """Return `folder`, filled by `fill` where it is not there yet; whatever ends `fill` early leaves no part behind.

    Processes that want the same folder wait for the first of them. What a killed one left is cleared by the next.
    Raise RunDirectoryError where the disk is full or cannot be written.
    """
    if folder.exists():
        return folder
    partial = folder.with_name(folder.name + PARTIAL)
    with disk_faults(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = folder.with_name(folder.name + LOCK).open("a")
    with lock:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX)
        if folder.exists():
            return folder
        shutil.rmtree(partial, ignore_errors=True)
        try:
            fill_folder(folder, fill)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder
