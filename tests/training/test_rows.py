"""Rows and micro-batches: nothing lost, nothing twice, limits kept, prompts shared where it pays."""

import pytest
import torch
from tests.training.conftest import ragged, tiny_scorer

from itertl.training.rows import Cost, Example, Row, cost_of, lay_out, micro_batches, packed_mask, plan_rows


@pytest.mark.parametrize("cost", [Cost(0.0), Cost(None), Cost(0.001)])
def test_every_wanted_target_lands_in_exactly_one_row(cost: Cost) -> None:
    examples = ragged(4, [3, 40, 1])
    wanted = [[0, 2], list(range(40)), []]
    rows = plan_rows(examples, wanted, cost, 300)
    landed = sorted((row.example, k) for row in rows for k in row.targets)
    assert landed == sorted((e, k) for e, ks in enumerate(wanted) for k in ks)
    assert all(row.length <= 300 for row in rows)
    for row in rows:
        example = examples[row.example]
        assert row.length == len(example.prompt) + sum(len(example.targets[k]) for k in row.targets)
    batches = micro_batches(rows, 500, Cost(None))
    assert sum(len(batch) for batch in batches) == len(rows)
    assert all(len(batch) == 1 or len(batch) * batch[0].length <= 500 for batch in batches)
    assert all(len({len(row.targets) > 1 for row in batch}) == 1 for batch in batches)


def test_a_row_longer_than_the_limit_stands_alone() -> None:
    examples = [Example([0] * 100, [[1] * 50, [1] * 3])]
    rows = plan_rows(examples, [[0, 1]], Cost(0.0), 10)
    assert [row.targets for row in rows] == [[1], [0]]
    assert [len(batch) for batch in micro_batches(rows, 10, Cost(None))] == [1, 1]


def test_prompts_are_shared_where_that_is_faster() -> None:
    long_prompt, long_answers = Example([0] * 400, [[1] * 20] * 4), Example([0] * 5, [[1] * 400] * 4)
    cost = Cost(1e-3)
    assert len(plan_rows([long_prompt], [[0, 1, 2, 3]], cost, 8192)) == 1
    assert len(plan_rows([long_answers], [[0, 1, 2, 3]], cost, 8192)) == 4
    assert len(plan_rows([long_prompt], [[0, 1, 2, 3]], Cost(None), 8192)) == 4


def test_little_is_padded() -> None:
    examples = ragged(2, [8] * 16)
    rows = plan_rows(examples, [list(range(8))] * 16, Cost(None), 400)
    batches = micro_batches(rows, 400, Cost(None))
    padded = sum(len(batch) * batch[0].length for batch in batches)
    assert padded < 1.15 * sum(row.length for row in rows)


def test_a_batch_ends_where_padding_would_cost_more_than_another_pass() -> None:
    examples = [Example([0] * size, [[1] * 10]) for size in (390, 380, 30, 25, 20)]
    rows = plan_rows(examples, [[0]] * 5, Cost(0.0), 8192)
    lengths = {
        launch: [[row.length for row in batch] for batch in micro_batches(rows, 8192, Cost(0.0, launch=launch))]
        for launch in (None, 0.0, 100.0, 5000.0)
    }
    assert lengths[None] == lengths[5000.0] == [[400, 390, 40, 35, 30]]
    assert lengths[0.0] == [[400], [390], [40], [35], [30]]
    assert lengths[100.0] == [[400, 390], [40, 35, 30]]
    assert len(micro_batches(rows, 8192, Cost(0.0, launch=0.0), together=True)) == 1


def test_a_batch_in_bfloat16_costs_more_by_itself() -> None:
    model = tiny_scorer().model
    batches = {
        bfloat16: len(micro_batches(_one_target_each(390, 250, 120, 30), 8192, cost_of(model, bfloat16=bfloat16)))
        for bfloat16 in (False, True)
    }
    assert batches[True] < batches[False]


def _one_target_each(*sizes: int) -> list[Row]:
    examples = [Example([0] * size, [[1] * 10]) for size in sizes]
    return plan_rows(examples, [[0]] * len(sizes), Cost(0.0), 8192)


def test_joined_rows_fill_batches_to_the_limit_and_evenly() -> None:
    rows = _one_target_each(390, 290, 190, 120, 110, 90, 40, 30)
    assert micro_batches(rows, 8192, Cost(0.0), end_to_end=True) == [sorted(rows, key=lambda row: -row.length)]
    batches = micro_batches(rows, 800, Cost(0.0), end_to_end=True)
    assert sorted(row.example for batch in batches for row in batch) == list(range(8))
    filled = [sum(row.length for row in batch) for batch in batches]
    assert all(size <= 800 for size in filled)
    assert len(batches) == 2
    assert max(filled) < 1.3 * min(filled)
    far = micro_batches(rows, 800, Cost(0.0, reach=200), end_to_end=True)  # what is beyond the reach stands apart
    assert [[row.length for row in batch] for batch in far] == [[200, 130, 120, 100, 50, 40], [400, 300]]


def test_models_with_a_sliding_window_share_no_rows() -> None:
    scorer = tiny_scorer()
    assert cost_of(scorer.model).quadratic is not None
    scorer.model.config.layer_types = ["sliding_attention", "full_attention"]
    assert cost_of(scorer.model).quadratic is None


def test_a_target_sees_the_prompt_and_itself() -> None:
    example = Example([7, 8], [[2, 3], [4]])
    (row,) = plan_rows([example], [[0, 1]], Cost(0.0), 100)
    layout = lay_out([example], [row])
    assert layout.ids_BT.tolist() == [[7, 8, 4, 2, 3]]
    assert layout.position_BT.tolist() == [[0, 1, 2, 2, 3]]
    assert layout.source_N.tolist() == [1, 1, 3]
    assert layout.label_N.tolist() == [4, 2, 3]
    seen = packed_mask(layout.segment_BT)[0, 0].long()
    assert torch.equal(
        seen, torch.tensor([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 0, 1, 0], [1, 1, 0, 1, 1]])
    )


def test_rows_end_to_end_hold_the_same_tokens_without_padding() -> None:
    examples = ragged(3, [2, 1, 3])
    rows = plan_rows(examples, [[0, 1], [0], [2, 0]], Cost(0.0), 4096)
    padded, joined = (lay_out(examples, rows, end_to_end=joins) for joins in (False, True))
    real_BT = padded.segment_BT >= 0
    for name in ("ids_BT", "position_BT", "segment_BT"):
        assert torch.equal(getattr(joined, name), getattr(padded, name)[real_BT][None])
    for layout in (padded, joined):
        ids, positions = layout.ids_BT.flatten(), layout.position_BT.flatten()
        assert torch.equal(ids[layout.source_N], padded.ids_BT.flatten()[padded.source_N])
        assert torch.equal(positions[layout.source_N], padded.position_BT.flatten()[padded.source_N])
    assert [span.end - span.begin for span in joined.spans] == [row.length for row in rows]
    assert [span.mask is not None for span in joined.spans] == [True, False, True]
    assert padded.spans == ()


def test_all_processes_cut_batches_alike_whether_they_hold_weights_or_not() -> None:
    model = tiny_scorer().model
    assert cost_of(model) == cost_of(model.to("meta"))
