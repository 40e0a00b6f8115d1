"""Shared by all tests: where the benchmark data lies, and a tiny policy with a real tokenizer."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import psutil
import pytest

from itertl.config import TinyConfig
from itertl.policy.prompt import render_prompt
from itertl.tasks import gym

pytest_plugins = ["tests.designs", "tests.kept_workers"]

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # there is a process for each core already
os.environ.pop("COLUMNS", None)  # consoles keep what they are born with, and tests set widths of their own
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, and so inherited, where a shell runs this with &
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of the interpreters that tests start compiles the package
os.environ["ITERTL_CACHE"] = "off"  # what a test verifies is really verified, and the user's cache left alone


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process for each core and one for while others wait, as far as memory goes.

    Most processes take 1 GiB, a few tests and their children 3 GiB. Tests wait for clusters, servers and processes.
    """
    cores = len(os.sched_getaffinity(0))
    return max(1, min(cores + 1, psutil.virtual_memory().available // (2 << 30)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests come first, so that no process is left with one when the others have ended."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


_settled = 0  # modules that were there when the collector was last told to leave alone what lives


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """Let the garbage collector skip torch, pytest and what else has come to stay: with them a collection takes 0.2 s.

    The product collects after each training and each batch of samples, hundreds of times in these tests.
    """
    global _settled
    if len(sys.modules) > _settled + 100:
        _settled = len(sys.modules)
        gc.collect()
        gc.freeze()
    return (yield)


def pytest_unconfigure() -> None:
    """Let Python go down as it does without tests: extension modules complain about what is kept from it."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def data() -> Path:
    """The benchmark data; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("ITERTL_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"benchmark data not found at {folder}; set ITERTL_DATA")
    return folder


@pytest.fixture(scope="session")
def smollm2_home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The XDG_CACHE_HOME below which the pretrained model lies: the user's, or, fetched, one of the tests' own."""
    from itertl.errors import ItertlError
    from itertl.policy.pretrained import fetch, model_place

    known = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))  # noqa: PTH111 - as the package does
    if model_place("smollm2").exists():
        return known
    place = tmp_path_factory.getbasetemp()
    own = str((place.parent if "PYTEST_XDIST_WORKER" in os.environ else place) / "cache")  # one for all processes
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", own)
        try:
            fetch("smollm2")
        except ItertlError as error:
            pytest.skip(f"smollm2 cannot be had here: {error}")
    return own


class SmallConfig(TinyConfig):
    """A shape with more heads and fewer words than a tiny policy has."""

    vocabulary: ClassVar[int] = 400
    head: ClassVar[int] = 8


SHAPE = SmallConfig(width=32, layers=2)


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """A byte-level BPE trained on a few gym tasks."""
    from itertl.policy.tiny import build_tokenizer

    tasks = gym.generate("base", 200, 1)
    return build_tokenizer((render_prompt(t, "{instruction}\n\n{header}") + t.body for t in tasks), SHAPE.vocabulary)


@pytest.fixture
def tiny(tokenizer: Any) -> Any:
    """A Llama with random weights."""
    from itertl.policy.tiny import build_tiny

    return build_tiny(SHAPE, tokenizer, seed=1)
