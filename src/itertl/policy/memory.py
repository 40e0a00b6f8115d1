"""How much memory a device needs to train or sample a model, by calculation: pure functions of numbers, torch-free.

    training_memory(KNOWN["Qwen/Qwen2.5-Coder-7B"], Load(rank=32, checkpointing=True)).total / GIB

Counted are weights, gradients, optimiser, the activations that one micro-batch keeps for its backward pass, logits,
and copies of weights. They do not depend on K, the candidates of a group. RESERVE stands for what a GPU's own
libraries take, PROCESS for a process that computes on the processor. The constants are those of Llama-like layers;
tests/policy/test_memory.py compares them with what PyTorch saves, and with the peak of whole processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

GIB = 2**30
RESERVE = 1.5 * GIB  # context, kernels' work space, fragments
PROCESS = 0.5 * GIB  # Python, torch, transformers and their code, before a model is there
SAMPLING_PROCESS = 0.4 * GIB  # the same of a process that samples: no optimiser, no checkpoints
PIECES = {False: 0.2, True: 0.4}  # of all layers' activations, with recomputation: freed, but still held by glibc
ADAM_BYTES = 8  # per trained parameter: two moments in float32
LOGIT_ELEMENTS = 1 << 25  # logits that exist at one time, see itertl.training
LOGIT_BYTES = 4  # float32 logits, overwritten by their gradient; in bfloat16 these, too
FOUR_BIT = 0.56  # bytes per weight, scales included
CACHE_ROOM = 64  # tokens of room that keys and values grow by, see itertl.sampling.growing_cache
SHARE_OF_DEVICE = 0.9  # what an engine such as vllm takes unless it is told otherwise


@dataclass(frozen=True)
class Shape:
    """What of a decoder's config decides its memory; `inner` is the width of the feed-forward layer."""

    layers: int
    width: int
    inner: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    context: int
    tied: bool = False

    @property
    def layer_parameters(self) -> int:
        """Weights of one decoder layer, norms included, biases left out."""
        return sum(a * b for a, b in self.matrices) + 2 * self.width

    @property
    def matrices(self) -> tuple[tuple[int, int], ...]:
        """Inputs and outputs of a layer's matrices: query, key, value, output, gate, up, down."""
        query, pair = self.heads * self.head_size, self.kv_heads * self.head_size
        d, i = self.width, self.inner
        return ((d, query), (d, pair), (d, pair), (query, d), (d, i), (d, i), (i, d))

    @property
    def parameters(self) -> int:
        """All weights."""
        embeddings = self.vocabulary * self.width * (1 if self.tied else 2)
        return embeddings + self.layers * self.layer_parameters + self.width

    @property
    def token_bytes(self) -> int:
        """Bytes of keys and values of one token in 16 bit."""
        return 2 * 2 * self.layers * self.kv_heads * self.head_size


KNOWN: Mapping[str, Shape] = {  # the models of configs/, so that they can be planned without network
    "deepseek-ai/deepseek-coder-6.7b-base": Shape(32, 4096, 11008, 32, 32, 128, 32256, 16384),
    "Qwen/Qwen2.5-Coder-7B": Shape(28, 3584, 18944, 28, 4, 128, 152064, 32768),
    "Qwen/Qwen2.5-Coder-1.5B": Shape(28, 1536, 8960, 12, 2, 128, 151936, 32768, tied=True),
    "smollm2": Shape(30, 576, 1536, 9, 3, 64, 49152, 8192, tied=True),
}


