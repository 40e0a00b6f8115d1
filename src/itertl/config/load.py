"""From YAML and overrides to a config, or to a sentence that says what is wrong with it and where.

load_config(path, ["sampling.temperature=1.0"])        parse_config({"name": "mine"})        differences(old, new)

An unknown key is an error that names the nearest known one, a key of an earlier version one that names the new one.
"""

import difflib
import reprlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pydantic
import yaml

from itertl.config.sections import Config
from itertl.errors import ConfigError
from itertl.moved_keys import MOVED


def load_config(path: Path | str, overrides: Sequence[str] = ()) -> Config:
    """Read a YAML config and apply `a.b=value` overrides; raise ConfigError with one sentence per fault."""
    path = Path(path)
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"there is no config {path}; `itertl init` writes one") from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path} is a directory; expected a config, a YAML file") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} is not readable YAML: {_named(error, path)}") from error
    if not isinstance(values, dict):
        found = "is empty" if values is None else f"holds {reprlib.repr(values)}"
        raise ConfigError(f"{path} {found}; expected a mapping such as `iterations: 3`")
    apply_overrides(values, overrides)
    return parse_config(values, str(path), overrides)


def apply_overrides(values: dict[str, Any], overrides: Sequence[str]) -> None:
    """Put each `a.b=value`, the value read as YAML, into the nested `values`; raise ConfigError where that fails."""
    for override in overrides:
        _apply(values, override)


def parse_config(values: dict[str, Any], source: str = "config", overrides: Sequence[str] = ()) -> Config:
    """Check `values` and return the Config; raise ConfigError that names `source` and every fault.

    A fault of a value that one of `overrides` has put there names that one in place of `source`.
    """
    try:
        return Config.model_validate(values)
    except pydantic.ValidationError as error:
        faults: dict[str, list[str]] = {}
        for fault in error.errors():
            faults.setdefault(_origin(fault, source, overrides), []).append(_explain(fault))
        raise ConfigError("; ".join(f"{where}: {'; '.join(said)}" for where, said in faults.items())) from error


def _origin(fault: Any, source: str, overrides: Sequence[str]) -> str:
    """Return where a wrong value comes from: the last override of it, or of the section around it, else `source`."""
    where = ".".join(str(part) for part in fault["loc"])
    for override in reversed(overrides):
        key = override.partition("=")[0].strip()
        if where == key or where.startswith(f"{key}.") or key.startswith(f"{where}."):
            return f"--set {override}"
    return source


MAY_CHANGE = {  # where and how fast work is done, not what comes out: such values may differ on resuming
    *("server.urls", "server.concurrency", "server.deadline", "server.budget", "verify.workers", "verify.cache"),
    *("server.replicas.servers", "server.replicas.gpus"),
    *("training.processes", "training.nodes.count", "training.nodes.replicate"),
    *("verify.cluster", "evaluation.data", "evaluation.allow_missing", "evaluation.beside", "tracking"),
}


def differences(old: Config, new: Config) -> tuple[list[str], list[str]]:
    """Return a line `key: old -> new` for each value that may not differ on resuming, and for each that may.

    Servers may move; between them and sampling in this process there is no change without other samples.
    """
    before, after = _flatten(old.model_dump(mode="json")), _flatten(new.model_dump(mode="json"))
    decisive: list[str] = []
    free: list[str] = []
    for key in [*before, *(key for key in after if key not in before)]:
        if (was := before.get(key)) != (now := after.get(key)):
            anywhere = key in MAY_CHANGE or key.startswith("server.hosts.")
            moved = anywhere and (key != "server.urls" or bool(was) == bool(now))
            (free if moved else decisive).append(f"{key}: {was} -> {now}")
    return decisive, free


def _apply(values: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ConfigError(f"--set expects key=value such as sampling.temperature=1.0, found {override!r}")
    *parents, last = key.split(".")
    for parent in parents:
        child = values.setdefault(parent, {})
        if not isinstance(child, dict):
            raise ConfigError(f"--set {override}: {parent!r} is a single value, not a section")
        values = child
    try:
        values[last] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {override}: the value is not readable YAML") from error


def _named(error: Exception, path: Path) -> str:
    """Return what is said of a file, which YAML's own words do not name."""
    return str(error).replace('"<unicode string>"', f'"{path}"')


def _explain(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    if where in MOVED:
        return f"{where} of an earlier version: {MOVED[where]}"
    if where == "training.nodes" and isinstance(fault["input"], int):
        return f"{where} is a section: use training.nodes.count={fault['input']}"
    if where == "training.optimizer" and isinstance(fault["input"], str):
        return f"{where} is a section: use training.optimizer.name={fault['input']}"
    if fault["type"] == "extra_forbidden":
        known = list(_section(fault["loc"][:-1]).model_fields)
        near = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys are {', '.join(known)}"
        return f"unknown key {where!r}: {hint}"
    said: str = fault["msg"].removeprefix("Value error, ")
    if not where:  # of several sections
        return said
    return f"{where}: {said[:1].lower()}{said[1:]}, found {fault['input']!r}"


def _section(location: Sequence[int | str]) -> type[pydantic.BaseModel]:
    section: type[pydantic.BaseModel] = Config
    for name in location:
        annotation = section.model_fields[str(name)].annotation
        if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
            section = annotation
    return section


def _flatten(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
