"""The command line of vllm, which serves each policy in a process of its own.

    PYTHON -m vllm.entrypoints.openai.api_server --model {policy} --served-model-name {name} ...
    PYTHON -m vllm.entrypoints.openai.api_server --model {base} --enable-lora --lora-modules {name}={policy} ...

A policy of adapters is served unmerged on its base, so that nothing of a small update is rounded away. vllm's kernels
for adapters compute in 16 bit, whatever the base does, and hold ranks of a few sizes.
"""

from collections.abc import Sequence

SERVER = ("-m", "vllm.entrypoints.openai.api_server")
WHOLE = ("--model", "{policy}", "--served-model-name", "{name}")
ADAPTERS = ("--model", "{base}", "--served-model-name", "base", "--enable-lora", "--lora-modules", "{name}={policy}")
OPTIONS = ("--host", "{host}", "--port", "{port}", "--seed", "{seed}", "--generation-config", "vllm")
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # values of --max-lora-rank that all its versions take


def whole_command(python: str, dtype: str, gpus: int = 1) -> tuple[str, ...]:
    """Return the command for a policy's whole weights, cut over `gpus` (tensor parallelism).

    By itself vllm would compute float32 weights in float16.
    """
    kind = "float32" if dtype == "float32" else "bfloat16"
    return (python, *SERVER, *WHOLE, *OPTIONS, "--dtype", kind, *_cut(gpus))


def adapter_command(python: str, dtype: str, gpus: int = 1) -> tuple[str, ...]:
    """Return the command for adapters on their base, () where vllm cannot compute them in `dtype`."""
    if dtype == "float32":
        return ()
    return (python, *SERVER, *ADAPTERS, "--max-lora-rank", "{rank}", *OPTIONS, "--dtype", "bfloat16", *_cut(gpus))


def _cut(gpus: int) -> tuple[str, ...]:
    return ("--tensor-parallel-size", str(gpus)) if gpus > 1 else ()


def size_for(rank: int, sizes: Sequence[int] = RANKS) -> int | None:
    """Return the smallest size that holds adapters of `rank`, None where there is none."""
    return next((size for size in sizes if size >= rank), None)
