"""An evaluation whose samples come from servers that fail: nothing made up, nothing lost, nothing called wrong."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.sampling.fake_server import FakeServer, Fault
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.errors import ServerError
from itertl.policy.weights import load_tokenizer

TOKENS = 120  # of a sample; probes ask for fewer


def evaluate(server: FakeServer, out: Path, *more: str) -> dict[str, Any]:
    settings = [f"server.urls=[{server.url}]", "server.model=policy", "server.probes=0", "verify.workers=1"]
    settings += ["server.concurrency=1", f"sampling.max_new_tokens={TOKENS}"]
    command = ["eval", "gym-test", "--model", "embedded", "-n", "2", "--limit", "3", "--no-quality", "--out", str(out)]
    CliRunner().invoke(app, [*command, *(f"--set={s}" for s in settings), *more], catch_exceptions=False)
    found: dict[str, Any] = json.loads((out / "result.json").read_text())
    return found


@pytest.fixture(scope="module")
def count() -> Callable[[str], int]:
    tokenizer = load_tokenizer(Path("embedded"))
    return lambda text: 1 + len(tokenizer.encode(text, add_special_tokens=False))


def refuse(*indices: int) -> Fault:
    """Refuse samples with these numbers, for good."""
    seen = itertools.count()
    return lambda number, body: (
        "400" if body["max_tokens"] == TOKENS and 0 < body["temperature"] < 2 and next(seen) in indices else ""
    )


def test_the_same_command_asks_for_what_is_missing_wherever_the_server_is_now(
    tmp_path: Path, count: Callable[[str], int]
) -> None:
    with FakeServer(count, fault=refuse(2)) as failing, pytest.raises(ServerError, match="1 sample is missing"):
        evaluate(failing, tmp_path)
    assert not (tmp_path / "result.json").exists()
    with FakeServer(count) as sound:
        result = evaluate(sound, tmp_path)
    assert len(sound.samples()) == 1
    assert result["complete"]
    assert [n for n, _ in result["strict"]["per_problem"].values()] == [2, 2, 2]


def test_an_allowed_gap_is_counted_apart_and_makes_the_result_incomplete(
    tmp_path: Path, count: Callable[[str], int]
) -> None:
    with FakeServer(count, fault=refuse(2)) as failing:
        result = evaluate(failing, tmp_path, "--allow-missing")
    assert sorted(n for n, _ in result["strict"]["per_problem"].values()) == [1, 2, 2]
    assert (result["strict"]["missing"], result["short"], result["complete"]) == (1, 1, False)
