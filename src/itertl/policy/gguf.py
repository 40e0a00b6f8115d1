"""Models in GGUF, the format of llama.cpp, converted once into Hugging Face format, bfloat16, in the user's cache.

    folder = converted(Path("model.gguf"))        policy: {path: model.gguf}        itertl fetch smollm2

transformers reads many of its families (Llama, Mistral, Qwen2, Qwen3, Phi3, ...) by the `gguf` package. Weights in 4 or
8 bit are expanded; training then goes on from these. Beside the model lie source.json and README.md, which name where
the weights come from and their licence.
"""

import contextlib
import dataclasses
import functools
import hashlib
import importlib.util
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from itertl.disk.user_cache import cached_model, made_once
from itertl.errors import ConfigError, MissingToolError, RunDirectoryError
from itertl.progress import console
from itertl.words import counted

SUFFIX = ".gguf"
SOURCE = "source.json"
CONVERSION = 1  # raised when a conversion comes out differently, so that older ones are not found again
DIGITS = {"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"}  # a token per digit
GPT2 = {None, "default", "gpt-2", "phi-2", "jina-es", "jina-de", "mpt", "olmo", "gpt-neox"}  # split as GPT-2 does


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where weights come from: the model, the file or package that carried them, and their licence."""

    model: str
    source: str
    licence: str


def is_gguf(path: str | Path) -> bool:
    """Return True if `path` names a GGUF file, be it there or not."""
    return str(path).lower().endswith(SUFFIX) and not Path(path).is_dir()


def converted(file: Path) -> Path:
    """Return the folder with the model of a GGUF file; convert it where that is still to do.

    Raise ConfigError where the file is missing, broken, or of a family that transformers does not read.
    """
    digest = _digest(file)
    folder = cached_model(f"{file.stem}-{digest[:12]}.{CONVERSION}")
    if folder.exists():
        return folder
    origin = _origin(file, digest)
    return made_once(folder, lambda partial: convert(file, partial, origin))


def require_gguf() -> None:
    """Raise MissingToolError where what reads GGUF files is not installed."""
    missing = [package for package in ("gguf", "accelerate", "torch", "transformers") if not _installed(package)]
    if missing:
        raise MissingToolError(f"GGUF files need {', '.join(missing)}: pip install 'itertl[train]'")


def convert(file: Path, out: Path, origin: Origin) -> None:
    """Write the model of a GGUF file into `out`: config, bfloat16 weights, tokenizer, and where it comes from.

    A model that was read from GGUF refuses to be saved, so its weights go into a fresh one of the same shape.
    """
    import torch
    import transformers

    check_complete(file)
    console.print(f"converting {file.name} to bfloat16, once", highlight=False, soft_wrap=True)
    tokenizer = read_tokenizer(file)
    plain = {"quantization_config": transformers.GgufConfig(dequantize=True)} if _dequantizes() else {}
    with _reading(file):
        model, report = transformers.AutoModelForCausalLM.from_pretrained(
            file.parent, gguf_file=file.name, dtype=torch.bfloat16, output_loading_info=True, **plain
        )
    if absent := sorted({*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])}):
        raise ConfigError(
            f"{file} lacks {counted(len(absent), 'weights')} of the model that it describes, such as {absent[0]}: "
            "expected one whole file, not a part of several"
        )
    config = model.config
    config.__dict__.pop("quantization_config", None)
    config.dtype = torch.bfloat16
    with torch.device("meta"):
        fresh = type(model)(config)
    fresh.load_state_dict(model.state_dict(), assign=True)
    fresh.tie_weights()
    fresh.generation_config = transformers.GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    with contextlib.redirect_stderr(io.StringIO()):
        fresh.save_pretrained(out)
    tokenizer.save_pretrained(out)
    describe(out, origin)
    _reader_of.cache_clear()  # which holds the file open


def read_tokenizer(file: Path) -> Any:
    """Return the tokenizer of a GGUF file, which splits text the way its vocabulary was learnt.

    Raise ConfigError for a way of splitting that is not known: other tokens than its own would ruin a model silently.
    """
    import transformers
    from tokenizers import pre_tokenizers

    require_gguf()
    with _reading(file):
        tokenizer = transformers.AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        kind, split = (read_field(file, f"tokenizer.ggml.{name}") for name in ("model", "pre"))
    backend = tokenizer.backend_tokenizer
    as_gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if kind != "gpt2" or json.loads(backend.to_str())["pre_tokenizer"] != json.loads(_state(as_gpt2)):
        return tokenizer  # transformers knew the way
    if split in DIGITS:
        backend.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), as_gpt2])
    elif split not in GPT2:
        raise ConfigError(
            f"{file} splits text into tokens as {split!r}, which is not known here; use the model in Hugging Face "
            "format, with its own tokenizer.json"
        )
    return tokenizer


def read_config(file: Path) -> Any:
    """Return the Hugging Face config of a GGUF file's model, without reading weights."""
    import transformers

    require_gguf()
    with _reading(file):
        return transformers.AutoConfig.from_pretrained(file.parent, gguf_file=file.name)


