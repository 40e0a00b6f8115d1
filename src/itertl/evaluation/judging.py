"""Candidates judged as their suite wants it: the one way in which the loop and `itertl eval` measure.

    found = judge("iter_01/rtllm-v2", tasks, candidates, config.verify, store) ; found.verdicts

A suite that brings testbenches is judged by them, by its own rule and strictly; anything else from the reference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from itertl.config import VerifyConfig
from itertl.disk import names
from itertl.disk.artefacts import Rows
from itertl.disk.run_dir import Stages
from itertl.evaluation.benched import JUDGED, by_testbench, strict_verdicts
from itertl.records import Candidate, Task, TestbenchVerdict, Verdict
from itertl.suites.load import brings_testbench
from itertl.verify.stage import verify_stage

CANDIDATES = Rows(names.CANDIDATES, Candidate)
VERDICTS = Rows(names.VERDICTS, Verdict)


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts on distinct designs, strict ones; `benched` are those of the suite's testbenches, None without."""

    verdicts: Iterable[Verdict]
    benched: Iterable[TestbenchVerdict] | None = None


def judge(
    where: str,
    tasks: Sequence[Task],
    candidates: Iterable[Candidate],
    config: VerifyConfig,
    store: Stages,
    benches: bool = True,
) -> Judged:
    """Return the verdicts on `candidates`, as artefacts in the folder `where` of the store.

    Without `benches` the references judge, whatever the tasks bring along.
    """
    if not (benches and brings_testbench(tasks)):
        return Judged(store.stage(VERDICTS.at(where), verify_stage, candidates, tasks, config))
    benched = store.stage(JUDGED.at(where), by_testbench, candidates, tasks, config)
    return Judged(store.stage(VERDICTS.at(where), strict_verdicts, benched), benched)
