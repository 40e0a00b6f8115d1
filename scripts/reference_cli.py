"""The reference of the command line, from its parser: every command, argument and option with its default."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer

from itertl.cli.app import app

HEAD = """# Commands

Written from the command line's own parser by `python -m scripts.reference`; `itertl COMMAND -h` says the same.
"""
WORDS = {int: "N", float: "X", str: "TEXT", Path: "PATH"}  # what stands for a value, by its type


def cli_page() -> str:
    """Return the page as Markdown."""
    root: Any = typer.main.get_command(app)
    return f"{HEAD}\n{_prose(root.help)}\n" + "".join(_commands(root, "itertl"))


def _commands(group: Any, name: str) -> Iterator[str]:
    """Yield the section of each command of a group, and behind it those of its own commands."""
    for word, command in group.commands.items():
        yield _section(command, f"{name} {word}")
        if hasattr(command, "commands"):
            yield from _commands(command, f"{name} {word}")


def _section(command: Any, name: str) -> str:
    parameters = [parameter for parameter in command.params if parameter.name != "help"]
    hints = get_type_hints(command.callback) if command.callback else {}
    needed = [_shown(p, hints) for p in parameters if p.required]
    optional = ["[OPTIONS]"] if len(needed) < len(parameters) else []
    inner = ["COMMAND"] if hasattr(command, "commands") else []
    parts = [f"## {name}", _prose(command.help), f"```text\n{' '.join([name, *needed, *optional, *inner])}\n```"]
    for panel in dict.fromkeys(parameter.rich_help_panel for parameter in parameters):
        rows = [_row(p, hints) for p in parameters if p.rich_help_panel == panel]
        parts.append("\n".join([f"| {panel or ''} | default | |", "|---|---|---|", *rows]))
    return "\n" + "\n\n".join(parts) + "\n"


def _row(parameter: Any, hints: dict[str, Any]) -> str:
    said = (parameter.help or "").replace("|", "\\|")
    return f"| `{_shown(parameter, hints)}` | {_default(parameter)} | {said} |"


def _shown(parameter: Any, hints: dict[str, Any]) -> str:
    """Return a parameter as it is typed, such as DESIGN, `--limit N` or `--quality, --no-quality`."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper().rstrip("_"))
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    word = _word(hints[parameter.name])
    return f"{names} {word}" if word else names


def _word(hint: Any) -> str:
    """Return what stands for a value of a type, optional or a list or not; nothing for a switch."""
    inner = [arm for arm in get_args(hint) if arm is not type(None)]
    return _word(inner[0]) if inner else WORDS.get(hint, "")


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    if parameter.default is None or parameter.default is False or parameter.default == "":
        return ""
    return "yes" if parameter.default is True else f"`{parameter.default}`"


def _prose(text: str | None) -> str:
    return inspect.cleandoc(text or "")
