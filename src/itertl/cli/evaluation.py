"""`itertl eval`, `replay`, `compare` and `audit`: a model measured on a suite, and what the number is worth.

itertl eval verilogeval-v2-spec-to-rtl --model M --preset verilogeval-v2 --out results        itertl compare A B
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from itertl.cli.continuing import continues
from itertl.errors import UsageError

console = Console()
DRAWN, GIVEN = "A model", "Candidates of someone else's"

Data = Annotated[Path | None, typer.Option(help="folder of published suites; else ITERTL_DATA")]


@continues()
def evaluate(
    suite: Annotated[str, typer.Argument(help="gym-test, rtllm-v2, ...; file:ROWS; package.module:SUITE; a directory")],
    out: Annotated[Path, typer.Option(help="directory for candidates, rows.jsonl and result.json")],
    model: Annotated[
        str | None, typer.Option(help="run directory, policy directory or name on the hub", rich_help_panel=DRAWN)
    ] = None,
    server: Annotated[
        list[str] | None,
        typer.Option(help="URL of a chat API that offers --model; may be repeated", rich_help_panel=DRAWN),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="settings of a paper: see `itertl suites presets`", rich_help_panel=DRAWN)
    ] = None,
    samples: Annotated[
        int | None, typer.Option("-n", min=1, help="samples per problem (10)", rich_help_panel=DRAWN)
    ] = None,
    temperature: Annotated[float | None, typer.Option(min=0.0, help="0 is greedy (0.8)", rich_help_panel=DRAWN)] = None,
    top_p: Annotated[float | None, typer.Option(min=0.0, max=1.0, help="nucleus (0.95)", rich_help_panel=DRAWN)] = None,
    max_new_tokens: Annotated[
        int | None, typer.Option(min=1, help="tokens after which a sample is cut off", rich_help_panel=DRAWN)
    ] = None,
    shots: Annotated[
        int, typer.Option(min=0, max=4, help="in-context examples of VerilogEval v2", rich_help_panel=DRAWN)
    ] = 0,
    config: Annotated[
        Path | None, typer.Option(help="YAML config with servers, prompt, chat template", rich_help_panel=DRAWN)
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="override a value, such as server.urls=[URL]", rich_help_panel=DRAWN),
    ] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="go on without samples no server gives", rich_help_panel=DRAWN)
    ] = False,
    candidates: Annotated[
        Path | None, typer.Option(help="JSONL of task_id and completion (null: missing)", rich_help_panel=GIVEN)
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="VerilogEval v1: a whole module is judged without the pasted header")
    ] = False,
    quality: Annotated[bool, typer.Option(help="synthesize, too, with Yosys: size, depth, latches")] = True,
    limit: Annotated[int | None, typer.Option(min=1, help="at most so many problems")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="from which the gym's tasks and the samples follow")] = None,
    data: Data = None,
) -> None:
    """Measure a model, or given candidates, on a suite: pass@k with 95 % intervals over problems, and the outcomes.

    Suites that bring testbenches are judged by these, by the suite's rule (official) and by ours (strict).
    """
    from itertl.commands.evaluate import Asked, evaluate_candidates, evaluate_model

    if (model is None) == (candidates is None):
        raise UsageError("eval expects either --model or --candidates")
    if server and model is None:
        raise UsageError("--server needs --model, the name of the model that it offers")
    overrides = [*(set_ or []), *(["evaluation.allow_missing=true"] if allow_missing else [])]
    asked = Asked(
        suite, out, data, limit, seed, samples, temperature, top_p, max_new_tokens, preset, shots, config,
        tuple(overrides), quality, tuple(server or []), whole,
    )  # fmt: skip
    if candidates is not None:
        evaluate_candidates(asked, candidates, console)
    elif model is not None:
        evaluate_model(asked, model, console)


def replay(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="--out of an eval, or its result.json")],
    candidates: Annotated[
        Path | None, typer.Option(help="its candidates, where they do not lie beside the result")
    ] = None,
    model: Annotated[str | None, typer.Option(help="draw anew from this model instead, with the same settings")] = None,
    out: Annotated[Path | None, typer.Option(help="directory of the replay; RESULT/replay by default")] = None,
    data: Data = None,
) -> None:
    """Verify an evaluation's candidates again, from nothing: exit status 0 if every number comes out the same."""
    from itertl.commands.replay import replay_result

    raise typer.Exit(replay_result(result, candidates, model, out, data, console))


def audit(
    rows: Annotated[Path, typer.Argument(metavar="TRAIN", help="JSONL of training rows, ours or RTLCoder's")],
    suites: Annotated[
        list[str], typer.Argument(metavar="SUITE...", help="suites, directories of one, or JSONL of tasks")
    ],
    out: Annotated[Path | None, typer.Option(help="JSONL that receives every reported pair")] = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="similarity from which a row counts as a copy")] = 0.8,
    allow: Annotated[list[str] | None, typer.Option(help="id of a row that may be similar; may be repeated")] = None,
    data: Data = None,
) -> None:
    """Find benchmark problems in training rows: exit status 0 none, 1 some, 2 usage."""
    from itertl.commands.audit import audit_rows

    raise typer.Exit(audit_rows(rows, suites, data, out, threshold, allow or [], console))


def compare(
    before: Annotated[
        Path, typer.Argument(metavar="A", help="--out of an eval, evaluation.json of a run, or a run directory")
    ],
    after: Annotated[Path, typer.Argument(metavar="B", help="the same for the second policy")],
    official: Annotated[bool, typer.Option("--official", help="by the suite's own rule instead of ours")] = False,
    out: Annotated[Path | None, typer.Option(help="HTML page of two runs; in B by default")] = None,
) -> None:
    """Compare two evaluations of one suite, or two runs, paired over problems: differences, flipped problems, power."""
    from itertl.commands.compare import compare_any

    compare_any(before, after, official, out, console)