def shape_of(config: Any) -> Shape:
    """Return the shape of a Hugging Face config of a decoder."""
    heads = int(config.num_attention_heads)
    return Shape(
        layers=int(config.num_hidden_layers),
        width=int(config.hidden_size),
        inner=int(getattr(config, "intermediate_size", None) or 4 * config.hidden_size),
        heads=heads,
        kv_heads=int(getattr(config, "num_key_value_heads", None) or heads),
        head_size=int(getattr(config, "head_dim", None) or config.hidden_size // heads),
        vocabulary=int(config.vocab_size),
        context=int(config.max_position_embeddings),
        tied=bool(config.tie_word_embeddings),
    )


@dataclass(frozen=True)
class Load:
    """How a model is trained: `rank` of the adapters (0: all weights), `tokens` per forward pass, padding included."""

    rank: int = 0
    tokens: int = 8192
    processes: int = 1
    checkpointing: bool = False
    bfloat16: bool = True
    four_bit: bool = False
    gpu: bool = True


@dataclass(frozen=True)
class Memory:
    """Bytes on one device, by use."""

    weights: float = 0.0
    gradients: float = 0.0
    optimizer: float = 0.0
    activations: float = 0.0
    logits: float = 0.0
    copies: float = 0.0
    cache: float = 0.0
    reserve: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return float(sum(getattr(self, field.name) for field in fields(self)))

    def __str__(self) -> str:
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        named = ", ".join(f"{name} {value / GIB:.1f}" for name, value in parts.items() if value >= 0.05 * GIB)
        return f"{self.total / GIB:.1f} GiB ({named})" if named else f"{self.total / GIB:.2f} GiB"


def adapter_parameters(shape: Shape, rank: int) -> int:
    """Return the weights of LoRA adapters of `rank` on all matrices of the decoder layers."""
    return shape.layers * rank * sum(a + b for a, b in shape.matrices)


def activation_bytes(shape: Shape, *, bfloat16: bool, float32_stream: bool, wide: bool = False) -> float:
    """Return the bytes that one layer keeps per token for its backward pass.

    The residual stream and the norms compute in float32 where the weights are float32, and attention does if it is
    `wide`; inputs of matrix products and the feed-forward layer's products are in the arithmetic's type.
    """
    size = 2 if bfloat16 else 4
    stream = 4 if float32_stream else 2
    query, pair = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    norms = 2 * shape.width * (4 + stream + size)  # input in float32, normalised, and cast for the products
    attention = size * (3 * query + 4 * pair)  # rotary products, what attention keeps, input of the output product
    if wide:
        attention += (4 - size) * 2 * (query + pair)  # query, key, value and what comes out, in float32
    return norms + attention + size * 4 * shape.inner  # gate, its activation, up, their product


def flowing_bytes(shape: Shape, *, bfloat16: bool) -> float:
    """Return the bytes per token of gradients within one layer, and of the hidden states that the head reads."""
    size = 2 if bfloat16 else 4
    return size * 3 * shape.inner + (size + 8) * shape.width


def training_memory(shape: Shape, load: Load) -> Memory:
    """Return what training needs on each of `load.processes` devices; weights and optimiser are sharded over them."""
    adapters = adapter_parameters(shape, load.rank) if load.rank else 0
    trained = adapters or shape.parameters
    reduced = 2 if load.bfloat16 else 4
    frozen = (FOUR_BIT if load.four_bit else reduced) * shape.parameters if load.rank else 0.0
    narrow = bool(load.rank) and load.bfloat16  # the frozen weights, and with them the residual stream, are bfloat16
    wide = not load.gpu and load.processes == 1  # itertl.training.attention
    per_layer = activation_bytes(shape, bfloat16=load.bfloat16, float32_stream=not narrow, wide=wide)
    per_layer += reduced * load.rank * len(shape.matrices)  # what stands between the two matrices of an adapter
    stream = (2 if narrow else 4) * shape.width
    kept = shape.layers * stream + per_layer if load.checkpointing else shape.layers * per_layer
    pieces = 0.0 if load.gpu else PIECES[load.checkpointing] * shape.layers * per_layer
    logits = (LOGIT_BYTES + (2 if load.bfloat16 else 0)) * min(LOGIT_ELEMENTS, load.tokens * shape.vocabulary)
    return Memory(
        weights=(frozen + 4 * trained) / load.processes,
        gradients=4 * trained / load.processes,
        optimizer=ADAM_BYTES * trained / load.processes,
        activations=load.tokens * (kept + pieces + flowing_bytes(shape, bfloat16=load.bfloat16)),
        logits=logits,
        copies=_copies(shape, load),
        reserve=RESERVE if load.gpu else PROCESS,
    )


def _copies(shape: Shape, load: Load) -> float:
    """Return the bytes of weights in another type or place than their own, and of gradients on their way to it."""
    reduced = 2 if load.bfloat16 else 4
    matrix = shape.vocabulary * shape.width
    head = 0 if load.rank else (2 * 4 + (4 if load.bfloat16 else 0)) * matrix  # a chunk's gradient, and their sum
    if load.processes > 1:  # two layers gathered, one layer's gradient, embeddings
        gathered = (2 * reduced + 4) * shape.layer_parameters + reduced * matrix * (1 if shape.tied else 2)
        return gathered + (0 if load.rank else (2 * reduced + 4) * matrix)
    if load.rank or not load.bfloat16:
        return head
    layers = 2 * shape.layers * shape.layer_parameters  # what a pass has converted; computed again, it goes before
    return max(layers, head) if load.checkpointing else layers + head


def sampling_memory(
    shape: Shape, rows: int, prompt: int, new: int, *, samples: int = 1, bfloat16: bool = True, gpu: bool = True
) -> Memory:
    """Return what sampling in this process needs: `rows` at once, of at most `prompt` tokens and `new` ones.

    `gpu` is where it happens. A process without one holds a prompt once for its `samples` rows, and the file of float32
    weights while it converts them.
    """
    size = 2 if bfloat16 else 4
    tokens = rows * (new + CACHE_ROOM) + prompt * rows / (1 if gpu else samples)
    cache = tokens * shape.token_bytes * size / 2 * (1 + 1 / shape.layers)  # a layer's copy
    logits = rows * shape.vocabulary * (size + 8.0)  # as computed, by temperature, and as probabilities
    weights = float(size * shape.parameters)
    if bfloat16 and not gpu:
        weights = max(weights, (size + 4) * shape.parameters - cache - logits)
    return Memory(weights=weights, cache=cache, logits=logits, reserve=RESERVE if gpu else SAMPLING_PROCESS)


def serving_memory(shape: Shape, samples: int, tokens: int) -> Memory:
    """Return the device that an engine such as vllm needs to hold `samples` samples of `tokens` tokens at once."""
    weights, cache = 2.0 * shape.parameters, float(samples * tokens * shape.token_bytes)
    return Memory(weights=weights, cache=cache, reserve=(weights + cache) * (1 / SHARE_OF_DEVICE - 1) + RESERVE)


def policy_bytes(shape: Shape, rank: int) -> int:
    """Return the size of a saved policy: all weights in float32, or the adapters alone."""
    return 4 * (adapter_parameters(shape, rank) if rank else shape.parameters)
