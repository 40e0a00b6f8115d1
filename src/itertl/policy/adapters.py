"""LoRA: small trainable matrices beside frozen weights, through peft.

    y = W x + (alpha / rank) B A x        W frozen; A [rank, in], B [out, rank] trained; B starts at 0

A policy's folder then holds the adapters, as plain peft and vllm read them, and a pointer to their base. Sampling in
this process and vllm compute W x + (alpha / rank) B A x; other servers get the merged weights W + (alpha / rank) B A.
The next iteration continues the adapters. There is no dropout: the two-pass gradient needs the same forward twice.

    python -c "from pathlib import Path; from itertl.policy.adapters import merged;
               print(merged(Path('runs/x/iter_01/policy'), Path('merged')))"
"""

import json
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

from itertl.config import LoraConfig
from itertl.disk.artefacts import fill_folder
from itertl.errors import ConfigError, MissingToolError
from itertl.policy.folder import BASE, EMBEDDED, SETTINGS, follow, read_pointer, write_pointer
from itertl.policy.kept import ENOUGH, Cast, kept_share
from itertl.policy.rounding import round_parameters, round_weight
from itertl.policy.weights import ending, load_tokenizer, load_weights, save_policy

WEIGHTS = "adapter_model.safetensors"
log = logging.getLogger("itertl")


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
    config = peft.PeftConfig.from_pretrained(str(folder))
    config.inference_mode, config.base_model_name_or_path = not trainable, None  # BASE tells where the base is now
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
    source = follow(*base)[0]
    place = str(Path(source).resolve()) if Path(source).is_dir() else source
    write_settings(wrapped.peft_config["default"], place, base[1], folder)
    tokenizer.save_pretrained(folder)
    write_pointer(folder, *_portable(*base, folder), BASE)


def write_settings(config: Any, base: str, revision: str | None, folder: Path) -> None:
    """Write peft's own settings of adapters, which name their base as `transformers` is to load it: anyone's peft,
    its `AutoPeftModelForCausalLM` among them, opens the folder by them.
    """
    ours = {"base_model_name_or_path": base, "revision": revision, "inference_mode": True}
    settings = {key: sorted(v) if isinstance(v, set) else v for key, v in (config.to_dict() | ours).items()}
    (folder / SETTINGS).write_text(json.dumps(settings, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def merged(policy: Path, out: Path, dtype: str = "bfloat16") -> Path:
    """Return a folder with the whole policy, as a server loads it: `out`, filled once, or `policy` if it is whole.

    Adapters are merged in float32 and stored in `dtype`, bfloat16 so that their update is kept
    (`itertl.policy.rounding`).
    """
    folder = Path(follow(policy)[0])
    if not (folder / BASE).is_file():
        return folder
    if not out.exists():
        fill_folder(out, lambda partial: write_merged(folder, partial, dtype))
    return out


def write_merged(folder: Path, out: Path, dtype: str) -> None:
    """Write base and adapters of `folder` as one model, float32 or bfloat16, into the folder `out`."""
    reduced = dtype == "bfloat16"
    model = merge(folder, round_weight if reduced else None)
    if reduced:
        round_parameters(model)
    save_policy(model, load_tokenizer(folder), out)


def merge(folder: Path, cast: Cast | None = None) -> Any:
    """Return base and adapters of `folder` as one model in float32.

    Warn where `cast`, by which its weights will become bfloat16, keeps too little.
    """
    wrapped = load_adapters(load_weights(*read_pointer(folder, BASE)), folder, trainable=False)
    if cast is not None:
        (kept,) = kept_share(_updates(wrapped), [cast])
        level = logging.WARNING if kept.share < ENOUGH else logging.INFO
        log.log(level, "merged in bfloat16, the adapters of %s keep %.1f %% of their update", folder, 100 * kept.share)
    model = wrapped.merge_and_unload()
    model.generation_config = ending(model, load_tokenizer(folder))
    return model.eval()


def _updates(wrapped: Any) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
    """Yield name, weight without and weight with its adapter, in float32, of each layer that has one."""
    for name, module in wrapped.get_base_model().named_modules():
        if hasattr(module, "get_delta_weight"):
            before = module.get_base_layer().weight.detach().float()
            yield f"{name}.weight", before, before + module.get_delta_weight("default").detach().float()


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
