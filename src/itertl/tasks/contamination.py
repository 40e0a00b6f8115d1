"""Does training data hold the problems of a benchmark? Similarity of instructions and of code, pair by pair.

    pairs = audit(rows, problems)          # Pair(row, problem, instruction, code), most similar first
    found = audit_all(rows, suites)        # the same for each of several suites, rows read once

Both similarities are the share of a problem's n-grams that occur in a training row (0 to 1), each n-gram weighted by
how rare it is: w = log(N / documents that hold it), so that boilerplate counts little.

instruction   n-grams of 5 words, case and punctuation left out
code          n-grams of 8 lexer tokens with every identifier alike: renamed signals, comments and layout change
              nothing. The header is left out: ports follow from the problem, not from its solution.

A share, not a Jaccard index: a problem that was copied into a longer row is found as well. Texts of fewer than
`LEAST` n-grams carry too little to be called copied and give 0.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pyslang.parsing import TokenKind

from itertl.records import Record, Task
from itertl.verilog.tokens import tokens

WORDS, TOKENS = 5, 8  # lengths of the n-grams
LEAST = 12  # n-grams
REPORTED = 0.5  # similarity from which a pair is reported
DIGITS = 4  # of a similarity
_WORD = re.compile(r"[a-z0-9_]+")

Grams = frozenset[int]
Shares = Mapping[int, float]  # problem, by its place in the suite -> share of it that a row holds
Told = Callable[[Sequence[Task]], Iterator[Task]]


@dataclass(frozen=True, slots=True)
class Pair(Record):
    """A training row and a benchmark problem (ids of both), and how much of the problem the row holds, 0 to 1."""

    row: str
    problem: str
    instruction: float
    code: float

    @property
    def similarity(self) -> float:
        """The larger of the two similarities."""
        return max(self.instruction, self.code)


def audit(rows: Sequence[Task], problems: Sequence[Task], least: float = REPORTED) -> list[Pair]:
    """Return the pairs of training rows and problems that are at least `least` similar, most similar first."""
    return audit_all(rows, [problems], least)[0]


def audit_all(
    rows: Sequence[Task], suites: Sequence[Sequence[Task]], least: float = REPORTED, *, told: Told = iter
) -> list[list[Pair]]:
    """Return what `audit` finds in each of several suites; each row is read once.

    `told` gets the rows and yields them, to tell how far it is.
    """
    words = [[word_grams(problem.instruction) for problem in suite] for suite in suites]
    code = [[code_grams(problem.body) for problem in suite] for suite in suites]
    known_words, known_code = _union(words), _union(code)
    by_words, by_code = [], []
    for row in told(rows):
        by_words.append(word_grams(row.instruction) & known_words)
        by_code.append(code_grams(row.body) & known_code)
    found = []
    for problems, own_words, own_code in zip(suites, words, code, strict=True):
        shares = zip(rows, _shares(by_words, own_words), _shares(by_code, own_code), strict=True)
        pairs = [pair for row, w, c in shares for pair in _pairs(row.id, problems, w, c, least)]
        found.append(sorted(pairs, key=lambda pair: (-pair.similarity, pair.problem, pair.row)))
    return found


def _pairs(row: str, problems: Sequence[Task], words: Shares, code: Shares, least: float) -> Iterator[Pair]:
    for p in words.keys() | code.keys():
        instruction, own = words.get(p, 0.0), code.get(p, 0.0)
        if round(max(instruction, own), DIGITS) >= least:
            yield Pair(row, problems[p].id, round(instruction, DIGITS), round(own, DIGITS))


def _union(suites: Iterable[Iterable[Grams]]) -> Grams:
    return frozenset(gram for problems in suites for grams in problems for gram in grams)


def word_grams(text: str) -> Grams:
    """Return the n-grams of the words of a text."""
    return _grams(_WORD.findall(text.lower()), WORDS)


def code_grams(code: str) -> Grams:
    """Return the n-grams of the tokens of `code`, all identifiers alike."""
    return _grams([_blind(t.kind, t.text) for t in tokens(code)], TOKENS)


def _blind(kind: TokenKind, text: str) -> str:
    return "a" if kind == TokenKind.Identifier else text


def _grams(parts: Sequence[str], length: int) -> Grams:
    return frozenset(hash(tuple(parts[i : i + length])) for i in range(len(parts) - length + 1))


def _shares(rows: Sequence[Grams], problems: Sequence[Grams]) -> Iterator[Shares]:
    """Yield for each row the weighted share that it has of each problem's n-grams, of those that have any in common."""
    held = _union([problems])
    common = [grams & held for grams in rows]
    documents = Counter(gram for grams in (*common, *problems) for gram in grams)
    weights = {gram: _weight(documents[gram], len(rows) + len(problems)) for gram in held}
    holders: dict[int, list[int]] = defaultdict(list)
    for p, grams in enumerate(problems):
        for gram in grams if len(grams) >= LEAST else ():
            holders[gram].append(p)
    total = [sum(weights[gram] for gram in grams) for grams in problems]

    @lru_cache(maxsize=1 << 12)
    def share(grams: Grams) -> Shares:
        found: dict[int, float] = defaultdict(float)
        for gram in grams & holders.keys():
            for p in holders[gram]:
                found[p] += weights[gram]
        return {p: weight / total[p] for p, weight in found.items()}

    return map(share, common)


def _weight(documents: int, count: int) -> float:
    """Return how much an n-gram says that stands in `documents` of `count` texts; above 0 even where all hold it."""
    return math.log((count + 1) / documents)


def too_similar(pairs: Iterable[Pair], threshold: float, allowed: Iterable[str] = ()) -> list[Pair]:
    """Return the pairs of at least `threshold` whose training row is not `allowed` by its id."""
    names = set(allowed)
    return [pair for pair in pairs if pair.similarity >= threshold and pair.row not in names]
