"""The tasks of a suite, from its data or from the gym.

    load_suite("rtllm-v2", config)          load_published("rtllm-v2", Path("suites"))

With `evaluation.whole` a rule that pastes the header before a whole module gives way to the one that does not. Where
every task brings a testbench, that judges; elsewhere the reference does (`brings_testbench`).
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from itertl.config import Config
from itertl.records import Task
from itertl.suites.find import GYM, data_place, find_suite
from itertl.tasks import gym
from itertl.tools.cocotb import require_cocotb
from itertl.verify.official.rules import whole_rule


def load_suite(name: str, config: Config) -> list[Task]:
    """Return the tasks of the suite that a command line or a config names, `tasks.limit` at most.

    Raise what `find_suite` raises, UsageError or DataError where the data is missing or cannot be read, and
    MissingToolError for benches in Python without cocotb.
    """
    suite, limit, data = find_suite(name), config.tasks.limit, config.evaluation.data
    if suite.name in GYM:
        split, asked = GYM[suite.name], config.tasks.gym
        count = int(getattr(asked, split))
        count = min(count, limit) if limit else count
        if split == "unseen":  # the config names none of its families and forms
            return gym.generate(split, count, config.seed)
        return gym.generate(split, count, config.seed, **asked.told)
    tasks = suite.tasks(data_place(suite, data))[:limit]
    require_cocotb(task.bench for task in tasks)
    return [dataclasses.replace(t, rule=whole_rule(t.rule)) for t in tasks] if config.evaluation.whole else tasks


def load_published(name: str, data: Path) -> list[Task]:
    """Return the tasks of a suite whose data lies below the folder `data`, which holds one folder a publisher's set.

    Raise what `load_suite` raises.
    """
    suite = find_suite(name)
    return suite.tasks(data_place(suite, data))


def suite_name(suite: str) -> str:
    """Return the name under which results of a suite are filed; that of a directory tells its kind of prompt."""
    return find_suite(suite).name


def brings_testbench(tasks: Sequence[Task]) -> bool:
    """Return True if a suite is judged by its own testbenches."""
    return bool(tasks) and all(task.testbench for task in tasks)
