"""The sections of a config, every field described with its unit.

Stages receive the section that concerns them; the maths receives plain numbers.
"""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import pydantic
import yaml
from pydantic import Field, PositiveFloat, PositiveInt

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
ADAPTER_RATE = 1e-4  # default learning rate of adapters, which start at 0 and have fewer weights to move


def _switch(value: Any) -> Any:
    """YAML reads a bare on and off as booleans."""
    return {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value


CrossCheck = Literal["off", "references", "suspicious", "all"]


class Section(pydantic.BaseModel):
    """A part of the config: immutable, and closed to keys that it does not know."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class GymConfig(Section):
    """How many tasks each split of the generated gym holds."""

    train: PositiveInt = Field(600, description="training tasks")
    dev: Count = Field(150, description="tasks of the split on which the best iteration is chosen")
    test: Count = Field(300, description="fresh tasks of the training distribution: the primary measure")
    shifted: Count = Field(300, description="tasks with parameters beyond those that training sees")
    unseen: Count = Field(150, description="tasks of families or forms that training never sees")
    families: tuple[str, ...] = Field(
        (), description="families of train, dev, test and shifted, see `itertl gym`; none: all"
    )
    forms: tuple[str, ...] = Field((), description="forms in which these are told (prose, table, ...); none: all")
    varied: bool = Field(
        False, description="names and headers of train, dev, test and shifted from many, not from the family's own"
    )

    @property
    def told(self) -> dict[str, Any]:
        """What `gym.generate` is asked for in every split but unseen, by its keywords."""
        return {"families": self.families, "forms": self.forms, "varied": self.varied}


class TasksConfig(Section):
    """Where training tasks come from."""

    gym: GymConfig = Field(default_factory=GymConfig, description="sizes of the gym's splits")
    file: Path | None = Field(None, description="JSONL of training tasks instead of the gym's; a tenth becomes dev")
    exercised: Literal["keep", "drop"] = Field(
        "keep", description="rows of `file` parts of whose reference no stimulus reaches: keep or drop them"
    )
    allow_similar: tuple[str, ...] = Field((), description="ids of rows of `file` that may be as similar as they are")
    references: Count | None = Field(None, description="tasks whose reference trains the MLE term; all where null")
    references_per_iteration: Count | None = Field(
        None, description="tasks with reference per iteration, in turn; null: all"
    )
    per_iteration: Count | None = Field(None, description="tasks without reference per iteration, in turn; null: all")
    limit: PositiveInt | None = Field(None, description="at most so many tasks in every split; for trying out")


class TinyConfig(Section):
    """Shape of the small Llama that is built from scratch where `policy.path` is null."""

    width: PositiveInt = Field(128, description="hidden size, a multiple of 32", multiple_of=32)
    layers: PositiveInt = Field(4, description="decoder layers")
    vocabulary: ClassVar[int] = 1024  # entries of the byte-level BPE tokenizer
    context: ClassVar[int] = 1024  # tokens
    head: ClassVar[int] = 32  # elements of an attention head

    @property
    def heads(self) -> int:
        """Attention heads."""
        return self.width // self.head

    @property
    def kv_heads(self) -> int:
        """Heads of keys and values: half as many, where that divides them."""
        return self.heads // 2 if self.heads % 2 == 0 else self.heads


class PretrainConfig(Section):
    """What a tiny policy reads, once, before the loop: generated tasks, some with a defect, as code on the web is."""

    tasks: Count = Field(12000, description="gym tasks of the base split; 0 for no pretraining")


class LoraConfig(Section):
    """Low-rank adapters (LoRA): the base stays frozen, and a policy's folder holds its adapters only."""

    rank: Count = Field(0, description="rank of the adapters; 0 trains all weights")
    alpha: PositiveFloat = Field(32.0, description="scale: adapters are multiplied by alpha / rank")
    targets: tuple[str, ...] = Field(
        ("all-linear",), description="names of the layers that get one; all-linear is all but the output layer"
    )
    quantize: bool = Field(False, description="frozen weights in 4 bit (QLoRA); needs CUDA and itertl[qlora]")


class PolicyConfig(Section):
    """The model that is trained."""

    path: str | None = Field(
        None, description="directory, GGUF file, hub name, smollm2, or embedded; null builds a tiny one"
    )
    revision: str | None = Field(None, description="revision of a hub model")
    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="arithmetic; auto is bfloat16 where the hardware has it (parameters stay float32 on CPU)"
    )
    prompt: str = Field(
        "{instruction}\n\n{header}", description="the one rendering of a task, for every use; also {commented}"
    )
    chat: Annotated[Literal["auto", "on", "off"], pydantic.BeforeValidator(_switch)] = Field(
        "auto", description="put the prompt into the tokenizer's chat template; auto: where its turns end with EOS"
    )
    system: str | None = Field(None, description="system's turn of a chat; null: what the template puts there")
    attention: Literal["sdpa", "flash_attention_2", "eager"] = Field(
        "sdpa", description="kernel of training, eager where a model has no sdpa; only sdpa shares prompts"
    )
    gradient_checkpointing: bool = Field(
        False, description="compute activations of a layer again in the backward pass: less memory, a third more time"
    )
    lora: LoraConfig = Field(default_factory=LoraConfig, description="adapters instead of all weights")
    keep: PositiveInt | None = Field(
        None, description="latest policies whose weights stay on disk, besides the first and the best; null: all"
    )
    tiny: TinyConfig = Field(default_factory=TinyConfig, description="shape of the model built from scratch")
    pretrain: PretrainConfig = Field(default_factory=PretrainConfig, description="what a tiny policy reads first")


