"""From verdicts to what training sees: one group per task, distinct candidates only, each with its score."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from itertl.config import Config
from itertl.policy.prompt import render_prompt, response
from itertl.records import Candidate, Group, Task, Verdict
from itertl.score import score

Past = tuple[Path, Iterable[Group]]  # an earlier iteration: the policy that came of it, and its groups


def build_groups(
    tasks: Sequence[Task],
    references: frozenset[str],
    candidates: Iterable[Candidate],
    verdicts: Iterable[Verdict],
    config: Config,
    *,
    done: Sequence[Group] = (),
) -> Iterator[Group]:
    """Yield one group per task, in the order of `tasks`, after the ones in `done`.

    Candidates of one task that differ in layout only count once. Left out: candidates that were cut off at the token
    limit (their end is not the policy's), and those without a verdict because a tool failed or the simulator cannot
    read them; they are not counted among the samples that fell on a code, either. Only tasks in `references` carry
    their reference.
    """
    by_code = {(verdict.task_id, verdict.code_id): verdict for verdict in verdicts}
    by_task: dict[str, list[Candidate]] = {task.id: [] for task in tasks}
    for candidate in candidates:
        by_task[candidate.task_id].append(candidate)
    for task in tasks[len(done) :]:
        own = by_task[task.id]
        counts: Counter[str] = Counter()
        kept: dict[str, tuple[Candidate, Verdict]] = {}
        for candidate in own:
            verdict = by_code.get((task.id, candidate.code_id))
            usable = verdict and verdict.outcome.judged and candidate.finish_reason == "stop"
            if verdict and usable:
                name = (
                    candidate.code_id if candidate.code else ""
                )  # answers without a design are one, whatever they lack
                kept.setdefault(name, (candidate, verdict))
                counts[name] += 1
        pairs = kept.values()
        yield Group(
            task_id=task.id,
            prompt=own[0].prompt if own else render_prompt(task, config.policy.prompt),
            reference=response(task, config.policy.prompt) if task.id in references else "",
            candidates=tuple(candidate.completion for candidate, _ in pairs),
            scores=tuple(score(config.score, task, candidate.code, verdict) for candidate, verdict in pairs),
            passed=tuple(verdict.passed for _, verdict in pairs),
            counts=tuple(counts[name] for name in kept),
        )
