"""Scores: from a verdict to a number z in [0, 1], higher is better; ToolError for what was not judged: it has none.

rtlcoder    1 if the candidate parses as Verilog and its body is not empty, else F1 of the longest common
            subsequence over characters of (candidate, reference), each without its first len(header) characters.
            RTLCoder's published score: it reads no verdict, and 1 says nothing about behaviour.
syntax      0 no module or refused · half the token F1 if it does not parse · 0.6 parses, does not elaborate
            alone, or is a stub (mentions no input) · 1 elaborates alone
testbench   1 if the task's bench passes it, else the share of samples that the bench counts as right, 0 without a
            count: for tasks without a reference, which their testbench judges
functional  half of `syntax` until the candidate simulates, then 0.5 + 0.5 * agreement; 1 only if it passed

score("functional", task, code, verdict) ; score("mypackage.scores:mine", task, code, verdict)
"""

import contextlib
import inspect
import math
from collections.abc import Callable

import pyslang
from pyslang.parsing import LexerOptions, ParserOptions, PreprocessorOptions, TokenKind
from pyslang.syntax import SyntaxKind, SyntaxTree
from rapidfuzz.distance import LCSseq

from itertl.dotted import imported
from itertl.errors import ConfigError, ToolError
from itertl.outcome import Outcome
from itertl.records import Task, Verdict
from itertl.verilog.guard import refuse_nesting
from itertl.verilog.tokens import Token, to_ascii, tokens

Score = Callable[[Task, str, Verdict], float]

_PARSES = 0.6
_HARMLESS = ("`timescale", "`default_nettype", "`resetall", "`celldefine", "`endcelldefine")
_HIGHEST_WRONG = 1.0 - 1e-6  # what rounding must not lift to 1


def rtlcoder(task: Task, code: str, verdict: Verdict) -> float:
    """Return RTLCoder's score of `code`; equals the published figures to rounding."""
    _refuse_unjudged(verdict)
    body, wanted = code[len(task.header) :], task.reference[len(task.header) :]
    if _has_content(body) and _parses_as_verilog(code):
        return 1.0
    return _f1(body, wanted)


def syntax(task: Task, code: str, verdict: Verdict) -> float:
    """Return how far the front-end gets with `code`, whatever it computes."""
    _refuse_unjudged(verdict)
    if verdict.outcome in (Outcome.EMPTY, Outcome.REJECTED):
        return 0.0
    if verdict.outcome is Outcome.SYNTAX_ERROR:
        return 0.5 * _f1(_body_tokens(task, code), _body_tokens(task, task.reference))
    if verdict.outcome is Outcome.ELABORATION_ERROR:
        return _PARSES
    return 1.0 if verdict.passed or not is_stub(task, code) else _PARSES


def functional(task: Task, code: str, verdict: Verdict) -> float:
    """Return how much of the reference's behaviour `code` reproduces."""
    if verdict.passed:
        return 1.0
    if verdict.outcome is Outcome.MISMATCH:
        return min(0.5 + 0.5 * verdict.agreement, _HIGHEST_WRONG)
    return 0.5 * syntax(task, code, verdict)


def testbench(task: Task, code: str, verdict: Verdict) -> float:
    """Return what the task's own bench makes of `code`; raise ConfigError where a reference has judged it."""
    _refuse_unjudged(verdict)
    if task.reference or not task.testbench:
        found = "a reference" if task.reference else "no testbench"
        raise ConfigError(
            f"the score 'testbench' is for tasks that their testbench alone judges, {task.id} has {found}: "
            "leave the reference out of the row, or take the score 'functional'"
        )
    if verdict.passed:
        return 1.0
    return min(verdict.agreement, _HIGHEST_WRONG) if verdict.outcome is Outcome.MISMATCH else 0.0


SCORES: dict[str, Score] = {
    "rtlcoder": rtlcoder,
    "syntax": syntax,
    "functional": functional,
    "testbench": testbench,
}


