r"""What judges under a testbench: the type of a rule, what a bench's own lines say, and the rule of one's own bench.

    rule_of("")  ->  OWN_BENCH          rule_of("itertl.suites.rtllm:RULE")          rule_of("mysuite.bench:RULE")

Each rule holds two readings. `decide` is the suite's own, bug for bug, as its file in itertl.suites says. `read` is
what the bench's own lines say, for the strict verdict. Rules are code: their dotted paths come from a command line, a
config or a suite, never from a row of data.

    python -c "from itertl.verify.official.rules import *; print(read_mismatches(['Mismatches: 0 in 20 samples']))"
"""

import dataclasses
import re
from collections.abc import Callable, Sequence

from itertl.dotted import value_at
from itertl.outcome import Outcome, Reason
from itertl.records import Task

COUNTS = re.compile(r"^Mismatches: (\d+) in (\d+) samples$")
_NONE_WRONG = re.compile(r"\b(no|0+) *(/ *\d+ *)?(errors?|failures?|failed|mismatches)\b")
_FENCE = "```"
MAX_MESSAGE = 200  # characters of a message that are kept


@dataclasses.dataclass(frozen=True, slots=True)
class Log:
    """What a suite's harness sees of one run: whether there was something to run, and all that was printed.

    `compiler` is what the compiler wrote (standard error first), `errors` and `output` are the standard error and
    output of the simulation, `stderr` is all that went to standard error.
    """

    compiled: bool
    timed_out: bool
    compiler: str
    errors: str
    output: str
    stderr: str


@dataclasses.dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule makes of one completion; `samples` and `mismatches` as the bench counted them, else 0.

    `detail` is a sentence for people, `reason` what programs decide by, where the outcome does not say it all.
    """

    outcome: Outcome
    detail: str = ""
    samples: int = 0
    mismatches: int = 0
    reason: Reason | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """What a bench's own lines say: how many verdicts there are, whether they all pass, and what was counted."""

    verdicts: int
    passed: bool
    samples: int = 0
    mismatches: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """A suite's way to judge.

    `sources` gives the files that are compiled, in their order, as (name, text), for a completion; `flags` are the
    compiler's, `seconds` the suite's time limit on a simulation. `read` is given the lines that the bench printed.
    `simulator` is the first version of Icarus Verilog whose verdicts the suite's figures are made of: with an older
    one, what that version refuses and the older one reads fails as it would there. `same_ports` asks a design to have
    the reference's ports, for the strict verdict. `pastes_header` says that `sources` puts the header in front itself;
    elsewhere it goes in front of a completion that went on from it. `whole` is the dotted path of the rule that judges
    an answer with a module of its own as that module, where this one pastes the header before it; "" elsewhere.
    `takes_whole` says that this is such a rule.
    """

    sources: Callable[[Task, str], Sequence[tuple[str, str]]]
    flags: tuple[str, ...]
    seconds: float
    decide: Callable[[Log], Ruling]
    read: Callable[[Sequence[str]], Reading]
    simulator: int = 0
    same_ports: bool = True
    pastes_header: bool = False
    whole: str = ""
    takes_whole: bool = False


def read_mismatches(lines: Sequence[str]) -> Reading:
    """Read VerilogEval's count of mismatches; every line that holds one must say 0."""
    found = [match for line in lines if (match := COUNTS.match(line))]
    if not found:
        return Reading(0, False)
    mismatches, samples = max(int(m[1]) for m in found), int(found[0][2])
    return Reading(len(found), mismatches == 0 < samples, samples, mismatches)


def read_any(lines: Sequence[str]) -> Reading:
    """Read a bench of one's own: a count of mismatches where there is one, else the word "pass" and no "fail"."""
    reading = read_mismatches(lines)
    if reading.verdicts:
        return reading
    text = _NONE_WRONG.sub("", "\n".join(lines).lower())
    return Reading(text.count("pass"), "pass" in text and "fail" not in text and "error" not in text)


def fenced(answer: str) -> str:
    """Return what stands between the first two fences of `answer`, or all of it where there are no two."""
    parts = answer.split(_FENCE)
    return parts[1].partition("\n")[2] if len(parts) >= 3 else answer


def not_run(log: Log) -> Ruling | None:
    """Return what a completion gets that was not compiled or ran out of time, None for one that ran to its end."""
    if not log.compiled:
        outcome = Outcome.SYNTAX_ERROR if "syntax error" in log.compiler else Outcome.ELABORATION_ERROR
        return Ruling(outcome, f"not compiled: {first_line(log.compiler, 'error')}")
    return Ruling(Outcome.TIMEOUT, "timed out") if log.timed_out else None


def _decide_any(log: Log) -> Ruling:
    """Decide about a bench of one's own: what cannot be compiled fails, then what the lines say counts."""
    if (failed := not_run(log)) is not None:
        return failed
    reading = read_any(log.output.splitlines())
    outcome = Outcome.PASSED if reading.passed else Outcome.MISMATCH
    detail = "" if reading.passed else f"the bench does not say that it passes: {first_line(log.output)}"
    return Ruling(outcome, detail, reading.samples, reading.mismatches)


def first_line(text: str, word: str = "") -> str:
    """Return the first line of `text` that is not empty and holds `word`, else the first one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if word in line), lines[0] if lines else "nothing printed")[:MAX_MESSAGE]


OWN_BENCH = Rule(
    lambda task, text: [("testbench.v", task.testbench), ("design.v", fenced(text))],
    ("-g2012",),
    30.0,
    _decide_any,
    read_any,
)  # of a bench of one's own


def rule_of(path: str) -> Rule:
    """Return the rule at a dotted path `package.module:RULE`; OWN_BENCH where it is "".

    Raises ConfigError where the path leads to no Rule.
    """
    if not path:
        return OWN_BENCH
    return value_at(path, "rule", Rule)


def whole_rule(path: str) -> str:
    """Return the path of the rule that takes answers with a module of their own as they are: `path` where it does.

    Raises ConfigError where the path leads to no Rule.
    """
    return rule_of(path).whole or path
