"""A project in a row of a file of tasks: its files by name, and what tools are told of them.

    {"instruction": "...", "top": "fifo", "project": {"files": {"rtl/fifo.v": "..."}, "defines": {"W": "8"}}}

Beside `files` stand `defines`, `parameters` (names and values) and `include` (folders among the files). Files whose
names end in .v or .sv are sources, packages and modules in any order; the rest can be included or read when it runs.
"""

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from itertl.errors import DataError, UsageError
from itertl.projects.filelists import gather
from itertl.projects.load import read_project
from itertl.records import Task

_KNOWN = {"files", "defines", "parameters", "include"}


def of_project(row: Mapping[str, Any], where: str) -> Task:
    """Return the task of a row that holds a project; raise DataError that says `where`, and what is wrong."""
    given = row["project"]
    if not isinstance(given, Mapping) or "files" not in given:
        return _as_written(row, where)
    if unknown := sorted(given.keys() - _KNOWN):
        raise DataError(f"{where}: project has no {unknown[0]}; known are {sorted(_KNOWN)}")
    files = given["files"]
    if not isinstance(files, Mapping) or not all(isinstance(text, str) for text in files.values()):
        raise DataError(f"{where}: expected project.files to be texts by name, found {type(files).__name__}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in files.items():
            place = root / _safe(str(name), where)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        include = [root / _safe(str(name), where) for name in given.get("include", ())]
        defines, parameters = (
            [f"{n}={v}" for n, v in dict(given.get(kind, {})).items()] for kind in ("defines", "parameters")
        )
        try:
            sources = gather([root], (), include, defines, parameters, str(row.get("top") or ""))
            task = read_project(
                sources, str(row.get("reference") or ""), str(row.get("instruction") or ""), inside=root
            )
        except (DataError, UsageError) as error:
            raise DataError(f"{where}: {str(error).replace(f'{folder}/', '')}") from error
    named = row.get("id", row.get("task_id"))
    return dataclasses.replace(
        task,
        id=task.id if named is None else str(named),
        suite=str(row.get("suite", "file")),
        tags=tuple(row.get("tags", ())),
    )


def _as_written(row: Mapping[str, Any], where: str) -> Task:
    """Return a task as `Task.to_dict` has written it."""
    fields = {field.name for field in dataclasses.fields(Task)}
    try:
        return Task.from_dict({"header": "", **{key: value for key, value in row.items() if key in fields}})
    except DataError as error:
        raise DataError(f"{where}: {error}") from error


def _safe(name: str, where: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise DataError(f"{where}: expected the name of a file of the project, such as rtl/fifo.v, found {name!r}")
    return path
