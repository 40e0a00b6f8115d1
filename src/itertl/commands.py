"""What the commands do, as functions: each takes plain values and prints to the console that it is given."""

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from itertl.config import Config, EvaluationConfig, PolicyConfig, TasksConfig, load_config
from itertl.errors import MissingToolError, UsageError
from itertl.evaluation.candidates import read_candidates
from itertl.evaluation.measure import Comparison, Evaluation, measure
from itertl.evaluation.suites import load_suite, suite_name
from itertl.loop import CANDIDATES, EVALUATION, VERDICTS, evaluate, run
from itertl.records import Candidate, Outcome, Task, Verdict
from itertl.run_dir import StageReached, open_run
from itertl.sampling import Draw, sample
from itertl.tasks import gym
from itertl.tasks.header import top_first
from itertl.verify import check_reference, code_id, elaborates_alone, extract_module, verify
from itertl.verify.score import resolve
from itertl.verify.stage import verify_stage

RUNS = Path("runs")


def run_loop(path: Path, overrides: list[str], out: Path | None, until: str | None, console: Console) -> None:
    """Run or continue the loop of a config file; end with a table, and with the path of the report."""
    from itertl.report import write_report

    config = load_config(path, overrides)
    resolve(config.score)
    require_training()
    root = out or RUNS / config.name
    with open_run(config, root, until) as store:
        console.print(f"run directory: {root}", highlight=False, soft_wrap=True)
        try:
            comparison = run(config, store)
        except StageReached as reached:
            console.print(f"stopped after {reached}; without --until the same command continues", highlight=False)
            return
        store.check_until()
    for table in summary(comparison):
        console.print(table)
    console.print(f"report: {write_report(root)}", highlight=False, soft_wrap=True)


def summary(comparison: Comparison) -> list[Table]:
    """Return the table of a finished run: pass@1 of each arm on each suite, and the gain of the best iteration."""
    table = Table(title="pass@1 [95 % interval over problems]", title_justify="left")
    table.add_column("suite")
    for heading in (
        "warm start",
        f"best on dev (iteration {comparison.best_iteration})",
        "last iteration",
        "gain of best",
    ):
        table.add_column(heading, justify="right")
    for suite, arms in comparison.evaluations.items():
        gain = comparison.gains[suite]
        cells = [_interval(arms[arm]["pass_at"]["1"]) for arm in ("warm_start", "best", "last")]
        table.add_row(
            suite, *cells, f"{gain['value']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}] p={gain['p']:.2g}"
        )
    return [table] if comparison.evaluations else []


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
        table.add_row(f"pass@{k}", _interval(values))
    for outcome, share in result.outcomes.items():
        table.add_row(outcome, f"{share:.1%}")
    if result.missing:
        table.add_row("not verified: incomplete", str(result.missing))
    return table


def generate_design(
    instruction: str,
    model: str,
    header: str,
    reference: Path | None,
    samples: int,
    temperature: float,
    seed: int,
    console: Console,
) -> None:
    """Draw designs for an instruction, verify them and print the best; of equals, the one drawn most often."""
    require_training()
    text = read_source(reference) if reference else ""
    design, own_header, top = top_first(text or header)
    task = Task("generate", instruction, header or own_header, design if text else "", top)
    config = Config(seed=seed, evaluation=EvaluationConfig(samples=samples, temperature=temperature))
    candidates = list(sample(find_policy(model), [task], Draw.for_evaluation(config, "generate", 0)))
    verdicts = list(verify(candidates, [task])) if text else [_elaboration(c, task) for c in candidates]
    by_code = {verdict.code_id: verdict for verdict in verdicts}
    order, votes = list(Outcome), Counter(candidate.code_id for candidate in candidates)
    best = max(
        candidates,
        key=lambda c: (
            order.index(by_code[c.code_id].outcome),
            by_code[c.code_id].agreement,
            votes[c.code_id],
            -c.index,
        ),
    )
    verdict = by_code[best.code_id]
    good = sum(by_code[candidate.code_id].passed for candidate in candidates)
    console.print(Syntax(best.code or best.completion, "verilog", background_color="default"))
    what = "equal the reference" if text else "elaborate (without --reference their function is not checked)"
    said = verdict.detail or verdict.outcome.value.replace("_", " ")
    console.print(f"{good} of {samples} candidates {what}; this one, drawn {votes[best.code_id]} times: {said}")


