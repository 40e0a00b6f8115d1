"""What bfloat16 keeps of a training: measured as a projection, and kept by rounding at thresholds of each weight."""

import dataclasses
import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.sampling.test_server import DRAW
from tests.training.conftest import GROUPS, settings

from itertl.config import PolicyConfig
from itertl.policy.folder import write_pointer
from itertl.policy.kept import Kept, kept_of, kept_share, loses, nearest, read_kept
from itertl.policy.load import load_policy, weights_folder
from itertl.policy.rounding import CHUNK, round_parameters, round_weight
from itertl.policy.weights import save_policy
from itertl.sampling.draw import Service
from itertl.sampling.server import _source
from itertl.training.job import Job
from itertl.training.launch import run_job

STEP = 2**-7  # between 1 and 2, where bfloat16 has seven bits behind the point


def test_the_share_is_a_projection_and_entries_are_counted_apart() -> None:
    before = torch.ones(4)
    after = torch.tensor([1.0, 1 + 0.25 * STEP, 1 + 0.75 * STEP, 1 + STEP])
    (found,) = kept_share([("w", before, after)], [nearest])
    assert found.share == pytest.approx((0.75 + 1) / (0.25**2 + 0.75**2 + 1), rel=1e-6)
    assert found.moved == pytest.approx(2 / 3)
    apart = [("a", before[:2], after[:2]), ("b", before[2:], after[2:])]
    assert kept_share(apart, [nearest]) == [found]
    assert kept_share([("w", after, after)], [nearest]) == [Kept(1.0, 1.0)]


def test_a_small_update_is_lost_by_the_nearest_and_kept_by_its_thresholds() -> None:
    torch.manual_seed(0)
    before = torch.randn(200_000).to(torch.bfloat16).float()
    after = before + 1e-5 * torch.randn(200_000)
    plain, ours = kept_share([("w", before, after)], [nearest, round_weight])
    assert plain.share < 0.1
    assert ours.share == pytest.approx(1.0, abs=0.1)
    assert ours.moved < 0.1


def test_rounding_goes_to_a_neighbour_as_often_as_it_is_near() -> None:
    for fraction in (0.1, 0.5, 0.9):
        for sign in (1, -1):
            rounded = round_weight(torch.full((100_000,), sign * (1 + fraction * STEP)), "w").float()
            assert set(rounded.tolist()) == {sign * 1.0, sign * (1 + STEP)}
            assert float((rounded.abs() > 1).float().mean()) == pytest.approx(fraction, abs=0.01)


def test_rounding_leaves_the_grid_alone_and_depends_on_nothing_but_name_and_value() -> None:
    grid = torch.tensor([0.0, -0.0, 1.0, -3.140625, float("inf"), float("-inf"), 1e-38]).to(torch.bfloat16)
    assert torch.equal(round_weight(grid.float(), "w"), grid)
    weight = torch.randn(3, 50)
    first = round_weight(weight, "w")
    assert (first.dtype, first.shape) == (torch.bfloat16, weight.shape)
    assert torch.equal(first, round_weight(weight.clone(), "w"))
    assert not torch.equal(first, round_weight(weight, "v"))
    moved = weight.clone()
    moved[0, 0] += 1
    assert torch.equal(first.flatten()[1:], round_weight(moved, "w").flatten()[1:])


def test_a_weight_that_keeps_moving_crosses_its_threshold_once() -> None:
    path = torch.stack([round_weight(1 + f * STEP * torch.ones(1000), "w").float() for f in torch.linspace(0, 1, 21)])
    assert bool((path.diff(dim=0) >= 0).all())
    assert bool((path[-1] == 1 + STEP).all())


@pytest.mark.slow
def test_weights_of_several_chunks_are_rounded_evenly() -> None:
    rounded = round_weight(torch.full((CHUNK + 100_000,), 1 + 0.3 * STEP), "w").float()
    assert float((rounded[CHUNK:] > 1).float().mean()) == pytest.approx(0.3, abs=0.01)
    assert not torch.equal(rounded[:100_000], rounded[CHUNK:])


