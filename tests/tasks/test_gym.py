"""The gym's promises: splits that do not touch, reproducible tasks, references without a tool's warning."""

import random
import re
import subprocess
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from itertl.errors import UsageError
from itertl.identity import digest
from itertl.records import Task
from itertl.tasks import gym
from itertl.tasks.gym import splits
from itertl.tasks.gym.design import HELD_FORMS, Form
from itertl.tasks.gym.normal import task_digest
from itertl.tasks.gym.published import DESIGNS
from itertl.tasks.gym.sources import listed, some_design
from itertl.tasks.gym.splits import VERSION

TRAINED = [name for name, family in gym.FAMILIES.items() if not family.held_out]
OF_VERSION = (5, "2ede5a3f77652002")
PINNED = ("gym-train-counter-3917f272", "count_unit")
SIZES = {"base": 3000, "train": 3000, "dev": 200, "test": 300, "shifted": 300, "unseen": 80}
UNSEEN = [name for name, family in gym.FAMILIES.items() if family.held_out]


@pytest.fixture(scope="module")
def made() -> dict[str, list[Task]]:
    """Tasks of each split, drawn once."""
    return {split: gym.generate(split, size, 1) for split, size in SIZES.items()}


def _of_every_family(count: int, seed: int) -> list[Task]:
    tasks: list[Task] = []
    for family in gym.FAMILIES.values():
        for split in ("unseen",) if family.held_out else ("base", "shifted"):
            tasks += islice(splits.stream(split, seed, [family]), count)
    return tasks


def _write_modules(path: Path, codes: list[str]) -> None:
    path.write_text("\n".join(_renamed(code, i) for i, code in enumerate(codes)))


def _renamed(code: str, number: int) -> str:
    """Return code whose modules have other names than those of any other number."""
    for k, name in enumerate(re.findall(r"^module (\w+)", code, re.MULTILINE)):
        code = re.sub(rf"\b{name}\b", f"m{number}_{k}", code)
    return code


