"""What an objective learns from a group, and what costs nothing because it never matters."""

import dataclasses
from typing import Any

import pytest
from tests.training.conftest import GROUPS, settings

from itertl.records import Group
from itertl.training.lessons import Lesson, build_lessons

MIXED = dataclasses.replace(
    GROUPS[0],
    candidates=("a", "b", "c", "d"),
    scores=(1.0, 0.95, 0.5, 0.5),
    passed=(True, False, False, False),
    counts=(1, 1, 1, 1),
)
EQUAL = dataclasses.replace(MIXED, scores=(1.0, 1.0, 0.9, 0.95), passed=(True, True, False, False))
ALONE = dataclasses.replace(EQUAL, reference="")


def lesson(tokenizer: Any, group: Group, **changes: Any) -> Lesson:
    (found,) = build_lessons([group], tokenizer, settings(**changes), 1024)
    return found


@pytest.mark.parametrize(
    ("objective", "mixed", "equal"),
    [
        ("mle", (1, True), (1, True)),
        ("rft", (2, True), (3, True)),
        ("rank", (5, False), (1, True)),
        ("rtlcoder_code", (5, False), (1, True)),
        ("rrhf", (5, False), (1, True)),
        ("dpo", (5, False), (1, True)),
        ("grpo", (5, False), (5, False)),
        ("verified", (5, False), (5, False)),
    ],
)
def test_groups_without_an_active_pair_keep_their_reference_only(
    tokenizer: Any, objective: str, mixed: tuple[int, bool], equal: tuple[int, bool]
) -> None:
    for group, (size, constant) in ((MIXED, mixed), (EQUAL, equal)):
        found = lesson(tokenizer, group, objective=objective)
        assert (len(found.example.targets), found.constant) == (size, constant)
        assert found.reference == size - 1
        assert len(found.score_K) == len(found.length_K) == len(found.count_K) == len(found.passed_K) == size
        assert found.active is (group is MIXED)


def test_without_reference_a_group_needs_pairs_or_passes(tokenizer: Any) -> None:
    teaches = {"rft", "grpo", "verified"}
    for objective in ("mle", "rft", "rank", "rtlcoder_code", "rrhf", "dpo", "grpo", "verified"):
        found = build_lessons([ALONE], tokenizer, settings(objective=objective), 1024)
        assert len(found) == (objective in teaches), objective
    assert lesson(tokenizer, dataclasses.replace(MIXED, reference=""), objective="rank").reference is None


def test_dpo_leaves_out_what_is_in_no_pair(tokenizer: Any) -> None:
    group = dataclasses.replace(MIXED, scores=(0.9, 0.5, 0.75, 0.75), reference_score=0.6)
    found = lesson(tokenizer, group, objective="dpo")
    assert found.score_K.tolist() == pytest.approx([0.9, 0.5, 0.75, 0.75, 0.6])
    found = lesson(tokenizer, dataclasses.replace(group, scores=(0.9, 0.5, 0.65, 0.65)), objective="dpo")
    assert found.score_K.tolist() == pytest.approx([0.9, 0.5, 0.65, 0.65, 0.6])
    found = lesson(tokenizer, dataclasses.replace(group, scores=(0.9, 0.65, 0.75, 0.8)), objective="dpo")
    assert found.score_K.tolist() == pytest.approx([0.9, 0.65, 0.6])


def test_a_penalty_on_moving_away_needs_all_candidates(tokenizer: Any) -> None:
    found = lesson(tokenizer, EQUAL, objective="mle", parameters={"kl_weight": 0.1})
    assert (len(found.example.targets), found.constant) == (5, False)


def test_sequences_beyond_the_context_are_left_out(tokenizer: Any) -> None:
    group = dataclasses.replace(MIXED, candidates=("a", "b" * 5000, "c", "d"))
    assert len(lesson(tokenizer, group).example.targets) == 4
    too_long = dataclasses.replace(GROUPS[0], prompt="x" * 5000)
    assert build_lessons([too_long], tokenizer, settings(), 1024) == []


def test_lessons_are_known_by_their_tokens(tokenizer: Any) -> None:
    keys = [lesson(tokenizer, group).key for group in (MIXED, EQUAL, MIXED)]
    assert keys[0] == keys[2] != keys[1]
