"""`itertl eval`: a model, or candidates that someone else drew, measured on a suite."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl.commands.policy import find_policy, require_training
from itertl.commands.tables import interval
from itertl.config import Config, EvaluationConfig, PolicyConfig, TasksConfig
from itertl.evaluation.benched import (
    JUDGED,
    RESULT,
    ROWS,
    Result,
    by_testbench,
    row_verdicts,
    rows_by_reference,
    strict_verdicts,
    summarise,
    summarise_reference,
)
from itertl.evaluation.candidates import read_candidates
from itertl.evaluation.measure import Evaluation, measure
from itertl.evaluation.suites import PUBLISHED, load_suite, suite_name
from itertl.evaluation.tool_range import version_warning
from itertl.loop import CANDIDATES, EVALUATION, VERDICTS
from itertl.records import Candidate, Outcome, Task
from itertl.run_dir import Store, open_run
from itertl.sampling import Draw, sample
from itertl.verify.stage import verify_stage


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured, and how: `data` holds the published suites, `limit` caps the problems."""

    suite: str
    out: Path
    data: Path | None = None
    limit: int | None = None
    seed: int = 1
    samples: int = 10
    temperature: float = 0.8


def evaluate_model(asked: Asked, model: str, console: Console) -> None:
    """Measure a model on a suite, resumable."""
    require_training()
    policy = find_policy(model)
    config = _config(asked, PolicyConfig(path=str(policy)))
    tasks, name = load_suite(asked.suite, config), suite_name(asked.suite)
    with open_run(config, asked.out) as store:
        draw = Draw.for_evaluation(config, name, 0)
        candidates = store.stage(CANDIDATES.at(name), sample, policy, tasks, draw)
        result = _measure(name, tasks, candidates, config, store)
    _show(result, asked.out, console)


def evaluate_candidates(asked: Asked, rows: Path, console: Console) -> None:
    """Measure the candidates of a file on a suite, resumable; needs no torch."""
    config = _config(asked, PolicyConfig())
    tasks, name = load_suite(asked.suite, config), suite_name(asked.suite)
    with open_run(config, asked.out) as store:
        candidates = store.stage(CANDIDATES.at(name), read_candidates, rows, tasks)
        result = _measure(name, tasks, candidates, config, store)
    _show(result, asked.out, console)


def _config(asked: Asked, policy: PolicyConfig) -> Config:
    measured = EvaluationConfig(
        samples=asked.samples, temperature=asked.temperature, suites=(asked.suite,), data=asked.data
    )
    return Config(
        name="evaluation",
        seed=asked.seed,
        iterations=0,
        tasks=TasksConfig(limit=asked.limit),
        policy=policy,
        evaluation=measured,
    )


def _measure(name: str, tasks: Sequence[Task], candidates: Iterable[Candidate], config: Config, store: Store) -> Result:
    """Verify by the suite's own testbench where it is a published one, else from the reference; keep every row."""
    if name not in PUBLISHED:
        verdicts = store.stage(VERDICTS.at(name), verify_stage, candidates, tasks, config.verify)
        found = store.stage(EVALUATION.at(name), measure, name, tasks, candidates, verdicts)
        store.stage(ROWS, rows_by_reference, candidates, verdicts).drain()
        return store.stage(RESULT, summarise_reference, tasks, candidates, verdicts, found)
    judged = store.stage(JUDGED.at(name), by_testbench, candidates, tasks, config.verify)
    verdicts = store.stage(VERDICTS.at(name), strict_verdicts, judged)
    store.stage(EVALUATION.at(name), measure, name, tasks, candidates, verdicts)
    store.stage(ROWS, row_verdicts, candidates, tasks, judged).drain()
    return store.stage(RESULT, summarise, name, tasks, candidates, judged)


def _show(result: Result, out: Path, console: Console) -> None:
    console.print(result_table(result))
    if result.no_strict:
        named = ", ".join(result.no_strict)
        console.print(f"no strict verdict, because the golden fails the suite's bench here: {named}", highlight=False)
    if warning := version_warning(result.tools):
        console.print(f"warning: {warning}", style="yellow", highlight=False)
    if not result.complete:
        lacking = f"{result.short} problems have fewer verified samples than others"
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
    for outcome in Outcome:
        shares = [c["outcomes"].get(outcome.value, 0.0) for c in columns.values()]
        if any(shares):
            table.add_row(outcome.value, *(f"{share:.1%}" if share else "" for share in shares))
    if any(c["missing"] for c in columns.values()):
        table.add_row("not verified: incomplete", *(str(c["missing"] or "") for c in columns.values()))
    return table
