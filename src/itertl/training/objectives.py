r"""What a policy is trained to do with one group: pure functions of log-probabilities and scores.

A group is one task's K candidates and, where it is used, the reference. An objective sees the model only through
S_k = sum of the log-probabilities of the tokens of sequence k (EOS included, prompt excluded), so its gradient is

    d loss / d theta = sum_k (d loss / d S_k) (d S_k / d theta),

which `itertl.training.two_pass` evaluates at a memory that does not grow with K.

Names: `logp_K` is S, float32, natural logarithm; `length_K` the number of tokens n_k behind each S_k; `score_K` in
[0, 1], higher is better; `reference` the index of the reference, or None. All functions return a scalar to minimise,
are invariant under a permutation of the candidates, and treat a group of one like any other.
"""

import torch
from torch import Tensor


def mle(logp_K: Tensor, length_K: Tensor, reference: int | None) -> Tensor:
    """Negative mean log-probability per token of the reference; 0 without one.

    L_mle = - S_ref / n_ref   [nats per token]
    """
    if reference is None:
        return logp_K.sum() * 0.0
    return -logp_K[reference] / length_K[reference]


def pairs(score_K: Tensor, gap: float) -> Tensor:
    """Return the boolean matrix active[i, j] = (z_j - z_i > gap): j should be preferred to i, shape [K, K]."""
    return score_K[None, :] - score_K[:, None] > gap


def rank(logp_K: Tensor, length_K: Tensor, score_K: Tensor, *, margin: float, gap: float) -> Tensor:
    """Pairwise hinge on the softmax shares of the length-normalised log-probabilities.

    p_k = S_k / n_k ;  s = softmax(p) ;  L_rank = K * mean over active pairs (i, j) of max(0, margin - (s_j - s_i))

    The form is RTLCoder's (arXiv 2312.08617), which sums over the pairs; the mean scaled by the group's size makes
    the weight mean the same for every K and is our choice. 0 where no pair's scores differ by more than `gap`.
    """
    active_KK = pairs(score_K, gap)
    count = active_KK.sum()
    if count == 0:
        return logp_K.sum() * 0.0
    share_K = torch.softmax(logp_K / length_K, dim=0)
    hinge_KK = torch.relu(margin - (share_K[None, :] - share_K[:, None]))
    return len(logp_K) * (hinge_KK * active_KK).sum() / count


def ranked_mle(
    logp_K: Tensor,
    length_K: Tensor,
    score_K: Tensor,
    reference: int | None,
    *,
    weight: float,
    margin: float,
    gap: float,
) -> Tensor:
    """The objective of RTLCoder's paper, on which ITERTL builds: L = L_mle + w * L_rank."""
    return mle(logp_K, length_K, reference) + weight * rank(logp_K, length_K, score_K, margin=margin, gap=gap)


def rtlcoder_code(
    logp_K: Tensor,
    length_K: Tensor,
    score_K: Tensor,
    reference: int | None,
    *,
    weight: float,
    margin: float,
    gap: float,
) -> Tensor:
    """The product form of RTLCoder's published code: L = (1 + w * L_rank) * L_mle, with the sum over pairs.

    The published code also divides S by the length of prompt and response together; here `length_K` decides.
    """
    active_KK = pairs(score_K, gap)
    share_K = torch.softmax(logp_K / length_K, dim=0)
    hinge_KK = torch.relu(margin - (share_K[None, :] - share_K[:, None]))
    return (1.0 + weight * (hinge_KK * active_KK).sum()) * mle(logp_K, length_K, reference)


def filtered_mle(
    logp_K: Tensor, length_K: Tensor, passed_K: Tensor, reference: int | None, *, sample_weight: float
) -> Tensor:
    """MLE on the reference and on the mean of the candidates that passed (RFT; RAFT, ReST-EM).

    L = L_mle - v * mean over passed k of S_k / n_k ; the sample term is 0 where none passed.
    """
    loss = mle(logp_K, length_K, reference)
    count = passed_K.sum()
    if count == 0:
        return loss
    return loss - sample_weight * (passed_K * logp_K / length_K).sum() / count
