"""Policies as folders: what a name stands for, and which weights a folder holds, without loading any.

    folder, revision = follow("runs/quickstart/iter_03/policy")          policy_digest(folder)

A policy's folder is a whole model in Hugging Face format, or a pointer to one, or adapters with the base they belong
to (`itertl.policy.adapters`).
"""

import hashlib
import json
import os
import re
from importlib import resources
from pathlib import Path

from itertl.policy.gguf import SOURCE, converted, is_gguf
from itertl.policy.pretrained import PRETRAINED, fetch

HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")  # ./model and ../model are places
EMBEDDED = "embedded"
NAMES = frozenset({EMBEDDED, *PRETRAINED})  # policies that a config names without saying where they lie
POINTER = "pointer.json"  # this folder stands for another one
BASE = "base.json"  # this folder holds adapters for another one
SETTINGS = "adapter_config.json"  # of adapters, as peft reads it
REMOVED = "removed.json"  # the weights of this folder were deleted (itertl.policy.retention)
MERGED = "merged"  # beside a folder of adapters: base and adapters as one, for servers


def write_pointer(folder: Path, path: str, revision: str | None, name: str = POINTER) -> None:
    """Let `folder` stand for the model at `path` (relative to `folder`, absolute, or a name), without a copy."""
    (folder / name).write_text(json.dumps({"path": path, "revision": revision}) + "\n", encoding="utf-8")


def pass_on_origin(policy: str | Path, out: Path) -> None:
    """Let `out`, made from `policy`, say where the weights that it began with come from, if that is known."""
    if (source := Path(follow(policy)[0]) / SOURCE).is_file():
        (out / SOURCE).write_bytes(source.read_bytes())


def read_pointer(folder: str | Path, name: str = POINTER) -> tuple[str, str | None]:
    """Return path and revision of what a pointer names, relative paths resolved."""
    pointer = json.loads((Path(folder) / name).read_text(encoding="utf-8"))
    relative = pointer["path"].startswith("..")
    path = os.path.normpath(Path(folder) / pointer["path"]) if relative else pointer["path"]
    return path, pointer["revision"]


def is_place(path: str) -> bool:
    """Return True if `path` can only mean a file or a directory: no name, and nothing that the hub could have."""
    return path not in NAMES and (is_gguf(path) or path.startswith((".", "/", "~")) or not HUB_NAME.fullmatch(path))


def no_model(folder: str | Path) -> str:
    """Return a sentence that says why a directory can be no policy, "" where it may be one."""
    if any((Path(folder) / name).is_file() for name in ("config.json", POINTER, BASE, REMOVED)):
        return ""
    held = sorted(path.name for path in Path(folder).iterdir())[:3]
    found = f"found {', '.join(held)}" if held else "it is empty"
    return f"{folder} holds no model: expected config.json, weights and a tokenizer in it, {found}"


def absolute(path: str) -> str:
    """Return what names the model at `path` from anywhere: names as they are, directories and files in full."""
    return str(Path(path).resolve()) if path not in NAMES and Path(path).exists() else path


def named(path: str | Path, revision: str | None = None) -> tuple[str, str | None]:
    """Return what `path` stands for through pointers: a directory, a GGUF file, or a name."""
    target = str(path)
    while (Path(target) / POINTER).is_file():
        target, revision = read_pointer(target)
    return target, revision


def follow(path: str | Path, revision: str | None = None) -> tuple[str, str | None]:
    """Return the directory, or the hub name, from which `path` is loaded.

    What a name means is fetched, and a GGUF file converted, where that is still to do.
    """
    target, revision = named(path, revision)
    if target == EMBEDDED:
        return str(resources.files("itertl") / EMBEDDED), None
    if target in PRETRAINED:
        return str(fetch(target)), None
    if is_gguf(target):
        return str(converted(Path(target))), None
    return target, revision


def adapter_rank(folder: str | Path) -> int:
    """Return the rank of a policy's adapters, 0 where it has none."""
    if not (Path(folder) / BASE).is_file():
        return 0
    return int(json.loads((Path(folder) / SETTINGS).read_text(encoding="utf-8"))["r"])


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
