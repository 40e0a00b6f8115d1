"""Rewards for reinforcement learning elsewhere: what TRL and verl call, with the scores of `itertl.score`.

    trainer = GRPOTrainer(model, reward_funcs=functional_reward, train_dataset=dataset)            # TRL
    reward.custom_reward_function.path=examples/verl_reward.py  .name=compute_score                # verl

The dataset says what a completion is compared with. TRL: the columns `reference` (the reference design) and, where
needed, `header` (what the completion goes on from, where that is not the reference's own) and `top`. verl:
`reward_model.ground_truth` is the reference, `extra_info` may hold `header` and `top`; or the truth is a mapping with
all of them. Both may be JSON text, as Parquet files often hold them.

Verification runs in worker processes that stay (`itertl.verify.workers.service`), batched by task over all threads;
with `cluster="auto"` on the nodes of the Ray cluster that this process is connected to, the trainer's own node last.
No batch is lost to one design. A tool error is ours and never a reward, so it is tried once more; a legal design that
is beyond the simulator (`unsupported`) says nothing about the policy either. TRL then gets None, which leaves the
sample out. verl has no such thing and gets the mean of the scores for the same reference, in the batch or else the last
ones, which moves no advantage; 0 where there are none. `tool_error_score` puts another value in the place of tool
errors. Where most verdicts are tool errors, training ends with a ToolError.
"""

import dataclasses
import functools
import json
import logging
import os
import threading
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any

from itertl.errors import DataError
from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.score import score as score_of
from itertl.verify.settings import VerifySettings
from itertl.verify.tool_errors import refuse_tool_errors
from itertl.verify.workers.service import service_of
from itertl.words import counted

Message = Mapping[str, Any]
Completion = str | Sequence[Message]

_REMEMBERED, _MOST_SHARE = 64, 0.5  # verdicts, and the share of tool errors among them that ends training
_LAST_SCORES, _REFERENCES = 16, 4096  # that are remembered of a reference, and of how many of them
_PARTS = ("reference", "header", "top")
log = logging.getLogger("itertl")


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

        Raise DataError where the dataset has no column `reference` or values are no text, ToolError where most
        verdicts are tool errors.
        """
        references = _column(columns, "reference", len(completions))
        headers, tops = (
            _column(columns, name, len(completions)) if columns.get(name) else [""] * len(completions)
            for name in ("header", "top")
        )
        texts = [text_of(completion) for completion in completions]
        tasks = [
            _task_of({"reference": reference, "header": header, "top": top}, f"row {i} of the batch")
            if reference
            else None
            for i, (reference, header, top) in enumerate(zip(references, headers, tops, strict=True))
        ]
        known = [i for i, task in enumerate(tasks) if task is not None]
        pairs = [(task, text) for task, text in zip(tasks, texts, strict=True) if task is not None]
        rewards: list[float | None] = [None] * len(completions)
        judged = judge(pairs, self.workers, self.cluster)
        for i, (task, design, verdict) in zip(known, judged, strict=True):
            if verdict.outcome.judged:
                rewards[i] = score_of(self.score, task, design.code, verdict)
        _log(columns, [verdict for _, _, verdict in judged])
        return rewards


functional_reward = Reward()


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str | Mapping[str, Any],
    extra_info: str | Mapping[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Return score, acc (1.0 if passed), agreement, outcome and unexercised (1.0 if parts of the reference were not).

    All of one solution, as verl's reward managers call it.

    `options` are those of `compute_scores`.
    """
    return compute_scores([data_source], [solution_str], [ground_truth], [extra_info], **options)[0]


def compute_scores(
    data_sources: Sequence[str],
    solution_strs: Sequence[str],
    ground_truths: Sequence[str | Mapping[str, Any]],
    extra_infos: Sequence[str | Mapping[str, Any] | None] | None = None,
    *,
    score: str = "functional",
    workers: int = 0,
    cluster: str = "",
    tool_error_score: float | None = None,
    **unused: Any,
) -> list[dict[str, Any]]:
    """Do the same for many solutions at once, as verl's batch reward manager calls it.

    `score`, `workers`, `cluster` (as in `Reward`) and `tool_error_score` come from verl's `reward_kwargs`; without the
    last one a tool error scores what the reference's other solutions do. Raise DataError where a row has no reference
    or is no text, ToolError where most verdicts are tool errors.
    """
    infos = extra_infos if extra_infos is not None else [None] * len(solution_strs)
    tasks = [
        _task_of(_parts(truth, info, f"row {i} of the batch"), f"row {i} of the batch")
        for i, (truth, info) in enumerate(zip(ground_truths, infos, strict=True))
    ]
    texts = [text_of(solution) for solution in solution_strs]
    judged = judge(list(zip(tasks, texts, strict=True)), workers, cluster)
    values: list[float | None] = []
    for task, design, verdict in judged:
        if verdict.outcome.judged:
            values.append(score_of(score, task, design.code, verdict))
        elif verdict.outcome is Outcome.TOOL_ERROR and tool_error_score is not None:
            values.append(float(tool_error_score))
        else:
            log.warning("a solution of %s has no score, %s: %s", task.top, verdict.outcome.value, verdict.detail)
            values.append(None)
    usual = _usual([task.id for task in tasks], values)
    return [
        {
            "score": value if value is not None else usual[task.id],
            "acc": float(verdict.passed),
            "agreement": verdict.agreement,
            "outcome": verdict.outcome.value,
            "unexercised": float(bool(verdict.unexercised)),
        }
        for (task, _, verdict), value in zip(judged, values, strict=True)
    ]


