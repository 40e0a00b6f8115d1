"""The choice of the next token: inverse transform within the nucleus, row by row.

    token_B = choose(logits_BV, uniform_B, temperature=0.8, top_p=0.95)

A row's token follows from its own logits and its own uniform number, whatever the other rows hold.
"""

import torch
from torch import Tensor

SORTED_AT_ONCE = 16  # rows: a sort takes 30 bytes per token of the vocabulary
NUCLEUS_WIDTHS = (64, 1024)  # largest tokens that are looked at before all are sorted; few nuclei are wider


def choose(logits_BV: Tensor, uniform_B: Tensor, temperature: float, top_p: float) -> Tensor:
    """Return one token per row, int64 [B]: by inverse transform within the nucleus, or the largest at temperature 0.

    The nucleus is the smallest set of largest tokens whose probability reaches `top_p` (Holtzman et al. 2020).
    """
    if temperature == 0:
        return logits_BV.argmax(dim=-1)
    probability_BV = torch.softmax(logits_BV.float() / temperature, dim=-1)
    vocabulary = probability_BV.shape[-1]
    chosen_B = torch.empty_like(uniform_B, dtype=torch.long)
    open_R = torch.arange(len(chosen_B), device=chosen_B.device)  # rows whose nucleus is wider than what was seen
    for width in (w for w in NUCLEUS_WIDTHS if w < vocabulary and top_p < 1):
        rows_RV = probability_BV if len(open_R) == len(chosen_B) else probability_BV[open_R]
        largest_RW, token_RW = rows_RV.topk(width, dim=-1)
        fits_R = largest_RW.sum(dim=-1) >= top_p
        token_R = _draw(largest_RW, token_RW, uniform_B[open_R], top_p)
        chosen_B[open_R[fits_R]] = token_R[fits_R]
        open_R = open_R[~fits_R]
        if not len(open_R):
            return chosen_B
    for some_R in torch.split(open_R, SORTED_AT_ONCE):
        chosen_B[some_R] = _draw(*probability_BV[some_R].sort(descending=True), uniform_B[some_R], top_p)
    return chosen_B


def _draw(largest_RW: Tensor, token_RW: Tensor, uniform_R: Tensor, top_p: float) -> Tensor:
    """Return a token per row from the nuclei, which are among the largest, int64 [R]."""
    total_RW = largest_RW.cumsum(dim=-1)
    kept_RW = (total_RW - largest_RW) < top_p
    mass_R = (largest_RW * kept_RW).sum(dim=-1)
    place_R = torch.searchsorted(total_RW, (uniform_R * mass_R)[:, None], right=True)[:, 0]
    place_R = torch.minimum(place_R, kept_RW.sum(dim=-1) - 1)
    return token_RW.gather(1, place_R[:, None])[:, 0]
