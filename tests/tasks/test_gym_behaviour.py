"""References simulated against a second opinion: what the instructions promise, written down again in plain Python.

An oracle gets the input values of every clock cycle and returns the output values just before each clock edge.
"""

import itertools
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from itertl.tasks import gym
from itertl.tasks.gym.design import combinations
from itertl.tasks.gym.splits import draw_names

CYCLES = 120
Row = dict[str, int]  # role -> value in one cycle
Oracle = Callable[[list[Row], dict[str, Any]], Iterator[Row]]


def sequence_detector(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    text, hit = "", False
    for row in rows:
        late, text = hit, text + str(row["d"])
        hit = text.endswith(p["pattern"])
        yield {"y": int(late if p["moore"] else hit)}
        if hit and not p["overlap"]:
            text = ""


def one_shot(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    end = -1
    for time, row in enumerate(rows):
        yield {"y": int(time <= end)}
        if row["go"] and (p["again"] or time > end):
            end = time + p["length"]


def debouncer(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    y, differing = p["initial"], 0
    for row in rows:
        yield {"y": y}
        differing = differing + 1 if row["d"] != y else 0
        if differing == p["samples"]:
            y, differing = row["d"], 0


def clock_divider(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    edges = 0
    for row in rows:
        yield {"y": edges // (p["divisor"] // 2) % 2}
        edges += row["en"] if p["enable"] else 1


def pwm(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    edges = 0
    for row in rows:
        yield {"y": int((edges % (1 << p["width"]) < row["duty"]) != p["invert"])}
        edges += row["en"] if p["enable"] else 1


def traffic_light(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    lamps = "g" * p["green"] + "y" * p["yellow"] + "r" * p["red"]
    for lamp, _ in zip(itertools.cycle(lamps), rows, strict=False):
        yield {name: int(name == lamp) for name in "gyr"}


def vending(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    credit, sold = 0, 0
    for row in rows:
        yield {"y": sold}
        credit += row["a"] * p["coins"][0] + row["b"] * p["coins"][1]
        sold = int(credit >= p["price"])
        if sold:
            credit = credit - p["price"] if p["keep"] else 0


def fifo(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    words: list[int] = []
    for row in rows:
        full, empty = len(words) == p["depth"], not words
        yield {"q": words[0] if words else 0, "full": int(full), "empty": int(empty)}
        words += [row["d"]] if row["push"] and not full else []
        del words[: int(bool(row["pop"] and not empty))]


def stack(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    words: list[int] = []
    for row in rows:
        full = len(words) == p["depth"]
        yield {"q": words[-1] if words else 0, "full": int(full), "empty": int(not words)}
        if row["push"] and not full:
            words.append(row["d"])
        elif row["pop"] and words and not row["push"]:
            words.pop()


def handshake(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    held, last = False, 0
    for row in rows:
        ready = not held or (p["full"] and row["ordy"] == 1)
        yield {"ir": int(ready), "ov": int(held), "q": last}
        if row["iv"] and ready:
            held, last = True, row["d"]
        elif row["ordy"]:
            held = False


def round_robin(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    turn = p["first"]
    for row in rows:
        winner = {0: None, 1: 0, 2: 1, 3: turn}[row["r"]]
        yield {"g": 0 if winner is None else 1 << winner}
        if p["free"]:
            turn = 1 - turn
        elif winner is not None:
            turn = 1 - winner


def arbiter(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    grant = 0
    for row in rows:
        yield {"g": grant}
        if not (p["hold"] and grant & row["r"]):
            grant = next((1 << i for i in range(p["width"]) if row["r"] >> i & 1), 0)


def deserializer(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    bits, done = [0] * p["width"], 0
    for row in rows:
        latest = bits[-p["width"] :]
        word = int("".join(map(str, latest if p["msb"] else latest[::-1])), 2)
        yield {"q": word, "y": done}
        bits += [row["d"]] if row["en"] else []
        done = int(row["en"] == 1 and len(bits) % p["width"] == 0)


def bcd_counter(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    value, base = 0, 10 ** p["digits"]
    for row in rows:
        yield {"lo": value % 10} | ({"hi": value // 10} if p["digits"] == 2 else {})
        if not p["enable"] or row["en"]:
            value = (value + (-1 if p["down"] else 1)) % base


def modulo_counter(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    edges = 0
    for row in rows:
        value = edges % p["modulus"]
        yield {"q": value} | ({"t": int(value == p["modulus"] - 1)} if p["tick"] else {})
        edges += row["en"] if p["enable"] else 1


def edge_detector(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    old, late = 0, 0
    for row in rows:
        now = row["d"]
        change = {"rising": now & ~old, "falling": ~now & old, "both": now ^ old}[p["kind"]]
        yield {"y": late if p["registered"] else change}
        old, late = now, change


def piso(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    word = [0] * p["width"]  # most significant bit first
    for row in rows:
        yield {"q": word[0] if p["left"] else word[-1]}
        loaded = [int(b) for b in f"{row['d']:0{p['width']}b}"]
        word = loaded if row["load"] else [*word[1:], 0] if p["left"] else [0, *word[:-1]]


def shift_register(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    word = [0] * p["width"]
    for row in rows:
        oldest = word[0] if p["left"] else word[-1]
        yield {"q": oldest if p["serial"] else int("".join(map(str, word)), 2)}
        if not p["enable"] or row["en"]:
            word = [*word[1:], row["d"]] if p["left"] else [row["d"], *word[:-1]]


def saturating(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    for row in rows:
        exact = row["a"] - row["b"] if p["subtract"] else row["a"] + row["b"]
        yield {"y": min(max(exact, 0), (1 << p["width"]) - 1)}


def bcd_adder(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    for row in rows:
        total = row["a"] + row["b"] + (row["ci"] if p["carry_in"] else 0)
        yield {"s": (total + 6 if total > 9 else total) % 16} | ({"co": int(total > 9)} if p["carry_out"] else {})


def gray(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    encoded = [i ^ i >> 1 for i in range(1 << p["width"])]
    for row in rows:
        yield {"y": encoded.index(row["a"]) if p["decode"] else encoded[row["a"]]}


def leading_zeros(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    for row in rows:
        text = f"{row['a']:0{p['width']}b}"[:: 1 if p["leading"] else -1]
        yield {"y": (text + "1").index("1")}


def popcount(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    for row in rows:
        yield {"y": f"{row['a']:0{p['width']}b}".count("1" if p["ones"] else "0")}


def priority_encoder(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    for row in rows:
        found = [i for i in range(p["width"]) if row["a"] >> i & 1] or [0]
        yield {"y": found[0 if p["lowest"] else -1]} | ({"v": int(row["a"] > 0)} if p["valid"] else {})


def barrel_shifter(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    width = p["width"]
    for row in rows:
        text, s = f"{row['a']:0{width}b}", row["s"]
        fill = {"arithmetic": text[0], "rotate_right": text}.get(p["kind"], "0") * width
        tail = text if p["kind"] == "rotate_left" else "0" * width
        to_left = p["kind"] in ("left", "rotate_left")
        yield {
            "y": int((text + tail)[s : s + width] if to_left else (fill[-width:] + text)[width - s : 2 * width - s], 2)
        }


def extremum(rows: list[Row], p: dict[str, Any]) -> Iterator[Row]:
    top = 1 << (p["width"] - 1)
    for row in rows:
        order = (lambda v: v ^ top) if p["signed"] else (lambda v: v)
        yield {"y": (max if p["largest"] else min)(row["a"], row["b"], key=order)}


ORACLES: tuple[Oracle, ...] = (
    sequence_detector,
    one_shot,
    debouncer,
    clock_divider,
    pwm,
    traffic_light,
    vending,
    fifo,
    stack,
    handshake,
    round_robin,
    arbiter,
    deserializer,
    bcd_counter,
    modulo_counter,
    edge_detector,
    piso,
    shift_register,
    saturating,
    bcd_adder,
    gray,
    leading_zeros,
    popcount,
    priority_encoder,
    barrel_shifter,
    extremum,
)
CASES = 6  # parameter combinations a family


def _bench(
    index: int, family: str, combination: dict[str, Any], rng: random.Random
) -> tuple[str, list[Row], list[str]]:
    """Return a module under test with its bench, the input rows after reset, and the roles of the outputs in order."""
    names = draw_names(gym.FAMILIES[family], combination, rng)
    design = gym.FAMILIES[family].build(names, **combination)
    roles = {name: role for role, name in vars(names).items()}
    ports = [re.fullmatch(r"(input|output)(?: reg)? (?:\[(\d+):0\] )?(\w+)", port) for port in design.ports]
    widths = {m[3]: int(m[2] or 0) + 1 for m in ports if m}
    inputs = [m[3] for m in ports if m and m[1] == "input" and roles[m[3]] not in ("clk", "rst")]
    outputs = [m[3] for m in ports if m and m[1] == "output"]
    rows = [{roles[i]: _stimulus(roles[i], widths[i], rng) for i in inputs} for _ in range(CYCLES)]
    clocked = "style" in combination
    steps = []
    for row in rows:
        values = " ".join(f"{i} = {widths[i]}'d{row[roles[i]]};" for i in inputs)
        shown = f'#1 $display("{index}{" %0d" * len(outputs)}", {", ".join(outputs)});'
        steps.append(f"    {values} {shown}" + (f" #1 {names.clk} = 1; #1 {names.clk} = 0;" if clocked else ""))
    declared = [f"  {'reg' if i in inputs else 'wire'} [{widths[i] - 1}:0] {i};" for i in inputs + outputs]
    begin, wired = "", inputs + outputs
    if clocked:
        declared.append(f"  reg {names.clk}, {names.rst};")
        begin = f"{names.clk} = 0; {names.rst} = 1; #1 {names.clk} = 1; #1 {names.clk} = 0; {names.rst} = 0;"
        wired = [names.clk, names.rst, *wired]
    code = f"module m{index}({', '.join(design.ports)});\n{design.body}endmodule\nmodule bench{index};\n"
    code += "\n".join(declared) + f"\n  m{index} dut({', '.join(f'.{w}({w})' for w in wired)});\n"
    return (
        code + f"  initial begin {begin}\n" + "\n".join(steps) + "\n  end\nendmodule\n",
        rows,
        [roles[o] for o in outputs],
    )


def _stimulus(role: str, width: int, rng: random.Random) -> int:
    if role == "go":
        return int(rng.random() < 0.15)
    if role in ("push", "en") or (role == "d" and rng.random() < 0.5):
        return int(rng.random() < 0.75)
    return rng.randrange(1 << width)


def test_references_do_what_their_instructions_say(tmp_path: Path) -> None:
    rng = random.Random(8)
    codes: list[str] = []
    expected: list[tuple[str, dict[str, Any], list[list[str]]]] = []
    for oracle in ORACLES:
        every = [c for part in combinations(gym.FAMILIES[oracle.__name__]) for c in part]
        synchronous = [dict(c) for c in every if c.get("style", "sync") == "sync"]
        for combination in rng.sample(synchronous, min(CASES, len(synchronous))):
            code, rows, outputs = _bench(len(codes), oracle.__name__, combination, rng)
            codes.append(code)
            expected.append(
                (oracle.__name__, combination, [[str(row[o]) for o in outputs] for row in oracle(rows, combination)])
            )
    source, binary = tmp_path / "all.v", tmp_path / "all.vvp"
    source.write_text("\n".join(codes))
    subprocess.run(["iverilog", "-g2012", "-o", str(binary), str(source)], check=True, timeout=60)
    printed = subprocess.run(["vvp", "-n", str(binary)], check=True, capture_output=True, text=True, timeout=60).stdout
    found: dict[str, list[list[str]]] = {}
    for line in printed.splitlines():
        index, *values = line.split()
        found.setdefault(index, []).append(values)
    for number, (family, combination, rows_out) in enumerate(expected):
        assert found[str(number)] == rows_out, (family, combination)
