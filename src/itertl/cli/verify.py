"""`itertl verify`, its workers elsewhere, and `itertl mutate`: verdicts on designs, and the strength of their benches.

itertl verify design.v --reference ref.v        itertl mutate ref.v        itertl verify-worker FOLDER
"""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from itertl.cli.continuing import continues
from itertl.errors import UsageError

console = Console()
ONE, PROJECT, MANY = "One design", "One design, in a project", "Many candidates, from files"
RuleName = Annotated[
    str, typer.Option(help="read the bench's output as a suite does, such as rtllm-v2", rich_help_panel=ONE)
]
Whole = Annotated[
    bool, typer.Option("--whole", help="a whole module without the header that --rule pastes", rich_help_panel=ONE)
]
CrossChecked = Annotated[
    Literal["off", "references", "suspicious", "all"],
    typer.Option(help="whose reading by Yosys is simulated, too: where tools may misread a design, or of all"),
]


@continues("--candidates")
def verify(
    design: Annotated[Path | None, typer.Argument(help="Verilog file, or a model's whole answer; - is stdin")] = None,
    reference: Annotated[
        list[Path] | None, typer.Option(help="reference design; several, or folders: a project", rich_help_panel=ONE)
    ] = None,
    filelist: Annotated[
        list[Path] | None,
        typer.Option("--filelist", "-f", help="files of a project, as tools list them", rich_help_panel=PROJECT),
    ] = None,
    include: Annotated[
        list[Path] | None, typer.Option("-I", help="folder of files to include", rich_help_panel=PROJECT)
    ] = None,
    define: Annotated[
        list[str] | None, typer.Option("-D", help="macro: NAME or NAME=VALUE", rich_help_panel=PROJECT)
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("-P", help="parameter of the module: NAME=VALUE", rich_help_panel=PROJECT)
    ] = None,
    top: Annotated[str, typer.Option(help="module that is judged, where several could be", rich_help_panel=ONE)] = "",
    testbench: Annotated[
        Path | None, typer.Option(help="bench to pass, Verilog or .py; alone: the judge", rich_help_panel=ONE)
    ] = None,
    rule: RuleName = "",
    whole: Whole = False,
    vcd: Annotated[Path | None, typer.Option(help="file for the waves of both designs", rich_help_panel=ONE)] = None,
    candidates: Annotated[
        Path | None, typer.Option(help="JSONL, plain or .gz: task_id, completion", rich_help_panel=MANY)
    ] = None,
    tasks: Annotated[
        Path | None, typer.Option(help="JSONL: id, instruction, header, reference", rich_help_panel=MANY)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="JSONL of verdicts, a line a row", rich_help_panel=MANY)] = None,
    workers: Annotated[int, typer.Option(min=0, help="processes; 0 is one a core", rich_help_panel=MANY)] = 0,
    cluster: Annotated[str, typer.Option(help="Ray: auto, HOST:PORT or local", rich_help_panel=MANY)] = "",
    tool_errors: Annotated[
        float, typer.Option(min=0, max=1, help="share of tool errors that ends it", rich_help_panel=MANY)
    ] = 0.02,
    folder: Annotated[
        Path | None, typer.Option(help="shared folder: `itertl verify-worker` works there", rich_help_panel=MANY)
    ] = None,
    works: Annotated[
        bool,
        typer.Option("--work/--no-work", help="in --folder: judge here, or collect only", rich_help_panel=MANY),
    ] = True,
    any_tools: Annotated[
        bool, typer.Option("--any-tools", help="in --folder: workers may have other versions", rich_help_panel=MANY)
    ] = False,
    formal: Annotated[bool, typer.Option("--formal", help="ask Yosys, too, whether what passes is equal")] = False,
    cross_check: CrossChecked = "references",
    json: Annotated[bool, typer.Option("--json", help="print the verdict, or the summary of many, as JSON")] = False,
) -> None:
    """Verify a design against a reference, or a file of candidates, resumably, against those of their tasks.

    Exit status: 0 passed (of many: all rows have a verdict), 1 not passed, 2 usage, 3 a tool failed, 4 unsupported.
    """
    one = (design, reference, testbench, vcd, top or None, rule or whole or None, filelist, include, define, parameter)
    if design is not None and (reference or filelist or testbench) and not any((candidates, tasks, out, folder)):
        from itertl.commands.sources import Around
        from itertl.commands.verify import Asked, verify_one

        paths = tuple(reference or ()), tuple(filelist or ()), tuple(include or ())
        around = Around(*paths, tuple(define or ()), tuple(parameter or ()), top)
        asked = Asked(json, vcd, testbench, rule, formal, cross_check, whole)
        raise typer.Exit(verify_one(design, around, asked, console))
    if candidates is not None and tasks is not None and out is not None and not any(one):
        from itertl.commands.verify_many import verify_candidates
        from itertl.evaluation.many import Order
        from itertl.verify import VerifySettings, with_cross_check
        from itertl.verify.folder.driver import Shared

        if folder is None and (any_tools or not works):
            raise UsageError("--no-work and --any-tools are about --folder, which is not given")
        settings = with_cross_check(VerifySettings(workers=workers, cluster=cluster, formal=formal), cross_check)
        shared = Shared(folder, works, any_tools) if folder is not None else None
        verify_candidates(Order(candidates, tasks, out, settings, tool_errors, shared), json, console)
        return
    raise UsageError(
        "verify expects DESIGN --reference REF, DESIGN --filelist FILES, DESIGN --testbench TB, "
        "or --candidates ROWS --tasks TASKS --out VERDICTS"
    )