class SamplingConfig(Section):
    """How candidates are drawn."""

    candidates: PositiveInt = Field(6, description="K, samples per task and iteration")
    temperature: Annotated[float, Field(ge=0)] = Field(0.8, description="0 is greedy")
    top_p: Annotated[float, Field(gt=0, le=1)] = Field(0.95, description="nucleus: mass kept, largest tokens first")
    max_new_tokens: PositiveInt = Field(320, description="tokens after which a sample is cut off")
    batch_size: PositiveInt = Field(192, description="samples drawn at once in this process")
    stop: tuple[str, ...] = Field((), description="texts that end a sample, kept at its end; EOS always does")


class ServerConfig(Section):
    """Servers that draw the candidates: running ones (`urls`), or one that a stage starts and ends."""

    urls: tuple[Annotated[str, Field(pattern=r"^https?://")], ...] = Field(
        (), description="URLs of OpenAI-compatible servers that run; none: in this process"
    )
    model: str | None = Field(None, description="model's name at `urls`; {digest} stands for the policy's")
    vllm_python: str | None = Field(None, description="interpreter with vllm, which then serves every policy")
    command: tuple[str, ...] = Field((), description="command that serves {policy} on {port}, as {name}")
    replicas: dict[Literal["servers", "gpus"], PositiveInt] = Field(
        default_factory=dict, description="servers that a stage starts, and GPUs of each: {servers: 4, gpus: 2}"
    )
    hosts: dict[str, str] = Field(
        default_factory=dict, description="machines of these servers, and what runs a command there: {node-b: ssh}"
    )
    chat: bool = Field(False, description="ask `urls` in turns, of a model that is not here: eval and generate only")
    request: dict[str, Any] = Field(default_factory=dict, description="further fields of each request; null: left out")
    budget: PositiveInt | None = Field(None, description="tokens, prompts included, that a stage may take of a chat")
    concurrency: PositiveInt = Field(64, description="requests under way at once, over all servers")
    deadline: PositiveFloat = Field(900.0, description="seconds that a server may take for a sample, retries included")
    probes: Count = Field(8, description="prompts that tell whether `urls` serve this policy; 0: unchecked")

    @pydantic.model_validator(mode="after")
    def _one_source(self) -> Self:
        ways = {"urls": self.urls, "vllm_python": self.vllm_python, "command": self.command}
        if len(given := [name for name, value in ways.items() if value]) > 1:
            raise ValueError(f"{' and '.join(given)} exclude one another")
        for name in ("replicas", "hosts"):
            if getattr(self, name) and not (self.vllm_python or self.command):
                raise ValueError(f"{name} are of servers that a stage starts: they need vllm_python or command")
        if self.urls and not self.model:
            raise ValueError("urls need the name of the `model` that they serve")
        if self.chat and not self.urls:
            raise ValueError("chat needs `urls`")
        return self


