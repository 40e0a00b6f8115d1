"""`itertl eval`: a model, or candidates that someone else drew, measured on a suite."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from itertl.commands.outputs import check_results
from itertl.commands.policy import (
    find_policy,
    origin_of_policy,
    require_server,
    require_training,
    run_config,
)
from itertl.commands.tables import interval
from itertl.config import Config, load_config
from itertl.disk.rows import read_rows
from itertl.disk.run_dir import Store, open_run
from itertl.errors import MissingToolError, ToolError, UsageError
from itertl.evaluation.benched import ROWS, row_verdicts, rows_by_reference
from itertl.evaluation.candidates import check_kept, check_rows, read_candidates
from itertl.evaluation.judging import CANDIDATES, judge
from itertl.evaluation.quality import QUALITY, SYNTHESES, Ratio, synthesize_stage
from itertl.evaluation.quality import quality as summarise_quality
from itertl.evaluation.result import (
    JUDGED_WHOLE,
    RESULT,
    WHOLE_ANSWERS,
    Result,
    Sources,
    summarise,
    summarise_reference,
)
from itertl.outcome import Outcome
from itertl.records import Candidate, Task
from itertl.report import write_report
from itertl.sampling import Draw, sample
from itertl.suites.load import load_suite, suite_name
from itertl.suites.presets import Wanted, asked_in_turns, configs_for
from itertl.suites.tool_range import version_warning
from itertl.tables import print_table
from itertl.tables import table as new_table
from itertl.tools.yosys import find_yosys
from itertl.verify.official.rules import rule_of
from itertl.words import counted


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured, and how: None leaves a value to the preset, the config file, or the run of the model."""

    suite: str
    out: Path
    data: Path | None = None
    limit: int | None = None
    seed: int | None = None
    samples: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_new_tokens: int | None = None
    preset: str | None = None
    shots: int = 0
    config: Path | None = None
    overrides: tuple[str, ...] = ()
    quality: bool = True
    servers: tuple[str, ...] = ()
    whole: bool = False

    def values(self) -> dict[str, Any]:
        """Return what the caller has said, by the config's keys."""
        said = {
            "seed": self.seed,
            "tasks.limit": self.limit,
            "evaluation.data": self.data and str(self.data),
            "evaluation.samples": self.samples,
            "evaluation.temperature": self.temperature,
            "evaluation.top_p": self.top_p,
            "sampling.max_new_tokens": self.max_new_tokens,
            "evaluation.whole": self.whole or None,
        }
        return {key: value for key, value in said.items() if value is not None}


def evaluate_model(asked: Asked, model: str, console: Console) -> None:
    """Measure a model on a suite, resumable; with a preset of several temperatures, at each of them.

    A model that `asked.servers` offer, chat APIs, is known by its name alone, and the result says what that leaves out.
    """
    check_results(asked.out)
    configs = _served_model(asked, model) if asked.servers else _own_model(asked, model)
    settings = {"model": model, "preset": asked.preset, "shots": asked.shots}
    if asked.servers:
        from itertl.sampling.chat import UNCHECKED

        settings["unchecked"] = UNCHECKED
    if asked.whole:
        settings["whole"] = True
    quality = _with_synthesis(asked, console)
    results = {
        name: _measure_model(config, asked, {**settings, **_drawn_with(config)}, asked.out / name, quality)
        for name, config in configs.items()
    }
    for name, result in results.items():
        show(result, asked.out / name, console)
    if len(results) > 1:
        print_table(temperature_table(results), console)
        console.print("the best of several temperatures is chosen on the suite itself: it is higher than a fresh one")


def _own_model(asked: Asked, model: str) -> dict[str, Config]:
    require_training()
    if asked.config is not None:
        base, trained = load_config(asked.config), False
    else:
        run = run_config(model)
        base, trained = run or Config(), run is not None
    wanted = Wanted(asked.suite, asked.values(), asked.overrides, asked.preset, asked.shots, trained)
    return configs_for(base, str(find_policy(model)), wanted)


def _served_model(asked: Asked, model: str) -> dict[str, Config]:
    require_server()
    base = load_config(asked.config) if asked.config else Config()
    turns = asked_in_turns(base, model, asked.servers)
    if asked.preset is not None:
        for key in ("policy.prompt", "sampling.max_new_tokens"):
            turns.pop(key, None)  # the publisher's counts
    wanted = Wanted(asked.suite, {**turns, **asked.values()}, asked.overrides, asked.preset, asked.shots)
    return configs_for(base, None, wanted)


