"""The method on one page: ITERTL (arXiv 2407.12022), rounds of sampling, verification and training.

    theta_0 = base model, warm-started on the references
    for t = 1..T:
        candidates  ~  theta_{t-1}                      K samples per task
        verdicts    =  EDA tools(candidates)
        theta_t     =  argmin of the objective over references and scored candidates, starting from theta_{t-1}

Every stage finds its artefact in the run directory or computes it, so the same command continues an interrupted run.
Iterations end early where dev keeps falling. The one that is best on dev is measured on the suites at the end.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from itertl.config import Config
from itertl.disk import names
from itertl.disk.artefacts import Folder, Rows, Stream, Value
from itertl.disk.run_dir import Stages
from itertl.evaluation.audit import audit_suites
from itertl.evaluation.judging import CANDIDATES, VERDICTS, judge
from itertl.evaluation.measure import Comparison, Evaluation, best_of, compare_arms, falls, measure
from itertl.records import Group, Task
from itertl.sampling import Draw, sample
from itertl.suites.load import load_suite, suite_name
from itertl.tasks.contamination import Pair
from itertl.tasks.load import load_tasks, of_iteration, of_split, with_reference
from itertl.training import Past, build_groups, keep_policies, obtain_base, train, warm_start
from itertl.verify.stage import verify_stage

TASKS = Rows(names.TASKS, Task)
AUDIT = Rows(names.AUDIT, Pair)
GROUPS = Rows(names.GROUPS, Group)
BASE = Folder(names.BASE)
POLICY = Folder(names.POLICY)
EVALUATION = Value(names.EVALUATION, Evaluation)
COMPARISON = Value(names.COMPARISON, Comparison)
Gather = Callable[[Path, int], Stream[Group]]


def run(config: Config, store: Stages) -> Comparison:
    """Run the whole method, or what is missing of it, and return the comparison at its end."""
    everything = list(store.stage(TASKS, load_tasks, config.tasks, config.seed, config.verify))
    store.stage(AUDIT, audit_suites, everything, config).drain()
    tasks, dev = of_split(everything, "train"), of_split(everything, "dev")
    references = with_reference(tasks, config.tasks.references)
    base = store.stage(BASE.at(folder(0)), obtain_base, config.policy, config.seed)
    policy = store.stage(POLICY.at(folder(0)), warm_start, base, tasks, references, config)
    gather = partial(judged_groups, tasks, references, config, store)
    policies, scores = [policy], [on_dev(dev, policy, 0, gather, config, store)]
    past: list[Past] = []
    for t in range(1, config.iterations + 1):
        groups = gather(policy, t)
        policy = store.stage(POLICY.at(folder(t)), train, policy, groups, config, t, past)
        past = [(policy, groups), *past][: config.training.replay]
        policies.append(policy)
        scores.append(on_dev(dev, policy, t, gather, config, store))
        store.act(keep_policies, policies, best_of(scores), config.policy.keep)
        if falls(scores) >= (config.training.stop_after_falls or math.inf):
            break
    return finish(policies, best_of(scores), config, store)


def judged_groups(
    tasks: Sequence[Task], references: frozenset[str], config: Config, store: Stages, policy: Path, t: int
) -> Stream[Group]:
    """Return the groups of iteration `t`: candidates that `policy` draws, with their verdicts as scores."""
    batch = of_iteration(tasks, references, t, config.tasks.per_iteration, config.tasks.references_per_iteration)
    candidates = store.stage(CANDIDATES.at(folder(t)), sample, policy, batch, Draw.for_training(config, t))
    verdicts = store.stage(VERDICTS.at(folder(t)), verify_stage, candidates, batch, config.verify)
    return store.stage(GROUPS.at(folder(t)), build_groups, batch, references, candidates, verdicts, config)


def on_dev(dev: Sequence[Task], policy: Path, t: int, gather: Gather, config: Config, store: Stages) -> float:
    """Return pass@1 on dev; with `evaluation.beside` the groups of the next iteration are gathered meanwhile."""
    if not config.evaluation.beside or t == config.iterations:
        return evaluate("dev", dev, policy, t, config, store).value()
    with store.beside(evaluate, "dev", dev, policy, t, config, store) as measured:
        gather(policy, t + 1).drain()
    return measured().value()


def finish(policies: Sequence[Path], best: int, config: Config, store: Stages) -> Comparison:
    """Measure the warm start, the iteration that dev chose and the last one on every suite of the config."""
    arms = {"warm_start": 0, "best": best, "last": len(policies) - 1}
    evaluations = {
        suite_name(suite): {
            arm: evaluate(suite_name(suite), tasks, policies[t], t, config, store) for arm, t in arms.items()
        }
        for suite in config.evaluation.suites
        for tasks in [load_suite(suite, config)]
    }
    return store.stage(COMPARISON, compare_arms, best, evaluations)


def evaluate(suite: str, tasks: Sequence[Task], policy: Path, t: int, config: Config, store: Stages) -> Evaluation:
    """Draw, verify and count samples of the policy of iteration `t` for a suite; for dev, references alone judge."""
    where = f"{folder(t)}/{suite}"
    draw = Draw.for_evaluation(config, suite, t)
    candidates = store.stage(CANDIDATES.at(where), sample, policy, tasks, draw)
    verdicts = judge(where, tasks, candidates, config.verify, store, benches=suite != "dev").verdicts
    return store.stage(EVALUATION.at(where), measure, suite, tasks, candidates, verdicts)


def folder(iteration: int) -> str:
    """Return the name of an iteration's folder below the run directory."""
    return f"iter_{iteration:02d}"
