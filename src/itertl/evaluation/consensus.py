"""Which of the designs for one task behave alike: what speaks for an answer where there is nothing to compare it with.

    alike(task, candidates)  ->  [("a1", "c3"), ("b2",)]          code ids, the most often drawn group first

Self-consistency (Wang et al. 2023, arXiv 2203.11171) for hardware: wrong designs differ from one another, right ones
do not. Agreement is no proof; a mistake that most answers make wins.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence

from itertl.records import Candidate, Task
from itertl.verify import VerifySettings, verify
from itertl.verilog.header import top_first


def alike(task: Task, candidates: Sequence[Candidate], settings: VerifySettings | None = None) -> list[tuple[str, ...]]:
    """Return groups of code ids whose designs no bench tells apart; those that were drawn most often come first.

    `candidates` elaborate. The first design that is in no group yet serves as the reference for those that are left;
    one that cannot serve as a reference (it drives no output) is a group of its own.
    """
    votes = Counter(candidate.code_id for candidate in candidates)
    left = list({candidate.code_id: candidate for candidate in candidates}.values())
    groups: list[tuple[str, ...]] = []
    while left:
        first, *rest = left
        code, header, top = top_first(first.code, task.top)
        posed = dataclasses.replace(task, reference=code, header=header, top=top)
        same = {v.code_id for v in verify(rest, [posed], settings or VerifySettings()) if v.passed} if rest else set()
        groups.append((first.code_id, *(c.code_id for c in rest if c.code_id in same)))
        left = [candidate for candidate in rest if candidate.code_id not in same]
    return sorted(groups, key=lambda group: -sum(votes[name] for name in group))
