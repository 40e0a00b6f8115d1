r"""What a policy is trained to do with one group: pure functions of log-probabilities and scores.

A group is one task's K candidates and, where it is used, the reference. An objective sees the model only through
S_k = sum of the log-probabilities of the tokens of sequence k (EOS included, prompt excluded), so its gradient is

    d loss / d theta = sum_k (d loss / d S_k) (d S_k / d theta),

which `itertl.training.two_pass` evaluates at a memory that does not grow with K.

Names, one entry per sequence of the group:

    logp_K    S, float32, nats                         length_K  n, tokens behind each S
    old_K     S under the policy that drew the group   score_K   z in [0, 1], higher is better
    start_K   S under the policy that training starts from (the previous iteration's)
    count_K   how many samples fell on this code, 0 for the reference
    reference index of the reference, or None

All functions return a scalar to minimise and are invariant under a permutation of the candidates. Terms that nothing
in a group calls for are 0 with gradient 0. A score's pair (i, j) is active where z_j - z_i > gap.
Behind the `*` stand the parameters that a config sets by name, with their defaults.
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus

MARGIN = 0.3  # of the hinge, between softmax shares
GAP = 0.2  # smallest difference of scores that makes a pair


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


def rank(logp_K: Tensor, length_K: Tensor, score_K: Tensor, *, margin: float = MARGIN, gap: float = GAP) -> Tensor:
    """Pairwise hinge on the softmax shares of the length-normalised log-probabilities  [shares, 0 to 1].

    p_k = S_k / n_k ;  s = softmax(p) ;  L_rank = K * mean over active pairs (i, j) of max(0, margin - (s_j - s_i))

    Source: RTLCoder (arXiv 2312.08617), which sums over the pairs; the mean scaled by the group's size makes the
    weight mean the same for every K and is our choice. K here counts all sequences of the group.
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
    weight: float = 1.0,
    margin: float = MARGIN,
    gap: float = GAP,
) -> Tensor:
    """The objective of RTLCoder's paper, on which ITERTL builds: L = L_mle + w * L_rank  [nats per token + shares]."""
    return mle(logp_K, length_K, reference) + weight * rank(logp_K, length_K, score_K, margin=margin, gap=gap)


def rtlcoder_code(
    logp_K: Tensor,
    length_K: Tensor,
    score_K: Tensor,
    reference: int | None,
    *,
    weight: float = 1.0,
    margin: float = MARGIN,
    gap: float = GAP,
) -> Tensor:
    """The product form of RTLCoder's published code: L = (1 + w * sum over pairs of the hinge) * L_mle.

    The published code also divides S by the length of prompt and response together; here `length_K` decides.
    """
    active_KK = pairs(score_K, gap)
    share_K = torch.softmax(logp_K / length_K, dim=0)
    hinge_KK = torch.relu(margin - (share_K[None, :] - share_K[:, None]))
    return (1.0 + weight * (hinge_KK * active_KK).sum()) * mle(logp_K, length_K, reference)


def rrhf(
    logp_K: Tensor, length_K: Tensor, score_K: Tensor, reference: int | None, *, weight: float = 1.0, gap: float = GAP
) -> Tensor:
    """Ranking without margin on the mean log-probabilities themselves  [nats per token].

    p_k = S_k / n_k ;  L = L_mle + w * mean over active pairs (i, j) of max(0, p_i - p_j)

    Source: RRHF (Yuan et al. 2023, arXiv 2304.05302), with its fine-tuning term on the best response and a sum over
    all pairs; the reference as the target, the gap and the mean are our choices.
    """
    active_KK = pairs(score_K, gap)
    count = active_KK.sum().clamp(min=1)
    mean_K = logp_K / length_K
    hinge_KK = torch.relu(mean_K[:, None] - mean_K[None, :])
    return mle(logp_K, length_K, reference) + weight * (hinge_KK * active_KK).sum() / count


def dpo(
    logp_K: Tensor,
    start_K: Tensor,
    length_K: Tensor,
    score_K: Tensor,
    reference: int | None,
    *,
    weight: float = 1.0,
    beta: float = 0.1,
    gap: float = GAP,
) -> Tensor:
    """Preference by pairs, relative to the policy that training starts from, anchored by MLE.

    d_k = S_k - S_k^start  [nats] ;  L = L_mle + w * mean over active pairs (i, j) of -log sigmoid(beta (d_j - d_i))

    Source: DPO (Rafailov et al. 2023, arXiv 2305.18290), all pairs of a group instead of one; the anchor follows
    iterative reasoning preference optimisation (Pang et al. 2024, arXiv 2404.19733), on the reference here.
    """
    active_KK = pairs(score_K, gap)
    count = active_KK.sum().clamp(min=1)
    gain_K = logp_K - start_K
    loss_KK = softplus(-beta * (gain_K[None, :] - gain_K[:, None]))
    return mle(logp_K, length_K, reference) + weight * (loss_KK * active_KK).sum() / count