def _parts(truth: str | Mapping[str, Any], info: str | Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    """Return reference, header and top of a row of verl's; what the truth says wins."""
    whole = isinstance(truth, Mapping) or _is_json(truth)
    given: Mapping[str, Any] = _object(truth, "ground_truth", where) if whole else {"reference": truth}
    if "reference" not in given:
        raise DataError(
            f"ground_truth of {where}: expected the reference design as text, or a mapping with the key 'reference', "
            f"found the keys {sorted(map(str, given))}"
        )
    around: Mapping[str, Any] = {} if info is None or info == "" else _object(info, "extra_info", where)
    return {name: given.get(name) or around.get(name) for name in _PARTS}


def _is_json(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith("{")


def _object(value: Any, name: str, where: str) -> Mapping[str, Any]:
    """Return a mapping, or the one that a text holds as JSON; raise DataError for anything else."""
    found = value
    if _is_json(value):
        try:
            found = json.loads(value)
        except ValueError:
            found = value
    if isinstance(found, Mapping):
        return found
    raise DataError(
        f"{name} of {where}: expected a mapping with {', '.join(_PARTS)}, or one as JSON text, found "
        f"{type(value).__name__} {str(value)[:60]!r}"
    )


_scores: dict[str, deque[float]] = {}


def _usual(ids: Sequence[str], values: Sequence[float | None]) -> dict[str, float]:
    """Return, for each task, the mean score of its solutions: those of the batch, else the last ones, else 0.0."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for task, value in zip(ids, values, strict=True):
        if value is not None:
            found[task].append(value)
    with _lock:
        for task, scores in found.items():
            last = _scores.pop(task, deque(maxlen=_LAST_SCORES))
            last.extend(scores)
            _scores[task] = last  # as the latest
        while len(_scores) > _REFERENCES:
            del _scores[next(iter(_scores))]
        known = {task: found.get(task) or list(_scores.get(task, ())) for task in set(ids)}
    return {task: sum(scores) / len(scores) if scores else 0.0 for task, scores in known.items()}


def text_of(completion: Completion) -> str:
    """Return the text of a completion: a string, or the last message of a list with the assistant's role.

    A message without text, such as one that only calls a tool, is "". Raise DataError for anything else.
    """
    if isinstance(completion, str):
        return completion
    listed = completion if isinstance(completion, Sequence) else [completion]
    messages = [message for message in listed if isinstance(message, Mapping)]
    if len(messages) < len(listed) or listed is not completion:
        raise DataError(
            f"a completion is {completion!r:.80}; expected text, or a list of chat messages: mappings with role and "
            "content"
        )
    answers = [m for m in messages if m.get("role", "assistant") == "assistant"]
    content = answers[-1].get("content") if answers else ""
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content or () if isinstance(part, Mapping))


def judge(pairs: Sequence[tuple[Task, str]], workers: int, cluster: str = "") -> list[tuple[Task, Submission, Verdict]]:
    """Return task, design and verdict of each (task, completion); tool errors have been tried twice.

    `workers` are processes, 0 for this rank's share of the cores; `cluster` is that of `Reward`. Raise ToolError where
    most verdicts are tool errors.
    """
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


def _task_of(parts: Mapping[str, Any], where: str) -> Task:
    """Return the task of a row; raise DataError where its parts are no text, or the reference is missing."""
    for name in _PARTS:
        value = parts.get(name)
        if value is not None and not isinstance(value, str):
            raise DataError(f"{name} of {where}: expected text, found {type(value).__name__} {str(value)[:60]!r}")
    if not parts.get("reference"):
        raise DataError(f"{where} has no reference: expected the text of the reference design; leave the row out")
    return _task(parts["reference"], parts.get("header") or "", parts.get("top") or "")


@functools.lru_cache(maxsize=4096)
def _task(reference: str, header: str, top: str) -> Task:
    return Task.of(reference, header=header, top=top)


def _column(columns: Mapping[str, Any], name: str, count: int) -> Sequence[Any]:
    if name not in columns:
        found = sorted(key for key, value in columns.items() if isinstance(value, list))
        raise DataError(f"the reward needs a column {name!r} in the dataset, found {found}")
    values: Sequence[Any] = columns[name]
    if len(values) != count:
        raise DataError(
            f"expected {counted(count, 'values')} in the column {name!r}, one for each completion, found {len(values)}"
        )
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
