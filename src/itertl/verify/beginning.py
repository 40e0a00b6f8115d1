"""The part of a bench that gives designs other values to begin with than those of a simulator; nothing is run here.

    declared(powers, key)                 what a bench declares for it
    before_stimuli(powers, key, vector)   what it does before the first stimulus

Variables are set. Nets that nothing drives, or not always, get a driver weaker than any other, so that they never
float. Nets that hang on themselves are held at a value until the first stimulus stands, and then let go.
"""

import dataclasses
from collections.abc import Iterator, Sequence

from itertl.verilog.state import Held

_DEPOSITED = 32  # bits that $deposit sets; Icarus Verilog makes those beyond 0
_STRENGTH = "(weak1, weak0)"  # less than `pull`, by which ports of both directions are driven


@dataclasses.dataclass(frozen=True, slots=True)
class PowerUp:
    """What the undefined bits of a design's state are set to before the first stimulus: drawn from `seed`, or `value`.

    `value` has the first of a state without memories in its lowest bits. `inverted` takes the opposite of each bit.
    `beyond` are the paths of what is too large to be set.
    """

    state: tuple[Held, ...]
    seed: int
    inverted: bool = False
    value: int | None = None
    beyond: tuple[str, ...] = ()


def declared(powers: Sequence[PowerUp], key: str) -> str:
    """Return the declarations for `powers`, which belong to the designs one by one, and the drivers of their nets."""
    if not powers:
        return ""
    width = max((held.width for power in powers for held in power.state), default=1)
    lines = [f"  reg [{width - 1}:0] {key}w, {key}r; integer {key}n, {key}j, {key}e;\n"]
    for number, power in enumerate(powers):
        for held, own in _nets(power, number, key):
            lines.append(f"  reg [{held.width - 1}:0] {own} = {held.width}'b{'z' * held.width};\n")
            if not held.loop:
                lines.append(f"  assign {_STRENGTH} {key}u{number}.{held.path} = {own};\n")
    return "".join(lines)


def before_stimuli(powers: Sequence[PowerUp], key: str, vector: str) -> str:
    """Return the statements that set what designs begin with; `vector` drives the inputs of step `i`."""
    lines = [line for number, power in enumerate(powers) for line in _set_all(power, number, key)]
    loops = [
        (f"{key}u{number}.{held.path}", own, held)
        for number, power in enumerate(powers)
        for held, own in _nets(power, number, key)
        if held.loop
    ]
    if loops:
        lines.append(f"{key}i = 0; {vector} #1;")
        for place, own, held in loops:
            forced = f"{own} = {key}w[{held.width - 1}:0]; force {place} = {own};"
            keep = f"{key}r[{held.width - 1}:0] = {own}; {key}w = {place};"
            lines.append(f"if ((^{place}) === 1'bx) begin {keep} {_filled(held, key)} {forced} end")
        lines.append("#1;")
        lines += [f"release {place};" for place, _, _ in loops]
    return "\n    ".join([*lines, ""])


def _nets(power: PowerUp, number: int, key: str) -> Iterator[tuple[Held, str]]:
    """Yield the nets of design `number`, each with the name of the variable that holds its value."""
    for place, held in enumerate(power.state):
        if held.net:
            yield held, f"{key}f{number}_{place}"


def _set_all(power: PowerUp, number: int, key: str) -> Iterator[str]:
    yield f"{key}e = {power.seed};"
    left = power.value
    for place, held in enumerate(power.state):
        words = f"{{{', '.join([f'$random({key}e)'] * ((held.width + 31) // 32))}}}"
        if left is not None:
            words, left = f"{held.width}'d{left & (1 << held.width) - 1}", left >> held.width
        draw = f"{key}r = {'~' if power.inverted else ''}{words};"
        if held.net:
            yield f"{draw} {key}f{number}_{place} = {key}r[{held.width - 1}:0];"
            continue
        low, high = held.words or (0, 0)
        target = f"{key}u{number}.{held.path}" + (f"[{key}n]" if held.words else "")
        unknown = f"if ((^{key}w[{held.width - 1}:0]) === 1'bx) begin {_filled(held, key)}"
        put = f"{draw} {key}w = {target}; {unknown} {_set(held, target, f'{key}w[{held.width - 1}:0]')} end"
        yield f"for ({key}n = {low}; {key}n <= {high}; {key}n = {key}n + 1) begin {put} end" if held.words else put


def _filled(held: Held, key: str) -> str:
    """Return the statements that put bits of `r` in the place of those of `w` that are unknown."""
    if held.width == 1:
        return f"{key}w = {key}r;"
    word, drawn, j = f"{key}w[{key}j]", f"{key}r[{key}j]", f"{key}j"
    return f"for ({j} = 0; {j} < {held.width}; {j} = {j} + 1) if (({word} ^ {word}) !== 1'b0) {word} = {drawn};"


def _set(held: Held, target: str, value: str) -> str:
    """Return the statement that gives a word of a memory or a variable of any type a value."""
    plain = held.words or held.number or held.width > _DEPOSITED
    return f"{target} = {value};" if plain else f"$deposit({target}, {value});"