def resolve(name: str) -> Score:
    """Return the score called `name`, or a user's from a dotted path `package.module:function`."""
    if name in SCORES:
        return SCORES[name]
    if ":" not in name:
        raise ConfigError(f"no score is called {name!r}; known are {sorted(SCORES)}, or give package.module:function")
    function = imported(name, "score")
    if not callable(function):
        raise ConfigError(f"the score {name!r} is a {type(function).__name__}, expected a function")
    with contextlib.suppress(ValueError):  # a builtin may not tell its arguments
        try:
            inspect.signature(function).bind(None, "", None)
        except TypeError as error:
            raise ConfigError(f"the score {name!r} is called with (task, code, verdict), but: {error}") from error
    result: Score = function
    return result


def score(name: str, task: Task, code: str, verdict: Verdict) -> float:
    """Return the score `name` of `code`; raise ConfigError where a user's score is no number in [0, 1]."""
    _refuse_unjudged(verdict)
    value = resolve(name)(task, code, verdict)
    if not isinstance(value, int | float) or not math.isfinite(value) or not 0.0 <= value <= 1.0:
        raise ConfigError(f"the score {name!r} returned {value!r} for {task.id}; expected a number from 0 to 1")
    return float(value)


def is_stub(task: Task, code: str) -> bool:
    """True if no input of the task is mentioned behind the header: nothing, constants or comments only."""
    inputs = {t.name for t in _header_inputs(task.header or task.reference)}
    body = _body_tokens(task, code)
    return bool(inputs) and not inputs.intersection(t.removeprefix("\\") for t in body)


def _header_inputs(header: str) -> list[Token]:
    """Return the names that an `input` declares, read by tokens up to the end of the port list."""
    found: list[Token] = []
    reading, depth = False, 0
    for token in tokens(header):
        if token.kind in (TokenKind.OpenBracket, TokenKind.CloseBracket):
            depth += 1 if token.kind == TokenKind.OpenBracket else -1
        elif token.kind in (TokenKind.OutputKeyword, TokenKind.InOutKeyword):
            reading = False
        elif token.kind == TokenKind.InputKeyword:
            reading = True
        elif token.kind == TokenKind.Semicolon and found:
            return found
        elif reading and depth == 0 and token.kind == TokenKind.Identifier:
            found.append(token)
    return found


def _body_tokens(task: Task, code: str) -> list[str]:
    """Return the texts of the tokens of `code` behind the first header that it holds."""
    texts = [t.text for t in tokens(code)]
    return texts[texts.index(";") + 1 :] if ";" in texts else texts


def _f1(found: str | list[str], wanted: str | list[str]) -> float:
    if not found or not wanted:
        return 0.0
    return 2.0 * LCSseq.similarity(found, wanted) / (len(found) + len(wanted))


def _has_content(body: str) -> bool:
    """True if something stands before the `endmodule` of a body; comments count, as in the published scores."""
    before, end, _ = body.partition("endmodule")
    return bool(end) and bool(before.strip())


def _parses_as_verilog(code: str) -> bool:
    """True if `code` parses as Verilog-2005; an array dimension given as a size is SystemVerilog only.

    Code with a directive that could read files or expand, or nested beyond bounds, counts as not parsing.
    """
    stream = list(tokens(code))
    harmful = any(t.kind == TokenKind.Directive and t.text not in _HARMLESS for t in stream)
    if harmful or refuse_nesting(stream) is not None:
        return False
    lexing, parsing, preparing = LexerOptions(), ParserOptions(), PreprocessorOptions()
    lexing.languageVersion = parsing.languageVersion = pyslang.LanguageVersion.v1364_2005
    preparing.languageVersion = pyslang.LanguageVersion.v1364_2005
    options = pyslang.Bag([lexing, parsing, preparing])
    tree = SyntaxTree.fromText(to_ascii(code), pyslang.SourceManager(), "code", "", options)
    if any(d.isError() for d in tree.diagnostics):
        return False
    sizes: list[object] = []

    def see(node: object) -> None:
        if node.selector.kind == SyntaxKind.BitSelect:  # type: ignore[attr-defined]
            sizes.append(node)

    tree.root.visit(lookup_table={SyntaxKind.RangeDimensionSpecifier: see})
    return not sizes


def _refuse_unjudged(verdict: Verdict) -> None:
    if not verdict.outcome.judged:
        said = f"{verdict.task_id}: {verdict.outcome.value} has no score ({verdict.detail})"
        raise ToolError(f"{said}; exclude it and count it")
