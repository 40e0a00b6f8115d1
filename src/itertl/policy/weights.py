"""Policies as weights: whole models and their tokenizers, loaded and saved through transformers.

    model, tokenizer = load_weights(folder), load_tokenizer(folder)          save_policy(model, tokenizer, folder)

Adapters are put on top in `itertl.policy.load`.
"""

import difflib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
import transformers.utils.logging

from itertl.errors import ConfigError
from itertl.policy.folder import BASE, HUB_NAME, NAMES, REMOVED, follow, no_model, read_pointer

transformers.utils.logging.disable_progress_bar()
logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what it tries again is no news; what fails is raised


def load_weights(path: str | Path, revision: str | None = None, **options: Any) -> Any:
    """Return the model of a whole policy, in float32 on the GPU where there is one unless `options` say otherwise."""
    source, revision = follow(path, revision)
    with loading(source):
        values = {"dtype": torch.float32} | options  # attention: sdpa where a model has it, else eager
        model = transformers.AutoModelForCausalLM.from_pretrained(source, revision=revision, **values)
    model.eval()
    if torch.cuda.is_available() and "device_map" not in options:
        model.to("cuda")
    return model


def load_empty(path: str | Path, revision: str | None = None, **options: Any) -> Any:
    """Return the model that `load_weights` returns, but on the device `meta`: shapes and types without numbers."""
    config = load_shape(path, revision)
    values = {"dtype": torch.float32} | {k: v for k, v in options.items() if k != "device_map"}
    with loading(str(path)), torch.device("meta"):
        return transformers.AutoModelForCausalLM.from_config(config, **values).eval()


def load_tokenizer(path: str | Path, revision: str | None = None) -> Any:
    """Return the tokenizer of a policy; raise ConfigError where there is none, or one without an EOS token."""
    source, revision = follow(path, revision)
    if not any(Path(source).glob("tokenizer*")):  # one without weights may serve where a server has them
        _refuse_absent(source)
    with loading(source):
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, revision=revision)
    if tokenizer.eos_token_id is None:
        raise ConfigError(f"the tokenizer of {source!r} has no EOS token; a policy needs one to end its answer")
    return tokenizer


def _refuse_absent(source: str) -> None:
    """Raise ConfigError where `source` can be no model, before anybody asks the hub for it."""
    if Path(source).is_dir():
        if fault := no_model(source):
            raise ConfigError(fault)
    elif not HUB_NAME.fullmatch(source):
        named = ", ".join(sorted(NAMES))
        raise ConfigError(
            f"there is no model {source!r}: expected a directory, a GGUF file, a name on the hub, or {named}"
            f"{_beside(source)}"
        )


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
            f"and tokenizer, or a name on the hub that this machine can reach ({reason}){_beside(source)}"
        ) from error


def _beside(source: str) -> str:
    """Return what the folder holds in which `source`, or the first part of it that is not there, would lie; or ""."""
    place = Path(source)
    while not place.parent.is_dir():
        place = place.parent
    if Path(source).exists() or place.parent == Path() or not os.access(place.parent, os.R_OK):
        return ""
    held = sorted(path.name for path in place.parent.iterdir() if path.is_dir())
    near = difflib.get_close_matches(place.name, held, 1)
    shown = ", ".join(held[:5]) + (" and others" if len(held) > 5 else "")
    meant = f"; did you mean {place.parent / near[0]}?" if near else f", it holds {shown or 'no folder'}"
    return f"; the folder {place.parent} has no {place.name!r}{meant}"


def save_policy(model: Any, tokenizer: Any, folder: Path, weights: dict[str, torch.Tensor] | None = None) -> None:
    """Write weights (the model's own, or `weights`), config and tokenizer in Hugging Face format."""
    model.save_pretrained(folder, safe_serialization=True, state_dict=weights)
    tokenizer.save_pretrained(folder)


def load_shape(path: str | Path, revision: str | None = None) -> Any:
    """Return the config of a policy's model, without weights; raise ConfigError where there is none."""
    source, revision = follow(path, revision)
    if (Path(source) / BASE).is_file():
        source, revision = follow(*read_pointer(source, BASE))
    _refuse_absent(source)
    with loading(source):
        return transformers.AutoConfig.from_pretrained(source, revision=revision)


def without_weights(config: Any) -> Any:
    """Return a model of a config as one on the device `meta`, which computes shapes and holds no numbers.

    Raises ConfigError where transformers knows no causal language model of this kind.
    """
    with loading(str(config.model_type)), torch.device("meta"):
        return transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).eval()


def pinned(path: str, revision: str | None) -> str | None:
    """Return the commit that a hub name and revision mean at this moment, None for a directory."""
    source, revision = follow(path, revision)
    if Path(source).is_dir():
        return None
    with loading(source):
        config = transformers.AutoConfig.from_pretrained(source, revision=revision)
    commit: str | None = getattr(config, "_commit_hash", None)
    return commit or revision


def end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return the ids that end a sample: the tokenizer's EOS, which training teaches, and those that the model brings.

    The model's are the EOS ids of its generation_config, which several models have more than one of. An id that is no
    token apart in the tokenizer is none of them: a config names one by default that means an ordinary word.
    """
    named = model.generation_config.eos_token_id
    brought = {named} if isinstance(named, int) else set(named or ())
    apart = {*tokenizer.added_tokens_decoder, *tokenizer.all_special_ids}
    return frozenset(brought & apart | {tokenizer.eos_token_id})


def ending(model: Any, tokenizer: Any) -> Any:
    """Return a generation_config with the ids of `end_ids` and nothing else: how samples are drawn is for us to say."""
    ids = sorted(end_ids(model, tokenizer))
    return transformers.GenerationConfig(eos_token_id=ids if len(ids) > 1 else ids[0])
