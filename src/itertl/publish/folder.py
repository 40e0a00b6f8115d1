"""The folder of an export: new, empty or an earlier export, and whole at the moment in which it appears.

with filled(Path("out"), {"what": "merged"}) as partial: ...        files go into `partial`

itertl.json, which lies beside the files, lists them: what it does not name belongs to somebody else.
"""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from itertl.disk.artefacts import disk_faults
from itertl.errors import UsageError

MANIFEST = "itertl.json"
_MODE = 0o755  # of the folder, where temporary ones are for their owner alone


def refuse_folder(out: Path) -> None:
    """Raise UsageError where `out` holds anything but an earlier export, or cannot be a folder."""
    parent = next(folder for folder in out.absolute().parents if folder.exists())
    if not parent.is_dir() or (out.exists() and not out.is_dir()):
        raise UsageError(f"{out} cannot be a folder: {out if out.exists() else parent} is a file; give another one")
    others = sorted(set(files_of(out)) - {MANIFEST, *_listed(out)}) if out.is_dir() else []
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise UsageError(
            f"{out} holds other things ({others[0]}{more}), which an export would lose: give a folder that is new, "
            "empty, or an earlier export as it was written"
        )


@contextlib.contextmanager
def filled(out: Path, about: Mapping[str, Any]) -> Iterator[Path]:
    """Give a folder to fill, which becomes `out` behind the block; nothing is left where the block raises."""
    refuse_folder(out)
    with disk_faults(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        with disk_faults(out):
            yield partial
            text = json.dumps({**about, "files": files_of(partial)}, indent=1) + "\n"
            (partial / MANIFEST).write_text(text, encoding="utf-8")
            partial.chmod(_MODE)
            refuse_folder(out)  # once more: filling may have taken hours
            shutil.rmtree(out, ignore_errors=True)
            partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def files_of(folder: Path) -> list[str]:
    """Return the names of all files below `folder`, relative to it, in their order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def _listed(out: Path) -> list[str]:
    """Return the files that an earlier export has noted, none where there is no such note."""
    try:
        found = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    files = found.get("files") if isinstance(found, dict) else None
    return [name for name in files if isinstance(name, str)] if isinstance(files, list) else []
