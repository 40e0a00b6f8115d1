"""Commands that keep what they have done when they are interrupted: the same call goes on from there.

    @continues()        def run(...)        @continues("--candidates")        def verify(...)

Each says so itself; `call_continues` finds the one that a command line calls, and whether this call does.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

C = TypeVar("C", bound=Callable[..., None])

_OPTION = "continues_with"


def continues(option: str = "") -> Callable[[C], C]:
    """Mark a command that continues when it is called again; with `option`, only where that is given."""

    def marked(command: C) -> C:
        setattr(command, _OPTION, option)
        return command

    return marked


def continues_with(command: Any) -> str | None:
    """Return the option with which a click command continues, "" for any call of it, None for none."""
    option: str | None = getattr(command.callback, _OPTION, None)
    return option


def call_continues(root: Any, words: Sequence[str]) -> bool:
    """Return True if the command of `root` that `words` call, and they as a call of it, continue."""
    path = [word for word in words if not word.startswith("-")]
    while path and (below := getattr(root, "commands", {}).get(path.pop(0))):
        root = below
    option = continues_with(root)
    return option is not None and (not option or option in [word.partition("=")[0] for word in words])
