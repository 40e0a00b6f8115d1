"""cocotb as a tool: where it is, how it is called, and what is said where it is not."""

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from itertl.errors import MissingToolError
from itertl.tools.cocotb import Cocotb, find_cocotb, require_cocotb


@pytest.fixture
def fresh() -> Iterator[None]:
    find_cocotb.cache_clear()
    yield
    find_cocotb.cache_clear()


def test_a_command_and_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    found = Cocotb("2.1.0", "/libs/vpi.so", "/lib/python.so;/cocotb/simulator.so,initialize")
    assert found.argv("vvp") == ["vvp", "-n", "-m", "/libs/vpi.so", "design.vvp", "-none"]
    variables = found.environment("counter", Path("/run/x/results.xml"), 7)
    assert variables["COCOTB_TOPLEVEL"] == "counter"
    assert variables["COCOTB_RANDOM_SEED"] == "7"
    assert variables["COCOTB_RESULTS_FILE"] == "/run/x/results.xml"
    assert variables["PYTHONHASHSEED"] == "0"
    assert "hunter2" not in variables.values()


@pytest.mark.parametrize("version", ["", "1.9.2", "2.0.1", "3.0.0"])
@pytest.mark.usefixtures("fresh")
def test_another_version_or_none_is_refused_with_the_command(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(package: str) -> str:
        if not version:
            raise metadata.PackageNotFoundError(package)
        return version

    monkeypatch.setattr("importlib.metadata.version", told)
    with pytest.raises(MissingToolError, match=r"pip install 'itertl\[cocotb\]'") as error:
        require_cocotb(["verilog", "cocotb"])
    assert (version or "not installed") in str(error.value)
    require_cocotb(["verilog"])


@pytest.mark.usefixtures("fresh")
def test_a_python_without_a_shared_library_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    find_libpython = pytest.importorskip("find_libpython", reason="it comes with cocotb")
    monkeypatch.setattr(find_libpython, "find_libpython", lambda: None)
    with pytest.raises(MissingToolError, match="has none: sudo apt-get install libpython3"):
        find_cocotb()
