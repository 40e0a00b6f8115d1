"""How many modules of real projects can be judged: each against itself, with the rest of its project around it.

    python benchmarks/project_modules.py FOLDER ... [-D NAME=VALUE] [--deep] [--jobs 2] [--out rows.jsonl]

Counted are the modules that Icarus Verilog alone elaborates with the project's files (iverilog -g2012 -s MODULE). Of
these a module is judged where there is a verdict on behaviour, and passes where it equals itself, as it must.
"""

import argparse
import dataclasses
import itertools
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from itertl.errors import DataError, UsageError
from itertl.outcome import Outcome
from itertl.projects.filelists import Sources, gather
from itertl.projects.load import Library, read_project
from itertl.records import Submission, Task
from itertl.verify import VerifySettings, verify

_JUDGED = (Outcome.PASSED, Outcome.MISMATCH)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One module: whether Icarus elaborates it, and what the verdict on it is."""

    project: str
    module: str
    elaborates: bool
    outcome: str = ""
    detail: str = ""
    seconds: float = 0.0

    @property
    def judged(self) -> bool:
        """True if there is a verdict on behaviour."""
        return self.outcome in _JUDGED


def elaborates(sources: Sources, module: str) -> bool:
    """Return whether iverilog elaborates a module with the project's files."""
    with tempfile.TemporaryDirectory() as folder:
        argv = ["iverilog", "-g2012", "-t", "null", "-s", module, "-o", f"{folder}/out"]
        argv += [f"-I{path}" for path in sources.include] + [f"-D{name}={value}" for name, value in sources.defines]
        argv += [str(path) for path in needed(sources, module)]
        try:
            return subprocess.run(argv, capture_output=True, timeout=60, check=False).returncode == 0
        except subprocess.TimeoutExpired:
            return False


_DECLARED = re.compile(r"^\s*(?:module|package|primitive)\s+(?:automatic\s+)?(\w+)", re.MULTILINE)
_FILES: dict[tuple[Path, ...], dict[str, Path]] = {}


def needed(sources: Sources, module: str) -> list[Path]:
    """Return the files of the project that hold a module and what it mentions, packages first."""
    files = _FILES.setdefault(sources.libraries, {})
    if not files:
        for path in sources.libraries:
            for name in re.findall(
                r"^\s*(?:module|package|primitive)\s+(?:automatic\s+)?(\w+)", path.read_text("utf-8", "replace"), re.M
            ):
                files.setdefault(name, path)
    found: dict[Path, None] = {}
    begun: set[Path] = set()

    def take(path: Path) -> None:
        if path in begun:
            return
        begun.add(path)
        for word in dict.fromkeys(re.findall(r"\w+", path.read_text("utf-8", "replace"))):
            if word in files:
                take(files[word])
        found[path] = None

    take(files[module])
    return list(found)


def posed(work: Sequence[tuple[Path, str]], defines: Sequence[str], rows: list[Row]) -> Iterator[Task]:
    """Yield the tasks that modules pose; add a row for each that poses none."""
    libraries = {folder: Library(gather([folder], defines=defines)) for folder in dict.fromkeys(f for f, _ in work)}
    for folder, module in work:
        sources = gather([folder], defines=defines, top=module)
        if not elaborates(sources, module):
            rows.append(Row(folder.name, module, False))
            continue
        try:
            task = read_project(sources, library=libraries[folder])
        except (DataError, UsageError) as error:
            rows.append(Row(folder.name, module, True, "unread", str(error)))
        else:
            yield dataclasses.replace(task, id=f"{folder.name}:{module}")


def measure(tasks: Sequence[Task], settings: VerifySettings) -> Iterator[Row]:
    """Verify modules against themselves."""
    for verdict in verify((Submission.of(task, task.reference) for task in tasks), tasks, settings):
        folder, _, module = verdict.task_id.partition(":")
        yield Row(folder, module, True, verdict.outcome.value, verdict.detail, round(verdict.seconds, 2))


def modules(folder: Path, defines: Sequence[str]) -> Iterator[str]:
    """Yield the modules of a project, benches left out."""
    library = Library(gather([folder], defines=defines))
    for name in library.modules():
        if library.ports(name) and not re.search(r"(^|_)(tb|test|testbench)(_|$)", name):
            yield name


def main() -> None:
    """Measure the folders on the command line and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("-D", dest="defines", action="append", default=[])
    parser.add_argument("--only", default="", help="modules whose names match this pattern")
    parser.add_argument("--deep", action="store_true", help="with all stimuli, not with short ones alone")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    rows: list[Row] = []
    work = [(f, m) for f in asked.folders for m in modules(f, asked.defines) if re.search(asked.only, m)]
    tasks = list(posed(work, asked.defines, rows))
    settings = VerifySettings(workers=asked.jobs, cache=False)
    if not asked.deep:
        settings = dataclasses.replace(settings, explore=False, cycles=60, vectors=100)
    for row in itertools.chain(list(rows), measure(tasks, settings)):
        if row not in rows:
            rows.append(row)
        if row.elaborates:
            print(f"{row.project:18} {row.module:34} {row.outcome:14} {row.detail[:150]}", flush=True)
        if asked.out:
            with asked.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(dataclasses.asdict(row)) + "\n")
    report(rows)


def report(rows: Sequence[Row]) -> None:
    """Print how many were judged, and why the others were not."""
    counted = [row for row in rows if row.elaborates]
    if not counted:
        sys.exit("no module elaborates in Icarus Verilog: nothing was measured")
    print("\nproject, modules, elaborate, judged, pass")
    for project in dict.fromkeys(row.project for row in rows):
        mine = [row for row in counted if row.project == project]
        everything = sum(row.project == project for row in rows)
        judged, passed = sum(r.judged for r in mine), sum(r.outcome == "passed" for r in mine)
        print(f"{project}, {everything}, {len(mine)}, {judged}, {passed}")
    judged, passed = sum(r.judged for r in counted), sum(r.outcome == "passed" for r in counted)
    print(f"all: {len(counted)} elaborate, {judged} judged ({judged / len(counted):.1%}), {passed} pass")
    causes = Counter(f"{r.outcome}: {re.sub(r'[0-9]+', 'N', r.detail)[:90]}" for r in counted if r.outcome != "passed")
    for cause, number in causes.most_common():
        print(f"{number:4}  {cause}")


if __name__ == "__main__":
    main()
