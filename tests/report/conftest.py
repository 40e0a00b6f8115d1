"""Synthetic directories, complete, shared by the tests that only read them."""

from pathlib import Path

import pytest
from tests.report.synthetic_evaluation import write_evaluation
from tests.report.synthetic_run import write_run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run") / "quickstart")


@pytest.fixture(scope="session")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_evaluation(tmp_path_factory.mktemp("evaluation") / "results")
