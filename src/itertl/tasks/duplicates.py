"""Rows that say the same twice: exact duplicates up to layout, and near duplicates by shared n-grams of tokens.

    duplicates(tasks, near=0.9)   ->  {id of a later row: (id of an earlier one, similarity)}

Two rows are duplicates if their designs are equal up to comments and layout, or if the Jaccard index of their token
n-grams, all identifiers alike, reaches `near` and so does that of their instructions' words. Both must be alike: one
design may answer two questions, and one question may be asked at two widths.

Near pairs are found exactly, without comparing all pairs: two sets with a Jaccard index of at least t share an
element among their |S| - ceil(t |S|) + 1 rarest ones (prefix filter; Bayardo, Ma, Srikant 2007).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from itertl.identity import digest
from itertl.records import Task
from itertl.tasks.contamination import Grams, code_grams, word_grams
from itertl.verilog.tokens import normalise


def duplicates(tasks: Sequence[Task], near: float) -> dict[str, tuple[str, float]]:
    """Return, for each row that repeats an earlier one, that row's id and how alike both are (1: the same code).

    A `near` above 1 finds exact duplicates only. Rows that repeat a repeated row name the first of all.
    """
    first: dict[str, str] = {}
    found: dict[str, tuple[str, float]] = {}
    for task in tasks:
        key = digest(task.instruction.strip(), normalise(task.reference))
        if key in first:
            found[task.id] = (first[key], 1.0)
        else:
            first[key] = task.id
    if near > 1.0:
        return found
    rest = [task for task in tasks if task.id not in found]
    words = [word_grams(task.instruction) for task in rest]
    for later, earlier, similarity in _near_pairs([code_grams(task.reference) for task in rest], near):
        alike = jaccard(words[later], words[earlier]) >= near or not (words[later] or words[earlier])
        if alike and rest[later].id not in found:
            origin = found.get(rest[earlier].id, (rest[earlier].id, 1.0))[0]
            found[rest[later].id] = (origin, similarity)
    return found


def jaccard(a: Grams, b: Grams) -> float:
    """Return the share of common elements among all elements of two sets; 0 where both are empty."""
    return len(a & b) / len(a | b) if a or b else 0.0


def _near_pairs(sets: Sequence[Grams], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Yield (later, earlier, Jaccard index) of all pairs that reach `threshold`, by the later one."""
    frequency = Counter(gram for grams in sets for gram in grams)
    index: dict[int, list[int]] = defaultdict(list)
    for later, grams in enumerate(sets):
        rarest = sorted(grams, key=lambda gram: (frequency[gram], gram))
        prefix = rarest[: len(grams) - math.ceil(threshold * len(grams)) + 1]
        for earlier in sorted({e for gram in prefix for e in index[gram]}):
            if (similarity := jaccard(grams, sets[earlier])) >= threshold:
                yield later, earlier, similarity
        for gram in prefix:
            index[gram].append(later)
