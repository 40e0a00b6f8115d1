"""A run with its evaluations on dev beside sampling, and one after the other: time, servers started, artefacts.

    python benchmarks/evaluation_beside.py --rounds 3

A run of the quick-start's shape, small, with `server.command` and a stand-in for the engine (`benchmarks/engine.py`)
that takes --startup seconds to load and up to --seconds for an answer; everything else is real. The runs take turns;
what they leave has to be equal, seconds aside.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

ABOUT = {"config.yaml", "events.jsonl", "foreseen.jsonl", "tracked.json", "log.txt", "run.lock", "env.json"}
ABOUT |= {"report.html"}
ENGINE = Path(__file__).with_name("engine.py")


def config_of(root: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return the config of a run in `root`."""
    command = [sys.executable, str(ENGINE), "{port}", "{policy}", "--tasks", str(root / "tasks.jsonl")]
    command += ["--seconds", str(options.seconds), "--startup", str(options.startup)]
    return {
        "iterations": options.iterations,
        "tasks": {"gym": {"train": 40, "dev": 24, "test": 4}, "references": 10, "per_iteration": 24},
        "policy": {"path": "embedded"},
        "sampling": {"candidates": 5},
        "server": {"command": command},
        "training": {"objective": "rft", "steps": options.steps, "learning_rate": 3.0e-4},
        "evaluation": {"suites": [], "dev_samples": 4},
        "verify": {"workers": options.workers, "cache": False},
    }


def artefacts(root: Path) -> dict[str, Any]:
    """Return everything that a run has left, by name, without seconds."""
    found: dict[str, Any] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_dir() or name in ABOUT:
            continue
        found[name] = path.read_bytes()
        if path.suffix == ".jsonl":
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            found[name] = [{key: value for key, value in row.items() if key != "seconds"} for row in rows]
    return found


def carried_out(root: Path, beside: bool, options: argparse.Namespace) -> tuple[float, int]:
    """Carry out a run; return its seconds from the end of iter_00/policy on, and how many servers it started."""
    config = root.with_suffix(".yaml")
    config.write_text(yaml.safe_dump(config_of(root, options)), encoding="utf-8")
    before = servers(root)
    command = [sys.executable, "-m", "itertl", "run", str(config), "--out", str(root), "--quiet"]
    subprocess.run([*command, "--set", f"evaluation.beside={str(beside).lower()}"], check=True, env=environment(root))
    rows = [json.loads(line) for line in (root / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    begin = next(row["time"] for row in rows if (row["event"], row.get("stage")) == ("stage_end", "iter_00/policy"))
    return rows[-1]["time"] - begin, servers(root) - before


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a run, in which logs of servers lie beside the run."""
    logs = root.with_suffix(".logs")
    logs.mkdir(exist_ok=True)
    return os.environ | {"TMPDIR": str(logs), "ITERTL_CACHE": "off"}


def servers(root: Path) -> int:
    """Return how many servers a run has started so far."""
    return len(list(root.with_suffix(".logs").glob("itertl-server-*.log")))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=3)
    parser.add_argument("--steps", type=int, default=2, help="of training in an iteration")
    parser.add_argument("--workers", type=int, default=2, help="processes that verify")
    parser.add_argument("--seconds", type=float, default=4.0, help="the longest answer")
    parser.add_argument("--startup", type=float, default=10.0, help="of a server")
    options = parser.parse_args()
    console = Console(width=110)
    spent: dict[bool, list[float]] = {False: [], True: []}
    started: dict[bool, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for n in range(options.rounds):
            left = {}
            for beside in sorted(spent, reverse=bool(n % 2)):
                root = Path(folder) / f"{n}-{'beside' if beside else 'alone'}"
                took, started[beside] = carried_out(root, beside, options)
                spent[beside].append(took)
                left[beside] = artefacts(root)
                console.print(f"round {n}, {root.name}: {took:.1f} s", highlight=False)
            different = [name for name in left[False] | left[True] if left[False].get(name) != left[True].get(name)]
            assert not different, different
    table = Table("evaluations on dev", "seconds, median", "least", "servers started")
    for beside, name in ((False, "one after the other"), (True, "beside")):
        middle, least = statistics.median(spent[beside]), min(spent[beside])
        table.add_row(name, f"{middle:.1f}", f"{least:.1f}", str(started[beside]))
    console.print(table)
    ratio = statistics.median(a / b for a, b in zip(spent[True], spent[False], strict=True))
    console.print(f"beside / one after the other: {ratio:.2f}; artefacts: equal in all rounds", highlight=False)


if __name__ == "__main__":
    main()