class VerifyConfig(Section):
    """How candidates are verified."""

    workers: Count = Field(0, description="verification processes; 0 is one per core")
    cluster: str = Field("", description="Ray cluster that verifies: auto, HOST:PORT or local; none: this machine")
    steps: PositiveInt = Field(
        300, description="clock cycles of a bench, or its input vectors where they are not exhaustive"
    )
    memory_mb: PositiveInt = Field(1024, description="address space of a simulator, MiB")
    sandbox: Literal["auto", "required", "off"] = Field(
        "auto", description="confinement of candidates; required refuses to run without Landlock or bubblewrap"
    )
    formal: bool = Field(False, description="ask Yosys, too, whether a candidate that passes equals the reference")
    cross_check: Annotated[CrossCheck, pydantic.BeforeValidator(_switch)] = Field(
        "references", description="whose reading by Yosys is simulated beside the design"
    )
    cache: bool | Path = Field(True, description="keep verdicts on disk: yes, no, or the folder to keep them in")
    tool_error_share: Share = Field(0.02, description="share of tool errors above which the run fails")


class OptimizerConfig(Section):
    """How a gradient changes the weights, in the warm start and in the iterations."""

    name: Literal["adamw", "muon"] = Field(
        "adamw",
        description="muon: hidden matrices by Muon, rest by AdamW; a change of micro_batch moves Muon's updates by 1 %",
    )
    weight_decay: Annotated[float, Field(ge=0)] = Field(0.0, description="decoupled; norms, biases, embeddings spared")
    schedule: Literal["cosine", "linear", "constant"] = Field("cosine", description="after the warm-up, down to 10 %")


class NodesConfig(Section):
    """Machines that train together: `itertl run` is started on each, and torchrun's or Slurm's variables tell which."""

    count: PositiveInt = Field(1, description="machines that train, each with training.processes processes")
    replicate: bool = Field(
        True, description="each node holds all weights, sharded over its processes (HSDP); false: over all nodes"
    )


class TrainingConfig(Section):
    """How the policy learns from scored groups."""

    objective: str = Field(
        "rank",
        description="a name in docs/method.md, or package.module:OBJECTIVE",
        pattern=r"^([A-Za-z_]\w*|[A-Za-z_][\w.]*:[A-Za-z_]\w*)$",
    )
    parameters: dict[str, float] = Field(
        default_factory=dict, description="of the objective, by name, as docs/method.md lists them; kl_weight of any"
    )
    replay: Count = Field(0, description="earlier iterations whose groups are trained on again")
    optimizer: OptimizerConfig = Field(default_factory=OptimizerConfig, description="from gradients to weights")
    learning_rate: PositiveFloat = Field(
        1e-5, description="peak, for AdamW; Muon's is ten times that; adapters start from 1e-4 where none is given"
    )
    passes: PositiveFloat = Field(1.0, description="passes over the groups per iteration, steps rounded up")
    steps: PositiveInt | None = Field(None, description="optimiser steps per iteration instead of passes")
    groups_per_step: PositiveInt = Field(
        16, description="groups (tasks) per optimiser step; the last of a pass may have fewer"
    )
    micro_batch: PositiveInt = Field(8192, description="tokens per forward pass; changes memory, not results")
    stop_after_falls: Count = Field(0, description="falls of dev pass@1 in a row that end the loop; 0: never")
    processes: PositiveInt = Field(1, description="training processes of a machine, one per GPU; weights are sharded")
    nodes: NodesConfig = Field(default_factory=NodesConfig, description="training on several machines")
    checkpoint_steps: PositiveInt = Field(50, description="optimiser steps between checkpoints within a stage")