def _tasks(asked: Asked, config: Config) -> tuple[list[Task], str]:
    """Return the suite's tasks, and the name under which it is filed; raise UsageError where --whole is of no use."""
    tasks = load_suite(asked.suite, config)
    if asked.whole and not any(rule_of(task.rule).takes_whole for task in tasks):
        raise UsageError(
            f"--whole: {asked.suite} pastes no header before an answer that is a whole module; leave it out"
        )
    return tasks, suite_name(asked.suite)


def _measure_model(config: Config, asked: Asked, settings: dict[str, Any], out: Path, quality: bool) -> Result:
    tasks, name = _tasks(asked, config)
    policy = Path(config.policy.path or "")
    with open_run(config, out) as store:
        draw = Draw.for_evaluation(config, name, 0)
        candidates = store.stage(CANDIDATES.at(name), sample, policy, tasks, draw)
        if not asked.servers and (origin := origin_of_policy(policy)):
            settings = {**settings, "weights": origin}
        sources = Sources(name, settings, config.model_dump(mode="json"), config.evaluation.samples)
        return measure_candidates(sources, tasks, candidates, config, store, quality)


def evaluate_candidates(asked: Asked, rows: Path, console: Console) -> None:
    """Measure the candidates of a file on a suite, resumable; needs no torch."""
    drawing = {
        "--preset": asked.preset,
        "--shots": asked.shots or None,
        "-n": asked.samples,
        "--temperature": asked.temperature,
        "--top-p": asked.top_p,
        "--max-new-tokens": asked.max_new_tokens,
    }
    if said := [name for name, value in drawing.items() if value is not None]:
        raise UsageError(f"{', '.join(said)}: settings of a draw, but --candidates are drawn already; leave them out")
    check_results(asked.out)
    base = load_config(asked.config) if asked.config else Config()
    wanted = Wanted(asked.suite, asked.values(), asked.overrides)
    (config,) = configs_for(base, None, wanted).values()
    tasks, name = _tasks(asked, config)
    check_rows(rows, tasks)
    quality = _with_synthesis(asked, console)
    with open_run(config, asked.out) as store:
        check_kept(store.root / CANDIDATES.at(name).name, rows, tasks)
        candidates = store.stage(CANDIDATES.at(name), read_candidates, rows, tasks)
        settings = {"candidates": rows.name, **({"whole": True} if asked.whole else {})}
        sources = Sources(name, settings, config.model_dump(mode="json"))
        result = measure_candidates(sources, tasks, candidates, config, store, quality)
    show(result, asked.out, console)


def measure_candidates(
    sources: Sources,
    tasks: Sequence[Task],
    candidates: Iterable[Candidate],
    config: Config,
    store: Store,
    quality: bool,
) -> Result:
    """Verify by the suite's own testbenches where it brings them, else from the reference; keep every row."""
    name = sources.suite
    judged = judge(name, tasks, candidates, config.verify, store)
    if judged.benched is not None:
        store.stage(ROWS, row_verdicts, candidates, tasks, judged.benched).drain()
    else:
        store.stage(ROWS, rows_by_reference, candidates, judged.verdicts).drain()
    found = None
    if quality:
        made = store.stage(SYNTHESES.at(name), synthesize_stage, candidates, tasks, judged.verdicts, config.verify)
        found = store.stage(QUALITY.at(name), summarise_quality, candidates, tasks, judged.verdicts, made)
    if judged.benched is not None:
        return store.stage(RESULT, summarise, sources, tasks, candidates, judged.benched, found)
    return store.stage(RESULT, summarise_reference, sources, tasks, candidates, judged.verdicts, found)


def _with_synthesis(asked: Asked, console: Console) -> bool:
    """Return True if designs are synthesized, too: where that is asked for, and Yosys is here."""
    if not asked.quality:
        return False
    try:
        find_yosys()
    except MissingToolError as error:
        console.print(f"nothing is said of synthesis: {error}", style="yellow", highlight=False, soft_wrap=True)
        return False
    return True


def _drawn_with(config: Config) -> dict[str, Any]:
    """Return what of a config decides the samples, for a person to read."""
    policy, sampling, evaluation = config.policy, config.sampling, config.evaluation
    return {
        "samples": evaluation.samples,
        "temperature": evaluation.temperature,
        "top_p": evaluation.top_p,
        "max_new_tokens": sampling.max_new_tokens,
        "prompt": policy.prompt,
        "chat": policy.chat,
        "system": policy.system,
        "stop": list(sampling.stop),
        "seed": config.seed,
    }