def verify_worker(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="the --folder of an `itertl verify`")],
    workers: Annotated[int, typer.Option(min=0, help="processes; 0 is one a core")] = 0,
    idle: Annotated[float, typer.Option(min=0, help="seconds without work after which it ends")] = 600.0,
) -> None:
    """Judge designs for an `itertl verify --folder FOLDER` on any machine that shares the folder.

    Ends when the work is over. Exit status: 0 so, or nothing to do for --idle seconds; 3 other tools than the driver's.
    """
    from itertl.commands.verify_worker import serve_folder

    serve_folder(folder, workers, idle, console)


def serve_verdicts(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one")] = 8765,
    workers: Annotated[int, typer.Option(min=0, help="processes; 0 is one a core")] = 0,
    score: Annotated[str, typer.Option(help="functional, syntax, rtlcoder, or package.module:function")] = "functional",
    places: Annotated[int, typer.Option(min=1, help="designs under way; beyond them the answer is 429")] = 4096,
    body_mb: Annotated[int, typer.Option(min=1, help="size of a request, MiB")] = 8,
    token: Annotated[bool, typer.Option("--token", help="ask for the bearer token in ITERTL_TOKEN")] = False,
    formal: Annotated[bool, typer.Option("--formal", help="ask Yosys, too, whether what passes is equal")] = False,
) -> None:
    """Judge designs for whoever asks by HTTP: POST /verify, GET /health, GET /metrics."""
    from itertl.commands.serve_verdicts import Asked, serve_verdicts
    from itertl.verify import VerifySettings

    settings = VerifySettings(workers=workers, formal=formal)
    serve_verdicts(Asked(host, port, places, body_mb, score, token), settings, console)


def mutate(
    reference: Annotated[Path, typer.Argument(help="reference design")],
    count: Annotated[int, typer.Option(min=0, help="mutants to draw, from each kind in turn; 0 for all")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="from which the choice follows")] = 0,
    top: Annotated[str, typer.Option(help="top module, where it is not the one that others use")] = "",
    testbench: Annotated[Path | None, typer.Option(help="a testbench whose strength is measured, too")] = None,
    rule: Annotated[str, typer.Option(help="how to read it: a suite's name such as rtllm-v2; default: see docs")] = "",
    formal: Annotated[bool, typer.Option("--formal", help="decide by Yosys whether survivors are equivalent")] = False,
    json: Annotated[bool, typer.Option("--json", help="print mutants and strength as JSON")] = False,
    out: Annotated[Path | None, typer.Option(help="directory for the mutants and mutants.jsonl")] = None,
    all_: Annotated[bool, typer.Option("--all", help="show every mutant, the killed ones, too")] = False,
) -> None:
    """Mutants of a reference: which of them our bench, and a testbench of yours, kill.

    Exit status: 0 no mutant that is known to differ got away, 1 some did, 2 usage, 3 a tool failed.
    """
    from itertl.commands.mutate import Asked, mutate_design

    asked = Asked(count or None, seed, top, testbench, rule, formal, json, out, all_)
    raise typer.Exit(mutate_design(reference, asked, console))
