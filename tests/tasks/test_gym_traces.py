"""A trace shows all of what it is to determine, and each of its lines follows from the one before."""

import random
import re

from itertl.tasks import gym
from itertl.tasks.gym.design import Form
from itertl.tasks.gym.naming import draw_names
from itertl.tasks.gym.right_values import right_values
from itertl.tasks.gym.sources import built


def _trace(family: str, combination: dict[str, object], seed: int) -> dict[str, list[str]]:
    """Return the signals of a family's trace by role."""
    entry = built(gym.FAMILIES[family], combination)
    rng = random.Random(seed)
    names = draw_names(gym.FAMILIES[family], combination, rng)
    telling = next(t for t in entry.tellings if t.form is Form.WAVEFORM)
    assert not isinstance(telling.text, str)
    shown = telling.text(names, rng).split("\n\n")[1]
    roles = {name: role for role, name in vars(names).items()}
    if " : " in shown:
        signals = {roles[n.strip()]: v for n, v in (line.split(" : ") for line in shown.splitlines())}
        return {role: v.split() if " " in v.strip() else list(v) for role, v in signals.items()}
    head, *rows = (re.findall(r"\w+", line) for line in shown.splitlines())
    return {roles[name]: list(column) for name, column in list(zip(head, zip(*rows, strict=True), strict=True))[1:]}


def test_a_trace_of_a_flip_flop_shows_every_row_of_its_table() -> None:
    family, rng = gym.FAMILIES["flip_flop"], random.Random(1)
    assert family.draw is not None
    for seed in range(60):
        combination = dict(family.draw(rng, seed % 2 == 1))
        table = combination["table"]
        signals = _trace("flip_flop", combination, seed)
        ordered = [signals["q"], *(signals[role] for role in "abc"[: table.inputs - 1])]
        rows = [int("".join(bits), 2) for bits in zip(*ordered, strict=True)]
        assert int(signals["q"][0]) == combination["start"]
        assert set(rows[:-1]) == set(table.rows)
        following = [int(q) for q in signals["q"][1:]]
        assert [table.outputs[0][row] for row in rows[:-1]] == following
        assert len(rows) <= 8 * len(table.rows)


def test_a_trace_of_a_sequence_shows_two_periods() -> None:
    family, rng = gym.FAMILIES["value_sequence"], random.Random(2)
    assert family.draw is not None
    for seed in range(60):
        combination = dict(family.draw(rng, seed % 2 == 1))
        signals, width = _trace("value_sequence", combination, seed), combination["width"]
        base = 2 if len(signals["q"][0]) == width and set("".join(signals["q"])) <= set("01") else 10
        rows = [{"en": int(level)} for level in signals.get("en", ["1"] * len(signals["q"]))]
        wanted = [expected["q"] for expected in family.oracle(iter(rows), **combination)]
        assert [int(v, base) for v in signals["q"]] == wanted
        assert sum(row["en"] for row in rows) >= 2 * len(combination["values"])


def test_right_values_are_those_of_the_oracle() -> None:
    combination = {"values": (2, 1, 3), "width": 2, "enable": True, "style": "sync"}
    family, rng = gym.FAMILIES["value_sequence"], random.Random(3)
    names = draw_names(family, combination, rng)
    ports = built(family, combination).design.ports
    for _ in range(10):
        steps = 0
        for line in right_values(family, combination, ports, names, rng).splitlines()[1:]:
            level, value = (int(number) for number in re.findall(r"= (\d)", line))
            assert value == (2, 1, 3)[steps % 3]
            steps += level
    assert right_values(family, {**combination, "style": "none"}, ports, names, rng) == ""
