"""Equivalent terms, openings and remarks: the words that no single family owns.

    reword("On the rising edge of «clk», «q» holds if ...", rng)
    -> "With each positive edge of «clk», «q» keeps its value if ..."

Whatever stands in one tuple means the same wherever the families' texts use it, so each occurrence draws for itself.
"""

import random
import re
from collections.abc import Iterable
from functools import lru_cache

VERBS = ("Design", "Build", "Implement", "Write", "Create", "Describe", "Develop", "Code", "Model")
AT_RISING = (
    "on the rising edge of",
    "at the rising edge of",
    "on each rising edge of",
    "at every positive edge of",
    "with each posedge of",
    "on every low-to-high transition of",
    "at each positive edge of",
    "upon each rising edge of",
)
ON_EDGE = (
    "rising «clk» edge",
    "positive «clk» edge",
    "rising edge of «clk»",
    "positive edge of «clk»",
    "posedge of «clk»",
)
HOLDS = ("holds", "keeps its value", "stays as it is", "does not change", "remains unchanged", "retains its value")
OTHERWISE = ("otherwise", "else", "in all other cases", "in any other case", "in every other case")


def _falling(terms: tuple[str, ...]) -> tuple[str, ...]:
    pairs = (("rising", "falling"), ("positive", "negative"), ("posedge", "negedge"), ("low-to-high", "high-to-low"))
    for rising, falling in pairs:
        terms = tuple(term.replace(rising, falling) for term in terms)
    return terms


