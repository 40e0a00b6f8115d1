r"""How suites that bring their own testbench judge a completion: what they compile, and how they read what comes out.

    rule_of("verilogeval-v1-human")          rule_of("mysuite.bench:RULE")        ->  Rule

Each rule holds two readings. `decide` is the suite's own, bug for bug: a warning is a failure in VerilogEval v1, the
word "error" anywhere in the log is one in v2, and RTLLM passes whatever prints "Pass". `read` is what the bench's own
lines say, for the strict verdict.

    python -c "from itertl.verify.official.rules import *; print(read_mismatches(['Mismatches: 0 in 20 samples']))"

Sources: github.com/NVlabs/verilog-eval, release/1.0.0 verilog_eval/execution.py, and main Makefile.in,
scripts/sv-generate and scripts/sv-iv-analyze; github.com/hkust-zhiyao/RTLLM, auto_run.py.
"""

import dataclasses
import importlib
import re
from collections.abc import Callable, Sequence

from itertl.errors import ConfigError
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.verify.official.response import code_complete, fenced, spec_to_rtl

_COUNTS = re.compile(r"Mismatches: ([0-9]*) in ([0-9]*) samples")
_LINE_OF_COUNTS = re.compile(r"^Mismatches: (\d+) in (\d+) samples$")
_NONE_WRONG = re.compile(r"\b(no|0+) *(/ *\d+ *)?(errors?|failures?|failed|mismatches)\b")
_PASS_WORDS = ("Pass", "pass")
_WORDS = 200  # characters of a message that are kept


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
class Finding:
    """What a rule makes of one completion; `samples` and `mismatches` as the bench counted them, else 0."""

    outcome: Outcome
    detail: str = ""
    samples: int = 0
    mismatches: int = 0


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
    the golden's ports, for the strict verdict.
    """

    sources: Callable[[Task, str], Sequence[tuple[str, str]]]
    flags: tuple[str, ...]
    seconds: float
    decide: Callable[[Log], Finding]
    read: Callable[[Sequence[str]], Reading]
    simulator: int = 0
    same_ports: bool = True


def read_mismatches(lines: Sequence[str]) -> Reading:
    """Read VerilogEval's count of mismatches; every line that holds one must say 0."""
    found = [match for line in lines if (match := _LINE_OF_COUNTS.match(line))]
    if not found:
        return Reading(0, False)
    mismatches, samples = max(int(m[1]) for m in found), int(found[0][2])
    return Reading(len(found), mismatches == 0, samples, mismatches)


def read_pass_word(lines: Sequence[str]) -> Reading:
    """Read RTLLM's benches, which print a line with "Pass" for a right design, something else for a wrong one."""
    found = [line for line in lines if any(word in line for word in _PASS_WORDS)]
    return Reading(len(found), bool(found))


def read_any(lines: Sequence[str]) -> Reading:
    """Read a bench of one's own: a count of mismatches where there is one, else the word "pass" and no "fail"."""
    reading = read_mismatches(lines)
    if reading.verdicts:
        return reading
    text = _NONE_WRONG.sub("", "\n".join(lines).lower())
    return Reading(text.count("pass"), "pass" in text and "fail" not in text and "error" not in text)


def _paste(task: Task, completion: str) -> list[tuple[str, str]]:
    return [(f"{task.id}.sv", f"{task.testbench}\n{task.header}\n{completion}")]


def _decide_v1(log: Log) -> Finding:
    """Decide as VerilogEval v1: anything on standard error fails, then the first count of mismatches counts."""
    if log.timed_out:
        return Finding(Outcome.TIMEOUT, "timed out")
    if "syntax error" in log.stderr:
        return Finding(Outcome.SYNTAX_ERROR, f"syntax error: {_first(log.stderr, 'syntax error')}")
    if log.stderr:
        return Finding(Outcome.ELABORATION_ERROR, f"compile error: {_first(log.stderr)}")
    match = _COUNTS.search(log.output)
    if match is None or not match[1]:
        return Finding(Outcome.MISMATCH, "info string not matched")
    mismatches, samples = int(match[1]), int(match[2] or 0)
    if mismatches:
        return Finding(Outcome.MISMATCH, f"{mismatches} out of {samples} samples", samples, mismatches)
    return Finding(Outcome.PASSED, "", samples)


_LETTERS = (
    ("error: This assignment requires an explicit cast", "e", Outcome.ELABORATION_ERROR),
    ("error: Sized numeric constant must have a size greater than zero", "0", Outcome.ELABORATION_ERROR),
    ("warning: always_comb process has no sensitivities", "n", Outcome.ELABORATION_ERROR),
    ("found no sensitivities so it will never trigger", "n", Outcome.ELABORATION_ERROR),
    ("is declared here as wire", "w", Outcome.ELABORATION_ERROR),
    ("Unknown module type", "m", Outcome.ELABORATION_ERROR),
    ("Unable to bind wire/reg/memory `clk'", "c", Outcome.ELABORATION_ERROR),
    ("TIMEOUT", "T", Outcome.TIMEOUT),
)