def advantages(score_K: Tensor, count_K: Tensor) -> Tensor:
    """Return A_k = (z_k - mean z) / std z over the samples of a group, 0 where all scores are equal.

    Mean and standard deviation (divisor: number of samples) weigh a code by how often it was drawn; a sequence that
    was not drawn (count 0, the reference) has advantage 0.
    """
    total = count_K.sum().clamp(min=1)
    mean = (count_K * score_K).sum() / total
    spread = ((count_K * (score_K - mean).square()).sum() / total).sqrt()
    if spread < 1e-6:
        return torch.zeros_like(score_K)
    return (score_K - mean) / spread * (count_K > 0)


def grpo(
    logp_K: Tensor,
    old_K: Tensor,
    length_K: Tensor,
    score_K: Tensor,
    count_K: Tensor,
    reference: int | None,
    *,
    weight: float = 1.0,
    clip: float = 0.2,
) -> Tensor:
    """Clipped policy gradient with the group's mean as the baseline, plus MLE where there is a reference.

    r_k = exp((S_k - S_k^old) / n_k) ;  L = L_mle - w * mean over samples of min(r_k A_k, clip(r_k, 1 -+ clip) A_k)

    Source: GRPO (Shao et al. 2024, arXiv 2402.03300) for the advantages A; the ratio is of whole sequences and
    normalised by length as in GSPO (Zheng et al. 2025, arXiv 2507.18071), since an objective here sees S only. The
    MLE term is our choice; tasks without a reference leave it out.
    """
    advantage_K = advantages(score_K, count_K)
    ratio_K = torch.exp((logp_K - old_K) / length_K)
    surrogate_K = torch.minimum(ratio_K * advantage_K, ratio_K.clamp(1 - clip, 1 + clip) * advantage_K)
    return mle(logp_K, length_K, reference) - weight * (count_K * surrogate_K).sum() / count_K.sum().clamp(min=1)


def filtered_mle(
    logp_K: Tensor, length_K: Tensor, passed_K: Tensor, reference: int | None, *, sample_weight: float = 1.0
) -> Tensor:
    """MLE on the reference and on the mean of the candidates that passed  [nats per token].

    L = L_mle - v * mean over passed k of S_k / n_k ; the sample term is 0 where none passed.

    Source: rejection sampling fine-tuning (RFT, arXiv 2308.01825), RAFT, ReST-EM; the weight v is our choice.
    """
    loss = mle(logp_K, length_K, reference)
    count = passed_K.sum()
    if count == 0:
        return loss
    return loss - sample_weight * (passed_K * logp_K / length_K).sum() / count


def verified(
    logp_K: Tensor,
    length_K: Tensor,
    passed_K: Tensor,
    reference: int | None,
    *,
    weight: float = 1.0,
    sample_weight: float = 1.0,
    margin: float = MARGIN,
) -> Tensor:
    """`filtered_mle`, plus w * L_rank over (passed, not passed) pairs only, the reference counted as passed. Ours."""
    loss = filtered_mle(logp_K, length_K, passed_K, reference, sample_weight=sample_weight)
    truth_K = passed_K.clone()
    if reference is not None:
        truth_K[reference] = 1.0
    return loss + weight * rank(logp_K, length_K, truth_K, margin=margin, gap=0.5)


def divergence(logp_K: Tensor, start_K: Tensor, length_K: Tensor, count_K: Tensor) -> Tensor:
    """How far the policy has moved away from its start on what the start has drawn; 0 at the start, never negative.

    d_k = (S_k^start - S_k) / n_k ;  L_kl = mean over samples of exp(d_k) - d_k - 1   [nats per token]

    Source: the estimator k3 of the Kullback-Leibler divergence (Schulman 2020) in the form that GRPO uses per token;
    with mean log-probabilities of whole sequences it is a penalty, not an estimate. That use is our choice.
    """
    gap_K = (start_K - logp_K) / length_K
    return (count_K * (torch.expm1(gap_K) - gap_K)).sum() / count_K.sum().clamp(min=1)
