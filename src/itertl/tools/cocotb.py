"""cocotb: where it is, and how `vvp` runs a bench in Python with it.

    found = find_cocotb() ; run(found.argv(vvp), folder, limits, environment=found.environment("top", results, seed))

A bench is the module `testbench` in the current folder. Only cocotb's own variables are set, and what makes Python
repeatable and leave nothing behind.
"""

import dataclasses
import functools
import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from itertl.errors import MissingToolError

MODULE = "testbench"  # what a bench in Python is called, as a module
_EXTRA = "pip install 'itertl[cocotb]'"
_FIRST, _BEHIND = (2, 1), (3,)  # versions: at least, and before


@dataclasses.dataclass(frozen=True, slots=True)
class Cocotb:
    """cocotb as installed beside itertl: its `library` for vvp, and the libraries that bring Python into it."""

    version: str
    library: str
    users: str

    def argv(self, vvp: str) -> list[str]:
        """Return the command that simulates design.vvp under a bench; pure."""
        return [vvp, "-n", "-m", self.library, "design.vvp", "-none"]

    def environment(self, top: str, results: Path, seed: int) -> dict[str, str]:
        """Return the variables that make cocotb test module `top` with the bench, and write what it finds."""
        packages = [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
        return {
            "GPI_USERS": self.users,
            "GPI_LOG_LEVEL": "ERROR",
            "PYGPI_PYTHON_BIN": sys.executable,
            "COCOTB_TOPLEVEL": top,
            "COCOTB_TEST_MODULES": MODULE,
            "COCOTB_RESULTS_FILE": str(results),
            "COCOTB_RANDOM_SEED": str(seed),
            "COCOTB_ANSI_OUTPUT": "0",
            "COCOTB_LOG_LEVEL": "WARNING",
            "PYTHONPATH": os.pathsep.join(packages),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONNOUSERSITE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # cocotb takes pytest's assertions alone
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }


@functools.cache
def find_cocotb() -> Cocotb:
    """Return the cocotb that is installed; raise MissingToolError with the command that installs what is missing."""
    version = cocotb_version()
    if not version:
        raise MissingToolError(f"a testbench in Python needs cocotb 2, which is not installed: {_EXTRA}")
    found = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if not _FIRST <= found < _BEHIND:
        raise MissingToolError(f"a testbench in Python needs cocotb 2.1 or a later 2, found {version}: {_EXTRA}")
    try:
        config = importlib.import_module("cocotb_tools.config")
        python = importlib.import_module("find_libpython").find_libpython()
        library, entry = config.lib_entry("vpi", "icarus"), config.pygpi_entry_point()
    except (ImportError, AttributeError, OSError) as error:
        raise MissingToolError(f"cocotb {version} cannot be used ({error}); install it anew: {_EXTRA}") from error
    if python is None:
        raise MissingToolError(
            f"cocotb needs Python's shared library, and {sys.executable} has none: sudo apt-get install "
            f"libpython{sys.version_info.major}.{sys.version_info.minor}, or a Python built with --enable-shared"
        )
    return Cocotb(version, str(library), f"{python};{entry}")


def require_cocotb(benches: Iterable[str]) -> None:
    """Raise MissingToolError where one of `benches`, the kinds of testbenches, is cocotb's and that is not here."""
    if "cocotb" in benches:
        find_cocotb()


def cocotb_version() -> str:
    """Return the version of cocotb that is installed, "" for none."""
    from importlib import metadata  # late: it brings the e-mail parser along, and every worker imports this module

    try:
        return metadata.version("cocotb")
    except metadata.PackageNotFoundError:
        return ""
