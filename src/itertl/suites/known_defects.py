"""Known defects of published suites, as data: one JSON file a suite, each entry with its evidence.

    for defect in known_defects("rtllm-v2"): print(defect.id, defect.kind, defect.evidence)

    {"suite": "rtllm-v2", "origin": "github.com/hkust-zhiyao/RTLLM 41b2689",
     "defects": [{"id": "edge_detect", "kind": "stub_passes", "evidence": "...", "source": "selftest",
                  "simulator": "Icarus Verilog 11.0"}]}

`source` is "selftest" where itertl.evaluation.selftest reproduces the entry on the simulator named, "reading" where it
follows from the files alone, else where it was reported. `simulator` is where it was seen; it holds with every version
of Icarus Verilog but those from `gone_with` on, where an entry has that.
"""

import dataclasses
import json
from enum import StrEnum
from importlib.resources import files

from itertl.records import Record
from itertl.suites.published import PUBLISHED
from itertl.suites.tool_range import major_version


class Kind(StrEnum):
    """What is wrong with a problem: a closed set."""

    REFERENCE_FAILS = "reference_fails"  # the reference does not pass by the suite's own rule
    NO_STRICT = "no_strict"  # the reference does not pass its bench, so that there is no strict verdict
    STUB_PASSES = "stub_passes"  # the bench passes a constant, an unknown or an empty design that is wrong
    MUTANT_PASSES = "mutant_passes"  # the bench passes a defect that simulation against the reference shows
    PROMPT = "prompt"  # reference and prompt contradict each other
    PORTS = "ports"  # the bench names the module or its ports otherwise than the prompt, or connects more of them
    PORTABILITY = "portability"  # a right answer can fail with other simulators; with those tested it passes
    POWER_UP = "power_up"  # the bench expects an initial value that the prompt does not ask for


UNFAIR = frozenset({Kind.REFERENCE_FAILS, Kind.NO_STRICT, Kind.PROMPT, Kind.PORTS, Kind.POWER_UP})  # to a right answer


@dataclasses.dataclass(frozen=True, slots=True)
class Defect(Record):
    """One defect of the problem `id`."""

    id: str
    kind: Kind
    evidence: str
    source: str
    simulator: str = ""
    gone_with: int = 0

    def holds(self, tools: str) -> bool:
        """True if a line such as "iverilog 12.0" does not name a version with which the defect is gone."""
        major = major_version(tools)
        return not self.gone_with or major is None or major < self.gone_with


def known_defects(suite: str) -> tuple[Defect, ...]:
    """Return the defects of a published suite in the order of its file; none of any other name.

    Raise DataError where an entry is none.
    """
    if suite not in PUBLISHED or not PUBLISHED[suite].errata:
        return ()
    file = files("itertl.suites") / "errata" / PUBLISHED[suite].errata
    rows = json.loads(file.read_text(encoding="utf-8"))["defects"]
    return tuple(Defect.from_dict(row) for row in rows)


def unfair_problems(suite: str, tools: str = "") -> frozenset[str]:
    """Return the problems on which a right answer can fail with these tools: what scores "without errata" leave out.

    `tools` is a line such as "iverilog 12.0"; without one, defects of all versions count.
    """
    return frozenset(d.id for d in known_defects(suite) if d.kind in UNFAIR and d.holds(tools))
