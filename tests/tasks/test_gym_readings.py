"""Second readings: what instructions once left open is settled, so a design of the other reading is a mismatch.

Each case is a family, parameters, what the reference has, and what a reader would write who takes the text otherwise.
"""

import random
from typing import Any

import pytest

from itertl.outcome import Outcome
from itertl.records import Candidate, Task
from itertl.tasks import gym
from itertl.tasks.gym.naming import draw_names, fill
from itertl.tasks.gym.refactors import Value
from itertl.tasks.gym.sources import built
from itertl.verify import verify
from itertl.verilog.tokens import code_id

pytestmark = pytest.mark.usefixtures("kept_workers")

CACHE = {
    "lines": 4,
    "tag": 2,
    "width": 4,
    "low": True,
    "registered": False,
    "order": ("drop", "fill", "update"),
    "style": "sync",
}
MIXED = {
    "controls": 2,
    "width": 4,
    "values": (Value("copy", "a"), None, Value("add", "a", "b"), Value("xor", "a", "b")),
    "idle": Value("constant", number=5),
    "nested": True,
    "order": (1, 0),
}
PLAIN = {"width": 3, "falling": False, "enable": True, "inverted": False, "style": "none"}
READINGS: tuple[tuple[str, str, dict[str, Any], str, str], ...] = (
    ("taps counted from 1", "lfsr", {"width": 5, "enable": False, "seed": 1}, "«q»[4] ^ «q»[2]", "«q»[3] ^ «q»[1]"),
    (
        "the stored credit, not the new sum",
        "vending",
        {"price": 20, "coins": (5, 10), "keep": False},
        "«s» >= 6'd20",
        "«t» >= 6'd20",
    ),
    ("the other phase", "clock_divider", {"divisor": 6, "enable": False}, "«y» <= 1'b0", "«y» <= 1'b1"),
    ("after the third, not at it", "debouncer", {"samples": 3, "initial": 0}, "«t» == 2'd2", "«t» == 2'd3"),
    (
        "clear only while enabled",
        "accumulator",
        {"width": 4, "wide": 8, "enable": True, "clear": True},
        "if («clear»)",
        "if («clear» && «en»)",
    ),
    (
        "a chain of two-input gates",
        "gate",
        {"op": "xnor", "inputs": 3, "width": 1},
        "~(«a» ^ «b» ^ «c»)",
        "~(~(«a» ^ «b») ^ «c»)",
    ),
    (
        "starts again at 0 behind the limit",
        "saturating_counter",
        {"width": 3, "limit": 5, "down": False},
        "«en» && «q» != 3'd5",
        "«en»",
    ),
    (
        "no output during a synchronous reset",
        "sequence_detector",
        {"pattern": "101", "moore": False, "overlap": True},
        "2'd2 && «d»",
        "2'd2 && «d» && !«rst»",
    ),
    (
        "the turn passes on without a grant",
        "round_robin",
        {"first": 0, "free": False},
        "else if («g»[0])\n            «t» <= 1'b1;\n        else if («g»[1])\n            «t» <= 1'b0;",
        "else\n            «t» <= ~«t»;",
    ),
    (
        "a full queue that is popped takes a word",
        "fifo",
        {"depth": 4, "width": 4},
        "«push» && !«full»",
        "«push» && (!«full» || «pop»)",
    ),
    ("a push and a pop swap the top", "stack", {"depth": 4, "width": 4}, "!«push» && «pop»", "«pop»"),
    ("ready also while a word leaves", "handshake", {"width": 4, "full": False}, "!«ov»;", "!«ov» || «ordy»;"),
    (
        "a pulse that can be prolonged",
        "one_shot",
        {"length": 3, "again": False},
        "if («t» != 2'd0)",
        "if («t» != 2'd0 && !«go»)",
    ),
    (
        "counts to 5, not through 5 values",
        "modulo_counter",
        {"modulus": 5, "enable": False, "tick": True},
        "3'd4",
        "3'd5",
    ),
    ("a tie counts as on", "pwm", {"width": 3, "invert": False, "enable": False}, "«t» < «duty»", "«t» <= «duty»"),
    (
        "the grant moves to a better line",
        "arbiter",
        {"width": 4, "hold": True},
        "else if ((«g» & «r») == 4'd0)",
        "else",
    ),
    ("an update makes a line, too", "cache", CACHE, "if («hit»)\n                    «m»", "    «m»"),
    ("a command that finds nothing leaves the turn", "cache", CACHE, "if («drop»)", "if («drop» && «hit»)"),
    ("a line is removed whatever its tag", "cache", CACHE, "if («hit»)\n                    «v»", "    «v»"),
    ("a miss shows what is in the line", "cache", CACHE, "«hit» ? «m»[«a»[1:0]] : 4'd0", "«m»[«a»[1:0]]"),
    ("the latch stays", "refactor", {**MIXED, "split": False}, "default: «y» = 4'd5;", ""),
    ("all without a branch is 0", "refactor", {**MIXED, "split": False}, "default: «y» = 4'd5;", "default: «y» = 0;"),
    ("the first condition is the low bit", "refactor", {**MIXED, "split": False}, "{«s1», «s0»}", "{«s0», «s1»}"),
    ("the reset stays with the register", "refactor", {**MIXED, "split": True}, "if («clr»)", "if (1'b0)"),
    ("where nothing is loaded, next is 0", "refactor", {**MIXED, "split": True}, "«y» = «q»;", "«y» = 4'd0;"),
    ("1 counts down", "updown_counter", {"width": 4, "up_level": 1, "enable": True}, "if («dir»)", "if (!«dir»)"),
    (
        "the bit that left comes back",
        "piso",
        {"width": 4, "left": True},
        "{«store»[2:0], 1'b0}",
        "{«store»[2:0], «store»[3]}",
    ),
    (
        "a lower bit goes ahead",
        "priority_encoder",
        {"width": 3, "lowest": False, "valid": True},
        "«a»[2]",
        "«a»[2] && !«a»[1]",
    ),
    ("no 1 at all counts as 0", "leading_zeros", {"width": 3, "leading": True}, "2'd3", "2'd0"),
    (
        "an edge is any change",
        "edge_detector",
        {"kind": "rising", "width": 1, "registered": False},
        "«d» & ~«old»",
        "«d» ^ «old»",
    ),
    ("one register less", "delay", {"stages": 3, "width": 2}, "«q» <= «s»2;", "«q» <= «s»1;"),
    (
        "a word is full after so many cycles, not bits",
        "deserializer",
        {"width": 3, "msb": False},
        "end else\n            «y» <= 1'b0;",
        "end else begin\n            «t» <= («t» == 2'd2) ? 2'd0 : «t» + 2'd1;\n            «y» <= 1'b0;\n        end",
    ),
    (
        "t sets the level",
        "toggle",
        {"initial": 0},
        "else if («t»)\n            «q» <= ~«q»",
        "else\n            «q» <= «t»",
    ),
    (
        "the new bit enters at the other end",
        "shift_register",
        {"width": 4, "left": True, "enable": False, "serial": False},
        "{«q»[2:0], «d»}",
        "{«d», «q»[3:1]}",
    ),
    (
        "counts on while it is not enabled",
        "counter",
        {"width": 4, "down": False, "enable": True},
        "else if («en»)",
        "else",
    ),
    ("the enable as a reset", "plain_register", PLAIN, "if («en»)\n            «q» <= «d»;", "«q» <= «en» ? «d» : 0;"),
    ("the other edge", "plain_register", {**PLAIN, "enable": False}, "posedge", "negedge"),
    (
        "the gate behind the register",
        "registered_gate",
        {"width": 2, "gate": "nor", "feedback": True},
        "~(«a» | «q»)",
        "«a» | «q»",
    ),
    ("one bit of all", "reduction", {"width": 5, "gates": ("nand",)}, "~&«a»", "~|«a»"),
    ("bits counted from the left", "parts", {"width": 8, "spans": ((7, 5), (4, 0))}, "«a»[7:5]", "«a»[2:0]"),
    ("the complement as a number", "wires", {"width": 4, "inputs": 1, "sources": ((0, True),)}, "~«a»", "-«a»"),
    ("ones as 1", "constants", {"values": ((4, 15),), "spare": 1}, "4'd15", "4'd1"),
    ("a NOR as a NAND", "gate_set", {"width": 1, "inputs": 2, "gates": ("or", "nor")}, "~(«a» | «b»)", "~(«a» & «b»)"),
)


