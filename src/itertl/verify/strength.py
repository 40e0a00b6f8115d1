"""How strong a bench is: the share of a reference's mutants that it kills, of those that are no equivalents.

    fates = measure(tasks, {task.id: mutants(task.reference, task.top, 20) for task in tasks}, settings, formal=True)
    Strength.of(fates).ours, .theirs            # (killed, of how many)

A mutant is killed by a bench that finds a difference, or under which it does not come to an end. One that survives
ours is shown to Yosys: what is proved is equivalent and does not count, what is refuted (in simulation, too) is a
survivor. A mutant that the suite's own bench kills is no equivalent either, so it counts against ours. Whatever is
neither stays undecided: it is listed, and counts neither for nor against a bench.

    itertl mutate reference.v --formal            python benchmarks/bench_strength.py --data DIR
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from itertl.outcome import Outcome
from itertl.records import Submission, Task, TestbenchVerdict, Verdict
from itertl.verify.engine import verify
from itertl.verify.official.verdicts import completion_id, verify_testbench
from itertl.verify.settings import VerifySettings
from itertl.verilog.mutants import Mutant
from itertl.verilog.tokens import code_id

_KILLS = (Outcome.MISMATCH, Outcome.TIMEOUT, Outcome.OUTPUT_LIMIT)
_RUNS = (*_KILLS, Outcome.PASSED)


@dataclasses.dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mutant: our verdict on it, Yosys' opinion where it survived, and the suite's own bench's.

    `formal` is "" where nobody was asked; `theirs` is None without a bench of the suite's.
    """

    task_id: str
    mutant: Mutant
    ours: Outcome
    formal: str = ""
    theirs: Outcome | None = None
    detail: str = ""

    @property
    def standing(self) -> str:
        """killed, survived, equivalent, undecided; or refused, where the mutant could not be simulated at all."""
        if self.ours not in _RUNS:
            return "refused"
        if self.ours in _KILLS:
            return "killed"
        if self.formal == "refuted" or self.theirs in _KILLS:
            return "survived"
        return "equivalent" if self.formal == "proved" else "undecided"

    @property
    def counts(self) -> bool:
        """True if the mutant is known to be no equivalent."""
        return self.standing in ("killed", "survived")


@dataclasses.dataclass(frozen=True, slots=True)
class Strength:
    """Figures over fates: for each bench (killed, of how many that are no equivalents), and what is left over."""

    ours: tuple[int, int]
    theirs: tuple[int, int]
    equivalent: int
    undecided: int
    refused: int

    @classmethod
    def of(cls, fates: Sequence[Fate]) -> "Strength":
        """Count `fates`; a suite's bench is measured over the mutants that it could run."""
        standings = [f.standing for f in fates]
        counted = [f for f in fates if f.counts]
        run = [f for f in counted if f.theirs in _RUNS]
        return cls(
            (standings.count("killed"), len(counted)),
            (sum(f.theirs in _KILLS for f in run), len(run)),
            standings.count("equivalent"),
            standings.count("undecided"),
            standings.count("refused"),
        )


def measure(
    tasks: Iterable[Task],
    drawn: Mapping[str, Sequence[Mutant]],
    settings: VerifySettings = VerifySettings(),  # noqa: B008 - frozen
    *,
    formal: bool = False,
    theirs: bool = False,
) -> list[Fate]:
    """Run our bench, with `formal` Yosys on what survives, and with `theirs` the tasks' own testbenches.

    Fates come in the order of `tasks` and of their mutants. Raises what `verify` and `verify_testbench` raise.
    """
    known = {task.id: task for task in tasks}
    pairs = [(task_id, mutant) for task_id in known for mutant in drawn.get(task_id, ())]
    verdicts = _verdicts(pairs, known, dataclasses.replace(settings, formal=False))
    left = [pair for pair in pairs if verdicts[_key(*pair)].passed] if formal else []
    opinions = _verdicts(left, known, dataclasses.replace(settings, formal=True))
    benches = _benches(pairs, known, settings) if theirs else {}
    fates = []
    for pair in pairs:
        verdict = opinions.get(_key(*pair), verdicts[_key(*pair)])
        bench = benches.get((pair[0], completion_id(pair[0], pair[1].code)))
        ours = verdicts[_key(*pair)].outcome
        fates.append(Fate(*pair, ours, verdict.formal, bench.strict if bench else None, verdict.detail))
    return fates


def _key(task_id: str, mutant: Mutant) -> tuple[str, str]:
    return task_id, code_id(task_id, mutant.code)


def _designs(pairs: Iterable[tuple[str, Mutant]]) -> list[Submission]:
    return [Submission.whole(task_id, mutant.code) for task_id, mutant in pairs]


def _verdicts(
    pairs: Iterable[tuple[str, Mutant]], tasks: Mapping[str, Task], settings: VerifySettings
) -> dict[tuple[str, str], Verdict]:
    return {(v.task_id, v.code_id): v for v in verify(_designs(pairs), tasks, settings)}


def _benches(
    pairs: Iterable[tuple[str, Mutant]], tasks: Mapping[str, Task], settings: VerifySettings
) -> dict[tuple[str, str], TestbenchVerdict]:
    owned = {task_id: task for task_id, task in tasks.items() if task.testbench}
    asked = _designs(pair for pair in pairs if pair[0] in owned)
    return {(v.task_id, v.completion_id): v for v in verify_testbench(asked, owned, settings)}
