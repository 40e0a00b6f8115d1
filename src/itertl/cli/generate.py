"""`itertl generate`: a design for an instruction, from a model that is here or one behind a chat API.

itertl generate "an 8-bit counter with enable" --header "module counter(...);" --model runs/quickstart
itertl generate "a FIFO of 8 bytes" --server http://127.0.0.1:11434 --model qwen2.5-coder:7b --out fifo.v
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand

from itertl.errors import UsageError

console = Console()


class Worded(TyperCommand):
    """A command whose argument is a sentence, which may start with a dash as no option does: it has blanks."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put such a sentence behind a `--`, where click takes it as it is."""
        sentences = [word for word in args if word.startswith("-") and " " in word.partition("=")[0]]
        if len(sentences) == 1 and "--" not in args:
            args = [word for word in args if word not in sentences] + ["--", *sentences]
        return super().parse_args(ctx, args)


def generate(
    instruction: Annotated[str, typer.Argument(help="what to design, in words")],
    model: Annotated[str, typer.Option(help="run, policy directory, name on the hub; with --server, its name there")],
    header: Annotated[str, typer.Option(help="module header to start from, such as 'module top(...);'")] = "",
    reference: Annotated[Path | None, typer.Option(help="reference design to verify against")] = None,
    testbench: Annotated[
        Path | None, typer.Option(help="testbench, Verilog or .py, that judges, without a reference")
    ] = None,
    server: Annotated[
        list[str] | None, typer.Option(help="URL of a chat API, such as Ollama's; may be repeated")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="new file for the best design, if it passes")] = None,
    json: Annotated[bool, typer.Option("--json", help="all distinct designs with their verdicts, as JSON")] = False,
    samples: Annotated[int, typer.Option("-n", min=1, help="candidates to draw")] = 8,
    temperature: Annotated[float, typer.Option(min=0.0, help="0 is greedy")] = 0.8,
    seed: Annotated[int, typer.Option(min=0, help="from which the candidates follow")] = 1,
    config: Annotated[Path | None, typer.Option(help="YAML config with servers, prompt, chat template")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="override a value: a.b=c")] = None,
) -> None:
    """Draw designs, verify that each elaborates (or equals the reference), and give the best with its verdict.

    Without a reference the best is one on whose behaviour most candidates agree. Exit status 0 if it passes, 3 if
    tools fail, else 1.
    """
    from itertl.commands.generate import Asked, generate_design

    values = {"seed": seed, "evaluation.samples": samples, "evaluation.temperature": temperature}
    if reference and testbench:
        raise UsageError("generate takes --reference or --testbench: which of both is to judge?")
    asked = Asked(instruction, header, reference, values, config, tuple(set_ or []), tuple(server or []), testbench)
    raise typer.Exit(generate_design(asked, model, out, json, console))
