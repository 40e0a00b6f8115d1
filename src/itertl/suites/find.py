"""From the name of a suite to the suite, without a look at its data; and where that data is.

find_suite("rtllm-v2")          a published one                      find_suite("gym-test")     a split of the gym
find_suite("mysuite:SUITE")     one's own, by its dotted path        find_suite("file:ROWS")    JSONL of tasks
find_suite("DIRECTORY")         problems as VerilogEval v2 lays them out

if fault := missing_data(find_suite(name), config.evaluation.data): raise UsageError(fault)
"""

import dataclasses
import difflib
import os
from collections.abc import Sequence
from pathlib import Path

from itertl.dotted import value_at
from itertl.errors import ConfigError, DataError, UsageError
from itertl.records import Task
from itertl.suites.published import PUBLISHED
from itertl.suites.suite import Suite
from itertl.tasks.files import DOTTED, read_tasks
from itertl.verify.official.rules import rule_of

GYM = {f"gym-{split}": split for split in ("test", "shifted", "unseen")}
FILE = "file:"
_FOLDERS = "directories of VerilogEval v2 problems"


def find_suite(name: str) -> Suite:
    """Return the suite that a command line or a config names; nothing of its data is read.

    A dotted path is imported: never call this with a name that a data row holds. Raise UsageError where there is no
    such suite, ConfigError where a dotted path leads to none.
    """
    if name in PUBLISHED:
        return PUBLISHED[name]
    if name in GYM:
        return Suite(name)
    if name.startswith(FILE):
        rows = Path(name.removeprefix(FILE))
        return Suite(rows.name.partition(".")[0] or "file", str(rows.absolute()), read=_read_own)
    if name and Path(name).is_dir():
        kind = "code-complete" if "code-complete" in Path(name).name else "spec-to-rtl"
        return dataclasses.replace(PUBLISHED[f"verilogeval-v2-{kind}"], place=str(Path(name).absolute()), source=None)
    if DOTTED.fullmatch(name):
        return _imported(name)
    known, own = [*GYM, *PUBLISHED], f"{FILE}ROWS and package.module:SUITE for one of your own"
    raise _unknown("suite", name, known, f", {own}, and {_FOLDERS}", FILE + name if Path(name).is_file() else "")


def find_published(name: str) -> Suite:
    """Return the published suite of a name, or as which a directory is laid out; raise UsageError for any other."""
    if name in PUBLISHED or (name and Path(name).is_dir()):
        return find_suite(name)
    raise _unknown("published suite", name, [*PUBLISHED], f", and {_FOLDERS}")


def find_rule(name: str, whole: bool = False) -> str:
    """Return the dotted path of the rule that a command line names: a suite's, or the path itself; "" for "".

    With `whole` it is the one that pastes no header before a whole module. Raise UsageError where there is no such
    rule.
    """
    if name and ":" not in name and name not in GYM and name not in PUBLISHED and not Path(name).is_dir():
        raise _unknown("rule", name, [*PUBLISHED], ", and package.module:RULE for one of your own")
    path = name if not name or ":" in name else find_suite(name).rule
    if whole and not rule_of(path).whole:
        which = repr(name) if name else "of a bench of your own"
        raise UsageError(f"--whole: the rule {which} pastes no header; leave it out")
    return rule_of(path).whole if whole else path


def _unknown(what: str, name: str, known: Sequence[str], others: str, meant: str = "") -> UsageError:
    """Return the error that lists what there is, with the name that is `meant`, or else near."""
    near = [one for one in known if name and one.startswith(name)] or difflib.get_close_matches(name, known, n=1)
    meant = meant or (near[0] if near else "")
    hint = f"did you mean {meant!r}? There are" if meant else "expected"
    return UsageError(f"there is no {what} {name!r}: {hint} {', '.join(known)}{others}")


def data_folder(name: str, given: Path | None) -> Path:
    """Return the folder of published suites: `given`, else ITERTL_DATA; raise UsageError where neither is there."""
    folder = given or (Path(os.environ["ITERTL_DATA"]) if os.environ.get("ITERTL_DATA") else None)
    if folder is None:
        raise UsageError(
            f"{name} is read from a folder of published suites: give it as --data or in ITERTL_DATA; "
            f"`itertl suites fetch {name} --data DIR` brings it there"
        )
    return folder


def data_place(suite: Suite, data: Path | None) -> Path:
    """Return where a suite's data is read from, whether it is there or not.

    Raise UsageError as `data_folder`, and for a split of the gym, which has no data.
    """
    if suite.read is None:
        raise UsageError(f"{suite.name} is generated; expected a suite that is read from data")
    place = Path(suite.place)
    return place if place.is_absolute() else data_folder(suite.name, data) / place


def missing_data(suite: Suite, data: Path | None) -> str:
    """Return "" if all that a suite is read from is there, else a sentence that says what is missing and what to do."""
    if suite.read is None:
        return ""
    try:
        place = data_place(suite, data)
    except UsageError as error:
        return str(error)
    if place.exists():
        return ""
    how = f"; `itertl suites fetch {suite.name}` brings it" if suite.source else ""
    return f"{place} does not exist; {suite.name} is read from there{how}"


def _imported(path: str) -> Suite:
    suite = value_at(path, "suite", Suite)
    if suite.name in GYM or PUBLISHED.get(suite.name, suite) is not suite:
        raise ConfigError(f"{path} is named {suite.name!r}, as another suite is; give it a name of its own")
    return suite


def _read_own(rows: Path) -> list[Task]:
    """Return the tasks of a suite of one's own; raise DataError where only some of them have a testbench."""
    tasks = read_tasks(rows, given_headers=True)
    bare = [task.id for task in tasks if not task.testbench]
    if bare and len(bare) < len(tasks):
        raise DataError(
            f"{rows}: {len(bare)} of {len(tasks)} tasks have no testbench, such as {bare[0]}; expected one for each "
            "(then it judges) or none (then the reference does): split the file"
        )
    return tasks if bare else [dataclasses.replace(task, rule=_rule_of_row(task, rows)) for task in tasks]


def _rule_of_row(task: Task, rows: Path) -> str:
    """Return the rule of the published suite that a row names as its own, "" elsewhere."""
    if DOTTED.fullmatch(task.suite):
        raise DataError(
            f"{rows}: the task {task.id!r} names {task.suite!r} as its suite, and no row may choose what is imported; "
            "expected the name of a published suite or of none. Write a Suite with that rule, and name that one on the "
            "command line or in evaluation.suites: package.module:SUITE"
        )
    return PUBLISHED[task.suite].rule if task.suite in PUBLISHED else ""
