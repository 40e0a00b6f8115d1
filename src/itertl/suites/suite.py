"""What is known of a suite, as one value in its publisher's file: `Suite`.

    SUITE = Suite("mysuite", "mysuite", read=read_mysuite, rule="mysuite:RULE")

The list of published ones is itertl.suites.published; one's own is named by the dotted path `package.module:SUITE`.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from itertl.errors import ConfigError, UsageError
from itertl.records import Task

_NAME = re.compile(r"[^./][^/]{0,99}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a publisher's files come from, and the `folder` below that of published suites where they go.

    `places` maps a folder of the repository to one of ours ("" is the top). Wanted are the files whose name begins with
    `prefix` and ends in one of `suffixes`. `beside` is how the paths of further files begin, which are kept where they
    are and do not enter the checksum. Without a checksum the commit's own id is what pins the files.
    """

    folder: str
    repository: str
    commit: str
    places: tuple[tuple[str, str], ...]
    suffixes: tuple[str, ...]
    prefix: str = ""
    checksum: str = ""
    beside: tuple[str, ...] = ()

    def wants(self, name: PurePath) -> bool:
        """True if the file is one that a suite reads, as far as its name says."""
        return name.suffix in self.suffixes and name.name.startswith(self.prefix) and ".." not in name.parts

    def place(self, name: PurePosixPath) -> PurePosixPath | None:
        """Return where a file of the repository goes, None where it is not wanted."""
        if any(name.as_posix().startswith(start) for start in self.beside) and ".." not in name.parts:
            return name
        if not self.wants(name):
            return None
        for folder, ours in self.places:
            if name.is_relative_to(folder):
                rest = name.relative_to(folder)
                return PurePosixPath(ours) / rest if ours or len(rest.parts) == 1 else None
        return None


@dataclass(frozen=True, slots=True)
class Prompt:
    """How a suite is asked: a template of `policy.prompt`, the system's turn of a chat, and whether it is a chat."""

    template: str
    system: str | None = None
    chat: str = "auto"


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings of one paper; `prompts` maps a suite to its prompt, where the paper fixes one."""

    source: str
    samples: int
    temperatures: tuple[float, ...]
    top_p: float = 0.95
    max_new_tokens: int = 1024
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """A set of tasks on which policies are compared.

    `place` is where its data lies below the folder of published suites; an absolute path stands for itself. `read`
    returns the tasks that lie there, None for a split of the gym, which is generated. `rule` is the dotted path of the
    rule by which its benches judge, "" for that of a bench of one's own. `source` is what `itertl suites fetch` brings,
    `presets` the settings under which its publisher measures, `examples` the file of its in-context examples with
    {shots} in it, below the folder of published suites. `errata` is its file in suites/errata. "" and None: none.
    """

    name: str
    place: str = ""
    read: Callable[[Path], Iterable[Task]] | None = None
    rule: str = ""
    source: Source | None = None
    presets: Mapping[str, Preset] = field(default_factory=dict)
    examples: str = ""
    errata: str = ""

    def __post_init__(self) -> None:
        """Raise ConfigError for a name under which no results can be filed."""
        if not _NAME.fullmatch(self.name):
            raise ConfigError(
                f"results are filed under a suite's name; expected one without '/' that begins with no '.', found "
                f"{self.name!r}"
            )

    def tasks(self, path: Path) -> list[Task]:
        """Return the tasks that lie at `path`, each with the suite that it comes from and its rule.

        Raise UsageError where nothing is there, and what the reader raises.
        """
        if self.read is None or not path.exists():
            raise UsageError(f"{path} does not exist; {self.name} is read from there")
        return [
            dataclasses.replace(task, suite=task.suite or self.name, rule=task.rule or self.rule)
            for task in self.read(path)
        ]