def _pair(family: str, combination: dict[str, Any], old: str, new: str) -> tuple[Task, Candidate]:
    """Return a task with the reference, and a candidate of the other reading."""
    if "style" in gym.FAMILIES[family].parameters and "style" not in combination:
        combination = {**combination, "style": "sync"}
    entry = built(gym.FAMILIES[family], combination)
    assert old in entry.design.body, (family, entry.design.body)
    names = draw_names(gym.FAMILIES[family], combination, random.Random(family))
    header = f"module {names.module}({fill(', '.join(entry.design.ports), names)});\n"
    task = Task.of(header + fill(entry.design.body, names) + "endmodule\n", family)
    code = header + fill(entry.design.body.replace(old, new), names) + "endmodule\n"
    return task, Candidate(task.id, 0, 0, 0, "", code, code, code_id(task.id, code))


@pytest.mark.slow
def test_another_reading_is_a_mismatch() -> None:
    pairs = [_pair(family, combination, old, new) for _, family, combination, old, new in READINGS]
    verdicts = {v.task_id: v for v in verify([candidate for _, candidate in pairs], [task for task, _ in pairs])}
    outcomes = {case[0]: verdicts[task.id].outcome for case, (task, _) in zip(READINGS, pairs, strict=True)}
    assert {what: outcome for what, outcome in outcomes.items() if outcome is not Outcome.MISMATCH} == {}
