"""The mismatch between who drew samples and who was trained on them."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.training.conftest import GROUPS, settings

from itertl.records import Group
from itertl.training import mismatch as subject
from itertl.training.mismatch import Drawn, few_drawn, mismatch
from itertl.training.rows import Example
from itertl.training.scorer import Scorer
from itertl.training.trainer import fit


def test_both_estimates_are_what_their_formulas_say() -> None:
    drawn = [
        Drawn(Example([1], [[5] * 10, [6] * 4]), torch.tensor([3.0, 1.0])),
        Drawn(Example([1], [[5] * 2]), torch.tensor([2.0])),
    ]
    then = [torch.tensor([-20.0, -4.0]), torch.tensor([-3.0])]
    now = [torch.tensor([-21.0, -2.0]), torch.tensor([-3.0])]
    found = mismatch(drawn, then, now)
    gaps = (0.1, -0.5)
    k3 = [math.exp(d) - d - 1 for d in gaps]
    assert found["kl"] == pytest.approx((3 * gaps[0] + gaps[1]) / 4 / 2)
    assert found["k3"] == pytest.approx((3 * k3[0] + k3[1]) / 4 / 2)
    assert found["samples"] == 6
    assert mismatch([], [], []) == {}


def test_the_samples_are_bounded_and_always_the_same(tokenizer: Any) -> None:
    many = [Group(f"t{n}", "p", "r", ("endmodule",), (1.0,), (True,), (n + 1,)) for n in range(90)]
    empty = Group("none", "p", "r", (), (), (), ())
    found = few_drawn([empty, *many], tokenizer, 1024)
    assert [float(one.count_K[0]) for one in found] == [float(n + 1) for n in range(subject.GROUPS)]
    assert few_drawn([empty, *many[:3]], tokenizer, 2) == []  # nothing fits the context


def test_training_leaves_how_far_it_has_moved(tokenizer: Any, fresh: Callable[[], Scorer], tmp_path: Path) -> None:
    found = {}
    for name, rate in (("still", 1e-12), ("little", 1e-4), ("far", 1e-2)):
        out = tmp_path / name
        out.mkdir()
        fit(fresh(), tokenizer, GROUPS, settings(steps=3, learning_rate=rate), 1, out)
        found[name] = json.loads((out / "mismatch.json").read_text())
    assert found["still"]["k3"] == pytest.approx(0.0, abs=1e-6)
    assert 0 < found["little"]["k3"] < found["far"]["k3"]
    drawn = [group for group in GROUPS if group.candidates][: subject.GROUPS]
    assert found["far"]["samples"] == sum(sum(group.counts) for group in drawn)


def test_a_training_without_samples_leaves_nothing(tokenizer: Any, fresh: Callable[[], Scorer], tmp_path: Path) -> None:
    only = [Group(g.task_id, g.prompt, g.reference or "endmodule", (), (), (), ()) for g in GROUPS]
    fit(fresh(), tokenizer, only, settings(objective="mle", steps=1), 1, tmp_path)
    assert not (tmp_path / "mismatch.json").exists()
