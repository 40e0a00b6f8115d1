"""How candidates are drawn: the settings of one stage of sampling."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from itertl.config import Config, ServerConfig
from itertl.sampling.lost import Failures
from itertl.sampling.vllm import adapter_command, whole_command


@dataclass(frozen=True)
class Service:
    """Where candidates come from if not from this process: running servers, or a command that starts one.

    `adapters` is the command for a policy of adapters, () where `command` gets it merged. `model` is the name that
    requests carry, None for what a managed server calls the policy; `request` holds further fields of each request;
    `deadline` and `startup` are seconds, `budget` tokens of a stage. `replicas` is how many servers are started, with
    `gpus` each; 0 leaves the GPUs to the server. `hosts` has them started on other machines, each by the words that run
    a command there. With `chat` the model is known by its name alone.
    """

    servers: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()
    model: str | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    concurrency: int = 64
    deadline: float = 900.0
    startup: float = 1200.0
    probes: int = 8
    chat: bool = False
    budget: int | None = None
    replicas: int = 1
    gpus: int = 0
    hosts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, config: ServerConfig, dtype: str = "auto") -> Self | None:
        """Return the service that the config asks for, None for sampling in this process; `dtype` is the policy's."""
        command, adapters = tuple(config.command), tuple[str, ...]()
        if config.vllm_python is not None:
            gpus = config.replicas.get("gpus", 1)
            command = whole_command(config.vllm_python, dtype, gpus)
            adapters = adapter_command(config.vllm_python, dtype, gpus)
        if not command and not config.urls:
            return None
        return cls(
            servers=tuple(url.rstrip("/").removesuffix("/v1") for url in config.urls),
            command=command,
            adapters=adapters,
            model=config.model,
            request=config.request,
            concurrency=config.concurrency,
            deadline=config.deadline,
            probes=config.probes,
            chat=config.chat,
            budget=config.budget,
            replicas=config.replicas.get("servers", 1),
            gpus=config.replicas.get("gpus", 1) if config.replicas else 0,
            hosts=config.hosts,
        )


@dataclass(frozen=True)
class Draw:
    """`samples` per task; `stream` names the random streams, so that equal names give equal uniform numbers.

    `failures` is what a sample that no server gives does: `stop` the stage at once (`refuse` where no rows are kept),
    `defer` the stop until the others are drawn, or, `allow`ed, leave the sample out. `begin` is whether a chat's answer
    is begun, with the header above all, or the turn left as its template starts it.
    """

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
    stop: tuple[str, ...] = ()
    service: Service | None = None
    failures: Failures = "stop"
    begin: bool = True

    @classmethod
    def for_training(cls, config: Config, iteration: int) -> Self:
        """Return the draw of an iteration's candidates."""
        return cls(
            samples=config.sampling.candidates,
            temperature=config.sampling.temperature,
            top_p=config.sampling.top_p,
            stream=f"iteration {iteration}",
            iteration=iteration,
            **_alike(config),
        )

    @classmethod
    def for_evaluation(cls, config: Config, suite: str, iteration: int) -> Self:
        """Return the draw of a measurement; all policies of a run share its streams, which pairs them."""
        return cls(
            samples=config.evaluation.dev_samples if suite == "dev" else config.evaluation.samples,
            temperature=config.evaluation.temperature,
            top_p=config.evaluation.top_p,
            stream=suite,
            iteration=iteration,
            begin=config.evaluation.begin_answer,
            failures="allow" if config.evaluation.allow_missing else "defer",
            **_alike(config),
        )


def _alike(config: Config) -> dict[str, Any]:
    """Return what training and evaluation have in common: the rendering of a task above all."""
    return {
        "max_new_tokens": config.sampling.max_new_tokens,
        "batch_size": config.sampling.batch_size,
        "template": config.policy.prompt,
        "chat": config.policy.chat,
        "system": config.policy.system,
        "stop": config.sampling.stop,
        "service": Service.of(config.server, config.policy.dtype),
        "dtype": config.policy.dtype,
        "seed": config.seed,
    }
