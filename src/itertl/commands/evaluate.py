"""`itertl eval`: a model, or candidates that someone else drew, measured on a suite."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from itertl.commands.policy import find_policy, require_training, run_config
from itertl.commands.tables import interval
from itertl.config import Config, load_config
from itertl.errors import UsageError
from itertl.evaluation.benched import JUDGED, ROWS, by_testbench, row_verdicts, rows_by_reference, strict_verdicts
from itertl.evaluation.candidates import read_candidates
from itertl.evaluation.measure import Evaluation, measure
from itertl.evaluation.presets import Wanted, configs_for
from itertl.evaluation.result import RESULT, Result, Sources, summarise, summarise_reference
from itertl.evaluation.suites import brings_testbench, load_suite, suite_name
from itertl.evaluation.tool_range import version_warning
from itertl.loop import CANDIDATES, EVALUATION, VERDICTS
from itertl.records import Candidate, Outcome, Task
from itertl.run_dir import Store, open_run
from itertl.sampling import Draw, sample
from itertl.verify.stage import verify_stage


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
        }
        return {key: value for key, value in said.items() if value is not None}


def evaluate_model(asked: Asked, model: str, console: Console) -> None:
    """Measure a model on a suite, resumable; with a preset of several temperatures, at each of them."""
    require_training()
    if asked.config is not None:
        base, trained = load_config(asked.config), False
    else:
        run = run_config(model)
        base, trained = run or Config(), run is not None
    wanted = Wanted(asked.suite, asked.values(), asked.overrides, asked.preset, asked.shots, trained)
    configs = configs_for(base, str(find_policy(model)), wanted)
    settings = {"model": model, "preset": asked.preset, "shots": asked.shots}
    results = {
        name: _measure_model(config, asked, {**settings, **_drawn_with(config)}, asked.out / name)
        for name, config in configs.items()
    }
    for name, result in results.items():
        show(result, asked.out / name, console)
    if len(results) > 1:
        console.print(temperature_table(results))
        console.print("the best of several temperatures is chosen on the suite itself: it is higher than a fresh one")


def _measure_model(config: Config, asked: Asked, settings: dict[str, Any], out: Path) -> Result:
    tasks, name = load_suite(asked.suite, config), suite_name(asked.suite)
    policy = Path(config.policy.path or "")
    with open_run(config, out) as store:
        draw = Draw.for_evaluation(config, name, 0)
        candidates = store.stage(CANDIDATES.at(name), sample, policy, tasks, draw)
        sources = Sources(name, settings, config.model_dump(mode="json"), config.evaluation.samples)
        return measure_candidates(sources, tasks, candidates, config, store, asked.quality)


def evaluate_candidates(asked: Asked, rows: Path, console: Console) -> None:
    """Measure the candidates of a file on a suite, resumable; needs no torch."""
    if asked.preset or asked.shots or asked.temperature is not None or asked.samples is not None:
        raise UsageError("--preset, --shots, -n and --temperature are about drawing; expected none with --candidates")
    base = load_config(asked.config) if asked.config else Config()
    wanted = Wanted(asked.suite, asked.values(), asked.overrides)
    (config,) = configs_for(base, None, wanted).values()
    tasks, name = load_suite(asked.suite, config), suite_name(asked.suite)
    with open_run(config, asked.out) as store:
        candidates = store.stage(CANDIDATES.at(name), read_candidates, rows, tasks)
        sources = Sources(name, {"candidates": rows.name}, config.model_dump(mode="json"))
        result = measure_candidates(sources, tasks, candidates, config, store, asked.quality)
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
    if not brings_testbench(tasks):
        verdicts = store.stage(VERDICTS.at(name), verify_stage, candidates, tasks, config.verify)
        verdicts.drain()
        store.stage(ROWS, rows_by_reference, candidates, verdicts).drain()
        result = store.stage(RESULT, summarise_reference, sources, tasks, candidates, verdicts)
    else:
        judged = store.stage(JUDGED.at(name), by_testbench, candidates, tasks, config.verify)
        verdicts = store.stage(VERDICTS.at(name), strict_verdicts, judged)
        store.stage(ROWS, row_verdicts, candidates, tasks, judged).drain()
        result = store.stage(RESULT, summarise, sources, tasks, candidates, judged)
    store.stage(EVALUATION.at(name), measure, name, tasks, candidates, verdicts, sources.wanted)
    return result


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
    """Print a result, and what has to be known about it."""
    console.print(result_table(result))
    if result.no_strict:
        named = ", ".join(result.no_strict)
        console.print(f"no strict verdict, because the golden fails the suite's bench here: {named}", highlight=False)
    if warning := version_warning(result.tools):
        console.print(f"warning: {warning}", style="yellow", highlight=False)
    if not result.complete:
        lacking = f"{result.short} problems have fewer verified samples than they were to have"
        console.print(f"this result is incomplete: {lacking}", style="yellow", highlight=False)
    console.print(f"verdicts: {out / ROWS.name}; result: {out / RESULT.name}", highlight=False, soft_wrap=True)


def result_table(result: Result) -> Table:
    """Return pass@k with intervals and the outcomes: strict, official, and both without known defects."""
    columns = {"strict": result.strict}
    if result.official is not None:
        columns["official"] = result.official
    if result.without_defects is not None and result.without_defects["left_out"]:
        left = f"without {len(result.without_defects['left_out'])} defective problems"
        columns |= {f"{name}, {left}": result.without_defects[name] for name in ("strict", "official")}
    first = Evaluation.from_dict(result.strict)
    title = f"{result.suite}: {first.problems} problems, {first.samples} samples each"
    table = Table("measure", *columns, title=title, title_justify="left")
    for k in first.pass_at:
        cells = (interval(c["pass_at"][k]) if k in c["pass_at"] else "" for c in columns.values())
        table.add_row(f"pass@{k}", *cells)
    for k, found in first.pass_at.items():
        if found.get("sampling") is not None:
            alone = (c["pass_at"].get(k, {}).get("sampling") for c in columns.values())
            table.add_row(f"pass@{k}, samples alone", *("" if a is None else f"± {a:.3f}" for a in alone))
    table.add_section()
    table.add_row("syntax right", f"{result.syntax:.1%}")
    table.add_row("elaborates", f"{result.elaboration:.1%}")
    table.add_section()
    for outcome in Outcome:
        shares = [c["outcomes"].get(outcome.value, 0.0) for c in columns.values()]
        if any(shares):
            table.add_row(outcome.value, *(f"{share:.1%}" if share else "" for share in shares))
    if any(c["missing"] for c in columns.values()):
        table.add_row("missing, never wrong", *(str(c["missing"] or "") for c in columns.values()))
    return table


def temperature_table(results: dict[str, Result]) -> Table:
    """Return the settings of a preset side by side."""
    first = Evaluation.from_dict(next(iter(results.values())).strict)
    table = Table("setting", *(f"pass@{k}, strict" for k in first.pass_at), title="all settings", title_justify="left")
    for name, result in results.items():
        table.add_row(name, *(interval(found) for found in result.strict["pass_at"].values()))
    return table