def show(result: Result, out: Path, console: Console) -> None:
    """Print a result, and what has to be known about it; raise ToolError where nothing was verified."""
    print_table(result_table(result), console)
    if result.no_strict:
        named = ", ".join(result.no_strict)
        console.print(f"left out of strict, their reference fails the suite's bench here: {named}", highlight=False)
    if share := result.own_module:
        said = f"{WHOLE_ANSWERS.format(share=f'{share:.1%}')} --whole judges them without it, into another --out."
        console.print(said, highlight=False, soft_wrap=True)
    if result.settings.get("whole"):
        console.print(JUDGED_WHOLE, highlight=False, soft_wrap=True)
    if said := _cut_off(result, out):
        console.print(said, highlight=False, soft_wrap=True)
    if warning := version_warning(result.tools):
        console.print(f"warning: {warning}", style="yellow", highlight=False)
    if not result.complete:
        counts = [n for n, _ in result.strict.per_problem.values()]
        lacking = f"problems with fewer verified samples than they were to have: {result.short} of {len(counts)}"
        lacking += f"; with none, which are left out: {counts.count(0)}" if 0 in counts else ""
        console.print(f"this result is incomplete: {lacking}", style="yellow", highlight=False)
    written = f"rows: {out / ROWS.name}; result: {out / RESULT.name}; report: {write_report(out)}"
    console.print(written, highlight=False, soft_wrap=True)
    if not any(count for count, _ in result.strict.per_problem.values()):
        raise ToolError(f"no sample of {result.suite} was verified: {out / ROWS.name} says what became of each")


def _cut_off(result: Result, out: Path) -> str:
    """Return how many answers the limit of tokens has cut off, "" where none is."""
    path = out / CANDIDATES.at(result.suite).name
    reasons = [row.get("finish_reason") for row in read_rows(path)] if path.is_file() else []
    cut, limit = reasons.count("length"), result.settings.get("max_new_tokens")
    if not cut or limit is None:
        return ""
    answers = counted(len(reasons), "answers were", "answer was")
    return f"{cut} of {answers} cut off at {limit} tokens; --max-new-tokens sets that limit"


def result_table(result: Result) -> Table:
    """Return pass@k with intervals and the outcomes: strict, official, and both without known defects."""
    columns = {"strict": result.strict}
    if result.official is not None:
        columns["official"] = result.official
    if (fair := result.without_defects) is not None and fair.left_out:
        left = f"without {counted(len(fair.left_out), 'defective problems')}"
        columns |= {f"strict, {left}": fair.strict, f"official, {left}": fair.official}
    first = result.strict
    title = f"{result.suite}: {counted(first.problems, 'problems')}, {counted(first.samples, 'samples')} each"
    table = new_table("measure", *columns, title=title, title_justify="left")
    for k in first.pass_at:
        cells = (interval(c.pass_at[k]) if k in c.pass_at else "" for c in columns.values())
        table.add_row(f"pass@{k}", *cells)
    for k, found in first.pass_at.items():
        if found.sampling is not None:
            alone = (c.pass_at[k].sampling if k in c.pass_at else None for c in columns.values())
            table.add_row(f"pass@{k}, samples alone", *("" if a is None else f"± {a:.3f}" for a in alone))
    table.add_section()
    table.add_row("syntax right", f"{result.syntax:.1%}")
    table.add_row("elaborates", f"{result.elaboration:.1%}")
    if (quality := result.quality) is not None:
        table.add_row("synthesizable", _percent(quality.synthesizable))
        for name, ratio in quality.ratios.items():
            if ratio.value is not None:
                table.add_row(f"{name} / reference", _ratio(ratio))
        table.add_row("passes with latches", _percent(quality.latched))
    table.add_section()
    for outcome in Outcome:
        shares = [c.outcomes.get(outcome.value, 0.0) for c in columns.values()]
        if any(shares):
            table.add_row(outcome.value, *(f"{share:.1%}" if share else "" for share in shares))
    if any(c.missing for c in columns.values()):
        table.add_row("missing, never wrong", *(str(c.missing or "") for c in columns.values()))
    if any(c.unsupported for c in columns.values()):
        table.add_row("unsupported, never wrong", *(str(c.unsupported or "") for c in columns.values()))
    return table


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _ratio(ratio: Ratio) -> str:
    """Return a ratio with its interval, and on how many problems it lies beyond what rewording alone does."""
    moved = f"{ratio.smaller} smaller, {ratio.larger} larger of {ratio.problems + ratio.undefined}"
    return f"{interval(ratio)}: {moved}"


def temperature_table(results: dict[str, Result]) -> Table:
    """Return the settings of a preset side by side."""
    first = next(iter(results.values())).strict
    table = new_table(
        "setting", *(f"pass@{k}, strict" for k in first.pass_at), title="all settings", title_justify="left"
    )
    for name, result in results.items():
        table.add_row(name, *(interval(found) for found in result.strict.pass_at.values()))
    return table
