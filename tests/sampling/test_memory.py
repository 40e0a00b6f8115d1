"""Memory of a sampling process by calculation, against the peak of whole processes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.training.whole_process import smollm2 as shape_of_smollm2

from itertl.policy.arithmetic import multiplies_bfloat16


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SmolLM2's shape in float32, as a trained policy is kept, with probabilities as uneven as a trained one's."""
    return shape_of_smollm2(tmp_path_factory.mktemp("smollm2"), "float32", norm=12.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "dtype", "rows", "samples", "prompt", "new"),
    [
        ("embedded", "float32", 384, 24, 300, 4),
        ("smollm2", "bfloat16", 24, 12, 200, 4),
        ("smollm2", "bfloat16", 192, 48, 200, 4),
        ("smollm2", "float32", 48, 24, 150, 4),
    ],
)
def test_the_peak_of_a_sampling_process_is_foreseen(
    shape: str, dtype: str, rows: int, samples: int, prompt: int, new: int, request: pytest.FixtureRequest
) -> None:
    if shape == "smollm2" and dtype == "bfloat16" and not multiplies_bfloat16():
        pytest.skip("this processor has no products in bfloat16, and would take a quarter of an hour for each of these")
    policy = shape if shape == "embedded" else str(request.getfixturevalue("smollm2"))
    job = {"policy": policy, "dtype": dtype, "rows": rows, "samples": samples, "prompt": prompt, "new": new}
    argv = [sys.executable, "-m", "tests.sampling.whole_process", json.dumps(job)]
    found = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    assert found["foreseen"] == pytest.approx(found["peak"], rel=0.2)
