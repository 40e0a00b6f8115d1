"""Policies: any Hugging Face causal LM, whole or as adapters on a base, by directory or hub name.

    model, tokenizer = load_policy("runs/quickstart/iter_03/policy")
    model, tokenizer = load_policy("deepseek-ai/deepseek-coder-6.7b-base", revision="...")
    model, tokenizer = load_policy("embedded")         the tiny one that comes with the package (configs/base.yaml)

A policy's folder is a whole model in Hugging Face format, or a pointer to one, or adapters with the base they belong
to (`itertl.training.adapters`). What is trained stays float32; arithmetic runs in bfloat16 where `dtype` says so.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import torch
import transformers
import transformers.utils.logging

from itertl.errors import ConfigError

transformers.utils.logging.disable_progress_bar()

HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
EMBEDDED = "embedded"
POINTER = "pointer.json"  # this folder stands for another one
BASE = "base.json"  # this folder holds adapters for another one
REMOVED = "removed.json"  # the weights of this folder were deleted (itertl.training.retention)
MERGED = "merged"  # beside a folder of adapters: base and adapters as one
OTHER_FORMATS = ["*.gguf", "*.h5", "*.msgpack", "*.onnx", "*.pth", "*.pt"]  # what nothing here reads


def load_policy(
    path: str | Path, revision: str | None = None, *, dtype: torch.dtype = torch.float32
) -> tuple[Any, Any]:
    """Return (model, tokenizer) of a directory or hub name, adapters merged; raise ConfigError where there is none.

    Dropout is switched off. Weights are read in `dtype`, without a copy of the whole in another type; adapters are
    merged in float32, and then converted.
    """
    from itertl.training.adapters import merge_adapters

    folder, _ = follow(path, revision)
    tokenizer = load_tokenizer(path, revision)
    if (Path(folder) / BASE).is_file():
        return merge_adapters(Path(folder)).to(dtype), tokenizer
    model = load_weights(path, revision, dtype=dtype)
    model.generation_config = transformers.GenerationConfig(eos_token_id=tokenizer.eos_token_id)
    return model, tokenizer


def load_weights(path: str | Path, revision: str | None = None, **options: Any) -> Any:
    """Return the model of a whole policy, in float32 on the GPU where there is one unless `options` say otherwise."""
    source, revision = follow(path, revision)
    with loading(source):
        values = {"dtype": torch.float32, "attn_implementation": "sdpa"} | options
        model = transformers.AutoModelForCausalLM.from_pretrained(source, revision=revision, **values)
    model.eval()
    if torch.cuda.is_available() and "device_map" not in options:
        model.to("cuda")
    return model


def load_tokenizer(path: str | Path, revision: str | None = None) -> Any:
    """Return the tokenizer of a policy; raise ConfigError where there is none, or one without an EOS token."""
    source, revision = follow(path, revision)
    if not HUB_NAME.fullmatch(source) and not Path(source).is_dir():
        raise ConfigError(f"there is no model {source!r}: expected a directory, a name on the hub, or {EMBEDDED!r}")
    with loading(source):
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, revision=revision)
    if tokenizer.eos_token_id is None:
        raise ConfigError(f"the tokenizer of {source!r} has no EOS token; a policy needs one to end its answer")
    return tokenizer


@contextmanager
def loading(source: str) -> Iterator[None]:
    """Turn what the libraries raise about an unusable model into a ConfigError that names `source`."""
    if (Path(source) / REMOVED).is_file():
        raise ConfigError(f"the weights of {source} were deleted to save space (policy.keep); its digest is kept")
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConfigError(
            f"no causal language model can be loaded from {source!r}: expected a directory with config.json, weights "
            f"and tokenizer, or a name on the hub that this machine can reach ({reason})"
        ) from error


def save_policy(model: Any, tokenizer: Any, folder: Path, weights: dict[str, torch.Tensor] | None = None) -> None:
    """Write weights (the model's own, or `weights`), config and tokenizer in Hugging Face format."""
    model.save_pretrained(folder, safe_serialization=True, state_dict=weights)
    tokenizer.save_pretrained(folder)


def write_pointer(folder: Path, path: str, revision: str | None, name: str = POINTER) -> None:
    """Let `folder` stand for the model at `path` (relative to `folder`, absolute, or a hub name), without a copy."""
    (folder / name).write_text(json.dumps({"path": path, "revision": revision}) + "\n", encoding="utf-8")


def read_pointer(folder: str | Path, name: str = POINTER) -> tuple[str, str | None]:
    """Return path and revision of what a pointer names, relative paths resolved."""
    pointer = json.loads((Path(folder) / name).read_text(encoding="utf-8"))
    relative = pointer["path"].startswith("..")
    path = os.path.normpath(Path(folder) / pointer["path"]) if relative else pointer["path"]
    return path, pointer["revision"]


def follow(path: str | Path, revision: str | None = None) -> tuple[str, str | None]:
    """Return what `path` stands for: through pointers, and to the package's own folder for the embedded policy."""
    target = str(path)
    while (Path(target) / POINTER).is_file():
        target, revision = read_pointer(target)
    if target == EMBEDDED:
        return str(resources.files("itertl") / EMBEDDED), None
    return target, revision


def load_shape(path: str | Path, revision: str | None = None) -> Any:
    """Return the config of a policy's model, without weights; raise ConfigError where there is none."""
    source, revision = follow(path, revision)
    if (Path(source) / BASE).is_file():
        source, revision = follow(*read_pointer(source, BASE))
    with loading(source):
        return transformers.AutoConfig.from_pretrained(source, revision=revision)


def weights_folder(path: str | Path) -> str:
    """Return a directory with a policy's whole weights, as servers load them.

    A hub model is downloaded where that is still to do; adapters are merged into `merged` beside their folder,
    under their digest, so that a policy that is made anew does not find the weights of the one before.
    """
    source, revision = follow(path)
    if (Path(source) / BASE).is_file():
        from itertl.training.adapters import merged

        return str(merged(Path(source), Path(source).with_name(MERGED) / policy_digest(source)))
    if Path(source).is_dir():
        return source
    import huggingface_hub

    with loading(source):
        return str(huggingface_hub.snapshot_download(source, revision=revision, ignore_patterns=OTHER_FORMATS))


def pinned(path: str, revision: str | None) -> str | None:
    """Return the commit that a hub name and revision mean at this moment, None for a directory."""
    source, revision = follow(path, revision)
    if Path(source).is_dir():
        return None
    with loading(source):
        config = transformers.AutoConfig.from_pretrained(source, revision=revision)
    commit: str | None = getattr(config, "_commit_hash", None)
    return commit or revision


def policy_digest(path: str | Path, revision: str | None = None) -> str:
    """Return 16 hexadecimal digits that identify the weights, adapters and their base included.

    A model on the hub is identified by name and revision; deleted weights keep the digest that they had.
    """
    target, revision = follow(path, revision)
    if (removed := Path(target) / REMOVED).is_file():
        digest: str = json.loads(removed.read_text(encoding="utf-8"))["digest"]
        return digest
    sha = hashlib.sha256()
    files = sorted(Path(target).glob("*.safetensors"))
    if not files:
        sha.update(f"{target}@{revision}".encode())
    for file in files:
        sha.update(file.name.encode())
        with file.open("rb") as content:
            while block := content.read(1 << 22):
                sha.update(block)
    if (Path(target) / BASE).is_file():
        sha.update(policy_digest(*read_pointer(target, BASE)).encode())
    return sha.hexdigest()[:16]


@contextmanager
def arithmetic(dtype: str) -> Iterator[None]:
    """Run matrix products in `dtype` (float32, bfloat16 or auto) inside the block, parameters untouched.

    A block belongs around one forward pass. It converts a trainable weight once and keeps the copy until its end, so
    that passes behind an optimiser step, in the same block, would see the weights from before it.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with torch.autocast(device, dtype=torch.bfloat16, enabled=uses_bfloat16(dtype)):
        yield


def uses_bfloat16(dtype: str) -> bool:
    """Return True if `dtype` (float32, bfloat16 or auto) means bfloat16 on this machine."""
    if dtype != "auto":
        return dtype == "bfloat16"
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
