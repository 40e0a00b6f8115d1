"""Does training data hold the problems of a benchmark? Similarity of instructions and of code, pair by pair.

    pairs = audit(rows, problems)          # Pair(row, problem, instruction, code), most similar first

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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyslang.parsing import TokenKind

from itertl.records import Record, Task
from itertl.verilog.tokens import tokens

WORDS, TOKENS = 5, 8  # lengths of the n-grams
LEAST = 12  # n-grams
SHOWN = 0.5  # similarity from which a pair is reported
_WORD = re.compile(r"[a-z0-9_]+")

Grams = frozenset[int]


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


def audit(rows: Sequence[Task], problems: Sequence[Task], shown: float = SHOWN) -> list[Pair]:
    """Return the pairs of training rows and problems that are at least `shown` similar, most similar first."""
    words = _shares([word_grams(t.instruction) for t in rows], [word_grams(t.instruction) for t in problems])
    code = _shares([code_grams(t.body) for t in rows], [code_grams(t.body) for t in problems])
    pairs = [
        Pair(rows[r].id, problems[p].id, round(words.get((r, p), 0.0), 4), round(code.get((r, p), 0.0), 4))
        for r, p in {*words, *code}
    ]
    found = [pair for pair in pairs if pair.similarity >= shown]
    return sorted(found, key=lambda pair: (-pair.similarity, pair.problem, pair.row))


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


def _shares(rows: Sequence[Grams], problems: Sequence[Grams]) -> dict[tuple[int, int], float]:
    """Return the weighted share of each problem's n-grams in each row, for the pairs that have any in common."""
    documents = Counter(gram for grams in (*rows, *problems) for gram in grams)
    count = len(rows) + len(problems)
    holders: dict[int, list[int]] = defaultdict(list)
    for p, grams in enumerate(problems):
        for gram in grams:
            holders[gram].append(p)
    total = [sum(_weight(documents[g], count) for g in grams) for grams in problems]
    shares: dict[tuple[int, int], float] = {}
    for r, grams in enumerate(rows):
        common: dict[int, float] = defaultdict(float)
        for gram in grams & holders.keys():
            weight = _weight(documents[gram], count)
            for p in holders[gram]:
                common[p] += weight
        shares.update({(r, p): w / total[p] for p, w in common.items() if len(problems[p]) >= LEAST})
    return shares


def _weight(documents: int, count: int) -> float:
    """Return how much an n-gram says that stands in `documents` of `count` texts; above 0 even where all hold it."""
    return math.log((count + 1) / documents)


def too_similar(pairs: Iterable[Pair], threshold: float, allowed: Iterable[str] = ()) -> list[Pair]:
    """Return the pairs of at least `threshold` whose training row is not `allowed` by its id."""
    names = set(allowed)
    return [pair for pair in pairs if pair.similarity >= threshold and pair.row not in names]
