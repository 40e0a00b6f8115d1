"""Evaluation suites: sets of tasks on which policies are compared.

gym-test  gym-shifted  gym-unseen        generated; see itertl.tasks.gym
a name of PUBLISHED and a data folder    VerilogEval v1 and v2, RTLLM, as their publishers lay them out
a directory of VerilogEval v2            ProbNNN_name_{prompt.txt,ref.sv,test.sv}
file:ROWS                                one's own: JSONL of tasks, each with a testbench of its own or with none

Where every task brings a testbench, that judges; elsewhere the reference does (`brings_testbench`).
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from itertl.config import Config
from itertl.errors import DataError, UsageError
from itertl.records import Task
from itertl.suites.rtllm import read_rtllm
from itertl.suites.verilog_eval import read_v1, read_v2
from itertl.tasks import gym
from itertl.tasks.files import read_tasks

GYM = ("test", "shifted", "unseen")
FILE = "file:"


def load_suite(name: str, config: Config) -> list[Task]:
    """Return the tasks of a suite; raise UsageError where `name` is neither a known suite nor a directory of one."""
    if name.startswith("gym-") and name.removeprefix("gym-") in GYM:
        split = name.removeprefix("gym-")
        count = getattr(config.tasks.gym, split)
        limit = config.tasks.limit
        return gym.generate(split, min(count, limit) if limit else count, config.seed)
    if name in PUBLISHED:
        return load_published(name, data_folder(name, config.evaluation.data))[: config.tasks.limit]
    if name.startswith(FILE):
        return read_own(Path(name.removeprefix(FILE)))[: config.tasks.limit]
    if Path(name).is_dir():
        return read_verilog_eval(Path(name))[: config.tasks.limit]
    known = ", ".join([*(f"gym-{split}" for split in GYM), *PUBLISHED])
    raise UsageError(
        f"there is no suite {name!r}: expected {known}, {FILE}ROWS for one of your own, or a directory of VerilogEval "
        "v2 problems"
    )


def read_own(rows: Path) -> list[Task]:
    """Return the tasks of a suite of one's own; raise DataError where only some of them have a testbench."""
    tasks = read_tasks(rows, given_headers=True)
    bare = [task.id for task in tasks if not task.testbench]
    if bare and len(bare) < len(tasks):
        raise DataError(
            f"{rows}: {len(bare)} of {len(tasks)} tasks have no testbench, such as {bare[0]}; expected one for each "
            "(then it judges) or none (then the reference does): split the file"
        )
    return tasks


def brings_testbench(tasks: Sequence[Task]) -> bool:
    """Return True if a suite is judged by its own testbenches."""
    return bool(tasks) and all(task.testbench for task in tasks)


def data_folder(name: str, given: Path | None) -> Path:
    """Return the folder of published suites: `given`, else ITERTL_DATA; raise UsageError where neither is there."""
    folder = given or (Path(os.environ["ITERTL_DATA"]) if os.environ.get("ITERTL_DATA") else None)
    if folder is None:
        raise UsageError(f"{name} is read from a folder of published suites: give it as --data or in ITERTL_DATA")
    return folder


def suite_name(suite: str) -> str:
    """Return the name under which results of a suite are filed; that of a directory tells its kind of prompt."""
    if suite.startswith(FILE):
        return Path(suite.removeprefix(FILE)).name.partition(".")[0]
    if not Path(suite).is_dir():
        return suite
    return f"verilogeval-v2-{'code-complete' if 'code-complete' in Path(suite).name else 'spec-to-rtl'}"


def read_verilog_eval(folder: Path) -> list[Task]:
    """Read a folder of VerilogEval v2; its name says which of the two kinds of prompt it holds."""
    return read_v2(folder, suite_name(str(folder)))


def load_published(name: str, data: Path) -> list[Task]:
    """Return the tasks of a published suite from the folder `data`, which holds one folder for each publisher's set.

    Raise UsageError for an unknown name, or where the suite's folder is missing.
    """
    if name not in PUBLISHED:
        raise UsageError(f"there is no published suite {name!r}; known are {', '.join(PUBLISHED)}")
    folder, read = PUBLISHED[name]
    if not (data / folder).exists():
        raise UsageError(f"{data / folder} does not exist; {name} is read from there")
    return read(data / folder, name)


def _read_v1(folder: Path, name: str) -> list[Task]:
    part = "Human" if name.endswith("human") else "Machine"
    return read_v1(folder / f"VerilogEval_{part}.jsonl", folder / f"VerilogDescription_{part}.jsonl", name)


PUBLISHED: dict[str, tuple[str, Callable[[Path, str], list[Task]]]] = {
    "verilogeval-v1-human": ("verilog-eval-v1", _read_v1),
    "verilogeval-v1-machine": ("verilog-eval-v1", _read_v1),
    "verilogeval-v2-spec-to-rtl": ("verilog-eval-v2/dataset_spec-to-rtl", read_v2),
    "verilogeval-v2-code-complete": ("verilog-eval-v2/dataset_code-complete-iccad2023", read_v2),
    "rtllm-v1.1": ("rtllm-v1.1", read_rtllm),
    "rtllm-v2": ("rtllm-v2", read_rtllm),
}