def test_buffers_stay_as_they_are(tiny: Any) -> None:
    before = {name: buffer.clone() for name, buffer in tiny.named_buffers()}
    round_parameters(tiny)
    assert {parameter.dtype for parameter in tiny.parameters()} == {torch.bfloat16}
    assert before
    assert all(torch.equal(buffer, before[name]) for name, buffer in tiny.named_buffers())


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy trained for two steps at a small rate from the embedded one, whose weights are on the grid."""
    run = tmp_path_factory.mktemp("run")
    write_pointer(_folder(run / "iter_00" / "policy"), "embedded", None)
    out = _folder(run / "iter_01" / "policy")
    policy = PolicyConfig.model_validate({"dtype": "bfloat16"})
    chosen = settings(steps=2, learning_rate=1e-5, groups_per_step=2)
    run_job(Job(str(run / "iter_00" / "policy"), GROUPS[:2], chosen, policy, 1, out), "test")
    return out


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def test_each_training_notes_what_bfloat16_keeps_of_it(trained: Path) -> None:
    noted = json.loads((trained / "kept.json").read_text())
    assert noted == kept_of("embedded", trained)
    assert noted["nearest"] < 0.2
    assert noted["sampled"] == pytest.approx(1.0, abs=0.2)
    assert 0 < noted["moved"] < 0.5
    assert loses(trained)


def test_what_is_sampled_in_bfloat16_has_the_update_that_plain_rounding_lacks(trained: Path) -> None:
    base, after, sampled = (
        dict(load_policy(path, dtype=dtype)[0].named_parameters())
        for path, dtype in (("embedded", torch.float32), (trained, torch.float32), (trained, torch.bfloat16))
    )
    assert {p.dtype for p in sampled.values()} == {torch.bfloat16}
    change = torch.cat([(after[n] - base[n]).flatten() for n in base]).detach()
    kept = torch.cat([(sampled[n].float() - base[n]).flatten() for n in base]).detach()
    plain = torch.cat([(after[n].bfloat16().float() - base[n]).flatten() for n in base]).detach()
    assert float(kept @ change / (change @ change)) == pytest.approx(read_kept(trained)["sampled"], abs=1e-4)
    assert float(plain @ change / (change @ change)) == pytest.approx(read_kept(trained)["nearest"], abs=1e-4)


def test_servers_load_weights_that_are_rounded_here_where_they_would_lose_the_update(
    trained: Path, tmp_path: Path
) -> None:
    trained = Path(shutil.copytree(trained, tmp_path / "policy"))
    served = Path(weights_folder(trained))
    assert served.parent == trained.parent / "merged"
    assert json.loads((served / "config.json").read_text())["dtype"] == "bfloat16"
    ours = load_policy(trained, dtype=torch.bfloat16)[0].state_dict()
    assert all(torch.equal(value, ours[name]) for name, value in load_policy(served)[0].bfloat16().state_dict().items())
    assert weights_folder(trained) == str(served)
    assert weights_folder(trained, dtype="float32") == str(trained)
    (trained / "kept.json").write_text(json.dumps({"sampled": 1.0, "nearest": 0.95, "moved": 0.5}))
    assert weights_folder(trained) == str(trained)


def test_figures_that_cannot_be_had_are_skipped_with_a_reason(
    tiny: Any, tokenizer: Any, trained: Path, tmp_path: Path
) -> None:
    save_policy(tiny, tokenizer, tmp_path / "other")
    assert "is not among them" in kept_of(tmp_path / "other", trained)["skipped"]
    assert "no/such-model is not in the hub's cache" in kept_of("no/such-model", trained)["skipped"]
    (tmp_path / "empty").mkdir()
    assert "holds no safetensors" in kept_of(tmp_path / "empty", trained)["skipped"]


def test_running_servers_are_warned_of(trained: Path, caplog: pytest.LogCaptureFixture) -> None:
    service = Service(servers=("http://127.0.0.1:1",), model="m")
    with caplog.at_level(logging.WARNING, "itertl"):
        _source(trained, DRAW, service)  # in float32
        assert not caplog.records
        _source(trained, dataclasses.replace(DRAW, dtype="auto"), service)
    assert "of its last update" in caplog.text
