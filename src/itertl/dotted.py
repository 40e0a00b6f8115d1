"""What users bring as code, named by a dotted path: scores, objectives, suites, rules.

    imported("mypackage.scores:mine", "score")          value_at("mysuite:SUITE", "suite", Suite)

A path comes from a command line or a config, never from a row of data.
"""

import importlib
from typing import Any, TypeVar

from itertl.errors import ConfigError

T = TypeVar("T")


def imported(path: str, what: str) -> Any:
    """Return what `package.module:NAME` names; `what` it is to be stands in the error.

    Raise ConfigError where there is nothing of that name, or where the user's module fails in any way.
    """
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:  # the user's code, which may raise what it likes
        reason = f"{type(error).__name__}: {error}"
        raise ConfigError(
            f"the {what} {path!r} cannot be loaded ({reason}); expected package.module:NAME, importable from here"
        ) from error


def value_at(path: str, what: str, kind: type[T]) -> T:
    """Return the value of type `kind` at a dotted path; raise ConfigError as `imported`, and for any other type."""
    found = imported(path, what)
    if not isinstance(found, kind):
        wanted = f"{kind.__module__}.{kind.__qualname__}"
        raise ConfigError(f"the {what} {path!r} is a {type(found).__name__}; expected {wanted}")
    return found
