"""LoRA: small trainable matrices beside frozen weights, through peft.

    y = W x + (alpha / rank) B A x        W frozen; A [rank, in], B [out, rank] trained; B starts at 0

A policy's folder then holds the adapters and a pointer to their base. Servers and in-process sampling use the merged
weights W + (alpha / rank) B A; the next iteration continues the adapters. There is no dropout: the two-pass gradient
needs the same forward twice.

    python -c "from pathlib import Path; from itertl.training.adapters import merged;
               print(merged(Path('runs/x/iter_01/policy'), Path('merged')))"
"""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

from itertl.artefacts import fill_folder
from itertl.config import LoraConfig
from itertl.errors import ConfigError, MissingToolError
from itertl.training.models import (
    BASE,
    EMBEDDED,
    ending,
    follow,
    load_tokenizer,
    load_weights,
    read_pointer,
    save_policy,
    write_pointer,
)

WEIGHTS = "adapter_model.safetensors"
SETTINGS = "adapter_config.json"


def add_adapters(model: Any, lora: LoraConfig, seed: int) -> Any:
    """Freeze `model` and put new adapters into it; return the peft model around it. The output is unchanged."""
    torch.manual_seed(seed)
    targets = "all-linear" if lora.targets == ("all-linear",) else list(lora.targets)
    config = peft.LoraConfig(
        r=lora.rank, lora_alpha=lora.alpha, lora_dropout=0.0, target_modules=targets, task_type="CAUSAL_LM"
    )
    try:
        wrapped = _wrap(model, config)
    except ValueError as error:
        raise ConfigError(f"policy.lora.targets {list(lora.targets)} fit no layer of the model: {error}") from error
    return _float32_adapters(wrapped)


def load_adapters(model: Any, folder: Path, *, trainable: bool) -> Any:
    """Put the adapters of `folder` into its base `model`; return the peft model around it."""
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    config = peft.LoraConfig(**settings, inference_mode=not trainable)
    wrapped = _wrap(model, config)
    found = peft.set_peft_model_state_dict(wrapped, load_file(folder / WEIGHTS))
    if found.unexpected_keys:
        raise ConfigError(f"the adapters of {folder} do not fit their base: unknown are {found.unexpected_keys[:3]}")
    return _float32_adapters(wrapped)


def save_adapters(
    wrapped: Any,
    tokenizer: Any,
    base: tuple[str, str | None],
    folder: Path,
    weights: dict[str, torch.Tensor] | None = None,
) -> None:
    """Write the adapters, the tokenizer and a pointer to the base they belong to; `weights` are the model's by name."""
    named = {f"base_model.model.{name}": value for name, value in weights.items()} if weights else None
    state = peft.get_peft_model_state_dict(wrapped, state_dict=named)
    save_file({name: value.contiguous() for name, value in sorted(state.items())}, folder / WEIGHTS)
    config = wrapped.peft_config["default"]
    targets = config.target_modules
    settings = {
        "r": config.r,
        "lora_alpha": config.lora_alpha,
        "lora_dropout": 0.0,
        "target_modules": targets if isinstance(targets, str) else sorted(targets),
        "task_type": "CAUSAL_LM",
    }
    (folder / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    tokenizer.save_pretrained(folder)
    write_pointer(folder, *_portable(*base, folder), BASE)


def merge_adapters(folder: Path, **options: Any) -> Any:
    """Return the base of an adapter folder with the adapters merged into its weights."""
    wrapped = load_adapters(load_weights(*read_pointer(folder, BASE), **options), folder, trainable=False)
    model = wrapped.merge_and_unload()
    model.generation_config = ending(model, load_tokenizer(folder))
    return model.eval()


def merged(policy: Path, out: Path, dtype: str = "bfloat16") -> Path:
    """Return a folder with the whole policy, as a server loads it: `out`, filled once, or `policy` if it is whole.

    Weights that are merged for `out` are stored in `dtype`.
    """
    folder, _ = follow(policy)
    if not (Path(folder) / BASE).is_file():
        return Path(folder)
    if not out.exists():
        fill_folder(out, lambda partial: _write_merged(Path(folder), partial, dtype))
    return out


def _write_merged(folder: Path, out: Path, dtype: str) -> None:
    model = merge_adapters(folder)
    save_policy(model.to(getattr(torch, dtype)), load_tokenizer(folder), out)


def _portable(path: str, revision: str | None, folder: Path) -> tuple[str, str | None]:
    """Return path and revision of a base; one within the same run is named relative to `folder`."""
    if path == follow(EMBEDDED)[0]:
        return EMBEDDED, None
    run = folder.resolve().parent.parent
    if Path(path).is_dir() and Path(path).resolve().is_relative_to(run):
        return os.path.relpath(Path(path).resolve(), folder.resolve()), revision
    return (str(Path(path).resolve()) if Path(path).is_dir() else path), revision


def quantized() -> dict[str, Any]:
    """Return the options that load frozen weights in 4 bit (NF4); raise where this machine cannot compute with them."""
    if not torch.cuda.is_available():
        raise ConfigError("policy.lora.quantize needs a CUDA device, and this machine has none: set it to false")
    if not transformers.utils.is_bitsandbytes_available():
        raise MissingToolError("policy.lora.quantize needs bitsandbytes: pip install 'itertl[qlora]'")
    config = transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": config, "device_map": {"": torch.cuda.current_device()}}


def _wrap(model: Any, config: Any) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)  # peft reads names that transformers deprecates
        return peft.get_peft_model(model, config)


def _float32_adapters(wrapped: Any) -> Any:
    for parameter in wrapped.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return wrapped