def _icarus(path: Path) -> str:
    command = ["iverilog", "-g2012", "-Wall", "-t", "null", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    return run.stdout + run.stderr + ("" if run.returncode == 0 else f"exit status {run.returncode}")


def _yosys(path: Path) -> str:
    script = f"read_verilog -sv {path}; hierarchy -check; proc; opt; check -assert; select -assert-none t:$dlatch"
    command = ["yosys", "-q", "-p", script]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    return run.stdout + run.stderr + ("" if run.returncode == 0 else f"exit status {run.returncode}")


def test_there_are_families_of_every_level_and_some_are_held_out() -> None:
    assert len(gym.FAMILIES) >= 34
    assert {family.level for family in gym.FAMILIES.values()} == {1, 2, 3}
    assert len(UNSEEN) >= 5
    assert all(name == family.name for name, family in gym.FAMILIES.items())


@pytest.mark.slow
def test_references_pass_icarus_and_yosys_without_a_word(tmp_path: Path) -> None:
    tasks = _of_every_family(2, seed=11)
    _write_modules(tmp_path / "all.v", [t.reference for t in tasks])
    assert _icarus(tmp_path / "all.v") == ""
    _write_modules(tmp_path / "all.v", [t.reference for t in tasks if "family:latch" not in t.tags])
    assert _yosys(tmp_path / "all.v") == ""


def test_no_name_is_a_keyword(tmp_path: Path) -> None:
    names = {
        name
        for family in gym.FAMILIES.values()
        for pool in family.names.values()
        for entry in pool
        for name in re.sub(r"\{\w+\}", "x", entry).split()
    }
    declared = "".join(f"    wire {name};\n" for name in sorted(names))
    (tmp_path / "names.v").write_text(f"module all_the_names;\n{declared}endmodule\n")
    assert _icarus(tmp_path / "names.v") == ""
    assert _yosys(tmp_path / "names.v") == ""


def test_a_task_is_well_formed() -> None:
    for task in _of_every_family(3, seed=2):
        family, level, form, split, version = (tag.split(":")[1] for tag in task.tags)
        assert form in set(Form)
        assert re.fullmatch(rf"gym-{split}-{family}-[0-9a-f]{{8}}", task.id)
        assert int(level) == gym.FAMILIES[family].level
        assert task.suite == "gym"
        assert task.tags[-1] == f"gym:{version}" == f"gym:{VERSION}"
        assert task.reference.startswith(task.header)
        assert re.match(rf"module {task.top}\(\n    (input|output) ", task.header)
        assert task.header.endswith("\n);\n")
        assert task.body.startswith("    ")
        assert task.body.endswith("\nendmodule\n")
        assert task.reference.count("\nmodule ") == 0 or "form:hierarchy" in task.tags or "composition" in family
        ports = [line.rstrip(",").split()[-1] for line in task.header.splitlines()[1:-1]]
        assert len(set(ports)) == len(ports)
        assert 5 <= len(task.instruction.split()) <= (400 if form == "prose" else 1500)
        assert not re.search(r"\b[Aa] (8|11|18)\b|\b[Aa]n [2-79]", task.instruction)
        assert not set("«»⟦⟧¦") & set(task.instruction + task.reference)
        assert all(re.search(rf"\b{port}\b", task.instruction) for port in ports), (task.instruction, ports)


def _without_inner_names(body: str) -> str:
    """Number the registers and wires of a body: an instruction names ports only."""
    for index, name in enumerate(re.findall(r"^    (?:reg|wire) (?:\[\d+:0\] )?(\w+)", body, re.MULTILINE)):
        body = re.sub(rf"\b{name}\b", f"inner{index}", body)
    return body


def test_what_instruction_and_header_say_determines_the_reference() -> None:
    for split, count in (("base", 9000), ("shifted", SIZES["shifted"]), ("unseen", SIZES["unseen"])):
        told: dict[tuple[str, str], str] = {}
        for task in gym.generate(split, count, 4):
            body = _without_inner_names(task.body)
            assert told.setdefault((task.instruction, task.header), body) == body


def test_a_family_tells_in_several_ways() -> None:
    for family in gym.FAMILIES.values():
        texts = some_design(family).design.texts
        assert len(set(texts)) == len(texts) >= 2


def test_the_same_arguments_give_the_same_tasks_and_a_prefix() -> None:
    for split in gym.SPLITS:
        short, long = gym.generate(split, 30, 5), gym.generate(split, 75, 5)
        assert long[:30] == short
        assert gym.generate(split, 30, 6) != short
        assert len({t.id for t in long}) == len({(t.instruction, t.reference) for t in long}) == 75


def test_the_first_task_never_changes() -> None:
    task = gym.example("counter", 3)
    assert task == gym.example("counter", 3)
    assert (task.id, task.top) == PINNED


def test_splits_share_no_design_and_evaluations_have_none_twice(made: dict[str, list[Task]]) -> None:
    assert set(made) == set(gym.SPLITS)
    designs = {split: [task_digest(task) for task in tasks] for split, tasks in made.items()}
    for split in ("dev", "test", "shifted", "unseen"):
        assert len(set(designs[split])) == len(designs[split]), split
    assert not DESIGNS & {design for found in designs.values() for design in found}
    for one in designs:
        for other in designs:
            assert one == other or not set(designs[one]) & set(designs[other]), (one, other)


def test_shifted_lies_beyond_the_trained_range() -> None:
    for family in gym.FAMILIES.values():
        assert family.shifted.keys() <= family.parameters.keys()
        assert all(not set(values) & set(family.parameters[key]) for key, values in family.shifted.items())
        if family.parameters:
            inside = {entry.digest for entry in listed(family, False)}
            assert not inside & {entry.digest for entry in listed(family, True)}
    trained = [task for split in ("base", "train") for task in gym.generate(split, 60, 1, families=["adder"])]
    shifted = gym.generate("shifted", 3, 1, families=["adder"])
    assert max(map(_width, trained)) <= 16 < min(map(_width, shifted))


def _width(task: Task) -> int:
    return max(int(width) + 1 for width in re.findall(r"\[(\d+):0\]", task.header))


def test_held_families_and_forms_are_only_in_unseen(made: dict[str, list[Task]]) -> None:
    for split, tasks in made.items():
        held = [(_tag(t, "family") in UNSEEN, _tag(t, "form") in HELD_FORMS) for t in tasks]
        assert {any(kinds) for kinds in held} == {split == "unseen"}
    assert set(Form) >= HELD_FORMS


def _tag(task: Task, name: str) -> str:
    return next(tag.removeprefix(f"{name}:") for tag in task.tags if tag.startswith(f"{name}:"))


def test_families_are_equally_common_where_designs_may_come_again() -> None:
    tasks = gym.generate("train", 6000, 0)
    shares = Counter(_tag(task, "family") for task in tasks)
    assert set(shares) <= set(TRAINED)
    for drawing in (False, True):
        counts = [count for name, count in shares.items() if (gym.FAMILIES[name].draw is not None) == drawing]
        assert max(counts) <= 1.5 * sum(counts) / len(counts)


def test_levels_and_families_can_be_chosen() -> None:
    assert {t.tags[1] for t in gym.generate("train", 50, 0, levels=(3,))} == {"level:3"}
    assert {t.tags[0] for t in gym.generate("train", 20, 0, families=["mux", "lfsr"])} == {"family:mux", "family:lfsr"}


@pytest.mark.parametrize("split", ["train", "dev", "shifted"])
def test_forms_can_be_chosen(split: str) -> None:
    forms = ["table", "equations"]
    tasks = gym.generate(split, 30, 0, families=["truth_table", "flip_flop", "counter"], forms=forms)
    assert {_tag(task, "form") for task in tasks} == set(forms)
    everything = gym.generate(split, 400, 0, families=["truth_table", "flip_flop", "counter"])
    assert [task for task in everything if _tag(task, "form") in forms][:30] == tasks


@pytest.mark.parametrize(
    ("forms", "message"),
    [
        (["tables"], "expected forms of telling, found tables; choose among prose, rules, table, "),
        (["karnaugh"], "found only 0 in 1 families; ask for fewer, or allow more families, levels or forms"),
    ],
)
def test_forms_that_no_task_has_are_refused(forms: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        gym.generate("train", 1, 0, families=["mux"], forms=forms)


@pytest.mark.parametrize(
    ("split", "count", "families", "levels", "message"),
    [
        ("training", 1, [], (1, 2, 3), "expected one of the splits base, .* found 'training'"),
        ("train", 1, ["muxx"], (1, 2, 3), "expected names of families, found muxx; choose among absolute, "),
        ("train", 1, ["vending"], (1, 2, 3), "found none in the selection"),
        ("train", 1, [], (4,), "expected levels among 1, 2 and 3"),
        ("train", -1, [], (1,), "count of at least 0"),
        ("test", 10**5, ["toggle"], (1, 2, 3), r"found only \d+ in 1 families; ask for fewer"),
    ],
)
def test_a_wrong_call_gets_one_clear_sentence(
    split: str, count: int, families: list[str], levels: tuple[int, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        gym.generate(split, count, 0, families=families, levels=levels)


def test_an_injected_defect_changes_the_body_and_still_parses(tmp_path: Path) -> None:
    rng = random.Random(3)
    broken, touched = [], set()
    for task in _of_every_family(6, seed=7):
        code = gym.defects.inject(task.reference, rng)
        if code is not None:
            assert code != task.reference
            assert code.startswith(task.header)
            broken.append(code)
            touched.add(task.tags[0].removeprefix("family:"))
    assert touched == set(gym.FAMILIES)
    _write_modules(tmp_path / "broken.v", broken)
    assert "error" not in _icarus(tmp_path / "broken.v")


def test_code_without_a_body_has_no_defect() -> None:
    assert gym.defects.inject("module m(\n    input a\n);\nendmodule\n", random.Random(0)) is None
    assert gym.defects.inject("not verilog", random.Random(0)) is None


def test_another_version_of_the_gym_makes_other_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gym.generate("test", 5, 0)
    monkeypatch.setattr(splits, "VERSION", VERSION + 1)
    after = gym.generate("test", 5, 0)
    assert [task.id for task in after] == [task.id for task in before]
    assert not {digest(task.to_json()) for task in after} & {digest(task.to_json()) for task in before}


def test_tasks_are_those_of_their_version() -> None:
    tasks = [task for split in gym.SPLITS for task in gym.generate(split, 80, 0)]
    found = digest(*(text for t in tasks for text in (t.id, t.instruction, t.header, t.reference, t.top, *t.tags)))
    assert (VERSION, found) == OF_VERSION, "the gym makes other tasks: raise VERSION, and pin what it makes now"
