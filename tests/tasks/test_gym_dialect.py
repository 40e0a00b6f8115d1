"""Names and headers from many: the same designs, in the same splits, as somebody else would have written them."""

import random
import re
from itertools import islice
from pathlib import Path

import pyslang
import pytest
from tests.tasks.test_gym import _icarus, _of_every_family, _write_modules

from itertl.config import Config
from itertl.records import Task
from itertl.suites.load import load_suite
from itertl.tasks import gym
from itertl.tasks.gym import splits
from itertl.tasks.gym.dialect import ENDINGS, TOPS, WORDS, draw_varied_names, varied_header
from itertl.tasks.gym.normal import task_digest
from itertl.tasks.gym.sources import some_design
from itertl.tasks.load import load_tasks
from itertl.verify import check_references

HEADER = "module m(\n    input clk,\n    input [7:0] d,\n    output [3:0] y,\n    output reg [7:0] q\n);\n"


@pytest.fixture(scope="module")
def varied() -> list[Task]:
    """Two tasks of every family and range, in many dialects."""
    tasks: list[Task] = []
    for family in gym.FAMILIES.values():
        for split in ("unseen",) if family.held_out else ("base", "shifted"):
            tasks += islice(splits.stream(split, 1, [family], varied=True), 2)
    return tasks


def _names(tasks: list[Task]) -> set[str]:
    return {name for task in tasks for name in re.findall(r"(\w+)\n?[,)]|(\w+)\n\)", task.header) for name in name}


def test_every_family_is_legal_in_any_dialect(varied: list[Task], tmp_path: Path) -> None:
    _write_modules(tmp_path / "all.v", [task.reference for task in varied])
    assert _icarus(tmp_path / "all.v") == ""


def test_references_in_any_dialect_pass_their_own_check(varied: list[Task]) -> None:
    assert [fault for fault in check_references(varied[::12]) if fault] == []


def test_a_dialect_changes_no_design_and_no_split(varied: list[Task]) -> None:
    for task in varied:
        split = next(tag.removeprefix("split:") for tag in task.tags if tag.startswith("split:"))
        assert task_digest(task) % 100 in splits.BUCKETS[split], task.reference


def test_names_come_from_many(varied: list[Task]) -> None:
    assert len(_names(varied)) > 1.5 * len(_names(_of_every_family(2, 1)))
    tasks = gym.generate("train", 1000, 1, varied=True)
    assert len(_names(tasks)) > 2.5 * len(_names(gym.generate("train", 1000, 1)))


def test_no_word_is_one_of_the_language() -> None:
    kinds = (name.removesuffix("Keyword") for name in dir(pyslang.parsing.TokenKind) if name.endswith("Keyword"))
    assert {kind.lower() for kind in kinds}.isdisjoint({*WORDS, *ENDINGS, *TOPS})


def test_the_instruction_names_the_ports_of_the_header() -> None:
    tasks = gym.generate("train", 200, 2, families=["adder", "mux", "register"], forms=["prose"], varied=True)
    for task in tasks:
        outputs = re.findall(r"output .*?(\w+)[,\n]", task.header)
        assert any(re.search(rf"\b{name}\b", task.instruction) for name in outputs), task


def test_clock_and_reset_keep_names_that_tell_what_they_do() -> None:
    for task in gym.generate("train", 50, 1, families=["counter"], varied=True):
        assert re.search(r"input (wire )?(clk|clock|clk_in),", task.header)


def test_headers_declare_ports_as_people_do() -> None:
    found = {varied_header(HEADER, random.Random(seed)) for seed in range(100)}
    text = "".join(found)
    for part in (
        "input wire clk",
        "output wire [3:0] y",
        "output [3:0] y",
        "output logic [7:0] q",
        "output reg [7:0] q",
    ):
        assert part in text
    assert {header[:9] for header in found} == {"module m(", "module m "}
    assert not any("reg [3:0] y" in header for header in found)
    assert len(found) > 20


def test_a_family_of_its_own_names_where_no_others_are_free() -> None:
    entry = some_design(gym.FAMILIES["adder"])
    names = draw_varied_names(entry.family, entry.combination, random.Random(1), " ".join(dir(random)))
    assert len(set(vars(names).values())) == len(vars(names))


def test_a_config_asks_for_it() -> None:
    config = Config.model_validate(
        {"seed": 7, "tasks": {"gym": {"train": 20, "dev": 3, "test": 3, "varied": True, "families": ["mux", "adder"]}}}
    )

    def made(split: str, count: int) -> list[Task]:
        return gym.generate(split, count, 7, families=("mux", "adder"), varied=True)

    assert list(load_tasks(config.tasks, 7, config.verify)) == made("train", 20) + made("dev", 3)
    assert load_suite("gym-test", config) == made("test", 3)


def test_without_it_tasks_are_as_before() -> None:
    assert gym.generate("train", 30, 1, varied=False) == gym.generate("train", 30, 1)
