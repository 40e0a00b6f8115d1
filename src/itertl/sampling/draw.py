"""How candidates are drawn: the settings of one stage of sampling."""

from dataclasses import dataclass
from typing import Self

from itertl.config import Config


@dataclass(frozen=True)
class Draw:
    """`samples` per task; `stream` names the random streams, so that equal names give equal uniform numbers."""

    samples: int
    temperature: float
    top_p: float
    max_new_tokens: int
    batch_size: int
    template: str
    dtype: str
    seed: int
    stream: str
    iteration: int = 0
    chat: str = "auto"
    system: str | None = None

    @classmethod
    def for_training(cls, config: Config, iteration: int) -> Self:
        """Return the draw of an iteration's candidates."""
        return cls(
            samples=config.sampling.candidates,
            temperature=config.sampling.temperature,
            top_p=config.sampling.top_p,
            max_new_tokens=config.sampling.max_new_tokens,
            batch_size=config.sampling.batch_size,
            template=config.policy.prompt,
            chat=config.policy.chat,
            system=config.policy.system,
            dtype=config.policy.dtype,
            seed=config.seed,
            stream=f"iteration {iteration}",
            iteration=iteration,
        )

    @classmethod
    def for_evaluation(cls, config: Config, suite: str, iteration: int) -> Self:
        """Return the draw of a measurement; all policies of a run share its streams, which pairs them."""
        return cls(
            samples=config.evaluation.dev_samples if suite == "dev" else config.evaluation.samples,
            temperature=config.evaluation.temperature,
            top_p=config.evaluation.top_p,
            max_new_tokens=config.sampling.max_new_tokens,
            batch_size=config.sampling.batch_size,
            template=config.policy.prompt,
            chat=config.policy.chat,
            system=config.policy.system,
            dtype=config.policy.dtype,
            seed=config.seed,
            stream=suite,
            iteration=iteration,
        )
