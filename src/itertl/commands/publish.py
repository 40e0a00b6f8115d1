"""`itertl export` and `itertl push`: a run's policy or samples for others."""

from pathlib import Path

from rich.console import Console

from itertl.publish import Wanted, export, push
from itertl.publish.folder import files_of
from itertl.publish.hub import refuse
from itertl.words import counted


def export_run(root: Path, out: Path, wanted: Wanted, console: Console) -> None:
    """Write the folder, and list it."""
    about = export(root, out, wanted)
    said = f"iteration {about['iteration']}" if "iteration" in about else counted(about["rows"], "samples")
    console.print(f"{about['what']}, {said}: {out}", highlight=False, soft_wrap=True)
    _list(out, console)


def push_run(root: Path, name: str, wanted: Wanted, private: bool, dry_run: Path | None, console: Console) -> None:
    """Upload, or write the folder that would be uploaded to `dry_run` and list it."""
    if dry_run is not None:
        export_run(root, dry_run, refuse(root, name, wanted), console)
        console.print(f"nothing was uploaded; without --dry-run this goes to {name}", highlight=False, soft_wrap=True)
        return
    console.print(f"uploaded: {push(root, name, wanted, private=private)}", highlight=False, soft_wrap=True)


def _list(out: Path, console: Console) -> None:
    for name in files_of(out):
        console.print(f"{(out / name).stat().st_size:>14,}  {name}", highlight=False, soft_wrap=True)
