"""Memory of a sampling process by calculation, against the peak of whole processes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def child(module: str, *arguments: str) -> str:
    """Run a module of the tests in a process of its own; return what it prints."""
    return subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("smollm2")
    child("tests.training.whole_process", "smollm2", str(folder))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "dtype", "rows", "samples", "prompt", "new"),
    [
        ("embedded", "float32", 384, 6, 300, 20),
        ("embedded", "float32", 96, 6, 150, 20),
        ("smollm2", "bfloat16", 96, 24, 200, 4),
        ("smollm2", "bfloat16", 24, 12, 200, 4),
        ("smollm2", "float32", 48, 24, 150, 4),
    ],
)
def test_the_peak_of_a_sampling_process_is_foreseen(
    shape: str, dtype: str, rows: int, samples: int, prompt: int, new: int, request: pytest.FixtureRequest
) -> None:
    policy = shape if shape == "embedded" else str(request.getfixturevalue("smollm2"))
    job = {"policy": policy, "dtype": dtype, "rows": rows, "samples": samples, "prompt": prompt, "new": new}
    found = json.loads(child("tests.sampling.whole_process", json.dumps(job)).splitlines()[-1])
    assert found["foreseen"] == pytest.approx(found["peak"], rel=0.2)
