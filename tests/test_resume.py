"""kill -9 in every stage, then the same command: the artefacts of an undisturbed run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CONFIG = """
name: resume
iterations: 1
tasks: {gym: {train: 6, dev: 2, test: 2}, references: 3}
policy: {path: embedded}
warm_start: {passes: 1, learning_rate: 3.0e-4}
sampling: {candidates: 2, batch_size: 4, max_new_tokens: 40}
training: {objective: rank, learning_rate: 3.0e-4, groups_per_step: 2, checkpoint_steps: 1}
evaluation: {samples: 2, dev_samples: 1, suites: [gym-test]}
verify: {workers: 1}
"""
ABOUT_THE_RUN = {"events.jsonl", "foreseen.jsonl", "tracked.json", "log.txt", "run.lock", "env.json", "report.html"}


def artefacts(root: Path) -> dict[str, Any]:
    """Everything a run leaves, by name; seconds are left out of verdicts."""
    found: dict[str, Any] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_dir() or name in ABOUT_THE_RUN:
            continue
        if path.name == "verdicts.jsonl":
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            found[name] = [{key: value for key, value in row.items() if key != "seconds"} for row in rows]
        else:
            found[name] = path.read_bytes()
    return found


@pytest.mark.slow
def test_a_run_killed_in_every_stage_ends_with_the_same_artefacts(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    script = Path(__file__).with_name("kill_and_resume.py")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TMPDIR": str(tmp_path)}
    outcome = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "config.yaml"), str(tmp_path), "1"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    result = json.loads(outcome.stdout.splitlines()[-1])
    assert (result["whole"], result["resumed"]) == (0, 0), outcome.stderr
    assert len(result["killed"]) >= 10, result["killed"]
    whole, broken = artefacts(tmp_path / "whole"), artefacts(tmp_path / "broken")
    assert whole.keys() == broken.keys()
    assert [name for name in whole if whole[name] != broken[name]] == []
    assert not [name for name in whole if name.endswith(".partial")]