def _capital(terms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(term[0].upper() + term[1:] for term in terms)


def _terms() -> dict[str, tuple[str, ...]]:
    edge = ("rising edge of", "positive edge of", "posedge of", "low-to-high transition of")
    terms: dict[str, tuple[str, ...]] = {f"{verb} a": tuple(f"{other} a" for other in VERBS) for verb in VERBS}
    terms |= {f"{verb} an": tuple(f"{other} an" for other in VERBS) for verb in VERBS}
    for kind, change in (("rising", tuple), ("falling", _falling)):
        terms[f"on the {kind} edge of"] = change(AT_RISING)
        terms[f"On the {kind} edge of"] = _capital(change(AT_RISING))
        terms[f"{kind} edge of"] = change(edge)
        terms[f"{kind} «clk» edge"] = change(ON_EDGE)
    for end in (" if", " otherwise", " while", ".", ";", ","):
        terms[f"holds{end}"] = tuple(word + end for word in HOLDS)
    terms |= {
        "otherwise": OTHERWISE,
        "Otherwise": ("Otherwise", "In all other cases", "In any other case", "In every other case"),
        "is 1": ("is 1", "is 1", "equals 1", "is at 1"),
        "is 0": ("is 0", "is 0", "equals 0", "is at 0"),
        "if not": ("if not", "otherwise"),
        "if": ("if", "if", "when", "whenever"),
        "when": ("when", "when", "if", "whenever"),
        "combinational": ("combinational", "combinational", "combinatorial", "purely combinational"),
        "purely combinational": ("purely combinational", "combinational", "combinatorial"),
        "Combinational": ("Combinational", "Combinatorial", "Purely combinational"),
        "takes the value of": ("takes the value of", "takes over", "copies", "is loaded with", "gets the value of"),
        "counts up by one": ("counts up by one", "goes up by one", "is incremented by one", "increases by 1"),
        "counts down by one": ("counts down by one", "goes down by one", "is decremented by one", "decreases by 1"),
        "by one": ("by one", "by 1"),
        "two's complement": ("two's complement", "2's complement"),
        "inverts": ("inverts", "toggles", "flips", "changes its level"),
        "exceeds": ("exceeds", "is greater than", "is above", "is more than"),
        "the lower": ("the lower", "the low"),
        "least significant bit": ("least significant bit", "LSB", "lowest bit"),
        "most significant bit": ("most significant bit", "MSB", "highest bit"),
        "shifts left": ("shifts left", "moves left", "shifts to the left", "is shifted left"),
        "shifts right": ("shifts right", "moves right", "shifts to the right", "is shifted right"),
        "No clock.": ("No clock.", "There is no clock.", "Nothing here is clocked.", "The logic has no clock."),
        "no clock": ("no clock", "no clock input", "no storage"),
        "asynchronous": ("asynchronous", "asynchronous", "async"),
        "in all other cases": OTHERWISE,
        "at the same time": ("at the same time", "simultaneously", "together"),
        "sets": ("sets", "brings", "forces"),
    }
    return terms


TERMS = _terms()
WORD_END = "\b"  # a character that no term holds


def _tree(terms: Iterable[str]) -> str:
    """Return a pattern for the longest of `terms` that stands there; beginnings in common are read once."""
    rests: dict[str, list[str]] = {}
    for term in terms:
        rests.setdefault(term[:1], []).append(term[1:])
    arms = [re.escape(head) + _tree(rest) for head, rest in rests.items() if head not in ("", WORD_END)]
    arms += [r"\b"] * (WORD_END in rests) + [""] * ("" in rests)
    return arms[0] if len(arms) == 1 else f"(?:{'|'.join(arms)})"


def _found() -> re.Pattern[str]:
    """Return the pattern of whatever `reword` replaces; each arm begins with a letter, which the engine finds fast."""
    rests: dict[str, list[str]] = {}
    for term in TERMS:
        rests.setdefault(term[0], []).append(term[1:] + WORD_END * term[-1].isalpha())
    arms = [rf"{first}(?<!\w{first}){_tree(rest)}" for first, rest in rests.items()]
    return re.compile(f"(⟦[^⟧]*⟧|{'|'.join(arms)})")


FOUND = _found()
SPOKEN = r"(?=['\"`]?(?:8\d*|11|18)(?:\b|-)(?!\d))"
ARTICLE = re.compile(rf"a (?<=\ba ){SPOKEN}")  # beginning with letters, which the engine finds fast
CAPITAL = re.compile(rf"A (?<=\bA ){SPOKEN}")


def reword(text: str, rng: random.Random) -> str:
    """Return the text with each known term, and each `either` of a family, replaced by one that means the same."""
    pieces = list(_pieces(text))
    for index in range(1, len(pieces), 2):
        piece = pieces[index]
        given = piece[0] == "⟦"
        terms = piece[1:-1].split("¦") if given else TERMS[piece]
        term = terms[int(rng.random() * len(terms))]
        pieces[index] = reword(term, rng) if given else term
    return "".join(pieces)


@lru_cache(maxsize=1 << 15)
def _pieces(text: str) -> tuple[str, ...]:
    """Return the text cut up: every second piece is a known term. Listed designs are told again and again."""
    return tuple(FOUND.split(text))


def articles(text: str) -> str:
    """Return the text with `an` ahead of numbers that are spoken with a vowel (an 8-bit, an 11-bit), and `1 bit`."""
    return CAPITAL.sub("An ", ARTICLE.sub("an ", text)).replace(" 1 bits", " 1 bit").replace("(1 bits", "(1 bit")


_ASKED = (
    "the module «module»",
    "the following module",
    "a Verilog module",
    "this circuit",
    "the hardware below",
    "a block",
)
OPENINGS = (
    *(f"{verb} {what}." for verb in ("Implement", "Design", "Write", "Create", "Develop", "Code") for what in _ASKED),
    *(f"Please {verb} {what}." for verb in ("write", "implement", "design") for what in _ASKED[:3]),
    "Task: complete the module «module».",
    "I need a module called «module».",
    "We are missing one block, «module»; its behaviour is as follows.",
    "Your job is the module «module» in synthesisable Verilog.",
    "The top module is «module».",
    "Specification of «module»:",
    "Requirements for «module»:",
    "Module «module».",
    "Write RTL for the specification below.",
    "Give Verilog code that does the following.",
    "Fill in the body of «module» so that it behaves as described.",
    "Here is what the module must do.",
    "Verilog, please:",
    "The behaviour of «module» is defined here.",
    "What follows describes a small digital circuit.",
    "Turn this description into Verilog.",
)
CLOSINGS = (
    "The code has to be synthesisable.",
    "Keep to the given port names.",
    "The header of the module is given.",
    "Any coding style is welcome as long as the behaviour is right.",
    "No testbench is needed.",
    "Neither area nor speed matters here.",
    "All numbers are plain binary unless stated differently.",
    "Bit 0 is the least significant bit of every vector.",
    "Do not add ports.",
    "Every output is driven at all times.",
    "Delays in the code (#) are not wanted.",
    "The module stands alone: it instantiates nothing from outside.",
    "A short solution is preferred.",
    "It will be used in an FPGA.",
    "The block is part of a larger chip.",
    "Unknown (x) values at the inputs need no attention.",
    "The result will be checked by simulation.",
    "End with endmodule.",
)
CLOCKED = (
    "There is a single clock domain.",
    "Use non-blocking assignments for registers.",
    "The inputs are stable around the active clock edge.",
    "No register follows the other clock edge.",
    "The clock is never gated.",
)
UNCLOCKED = (
    "There is no clock and no memory.",
    "Avoid latches.",
    "The outputs depend on the present inputs alone.",
    "Assign every output for every input value.",
    "No state is kept.",
)
