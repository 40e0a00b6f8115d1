"""`itertl init`: a commented config to start from."""

from importlib.resources import files
from pathlib import Path

from rich.console import Console

from itertl.config import load_config
from itertl.errors import UsageError

STARTS = {
    "quickstart": "the loop on this machine's CPU, in minutes",
    "adapters": "adapters for a 7B model on rows of your own, on one GPU",
    "chat": "a model behind a chat API, judged on modules of your own",
}
NAME = "itertl.yaml"


def write_start(folder: Path, kind: str | None, console: Console) -> None:
    """Write the config of a kind into `folder`; by itself that for adapters where there is a GPU, else the quick-start.

    Raise UsageError where there is a config already, or no such kind.
    """
    kind = kind or _fitting()
    if kind not in STARTS:
        raise UsageError(f"there is no start {kind!r}; expected one of {', '.join(STARTS)}")
    path = folder / NAME
    if path.exists():
        raise UsageError(f"{path} exists already and is kept; give another directory")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; expected a directory, which gets a file {NAME}")
    text = files("itertl").joinpath("starts", f"{kind}.yaml").read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    load_config(path)
    console.print(f"{path}: {STARTS[kind]}; its first lines say what to do next", highlight=False, soft_wrap=True)
    others = ", ".join(f"--for {name} ({what})" for name, what in STARTS.items() if name != kind)
    console.print(f"other starts: {others}", highlight=False, soft_wrap=True)


def _fitting() -> str:
    """Return the start that this machine can use: GPUs are asked of their driver, so that torch is not needed."""
    return "adapters" if list(Path("/proc/driver/nvidia/gpus").glob("*")) else "quickstart"