def _elaboration(candidate: Candidate, task: Task) -> Verdict:
    """Without a reference, all that can be said: the code elaborates alone or not."""
    if not candidate.code:
        return Verdict(task.id, candidate.code_id, Outcome.EMPTY, detail="no complete module in the text")
    right, message = elaborates_alone(candidate.code, task.top or None)
    outcome = Outcome.PASSED if right else Outcome.ELABORATION_ERROR
    return Verdict(task.id, candidate.code_id, outcome, detail="elaborates" if right else message)


def verify_design(design: Path, reference: Path, as_json: bool, console: Console) -> int:
    """Verify one design against a reference and print the verdict; return the exit status that tells it.

    0 passed, 1 not passed, 3 a tool failed. Raise UsageError where a file cannot be read or the reference fails.
    """
    text, top_text = read_source(design), read_source(reference)
    golden, header, top = top_first(top_text)
    task = Task(str(reference), "", header, golden, top)
    if fault := check_reference(task):
        raise UsageError(f"the reference {reference} cannot serve: {fault}")
    code = extract_module(text, header, top)
    candidate = Candidate(task.id, 0, 0, 0, "", text, code, code_id(task.id, code))
    (verdict,) = verify([candidate], [task])
    if as_json:
        console.print_json(verdict.to_json())
    else:
        said = verdict.detail or f"every compared output bit of {top} agrees with the reference"
        console.print(f"{verdict.outcome.value}: {said} (agreement {verdict.agreement:.1%})", highlight=False)
    return {Outcome.PASSED: 0, Outcome.TOOL_ERROR: 3}.get(verdict.outcome, 1)


def show_task(family: str, seed: int, console: Console) -> None:
    """Print one task of a gym family: instruction, header and reference."""
    task = gym.example(family, seed)
    console.print(f"{task.id}   {' '.join(task.tags)}", style="dim", highlight=False)
    console.print(task.instruction + "\n", highlight=False, markup=False)
    console.print(Syntax(task.reference, "verilog", background_color="default"))


def show_families(console: Console) -> None:
    """List the families of the gym."""
    table = Table("family", "level", "split", title=f"{len(gym.FAMILIES)} families")
    for name, family in gym.FAMILIES.items():
        table.add_row(name, str(family.level), "unseen" if family.held_out else "")
    console.print(table)


def find_policy(model: str) -> Path:
    """Return the policy of a run directory (of its best iteration, or its last), or `model` as it is."""
    root = Path(model)
    if not (root / "config.yaml").is_file():
        return root
    if (root / "final.json").is_file():
        from itertl.artefacts import read_value

        best = read_value(root / "final.json", Comparison).best_iteration
        return root / f"iter_{best:02d}" / "policy"
    policies = sorted(root.glob("iter_*/policy"))
    if not policies:
        raise UsageError(f"the run {root} has no policy yet; expected iter_00/policy, continue it with `itertl run`")
    return policies[-1]


def require_training() -> None:
    """Raise MissingToolError where what sampling and training need is not installed."""
    from importlib.util import find_spec

    missing = [package for package in ("torch", "transformers", "tokenizers", "safetensors") if not find_spec(package)]
    if missing:
        raise MissingToolError(f"sampling and training need {', '.join(missing)}: pip install 'itertl[train]'")
    for tool in ("iverilog", "vvp"):
        if not shutil.which(tool):
            raise MissingToolError(f"verification needs {tool}, which is not on PATH: sudo apt-get install iverilog")


def read_source(path: Path) -> str:
    """Return the text of a Verilog file; raise UsageError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _interval(values: Mapping[str, float]) -> str:
    return f"{values['value']:.3f} [{values['low']:.3f}, {values['high']:.3f}]"
