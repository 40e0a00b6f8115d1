"""Rewards for reinforcement learning elsewhere: what TRL and verl call, with the scores of `itertl.score`.

    trainer = GRPOTrainer(model, reward_funcs=functional_reward, train_dataset=dataset)            # TRL
    reward.custom_reward_function.path=examples/verl_reward.py  .name=compute_score                # verl

The dataset says what a completion is compared with. TRL: the columns `reference` (the reference design) and, where
needed, `header` (what the completion goes on from, where that is not the reference's own) and `top`. verl:
`reward_model.ground_truth` is the reference, `extra_info` may hold `header` and `top`.

Verification runs in worker processes that stay (`itertl.verify.workers.service`), batched by task over all threads;
with `cluster="auto"` on the nodes of the Ray cluster that this process is connected to, the trainer's own node last.
A tool error is ours and never a reward: it is tried once more; then TRL gets None, which leaves the sample out, and
verl, which has no such thing, a ToolError, unless `tool_error_score` names a value. A legal design that is beyond the
simulator (`unsupported`) says nothing about the policy either: TRL gets None, verl the mean of the batch's scores for
the same reference, which moves no advantage, 0 where there are none. Neither loses a batch to it.
"""

import dataclasses
import functools
import os
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from itertl.errors import DataError, ToolError
from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.score import score as score_of
from itertl.verify.settings import VerifySettings
from itertl.verify.tool_errors import refuse_tool_errors
from itertl.verify.workers.service import service_of

Message = Mapping[str, Any]
Completion = str | Sequence[Message]

_REMEMBERED, _MOST_SHARE = 64, 0.5  # verdicts, and the share of tool errors among them that ends training


@dataclasses.dataclass(frozen=True, slots=True)
class Reward:
    """A reward function for TRL's trainers; `score` is functional, syntax, rtlcoder, or package.module:function.

    `workers` are processes, 0 for one a core that this rank may use; `cluster` is a Ray cluster that judges instead, as
    `itertl verify --cluster` takes it: with auto it is the one that the trainer has initialised, if it has, and its
    other nodes judge. Instances can be pickled and compared.
    """

    score: str = "functional"
    workers: int = 0
    cluster: str = ""

    @property
    def __name__(self) -> str:
        """The name under which TRL logs the reward."""
        return f"{self.score.rpartition(':')[2]}_reward"

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Completion], **columns: Any) -> list[float | None]:
        """Return a reward in [0, 1] for each completion; None where there is no reference, a tool failed or
        the design is beyond the simulator.

        Raise DataError where the dataset has no column `reference`, ToolError where most verdicts are tool errors.
        """
        references = _column(columns, "reference", len(completions))
        headers = columns.get("header") or [""] * len(completions)
        tops = columns.get("top") or [""] * len(completions)
        rows = zip(references, headers, tops, strict=True)
        tasks = [_task(reference, header or "", top or "") if reference else None for reference, header, top in rows]
        known = [i for i, task in enumerate(tasks) if task is not None]
        pairs = [(task, text_of(c)) for task, c in zip(tasks, completions, strict=True) if task is not None]
        rewards: list[float | None] = [None] * len(completions)
        judged = _judge(pairs, self.workers, self.cluster)
        for i, (task, design, verdict) in zip(known, judged, strict=True):
            if verdict.outcome.judged:
                rewards[i] = score_of(self.score, task, design.code, verdict)
        _log(columns, [verdict for _, _, verdict in judged])
        return rewards


functional_reward = Reward()


