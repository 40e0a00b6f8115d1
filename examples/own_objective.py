"""An objective of one's own: MLE on the reference, and candidates weighed by their score.

itertl run configs/quickstart.yaml --out runs/weighed --set training.objective=examples.own_objective:WEIGHED \\
    --set "training.parameters={weight: 0.5}"
"""

from torch import Tensor

from itertl.training.objective import Objective, Scored
from itertl.training.objectives import mle


def weighed_mle(
    logp_K: Tensor, length_K: Tensor, score_K: Tensor, count_K: Tensor, reference: int | None, *, weight: float = 1.0
) -> Tensor:
    """MLE on everything, by score: L = L_mle - w * sum over k of c_k z_k S_k / n_k / sum of c_k  [nats per token].

    c_k is how often candidate k was drawn, 0 for the reference.
    """
    samples = count_K.sum().clamp(min=1)
    return mle(logp_K, length_K, reference) - weight * (count_K * score_K * logp_K / length_K).sum() / samples


def scored_above_zero(group: Scored) -> tuple[set[int], bool]:
    """The reference and the candidates with a score; the loss is linear in S, so its derivative is constant."""
    return group.anchor | {k for k in group.everything if group.count_K[k] * group.score_K[k] > 0}, True


WEIGHED = Objective(weighed_mle, scored_above_zero)
