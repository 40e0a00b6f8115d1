"""S of packed sequences: the one forward pass of training, without logits of all tokens in memory at once.

    S_k = sum of log p(token | prompt, tokens before) over the tokens of target k, EOS included   [nats, float32]

Logits exist for `LOGIT_ELEMENTS / V` tokens at a time, forward and backward, so that memory does not grow with the
product of tokens and vocabulary V. Dropout must be off: the two-pass gradient needs the same forward twice.

Parameters that are trained are float32. In bfloat16 their copies live as long as one forward pass and its backward
pass, so that no pass sees weights of an earlier step (`itertl.policy.arithmetic`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.utils.checkpoint import checkpoint

from itertl.errors import TrainingError
from itertl.policy.architectures import context_of, decoder, finish
from itertl.policy.arithmetic import arithmetic, uses_bfloat16
from itertl.training.attention import UNUSED, Rows, attend_as_before, attend_by_rows
from itertl.training.distributed import ALONE, World, release
from itertl.training.rows import Cost, Example, Layout, Row, cost_of, lay_out, packed_mask, plan_rows

LOGIT_ELEMENTS = 1 << 25  # logits that exist at one time: 128 MiB in float32, and as much again in the backward pass
TOLERANCE = {False: 1e-3, True: 0.02}  # of S, relative: tells a wrong model from rounding, by bfloat16
NOISE = {False: 1e-4, True: 5e-3}  # nats per token that come on top


class Scorer(torch.nn.Module):
    """A causal language model seen as a function from sequences to S, which is what training differentiates.

    It is a module so that sharding can treat this forward as the model's. `dtype` is the arithmetic of matrix
    products: float32, bfloat16 or auto; sharded weights bring their own, and take float32 here. `cost` says which
    sequences share rows and batches, `end_to_end` how the rows of a batch stand (`join_rows`).
    """

    def __init__(self, model: Any, dtype: str = "float32") -> None:
        super().__init__()
        self.model = model
        self.dtype = dtype
        self.cost: Cost = cost_of(model, bfloat16=uses_bfloat16(dtype))
        self.end_to_end = False

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        device: torch.device = next(self.model.parameters()).device
        return device

    def lay_out(self, examples: Sequence[Example], rows: Sequence[Row]) -> Layout:
        """Return a batch of rows as this model takes them: end to end, or padded."""
        end_to_end = self.end_to_end and not any(map(self.cost.apart, rows))
        return lay_out(examples, rows, end_to_end=end_to_end).to(self.device)

    def forward(self, layout: Layout) -> Tensor:
        """Return S of every target of the batch, in the order of its rows: float32 [C]."""
        with arithmetic(self.dtype):
            hidden_ND = self._hidden(layout)
            logp_N = self._token_logps(hidden_ND, layout.label_N)
        return torch.zeros(layout.targets, device=logp_N.device).index_add(0, layout.owner_N, logp_N)

    def _hidden(self, layout: Layout) -> Tensor:
        """Return the hidden states that predict the target tokens, [N, D]."""
        named: dict[str, Any] = {}
        rows = Rows(layout.spans)
        if layout.spans:
            named = {"position_ids": layout.position_BT, "attention_mask": UNUSED, "rows": rows}
        elif layout.packed:
            named = {"position_ids": layout.position_BT, "attention_mask": packed_mask(layout.segment_BT)}
        hidden_BTD: Tensor = decoder(self.model)(input_ids=layout.ids_BT, use_cache=False, **named)[0]
        if layout.spans and rows.layers != self.model.config.num_hidden_layers:
            raise TypeError(f"{rows.layers} layers of {type(self.model).__name__} attend by rows; expected all")
        return hidden_BTD.flatten(0, 1)[layout.source_N]

    def _token_logps(self, hidden_ND: Tensor, label_N: Tensor) -> Tensor:
        head = self.model.get_output_embeddings()
        config = self.model.config

        def chunk_logps(hidden: Tensor, label: Tensor) -> Tensor:
            return label_logps(finish(head(hidden).float(), config), label)

        size = max(1, LOGIT_ELEMENTS // config.vocab_size)
        if len(hidden_ND) <= size or not torch.is_grad_enabled():
            parts = zip(torch.split(hidden_ND, size), torch.split(label_N, size), strict=True)
            return torch.cat([chunk_logps(hidden, label) for hidden, label in parts])
        parts = zip(torch.split(hidden_ND, size), torch.split(label_N, size), strict=True)
        return torch.cat([checkpoint(chunk_logps, hidden, label, use_reentrant=False) for hidden, label in parts])


def label_logps(logits_NV: Tensor, label_N: Tensor) -> Tensor:
    """Return log p(label) of each row of float32 logits, [N]; the logits are overwritten, here and on the way back."""
    logp_N: Tensor = _LabelLogp.apply(logits_NV, label_N)  # type: ignore[no-untyped-call]
    return logp_N


class _LabelLogp(torch.autograd.Function):
    """What cross_entropy returns, at a third of its memory: that holds logits, their log-softmax and two gradients.

    Here probabilities take the place of the logits, and their gradient that of the probabilities.
    """

    @staticmethod
    def forward(ctx: Any, logits_NV: Tensor, label_N: Tensor) -> Tensor:
        largest_N1 = logits_NV.amax(dim=1, keepdim=True)
        chosen_N1 = logits_NV.gather(1, label_N[:, None]) - largest_N1
        weight_NV = logits_NV.sub_(largest_N1).exp_()
        total_N1 = weight_NV.sum(dim=1, keepdim=True)
        ctx.save_for_backward(weight_NV.div_(total_N1), label_N)
        return (chosen_N1 - total_N1.log())[:, 0]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        probability_NV, label_N = ctx.saved_tensors
        (gradient_N,) = gradients
        gradient_NV = probability_NV.mul_(-gradient_N[:, None])
        return gradient_NV.scatter_add_(1, label_N[:, None], gradient_N[:, None]), None


def check_scorer(scorer: Scorer) -> None:
    """Compare S with the model's own logits on one short group.

    Models that do something unknown between the last hidden state and the logits, or name no context, are refused
    (TrainingError). What a row of several targets makes of longer sequences is looked at when these are known
    (`check_shared`).
    """
    context_of(scorer.model)
    example = Example([1, 2, 3], [[4, 5], [5, 4, 3]])
    device = scorer.device
    with torch.no_grad():
        apart = scorer(scorer.lay_out([example], [Row(0, [0], 5), Row(0, [1], 6)]))
        plain = []
        for target in example.targets:
            with arithmetic(scorer.dtype):
                logits = scorer.model(torch.tensor([example.prompt + target], device=device)).logits.float()
            logp = logits.log_softmax(-1)[0, 2:-1].gather(1, torch.tensor(target, device=device)[:, None])
            plain.append(logp.sum())
    tolerance = TOLERANCE[_rounds(scorer)]
    if not torch.allclose(apart, torch.stack(plain), rtol=tolerance, atol=tolerance):
        raise TrainingError(
            f"{type(scorer.model).__name__} computes its logits in a way that training does not know: expected "
            f"log-probabilities {[round(float(p), 3) for p in plain]}, found {[round(float(p), 3) for p in apart]}; "
            "docs/scaling.md lists the architectures that work"
        )


def join_rows(scorer: Scorer, examples: Sequence[Example]) -> None:
    """From here on let rows of a batch stand end to end, on a processor, if the model computes the same of them so.

    That is looked at with the longest sequence among `examples` behind a short one: a model whose own code takes no
    such rows, or that has a window which its config does not tell, keeps padded ones.
    """
    if scorer.cost.quadratic is None:
        return
    sequences = [(e.prompt, target) for e in examples for target in e.targets]
    near = [pair for pair in sequences if not scorer.cost.beyond(len(pair[0]) + len(pair[1]))]
    prompt, target = max(near, key=lambda pair: len(pair[0]) + len(pair[1]), default=([1], [2]))
    looked = [Example([1, 2, 3], [[4, 5]]), Example(prompt, [target])]
    rows = [Row(g, [0], len(e.prompt) + len(e.targets[0])) for g, e in enumerate(looked)]
    with torch.no_grad():
        padded = scorer(lay_out(looked, rows).to(scorer.device))
        if not attend_by_rows(scorer.model):
            return
        try:
            joined = scorer(lay_out(looked, rows, end_to_end=True))
        except (RuntimeError, ValueError, TypeError):  # the model's own code takes no such rows
            joined = torch.full_like(padded, torch.nan)
    scorer.end_to_end = _agree(joined, padded, torch.tensor([2, len(target)]), _rounds(scorer))
    if not scorer.end_to_end:
        attend_as_before(scorer.model)


def check_shared(scorer: Scorer, examples: Sequence[Example], micro_batch: int, world: World = ALONE) -> None:
    """Compare S in the longest row that several targets of `examples` would share with S in rows of their own.

    Where they differ, rows are not shared from here on. The row is as long as training makes any, so that a window,
    chunks or positions that a packed row does not respect show themselves if they matter; it costs two forward passes
    of one row. Every process has to take part.
    """
    everything = [list(range(len(example.targets))) for example in examples]
    rows = [row for row in plan_rows(examples, everything, scorer.cost, micro_batch) if len(row.targets) > 1]
    if not rows:
        return
    row = max(rows, key=lambda r: r.length)
    example = examples[row.example]
    alone = [Row(row.example, [k], len(example.prompt) + len(example.targets[k])) for k in row.targets]
    bfloat16 = _rounds(scorer) or world.mesh is not None
    with torch.no_grad():
        apart = torch.cat([scorer(scorer.lay_out(examples, [one])) for one in alone])
        lengths = torch.tensor([len(example.targets[k]) for k in row.targets], device=apart.device)
        try:
            shared = scorer(scorer.lay_out(examples, [row]))
        except (RuntimeError, ValueError, TypeError):  # the model's own code takes no mask of this shape
            shared = torch.full_like(apart, torch.nan)
    release(scorer)
    wrong = not _agree(shared, apart, lengths, bfloat16)
    if world.sum(torch.tensor([float(wrong)])) > 0:
        scorer.cost = replace(scorer.cost, quadratic=None)


def _agree(found_C: Tensor, expected_C: Tensor, lengths_C: Tensor, bfloat16: bool) -> bool:
    """Return True where S of C targets of these lengths is as expected, within the arithmetic's noise."""
    allowed_C = TOLERANCE[bfloat16] * expected_C.abs() + NOISE[bfloat16] * lengths_C
    return bool(((found_C - expected_C).abs() <= allowed_C).all())


def _rounds(scorer: Scorer) -> bool:
    """Return True where some of the arithmetic is not float32: bfloat16 products, or frozen weights of fewer bits."""
    return uses_bfloat16(scorer.dtype) or any(p.dtype != torch.float32 for p in scorer.parameters())
