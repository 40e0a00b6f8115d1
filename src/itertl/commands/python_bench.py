"""A testbench in Python that a user names on the command line, with the files beside it that it imports."""

import ast
from pathlib import Path

from itertl.errors import UsageError
from itertl.tools.cocotb import MODULE, require_cocotb
from itertl.verify.cocotb.text import syntax_fault

SUFFIX = ".py"
_MOST_FILES = 200
Files = tuple[tuple[str, str], ...]


def is_python(testbench: Path) -> bool:
    """True if a testbench is one in Python, by its name."""
    return testbench.suffix.lower() == SUFFIX


def read_bench(path: Path, text: str) -> Files:
    """Return the files beside the bench `path`, whose text is `text`, that it imports, directly or not: (name, text).

    Raise MissingToolError without cocotb, UsageError for a bench or a file that is no Python.
    """
    require_cocotb(["cocotb"])
    found: dict[str, str] = {}
    _refuse(path, text)
    open_ = [text]
    while open_:
        for file in _beside(path.parent, open_.pop()):
            name = file.relative_to(path.parent).as_posix()
            if name in found or file.samefile(path):
                continue
            if name == f"{MODULE}{SUFFIX}":
                raise UsageError(f"{file} has the name that the bench gets where it runs: rename it")
            if len(found) >= _MOST_FILES:
                raise UsageError(f"{path} imports more than {_MOST_FILES} files beside it: install them as a package")
            try:
                found[name] = file.read_text(encoding="utf-8")
            except (OSError, UnicodeError) as error:
                raise UsageError(f"{file}, which {path} imports, cannot be read: {error}") from error
            _refuse(file, found[name])
            open_.append(found[name])
    return tuple(sorted(found.items()))


def _refuse(file: Path, text: str) -> None:
    if fault := syntax_fault(text):
        raise UsageError(f"{file}: {fault}")


def _beside(folder: Path, text: str) -> list[Path]:
    """Return the modules and packages in `folder` that a text imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    files = [folder / f"{name}{SUFFIX}" for name in sorted(names)]
    packages = [folder / name for name in sorted(names) if (folder / name / f"__init__{SUFFIX}").is_file()]
    return [f for f in files if f.is_file()] + [f for p in packages for f in sorted(p.rglob(f"*{SUFFIX}"))]
