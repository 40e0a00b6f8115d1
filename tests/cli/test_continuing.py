"""Which commands continue when they are called again; every command has to be in one of the two lists."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from tests.cli.program import itertl

from itertl.cli.app import app
from itertl.cli.continuing import call_continues, continues_with

CONTINUES = {"run": "", "eval": "", "verify": "--candidates", "suites selftest": "--out"}
STARTS_OVER = """
    watch, init, report, doctor, check, fetch, generate, verify-worker, serve-verdicts, mutate, replay, compare, audit,
    export, push, data stats, data filter, data convert, suites list, suites presets, suites fetch, suites defects,
    gym stats, gym export
"""


def commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{above}{word} ")
        else:
            yield above + word, command


def test_every_command_either_continues_or_starts_over() -> None:
    """A new command has to be put down here: if it keeps what it has done, it says so with `@continues()`."""
    said = {name: continues_with(command) for name, command in commands(typer.main.get_command(app))}
    starts_over = dict.fromkeys(name.strip() for name in STARTS_OVER.split(","))
    assert said == CONTINUES | starts_over


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("run c.yaml", True),
        ("eval gym-test", True),
        ("verify --candidates c.jsonl", True),
        ("verify --candidates=c.jsonl", True),
        ("verify design.v", False),
        ("suites selftest rtllm-v2 --out rows.jsonl", True),
        ("suites selftest rtllm-v2", False),
        ("generate run", False),
        ("watch runs/x", False),
        ("", False),
    ],
)
def test_a_call_continues_where_its_command_does(words: str, kept: bool) -> None:
    assert call_continues(typer.main.get_command(app), words.split()) is kept


@pytest.mark.parametrize(("words", "said"), [("run c.yaml", "interrupted; the same command continues"), ("doctor", "")])
def test_an_interrupt_speaks_of_going_on(words: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("itertl.commands.run.run_loop", interrupted)
    monkeypatch.setattr("itertl.commands.doctor.show_machine", interrupted)
    found = itertl(*words.split())
    assert (found.returncode, found.stderr.strip()) == (130, said or "interrupted")
