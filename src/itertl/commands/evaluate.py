"""`itertl eval`: a model, or candidates that someone else drew, measured on a suite."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from itertl.commands.policy import find_policy, require_training
from itertl.commands.tables import interval
from itertl.config import Config, EvaluationConfig, PolicyConfig, TasksConfig
from itertl.evaluation.candidates import read_candidates
from itertl.evaluation.measure import Evaluation, measure
from itertl.evaluation.suites import load_suite, suite_name
from itertl.loop import CANDIDATES, EVALUATION, VERDICTS, evaluate
from itertl.run_dir import open_run
from itertl.verify.stage import verify_stage


def evaluate_model(
    suite: str,
    model: str,
    out: Path,
    samples: int,
    temperature: float,
    limit: int | None,
    seed: int,
    console: Console,
) -> None:
    """Measure a model on a suite, resumable in `out`."""
    require_training()
    config = Config(
        name="evaluation",
        seed=seed,
        iterations=0,
        tasks=TasksConfig(limit=limit),
        policy=PolicyConfig(path=str(find_policy(model))),
        evaluation=EvaluationConfig(samples=samples, temperature=temperature, suites=(suite,)),
    )
    tasks = load_suite(suite, config)
    with open_run(config, out) as store:
        result = evaluate(suite_name(suite), tasks, find_policy(model), 0, config, store)
    console.print(evaluation_table(result))


def evaluate_candidates(suite: str, rows: Path, out: Path, limit: int | None, seed: int, console: Console) -> None:
    """Measure the candidates of a file on a suite, resumable in `out`; needs no torch."""
    config = Config(name="evaluation", seed=seed, iterations=0, tasks=TasksConfig(limit=limit))
    tasks = load_suite(suite, config)
    name = suite_name(suite)
    with open_run(config, out) as store:
        candidates = store.stage(CANDIDATES.at(name), read_candidates, rows, tasks)
        verdicts = store.stage(VERDICTS.at(name), verify_stage, candidates, tasks, config.verify)
        result = store.stage(EVALUATION.at(name), measure, name, tasks, candidates, verdicts)
    console.print(evaluation_table(result))


def evaluation_table(result: Evaluation) -> Table:
    """Return pass@k with intervals and the outcomes of one evaluation."""
    title = f"{result.suite}: {result.problems} problems, {result.samples} samples each"
    table = Table("measure", "value", title=title, title_justify="left")
    for k, values in result.pass_at.items():
        table.add_row(f"pass@{k}", interval(values))
    for outcome, share in result.outcomes.items():
        table.add_row(outcome, f"{share:.1%}")
    if result.missing:
        table.add_row("not verified: incomplete", str(result.missing))
    return table