class WarmStartConfig(Section):
    """MLE on the references before the first iteration, counted in the step budget of every arm."""

    passes: Annotated[float, Field(ge=0)] = Field(0.0, description="passes over the references; 0 for none")
    learning_rate: PositiveFloat = Field(1e-3, description="peak, for AdamW; Muon's is ten times that")


class EvaluationConfig(Section):
    """How a policy is measured."""

    samples: PositiveInt = Field(10, description="n, samples per problem; pass@k needs n >= k")
    dev_samples: PositiveInt = Field(4, description="n on the dev split, after every iteration")
    temperature: Annotated[float, Field(ge=0)] = Field(0.8, description="0 is greedy")
    top_p: Annotated[float, Field(gt=0, le=1)] = Field(0.95, description="nucleus")
    suites: tuple[str, ...] = Field(
        ("gym-test", "gym-shifted", "gym-unseen"),
        description="measured at the end: names such as gym-test or rtllm-v2, or a directory of VerilogEval v2",
    )
    data: Path | None = Field(None, description="folder of published suites; the variable ITERTL_DATA where null")
    begin_answer: bool = Field(
        True,
        description="begin a chat's answer with the header, as in training; false: as the template, thinking included",
    )
    whole: bool = Field(
        False, description="judge an answer that is a whole module without the header a suite's rule pastes before it"
    )
    allow_missing: bool = Field(False, description="a sample that no server gives is missing, and ends nothing")
    beside: bool = Field(
        False,
        description="measure on dev while the same servers draw for the next iteration (docs/scaling.md)",
    )


class Config(Section):
    """Everything that determines a run."""

    name: str = Field("run", description="folder below runs/", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    seed: Count = Field(1, description="from which every random choice follows")
    iterations: Count = Field(3, description="T, rounds of sampling, verification and training")
    score: str = Field("functional", description="rtlcoder, syntax, functional, testbench, or package.module:function")
    tasks: TasksConfig = Field(default_factory=TasksConfig, description="training tasks")
    policy: PolicyConfig = Field(default_factory=PolicyConfig, description="the model")
    warm_start: WarmStartConfig = Field(default_factory=WarmStartConfig, description="MLE before the loop")
    sampling: SamplingConfig = Field(default_factory=SamplingConfig, description="drawing candidates")
    server: ServerConfig = Field(default_factory=ServerConfig, description="servers that draw them, if any")
    verify: VerifyConfig = Field(default_factory=VerifyConfig, description="verifying candidates")
    training: TrainingConfig = Field(default_factory=TrainingConfig, description="learning")
    evaluation: EvaluationConfig = Field(default_factory=EvaluationConfig, description="measuring")
    tracking: tuple[str, ...] = Field((), description="trackio, tensorboard, wandb, mlflow, or package.module:START")

    @pydantic.model_validator(mode="after")
    def _rate_of_adapters(self) -> Self:
        if self.policy.lora.rank > 0 and "learning_rate" not in self.training.model_fields_set:
            faster = self.training.model_copy(update={"learning_rate": ADAPTER_RATE})
            object.__setattr__(self, "training", faster)  # a default that another section decides; frozen from here on
        return self

    @pydantic.model_validator(mode="after")
    def _beside_on_servers(self) -> Self:
        server = self.server
        if self.evaluation.beside and (server.chat or not (server.urls or server.vllm_python or server.command)):
            raise ValueError(
                "evaluation.beside draws for two stages at once, which takes servers: expected server.vllm_python, "
                "server.command or server.urls, without server.chat; name one, or set evaluation.beside to false"
            )
        return self

    def to_yaml(self) -> str:
        """Return the whole config, defaults included, as YAML."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)
