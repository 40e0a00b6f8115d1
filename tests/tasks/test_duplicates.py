"""Duplicates: exact up to layout, near ones found without comparing all pairs, different ones kept."""

import dataclasses
import random

from itertl.records import Task
from itertl.tasks import gym
from itertl.tasks.duplicates import _near_pairs, duplicates, jaccard


def task(name: str, instruction: str, body: str) -> Task:
    header = "module m(input [7:0] a, input [7:0] b, output [7:0] y);"
    return Task(name, instruction, header, f"{header}\n{body}\nendmodule\n", "m")


LONG = "assign y = (a & b) | (a ^ 8'h3c) + (b << 2) - (a >> 1) ^ {a[3:0], b[7:4]} & ~(a + b) | (a - b) ^ 8'h55;"


def test_layout_and_comments_do_not_make_a_new_row() -> None:
    rows = [task("a", "Add.", LONG), task("b", "Add. ", LONG.replace(" ", "  ") + " // same"), task("c", "Sub.", LONG)]
    assert duplicates(rows, near=2.0) == {"b": ("a", 1.0)}


def test_a_near_copy_is_found_only_where_instruction_and_code_are_alike() -> None:
    text = "Combine both inputs with the eight operators in the order that the table of the data sheet gives."
    copy = task("b", text + " Thanks.", LONG.replace("8'h55", "8'h56"))
    other = task("c", "Something else entirely is asked for here, in quite different words.", LONG)
    found = duplicates([task("a", text, LONG), copy, other], near=0.7)
    assert set(found) == {"b"}
    assert found["b"][0] == "a"
    assert 0.7 <= found["b"][1] < 1.0


def test_copies_of_a_copy_name_the_first_row() -> None:
    rows = [task("a", "", LONG), task("b", "", LONG + ";"), task("c", "", LONG + ";;")]
    assert {name: origin for name, (origin, _) in duplicates(rows, near=0.8).items()} == {"b": "a", "c": "a"}


def test_the_prefix_filter_misses_no_pair() -> None:
    rng = random.Random(1)
    base = [frozenset(rng.sample(range(300), 40)) for _ in range(30)]
    sets = base + [frozenset(s - set(rng.sample(sorted(s), 3)) | {rng.randrange(300)}) for s in base]
    brute = {(i, j) for i in range(len(sets)) for j in range(i) if jaccard(sets[i], sets[j]) >= 0.8}
    assert {(i, j) for i, j, _ in _near_pairs(sets, 0.8)} == brute
    assert len(brute) >= 20


def test_tasks_of_the_gym_are_no_exact_duplicates() -> None:
    rows = gym.generate("train", 300, 1)
    assert duplicates(rows, near=2.0) == {}
    assert duplicates([*rows, dataclasses.replace(rows[0], id="again")], near=2.0)["again"] == (rows[0].id, 1.0)
