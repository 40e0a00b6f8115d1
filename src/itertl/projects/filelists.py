"""What a project consists of, as simulators are told: files, folders, filelists and options.

    sources = gather(files, filelists, include, defines)     ->  Sources

A filelist holds what a command line does, one or several on a line; `//`, `#` and `/* */` begin comments, and `$NAME`,
`${NAME}` and `$(NAME)` are variables of the environment. A path is looked for where one is, then beside its filelist;
for what a `-F` names, the other way round.
"""

import dataclasses
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from itertl.errors import UsageError

SUFFIXES = (".v", ".sv")
HEADERS = (".vh", ".svh", ".h", ".inc")
_DEEPEST = 32  # filelists inside one another
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|(?m:(?:^|(?<=\s))#[^\n]*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|\((\w+)\)|(\w+))")
_WORD = re.compile(r'"([^"]*)"|(\S+)')
_NAME = re.compile(r"[A-Za-z_]\w*")
_TAKES_PATH = ("-y", "-v", "-I", "-f", "-F", "-c")
_TAKES_WORD = ("-D", "-s", "-top", "--top", "--top-module", "-G", "-P", "-Y")


@dataclasses.dataclass(frozen=True, slots=True)
class Sources:
    """Where a project's text is: `files` in their order, `libraries` searched for modules that these do not hold.

    `folders` are libraries whose files are named like their modules. `defines` and `parameters` are (name, value).
    """

    files: tuple[Path, ...] = ()
    libraries: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    include: tuple[Path, ...] = ()
    defines: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    suffixes: tuple[str, ...] = SUFFIXES
    top: str = ""


@dataclasses.dataclass(slots=True)
class _Gathered:
    files: dict[Path, None] = dataclasses.field(default_factory=dict)
    libraries: dict[Path, None] = dataclasses.field(default_factory=dict)
    folders: dict[Path, None] = dataclasses.field(default_factory=dict)
    include: dict[Path, None] = dataclasses.field(default_factory=dict)
    defines: dict[str, str] = dataclasses.field(default_factory=dict)
    parameters: dict[str, str] = dataclasses.field(default_factory=dict)
    suffixes: dict[str, None] = dataclasses.field(default_factory=dict)
    top: str = ""


def gather(
    places: Sequence[Path] = (),
    filelists: Sequence[Path] = (),
    include: Sequence[Path] = (),
    defines: Sequence[str] = (),
    parameters: Sequence[str] = (),
    top: str = "",
) -> Sources:
    """Return what is named: `places` are files and folders, of which all Verilog files below are taken as a library.

    `defines` are NAME or NAME=VALUE, `parameters` NAME=VALUE. Raise UsageError for what does not exist or is not said
    so.
    """
    found = _Gathered(top=top)
    for path in filelists:
        _read(path, found, beside=False, depth=0)
    for place in places:
        if place.is_dir():
            _folder(place, found)
        else:
            found.files[_existing(str(place), Path(), "the command line")] = None
    for folder in include:
        found.include[_existing(str(folder), Path(), "-I")] = None
    found.defines.update(_pair(text, "-D NAME or NAME=VALUE", "1") for text in defines)
    found.parameters.update(_pair(text, "-P NAME=VALUE", None) for text in parameters)
    found.top = top or found.top
    return Sources(
        tuple(found.files),
        tuple(found.libraries),
        tuple(found.folders),
        tuple(found.include),
        tuple(found.defines.items()),
        tuple(found.parameters.items()),
        tuple(found.suffixes) or SUFFIXES,
        found.top,
    )


def _folder(folder: Path, found: _Gathered) -> None:
    """Take all Verilog files below a folder as a library, and the folders of its headers as places of includes."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not any(part[0] == "." for part in p.parts[1:]))
    if not any(p.suffix in SUFFIXES for p in files):
        raise UsageError(f"{folder} holds no {' or '.join(SUFFIXES)} file; expected the folder of a project")
    found.libraries.update(dict.fromkeys(p for p in files if p.suffix in SUFFIXES))
    headers = (p for p in files if p.suffix in (*SUFFIXES, *HEADERS))
    above = (place for p in headers for place in (p.parent, *p.parent.parents) if place.is_relative_to(folder))
    found.include.update(dict.fromkeys(above))


def _pair(text: str, expected: str, default: str | None) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if _NAME.fullmatch(name) is None or (not equals and default is None):
        raise UsageError(f"expected {expected}, found {text!r}")
    return name, value if equals else str(default)


def _existing(word: str, beside: Path, where: str, first: bool = False) -> Path:
    """Return a path that exists, as it is or beside a filelist (`first`: there before all)."""
    places = [Path(word), beside / word]
    for place in reversed(places) if first else places:
        if place.exists():
            return place
    raise UsageError(f"{where}: {word} does not exist, neither here nor in {beside.absolute()}")


def _words(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"the filelist {path} cannot be read: {error.strerror}") from error

    def value(variable: re.Match[str]) -> str:
        name = variable[1] or variable[2] or variable[3]
        if name not in os.environ:
            raise UsageError(f"{path} names the variable {name}, which the environment does not hold: set it")
        return os.environ[name]

    for word in _WORD.finditer(_COMMENT.sub(" ", text)):
        yield _VARIABLE.sub(value, word[1] if word[1] is not None else word[2])


def _read(path: Path, found: _Gathered, beside: bool, depth: int) -> None:
    """Take up a filelist; `beside`: its paths are looked for beside it first."""
    if depth > _DEEPEST:
        raise UsageError(f"{path}: filelists name one another in a circle")
    words, where = _words(path), str(path)
    for word in words:
        option = next((o for o in (*_TAKES_PATH, *_TAKES_WORD) if word == o), "")
        glued = next((o for o in ("-I", "-D", "-y", "-v", "-G", "-P") if word.startswith(o) and word != o), "")
        if option or glued:
            given = word[len(glued) :] if glued and not option else next(words, "")
            if not given:
                raise UsageError(f"{where}: expected something behind {word}")
            _option(option or glued, given, found, path, beside, depth)
        elif word.startswith("+"):
            _plus(word, found, path, beside)
        elif not word.startswith("-"):
            place = _existing(word, path.parent, where, beside)
            if place.is_dir():
                _folder(place, found)
            else:
                found.files[place] = None


def _option(option: str, given: str, found: _Gathered, path: Path, beside: bool, depth: int) -> None:
    place = _existing(given, path.parent, str(path), beside) if option in _TAKES_PATH else Path()
    match option:
        case "-f" | "-c":
            _read(place, found, beside, depth + 1)
        case "-F":
            _read(place, found, True, depth + 1)
        case "-y":
            found.folders[place] = None
        case "-v":
            found.libraries[place] = None
        case "-I":
            found.include[place] = None
        case "-D":
            found.defines.update([_pair(given, f"{path}: -D NAME or NAME=VALUE", "1")])
        case "-G" | "-P":
            name, value = _pair(given, f"{path}: {option} NAME=VALUE", None)
            found.parameters[name.rpartition(".")[2]] = value
        case "-Y":
            found.suffixes[given] = None
        case _:
            found.top = given


def _plus(word: str, found: _Gathered, path: Path, beside: bool) -> None:
    """Take up +incdir+, +define+ and +libext+; other words with a plus are for other tools."""
    _, kind, *values = word.split("+")
    for value in filter(None, values):
        if kind == "incdir":
            found.include[_existing(value, path.parent, str(path), beside)] = None
        elif kind == "define":
            found.defines.update([_pair(value, f"{path}: +define+NAME=VALUE", "1")])
        elif kind == "libext":
            found.suffixes[value] = None
