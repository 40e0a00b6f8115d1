"""A testbench in Python that a user names on the command line, with the files of the user's that it imports."""

import ast
import os
from collections.abc import Iterator, Sequence
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
    """Return the files that the bench `path`, whose text is `text`, imports, directly or not: (name, text).

    They are looked for beside it, and in the folders of PYTHONPATH. Raise MissingToolError without cocotb, UsageError
    for a bench or a file that is no Python.
    """
    require_cocotb(["cocotb"])
    folders = [path.parent, *(Path(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry)]
    found: dict[str, str] = {}
    _refuse(path, text)
    open_ = [text]
    while open_:
        for folder, file in _imported(folders, open_.pop()):
            name = file.relative_to(folder).as_posix()
            if name in found or file.samefile(path):
                continue
            if name == f"{MODULE}{SUFFIX}":
                raise UsageError(f"{file} has the name that the bench gets where it runs: rename it")
            if len(found) >= _MOST_FILES:
                raise UsageError(f"{path} imports more than {_MOST_FILES} files: install them as a package")
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


def _imported(folders: Sequence[Path], text: str) -> Iterator[tuple[Path, Path]]:
    """Yield the files of modules and packages in `folders` that a text imports, each with its folder."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    for name in sorted(names):
        for folder in folders:
            if (folder / name / f"__init__{SUFFIX}").is_file():
                yield from ((folder, file) for file in sorted((folder / name).rglob(f"*{SUFFIX}")))
                break
            if (file := folder / f"{name}{SUFFIX}").is_file():
                yield folder, file
                break
