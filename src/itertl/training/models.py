"""Policies: any Hugging Face causal LM, or a tiny Llama with its own tokenizer built from scratch.

    model, tokenizer = load_policy("runs/quickstart/iter_03/policy")
    model, tokenizer = load_policy("deepseek-ai/deepseek-coder-6.7b-base", revision="...")
    model, tokenizer = load_policy("embedded")         the tiny one that comes with the package (configs/base.yaml)

All kinds are saved in Hugging Face format, so that one code path loads them. Parameters stay float32; arithmetic runs
in bfloat16 under autocast where `dtype` says so.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import torch
import transformers
import transformers.utils.logging
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from itertl.config import TinyConfig
from itertl.errors import ConfigError

transformers.utils.logging.disable_progress_bar()

HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
EMBEDDED = "embedded"
POINTER = "pointer.json"
OTHER_FORMATS = ["*.gguf", "*.h5", "*.msgpack", "*.onnx", "*.pth", "*.pt"]  # what nothing here reads
BOS, EOS = "<|begin|>", "<|end|>"
WORDS = r" ?[A-Za-z_]+|[0-9]|[^\sA-Za-z0-9_]|\s+"  # identifiers, single digits, symbols and blanks stay apart


def load_policy(path: str | Path, revision: str | None = None) -> tuple[Any, Any]:
    """Return (model, tokenizer) of a directory or hub name; raise ConfigError where there is none.

    Dropout is switched off: the two-pass gradient needs the same forward twice.
    """
    tokenizer = load_tokenizer(path, revision)
    source, revision = _follow(path, revision)
    with _loading(source):
        model = transformers.AutoModelForCausalLM.from_pretrained(source, revision=revision, dtype=torch.float32)
    model.generation_config = transformers.GenerationConfig(eos_token_id=tokenizer.eos_token_id)
    model.eval()
    if torch.cuda.is_available():
        model.to("cuda")
    return model, tokenizer


def load_tokenizer(path: str | Path, revision: str | None = None) -> Any:
    """Return the tokenizer of a policy; raise ConfigError where there is none, or one without an EOS token."""
    source, revision = _follow(path, revision)
    if not HUB_NAME.fullmatch(source) and not Path(source).is_dir():
        raise ConfigError(f"there is no model {source!r}: expected a directory, a name on the hub, or {EMBEDDED!r}")
    with _loading(source):
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, revision=revision)
    if tokenizer.eos_token_id is None:
        raise ConfigError(f"the tokenizer of {source!r} has no EOS token; a policy needs one to end its answer")
    return tokenizer


@contextmanager
def _loading(source: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConfigError(
            f"no causal language model can be loaded from {source!r}: expected a directory with config.json, weights "
            f"and tokenizer, or a name on the hub that this machine can reach ({reason})"
        ) from error


def save_policy(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write weights, config and tokenizer in Hugging Face format."""
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)


def write_pointer(folder: Path, path: str, revision: str | None) -> None:
    """Let `folder` stand for the model at `path` (relative to `folder`, absolute, or a hub name), without a copy."""
    (folder / POINTER).write_text(json.dumps({"path": path, "revision": revision}) + "\n", encoding="utf-8")


def _follow(path: str | Path, revision: str | None) -> tuple[str, str | None]:
    """Return what `path` stands for: through pointers, and to the package's own folder for the embedded policy."""
    target = str(path)
    while (file := Path(target) / POINTER).is_file():
        pointer = json.loads(file.read_text(encoding="utf-8"))
        relative = pointer["path"].startswith("..")
        target, revision = str(Path(target) / pointer["path"]) if relative else pointer["path"], pointer["revision"]
    if target == EMBEDDED:
        return str(resources.files("itertl") / EMBEDDED), None
    return target, revision


def load_shape(path: str | Path, revision: str | None = None) -> Any:
    """Return the config of a policy's model, without weights; raise ConfigError where there is none."""
    source, revision = _follow(path, revision)
    with _loading(source):
        return transformers.AutoConfig.from_pretrained(source, revision=revision)


def weights_folder(path: str | Path) -> str:
    """Return the directory that holds a policy's weights; a hub model is downloaded where that is still to do."""
    source, revision = _follow(path, None)
    if Path(source).is_dir():
        return source
    import huggingface_hub

    with _loading(source):
        return huggingface_hub.snapshot_download(source, revision=revision, ignore_patterns=OTHER_FORMATS)


def build_tokenizer(texts: Iterable[str], vocabulary: int) -> Any:
    """Train a byte-level BPE of `vocabulary` entries: no text is unknown to it, and decoding restores every byte."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=[BOS, EOS],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=BOS, eos_token=EOS)


def build_tiny(shape: TinyConfig, tokenizer: Any, seed: int) -> Any:
    """Return a Llama with random weights drawn from `seed`: grouped-query attention, tied embeddings."""
    torch.manual_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        intermediate_size=3 * shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=max(1, shape.heads // 2),
        max_position_embeddings=shape.context,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return transformers.LlamaForCausalLM(config).eval()


def policy_digest(path: str | Path, revision: str | None = None) -> str:
    """Return 16 hexadecimal digits that identify the weights of a directory, or the name and revision on the hub."""
    target, revision = _follow(path, revision)
    sha = hashlib.sha256()
    files = sorted(Path(target).glob("*.safetensors"))
    if not files:
        sha.update(f"{target}@{revision}".encode())
    for file in files:
        sha.update(file.name.encode())
        sha.update(file.read_bytes())
    return sha.hexdigest()[:16]


@contextmanager
def arithmetic(dtype: str) -> Iterator[None]:
    """Run matrix products in `dtype` (float32, bfloat16 or auto) inside the block, parameters untouched."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    use = dtype == "bfloat16" or (dtype == "auto" and _has_bfloat16(device))
    with torch.autocast(device, dtype=torch.bfloat16, enabled=use):
        yield


def _has_bfloat16(device: str) -> bool:
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