def compute_score(
    data_source: str, solution_str: str, ground_truth: str, extra_info: Mapping[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    """Return score, acc (1.0 if passed), agreement, outcome and unexercised (1.0 if parts of the reference were not).

    All of one solution, as verl's reward managers call it.

    `options` are those of `compute_scores`.
    """
    return compute_scores([data_source], [solution_str], [ground_truth], [extra_info], **options)[0]


def compute_scores(
    data_sources: Sequence[str],
    solution_strs: Sequence[str],
    ground_truths: Sequence[str],
    extra_infos: Sequence[Mapping[str, Any] | None] | None = None,
    *,
    score: str = "functional",
    workers: int = 0,
    cluster: str = "",
    tool_error_score: float | None = None,
    **unused: Any,
) -> list[dict[str, Any]]:
    """Do the same for many solutions at once, as verl's batch reward manager calls it.

    `score`, `workers`, `cluster` (as in `Reward`) and `tool_error_score` come from verl's `reward_kwargs`; without the
    last one a tool error raises ToolError, for verl cannot leave a sample out.
    """
    infos = [info or {} for info in (extra_infos if extra_infos is not None else [None] * len(solution_strs))]
    tasks = [
        _task(str(truth), str(info.get("header") or ""), str(info.get("top") or ""))
        for truth, info in zip(ground_truths, infos, strict=True)
    ]
    judged = _judge(list(zip(tasks, solution_strs, strict=True)), workers, cluster)
    values: list[float | None] = []
    for task, design, verdict in judged:
        if verdict.outcome.judged:
            values.append(score_of(score, task, design.code, verdict))
        elif verdict.outcome is Outcome.UNSUPPORTED:
            values.append(None)
        elif tool_error_score is not None:
            values.append(float(tool_error_score))
        else:
            raise ToolError(
                f"a candidate cannot be verified: {verdict.detail}; drop rows whose reference fails "
                "`itertl verify REF --reference REF`, or set reward_kwargs.tool_error_score"
            )
    return [
        {
            "score": value if value is not None else _usual(task, judged, values),
            "acc": float(verdict.passed),
            "agreement": verdict.agreement,
            "outcome": verdict.outcome.value,
            "unexercised": float(bool(verdict.unexercised)),
        }
        for (task, _, verdict), value in zip(judged, values, strict=True)
    ]


def _usual(task: Task, judged: Sequence[tuple[Task, Submission, Verdict]], values: Sequence[float | None]) -> float:
    """Return the mean score of the solutions of `task` that have one; 0.0 where none has."""
    found = [v for (other, _, _), v in zip(judged, values, strict=True) if other.id == task.id and v is not None]
    return sum(found) / len(found) if found else 0.0


def text_of(completion: Completion) -> str:
    """Return the text of a completion: a string, or the last message of a list with the assistant's role."""
    if isinstance(completion, str):
        return completion
    answers = [m for m in completion if m.get("role", "assistant") == "assistant"]
    content = answers[-1].get("content") if answers else ""
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content or () if isinstance(part, Mapping))


def _judge(pairs: Sequence[tuple[Task, str]], workers: int, cluster: str) -> list[tuple[Task, Submission, Verdict]]:
    """Return design and verdict of each (task, completion); tool errors have been tried twice."""
    service = service_of(VerifySettings(workers=workers or _share_of_cores(), cluster=cluster))
    questions = [(task, Submission.of(task, text)) for task, text in pairs]
    verdicts = service.verdicts(questions)
    again = [i for i, verdict in enumerate(verdicts) if verdict.outcome is Outcome.TOOL_ERROR]
    for i, verdict in zip(again, service.verdicts([questions[i] for i in again]), strict=True):
        verdicts[i] = verdict
    _watch(verdicts)
    return [(task, design, verdict) for (task, design), verdict in zip(questions, verdicts, strict=True)]


_last: deque[bool] = deque(maxlen=_REMEMBERED)
_lock = threading.Lock()


def _watch(verdicts: Sequence[Verdict]) -> None:
    """Raise ToolError where tools fail so often that training would go on without rewards."""
    with _lock:
        _last.extend(v.outcome is Outcome.TOOL_ERROR for v in verdicts)
        count = sum(_last)
        if len(_last) < _REMEMBERED or count <= _MOST_SHARE * _REMEMBERED:
            return
        _last.clear()
    last = next((v.detail for v in reversed(verdicts) if v.outcome is Outcome.TOOL_ERROR), "")
    refuse_tool_errors(count, _REMEMBERED, _MOST_SHARE, last, which="the last ")


@functools.lru_cache(maxsize=4096)
def _task(reference: str, header: str, top: str) -> Task:
    return Task.of(reference, header=header, top=top)


def _column(columns: Mapping[str, Any], name: str, count: int) -> Sequence[Any]:
    if name not in columns:
        found = sorted(key for key, value in columns.items() if isinstance(value, list))
        raise DataError(f"the reward needs a column {name!r} in the dataset, found {found}")
    values: Sequence[Any] = columns[name]
    if len(values) != count:
        raise DataError(f"expected {count} values in the column {name!r}, one for each completion, found {len(values)}")
    return values


def _log(columns: Mapping[str, Any], verdicts: Sequence[Verdict]) -> None:
    """Report the share of passed candidates and of tool errors where the trainer offers to."""
    if verdicts and callable(metric := columns.get("log_metric")):
        metric("verified/passed", sum(v.passed for v in verdicts) / len(verdicts))
        metric("verified/unsupported", sum(v.outcome is Outcome.UNSUPPORTED for v in verdicts) / len(verdicts))
        metric("verified/unexercised", sum(bool(v.unexercised) for v in verdicts) / len(verdicts))
        metric("verified/tool_error", sum(v.outcome is Outcome.TOOL_ERROR for v in verdicts) / len(verdicts))


def _share_of_cores() -> int:
    """Return the workers of this process: the cores, divided by the processes that torchrun starts on the machine."""
    ranks = os.environ.get("LOCAL_WORLD_SIZE", "1")
    return max(1, len(os.sched_getaffinity(0)) // (int(ranks) if ranks.isdigit() and int(ranks) else 1))
