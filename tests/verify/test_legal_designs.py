"""Legal designs of every kind that simulators read otherwise: right ones pass, wrong ones do not, both ways round.

Each case of tests/legal/*.sv is a design, then, in plain Verilog, one that does the same and one that does not. Behind
a name, [guarded] says that the design holds what a reference may hold and the guard refuses of a candidate.
"""

import re
from pathlib import Path

import pytest

from itertl.outcome import Outcome
from itertl.records import Candidate, Task
from itertl.verify import VerifySettings, verify

pytestmark = pytest.mark.usefixtures("kept_workers")

FILES = sorted((Path(__file__).parents[1] / "legal").glob("*.sv"))
GUARDED = "[guarded]"
SETTINGS = VerifySettings(workers=1, cycles=60, explore=False)


def cases(path: Path) -> dict[str, tuple[str, str, str]]:
    """Return (design, right twin, wrong twin) of each case in a file by its name."""
    found = {}
    for part in path.read_text().split("//// ")[1:]:
        name, _, text = part.partition("\n")
        design, right, wrong = re.split(r"^// (?:right|wrong)$", text, flags=re.MULTILINE)
        found[name] = (design.strip(), right.strip(), wrong.strip())
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_right_ones_pass_and_wrong_ones_do_not_both_ways_round(path: Path) -> None:
    tasks, candidates, expected = [], [], []
    for name, (design, right, wrong) in cases(path).items():
        pairs = {
            f"{name}: as the reference": (design, [(design, True), (right, True), (wrong, False)]),
            f"{name}: as a candidate": (right, [(design, True)]),
            f"{name}: as a candidate, wrong": (wrong, [(design, False)]),
        }
        guarded = GUARDED in name
        for id_, (reference, answers) in pairs.items():
            tasks.append(Task.of(reference, id=id_, top="t"))
            for index, (code, passes) in enumerate(answers):
                candidates.append(Candidate.of(tasks[-1], code, index))
                refused = guarded and code == design and reference != design
                outcome = Outcome.PASSED if passes else Outcome.MISMATCH
                expected.append(Outcome.REJECTED if refused else outcome)
    found = {(v.task_id, v.code_id): v for v in verify(candidates, tasks, SETTINGS)}
    odd = {
        (c.task_id, c.index): (found[c.task_id, c.code_id].outcome.value, found[c.task_id, c.code_id].detail)
        for c, outcome in zip(candidates, expected, strict=True)
        if found[c.task_id, c.code_id].outcome is not outcome
    }
    assert not odd


def test_there_are_cases_of_every_kind() -> None:
    assert sum(len(cases(path)) for path in FILES) >= 350