def check_complete(file: Path) -> None:
    """Raise ConfigError where the file is not GGUF, or ends before its last weight."""
    require_gguf()
    with _reading(file):
        _reader(file)


def read_field(file: Path, name: str) -> Any:
    """Return a value of the file's metadata, None where there is none."""
    field = _reader(file).fields.get(name)
    return None if field is None else field.contents()


def describe(out: Path, origin: Origin) -> None:
    """Write down where the weights in `out` come from, for programs and for people."""
    (out / SOURCE).write_text(json.dumps(dataclasses.asdict(origin), indent=1) + "\n", encoding="utf-8")
    text = f"# {origin.model}\n\nWeights from {origin.source}, expanded to bfloat16.\n\nLicence: {origin.licence}\n"
    (out / "README.md").write_text(text, encoding="utf-8")


def origin_of(folder: str | Path) -> dict[str, str] | None:
    """Return what `describe` has written into a model's folder, None for a model from elsewhere."""
    file = Path(folder) / SOURCE
    found: dict[str, str] | None = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
    return found


def _origin(file: Path, digest: str) -> Origin:
    require_gguf()
    with _reading(file):
        name, licence = (read_field(file, f"general.{key}") for key in ("name", "license"))
    return Origin(name or file.stem, f"the file {file.name}, sha256 {digest}", licence or "not named in the file")


def _digest(file: Path) -> str:
    try:
        stat = file.stat()
        return _digest_of(file.absolute(), stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise ConfigError(f"there is no GGUF file {file} that can be read: {error.strerror}") from error


@functools.cache
def _digest_of(file: Path, size: int, changed: int) -> str:
    """Return the file's SHA-256, once for a file that does not change."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _reader(file: Path) -> Any:
    stat = file.stat()
    return _reader_of(file.absolute(), stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _reader_of(file: Path, size: int, changed: int) -> Any:
    import gguf

    return gguf.GGUFReader(file)  # seconds for a large vocabulary


@contextlib.contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Turn whatever a library raises about a GGUF file that it cannot read into a ConfigError."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # bars for each tensor
            yield
    except (ConfigError, MissingToolError, RunDirectoryError, MemoryError):
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if "not supported" in reason or isinstance(error, NotImplementedError):
            raise ConfigError(
                f"{file} holds a model that transformers does not read from GGUF ({reason}): use it in Hugging Face "
                "format"
            ) from error
        raise ConfigError(
            f"{file} cannot be read as a GGUF model ({reason}): is it whole? Download it again"
        ) from error


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _dequantizes() -> bool:
    """True if this transformers may keep weights packed, and has to be told not to."""
    import transformers

    return hasattr(transformers, "GgufConfig")


def _state(part: Any) -> str:
    return part.__getstate__().decode()  # type: ignore[no-any-return]
