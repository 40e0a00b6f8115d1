"""Optimisers: what decays, what Muon takes, and what of it can be repeated."""

from typing import Any

import pytest
import torch
import transformers
from tests.training.conftest import TOKENS, lessons_of, ragged, settings, tiny_scorer

from itertl.training.optimise import build_optimizers
from itertl.training.scorer import Scorer
from itertl.training.trainer import train_step


def names(scorer: Scorer, parameters: list[torch.nn.Parameter]) -> set[str]:
    known = {id(parameter): name for name, parameter in scorer.model.named_parameters()}
    return {known[id(parameter)] for parameter in parameters}


def gpt2(*, tied: bool) -> Scorer:
    config = transformers.GPT2Config(
        vocab_size=TOKENS, n_embd=32, n_layer=1, n_head=4, n_positions=64, tie_word_embeddings=tied
    )
    return Scorer(transformers.GPT2LMHeadModel(config).eval())


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_embeddings_norms_and_biases_do_not_decay_and_are_not_muons(optimizer: str, tied: bool) -> None:
    scorer = gpt2(tied=tied)
    optimizers = build_optimizers(scorer, settings(optimizer={"name": optimizer, "weight_decay": 0.1}))
    groups = [(type(o).__name__, group) for o in optimizers for group in o.param_groups]
    everything = [p for _, group in groups for p in group["params"]]
    assert len(everything) == len({id(p) for p in everything}) == len(list(scorer.parameters()))
    spared = set().union(*(names(scorer, g["params"]) for _, g in groups if g["weight_decay"] == 0))
    embeddings = {"transformer.wte.weight", "transformer.wpe.weight"} | (set() if tied else {"lm_head.weight"})
    small = {name for name, p in scorer.model.named_parameters() if p.ndim < 2}
    assert spared == embeddings | small
    (decaying,) = [(kind, names(scorer, g["params"])) for kind, g in groups if g["weight_decay"] > 0]
    assert decaying[0] == {"adamw": "AdamW", "muon": "Muon"}[optimizer]
    assert "transformer.h.0.attn.c_attn.weight" in decaying[1]


def test_decay_shrinks_the_weights_of_layers_alone() -> None:
    scorer = tiny_scorer()
    before = {name: p.detach().clone() for name, p in scorer.model.named_parameters()}
    (optimizer,) = build_optimizers(scorer, settings(optimizer={"weight_decay": 0.5}, learning_rate=0.1))
    for parameter in scorer.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    shrunk = {name for name, p in scorer.model.named_parameters() if not torch.equal(p, before[name])}
    assert shrunk == {name for name, p in before.items() if ".layers." in name and p.ndim == 2}


def weights_after(optimizer: str, micro_batch: int, *, steps: int = 3) -> torch.Tensor:
    scorer, chosen = tiny_scorer(), settings(optimizer={"name": optimizer}, micro_batch=micro_batch)
    optimizers: Any = build_optimizers(scorer, chosen)
    lessons = lessons_of(ragged(3, [3, 2, 3, 2]))
    for _ in range(steps):
        train_step(scorer, lessons, optimizers, chosen)
    return torch.cat([p.detach().flatten() for p in scorer.parameters()])


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_the_same_steps_end_with_the_same_bits(optimizer: str) -> None:
    assert torch.equal(weights_after(optimizer, 8192), weights_after(optimizer, 8192))


def test_muon_rounds_gradients_so_that_another_micro_batch_shows() -> None:
    """Newton-Schulz runs in bfloat16: last bits of a gradient, which the micro-batch decides, show in the update."""
    moved = (weights_after("muon", 8192) - weights_after("muon", 8192, steps=0)).abs().mean()
    difference = (weights_after("muon", 8192) - weights_after("muon", 200)).abs().mean() / moved
    assert float(difference) < 0.02
    assert float((weights_after("adamw", 8192) - weights_after("adamw", 200)).abs().max()) < 1e-5
