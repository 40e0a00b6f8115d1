"""What is set for torch before it is imported, and what the user's own environment keeps."""

import json
import os
import subprocess
import sys

import pytest

from itertl.policy import PREPARED, WAITING

TELL = f"import json, os, itertl.policy; print(json.dumps([os.environ.get(n) for n in {[*PREPARED, *WAITING]!r}]))"


def told(**own: str) -> list[str | None]:
    """Return the variables in a new process that begins with `own` alone of them."""
    bare = {name: value for name, value in os.environ.items() if name not in PREPARED.keys() | WAITING.keys()}
    run = subprocess.run([sys.executable, "-c", TELL], env=bare | own, capture_output=True, text=True, check=True)
    found: list[str | None] = json.loads(run.stdout)
    return found


def test_threads_sleep_and_few_shapes_are_kept() -> None:
    assert told() == [*PREPARED.values(), *WAITING.values()]


@pytest.mark.parametrize("name", PREPARED)
def test_what_the_environment_says_stays(name: str) -> None:
    assert told(**{name: "7"}) == [*({**PREPARED, name: "7"}).values(), *WAITING.values()]