def _decide_v2(log: Log) -> Finding:
    """Decide as VerilogEval v2: one log of compiler and simulation, searched line by line for words of failure."""
    error, matched, counted = "", False, (0, 0)
    for line in [*f"{log.compiler}{log.errors}{log.output}".splitlines(), *(["TIMEOUT"] if log.timed_out else [])]:
        if "syntax error" in line:
            return Finding(Outcome.SYNTAX_ERROR, f"S: {line[:_WORDS]}", *counted)
        if "error" in line or "Unable to bind wire/reg" in line:
            error = error or line
        for words, letter, outcome in _LETTERS:
            if words in line:
                return Finding(outcome, f"{letter}: {line[:_WORDS]}", *counted)
        if match := _LINE_OF_COUNTS.match(line):
            counted = int(match[2]), int(match[1])
            matched = matched or counted[1] == 0
    if error:
        return Finding(Outcome.ELABORATION_ERROR, f"C: {error[:_WORDS]}", *counted)
    if matched:
        return Finding(Outcome.PASSED, "", *counted)
    return Finding(Outcome.MISMATCH, f"R: {counted[1]} out of {counted[0]} samples", *counted)


def _decide_rtllm(log: Log) -> Finding:
    """Decide as RTLLM: compiled, ended in time, and "Pass" or "pass" somewhere on standard output."""
    if not log.compiled:
        outcome = Outcome.SYNTAX_ERROR if "syntax error" in log.compiler else Outcome.ELABORATION_ERROR
        return Finding(outcome, f"not compiled: {_first(log.compiler, 'error')}")
    if log.timed_out:
        return Finding(Outcome.TIMEOUT, "timed out")
    if any(word in log.output for word in _PASS_WORDS):
        return Finding(Outcome.PASSED)
    return Finding(Outcome.MISMATCH, f"no word of passing: {_first(log.output)}")


def _decide_any(log: Log) -> Finding:
    """Decide about a bench of one's own: what cannot be compiled fails, then what the lines say counts."""
    if not log.compiled or log.timed_out:
        return _decide_rtllm(log)
    reading = read_any(log.output.splitlines())
    outcome = Outcome.PASSED if reading.passed else Outcome.MISMATCH
    detail = "" if reading.passed else f"the bench does not say that it passes: {_first(log.output)}"
    return Finding(outcome, detail, reading.samples, reading.mismatches)


def _first(text: str, word: str = "") -> str:
    """Return the first line of `text` that is not empty and holds `word`, else the first one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if word in line), lines[0] if lines else "nothing printed")[:_WORDS]


_WALL = ("-Wall", "-Winfloop", "-Wno-timescale", "-g2012", "-s", "tb")
_V1 = Rule(_paste, _WALL, 30.0, _decide_v1, read_mismatches, simulator=12)
_RTLLM = Rule(
    lambda task, text: [("testbench.v", task.testbench), ("design.v", fenced(text))],
    ("-g2012",),
    8.0,
    _decide_rtllm,
    read_pass_word,
    same_ports=False,  # its descriptions leave ports out that its goldens have
)


def _v2(extract: Callable[[Task, str], str]) -> Rule:
    def sources(task: Task, completion: str) -> list[tuple[str, str]]:
        return [(f"{task.id}_sample01.sv", extract(task, completion)), (f"{task.id}_test.sv", task.testbench)]

    return Rule(sources, _WALL, 30.0, _decide_v2, read_mismatches, simulator=12)


RULES: dict[str, Rule] = {
    "verilogeval-v1-human": _V1,
    "verilogeval-v1-machine": _V1,
    "verilogeval-v2-spec-to-rtl": _v2(lambda task, text: spec_to_rtl(text, task.top)),
    "verilogeval-v2-code-complete": _v2(lambda task, text: code_complete(text, task.header, task.top)),
    "rtllm-v1.1": _RTLLM,
    "rtllm-v2": _RTLLM,
}
OWN_BENCH = dataclasses.replace(
    _RTLLM, seconds=30.0, decide=_decide_any, read=read_any, same_ports=True
)  # of a task of no known suite


def rule_of(suite: str) -> Rule:
    """Return the rule of `suite`: of a known one, a user's from a dotted path `package.module:RULE`, else OWN_BENCH.

    Raises ConfigError where a dotted path leads to no Rule.
    """
    module, colon, attribute = suite.partition(":")
    if suite in RULES or not colon:
        return RULES.get(suite, OWN_BENCH)
    try:
        rule = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"the rule {suite!r} cannot be imported: {error}; expected package.module:RULE") from error
    if not isinstance(rule, Rule):
        raise ConfigError(f"{suite} is {type(rule).__name__}; expected an itertl.verify.official.rules.Rule")
    return rule
