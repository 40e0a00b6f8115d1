"""Parts of small processors: instruction decoders and branch units, with drawn encodings.

itertl gym --family instruction_decoder --seed 1
"""

import random
from collections.abc import Callable, Iterator

from itertl.tasks.gym.design import (
    Combination,
    Design,
    Expected,
    Family,
    Form,
    Names,
    Rows,
    Telling,
    always,
    binary,
    bits,
    body,
    case,
    inp,
    lit,
    out,
    reg,
)
from itertl.tasks.gym.layout import grid

Code = tuple[int, int]  # opcode, controls as a binary number
SIGNALS = ("c0", "c1", "c2", "c3", "c4", "c5")


def _decoder(
    n: Names, width: int, high: int, low: int, codes: tuple[Code, ...], signals: int, field: tuple[int, int, bool, int]
) -> Design:
    """The opcode lies in bits `high` to `low`; `field` is a constant's highest and lowest bit, sign, and bits at the output."""
    outs = [vars(n)[role] for role in SIGNALS[:signals]]
    size = high - low + 1
    top, bottom, signed, extended = field
    joined = f"{{{', '.join([*outs, n.bad])}}}"
    arms = {binary(op, size): f"{joined} = {binary(value * 2, signals + 1)};" for op, value in codes}
    fill_in = f"{n.ir}[{top}]" if signed else "1'b0"
    more = extended - (top - bottom + 1)
    part = f"{n.ir}[{top}:{bottom}]"
    kind = "sign-extended" if signed else "zero-extended"
    rest = f"the constant {n.imm} ({extended} bits) is {part}, {kind}"
    legal = f"for every other opcode all of these are 0 and {n.bad} is 1; for the listed ones {n.bad} is 0"

    def table(names: Names, rng: random.Random) -> str:
        known = [vars(names)[role] for role in SIGNALS[:signals]]
        rows = [([f"{op:0{size}b}"], list(f"{value:0{signals}b}")) for op, value in codes]
        if rng.random() < 0.4:
            rng.shuffle(rows)
        intro = rng.choice(("Decode the instruction", "A processor's decoder splits the instruction"))
        return (
            f"{intro} {n.ir} ({bits(width)}); its opcode is {n.ir}[{high}:{low}].\n\n{grid(['opcode'], known, rows, rng)}\n\n"
            f"Moreover, {legal}, and {rest}. All of it is combinational."
        )

    def rules(_: Names, rng: random.Random) -> str:
        lines = []
        for op, value in codes:
            ones = [o for k, o in enumerate(outs) if value >> (signals - 1 - k) & 1]
            lines.append(f"- {op:0{size}b}: {', '.join(f'{o} = 1' for o in ones) or 'none of them is 1'}")
        rng.shuffle(lines)
        head = f"{n.ir} is an instruction of {width} bits with its opcode in bits {high} to {low}. The opcodes set these control signals to 1 (those not listed, of {', '.join(outs)}, are 0):"
        return "\n".join([head, *lines, f"- {legal}", f"- {rest}"])

    return Design(
        ports=(inp(width, n.ir), *(reg(1, o) for o in outs), reg(1, n.bad), out(extended, n.imm)),
        body=body(
            always("*", case(f"{n.ir}[{high}:{low}]", arms, f"{joined} = {lit(1, signals + 1)};")),
            f"assign {n.imm} = {{{{{more}{{{fill_in}}}}}, {part}}};",
        ),
        texts=(Telling(Form.TABLE, table), Telling(Form.RULES, rules)),
    )


def _draw_decoder(rng: random.Random, wide: bool) -> Combination:
    width = 32 if wide else rng.choice((12, 16, 16, 24))
    size = rng.choice((5, 6, 7)) if wide else rng.choice((3, 4, 4))
    low = rng.choice((0, width - size, width - size, rng.randint(1, width - size - 1)))
    signals = rng.randint(3, 6)
    listed = rng.sample(range(1 << size), rng.randint(8, 12) if wide else rng.randint(3, 7))
    bottom = rng.randrange(width - 3)
    top = rng.randint(bottom + 1, min(width - 1, bottom + 11))
    extended = rng.choice([e for e in (8, 16, 32) if e > top - bottom + 1])
    return {
        "width": width,
        "high": low + size - 1,
        "low": low,
        "codes": tuple((op, rng.randrange(1 << signals)) for op in sorted(listed)),
        "signals": signals,
        "field": (top, bottom, rng.random() < 0.6, extended),
    }


def _decoded(
    rows: Rows,
    width: int,
    high: int,
    low: int,
    codes: tuple[Code, ...],
    signals: int,
    field: tuple[int, int, bool, int],
) -> Iterator[Expected]:
    top, bottom, signed, extended = field
    known = dict(codes)
    for row in rows:
        text = f"{row['ir']:0{width}b}"
        op = int(text[width - 1 - high : width - low], 2)
        part = text[width - 1 - top : width - bottom]
        values = f"{known.get(op, 0):0{signals}b}"
        imm = (part[0] if signed else "0") * (extended - len(part)) + part
        controls = dict(zip(SIGNALS, map(int, values), strict=False))
        yield {**controls, "bad": int(op not in known), "imm": int(imm, 2)}


DECODER = Family(
    "instruction_decoder",
    2,
    _decoder,
    {
        "module": ("decoder", "idecode", "instr_dec", "control_unit"),
        "ir": ("instr", "ir", "insn", "op_word"),
        "c0 c1 c2 c3 c4 c5": (
            "reg_write mem_read mem_write use_imm is_branch is_jump",
            "we_rf ld st alu_imm br jmp",
            "ctl_a ctl_b ctl_c ctl_d ctl_e ctl_f",
        ),
        "bad": ("illegal", "bad_op", "trap", "unknown"),
        "imm": ("imm", "immediate", "const_out"),
    },
    oracle=_decoded,
    draw=_draw_decoder,
)

TESTS: dict[str, tuple[str, str, Callable[[int, int, int, int], bool]]] = {  # Verilog, words, value of (z, s, c, v)
    "always": ("1'b1", "always", lambda z, s, c, v: True),
    "never": ("1'b0", "never", lambda z, s, c, v: False),
    "zero": ("{z}", "if {z} is 1", lambda z, s, c, v: z == 1),
    "nonzero": ("!{z}", "if {z} is 0", lambda z, s, c, v: z == 0),
    "carry": ("{c}", "if {c} is 1", lambda z, s, c, v: c == 1),
    "no_carry": ("!{c}", "if {c} is 0", lambda z, s, c, v: c == 0),
    "minus": ("{s}", "if {s} is 1", lambda z, s, c, v: s == 1),
    "plus": ("!{s}", "if {s} is 0", lambda z, s, c, v: s == 0),
    "less": ("{s} ^ {v}", "if {s} and {v} differ", lambda z, s, c, v: s != v),
    "at_least": ("~({s} ^ {v})", "if {s} and {v} are equal", lambda z, s, c, v: s == v),
    "higher": ("{c} & ~{z}", "if {c} is 1 and {z} is 0", lambda z, s, c, v: c > z),
    "greater": ("~{z} & ~({s} ^ {v})", "if {z} is 0 and {s} equals {v}", lambda z, s, c, v: z == 0 and s == v),
}


def _branch(n: Names, width: int, offset: int, shift: int, step: int, tests: tuple[str, ...]) -> Design:
    flags = {"z": n.z, "s": n.s, "c": n.c, "v": n.v}
    size = max((len(tests) - 1).bit_length(), 1)
    arms = {lit(k, size): f"{n.t} = {TESTS[test][0].format(**flags)};" for k, test in enumerate(tests)}
    more = width - offset - shift
    zeros = f", {shift}'d0" if shift else ""
    moved = f"{{{{{more}{{{n.d}[{offset - 1}]}}}}, {n.d}{zeros}}}"
    times = f" times {1 << shift}" if shift else ""
    beyond = f"; codes from {len(tests)} on never take it" if len(tests) < 1 << size else ""
    target = (
        f"{n.y} is {n.pc} + {step} + {n.d}{times} if {n.t} is 1, and {n.pc} + {step} otherwise, modulo 2^{width}; {n.d} is a signed "
        f"number in two's complement"
    )

    def table(names: Names, rng: random.Random) -> str:
        rows = [([str(k)], [TESTS[test][1].format(**flags)]) for k, test in enumerate(tests)]
        text = grid([names.k], ["branch taken"], rows, rng)
        for role in ("z", "s", "c", "v"):
            text = text.replace(f"«{role}»", vars(names)[role])
        return f"The branch unit of a {bits(width)} processor decides by the condition code {n.k} whether {n.t} is 1:\n\n{text}\n\n{target}{beyond}. No clock."

    def rules(_: Names, rng: random.Random) -> str:
        lines = [f"- code {k}: {TESTS[test][1].format(**flags)}" for k, test in enumerate(tests)]
        return "\n".join(
            [
                f"{n.k} says when a branch is taken ({n.t} = 1, else 0):",
                *rng.sample(lines, len(lines)),
                f"- {target}{beyond}",
            ]
        )

    return Design(
        ports=(
            inp(width, n.pc),
            inp(offset, n.d),
            inp(size, n.k),
            *(inp(1, flag) for flag in flags.values()),
            reg(1, n.t),
            out(width, n.y),
        ),
        body=body(
            always("*", case(n.k, arms, f"{n.t} = 1'b0;")),
            f"assign {n.y} = {n.pc} + {lit(step, width)} + ({n.t} ? {moved} : {lit(0, width)});",
        ),
        texts=(
            Telling(Form.TABLE, lambda names, rng: f"{table(names, rng)} {_flags(flags)}"),
            Telling(Form.RULES, lambda names, rng: f"{rules(names, rng)}\n- {_flags(flags)}"),
        ),
    )


def _flags(flags: dict[str, str]) -> str:
    return f"The flags are {flags['z']} (zero), {flags['s']} (sign), {flags['c']} (carry) and {flags['v']} (overflow)."


def _draw_branch(rng: random.Random, wide: bool) -> Combination:
    width = rng.choice((24, 32)) if wide else rng.choice((8, 12, 16))
    shift = rng.choice((0, 1, 2))
    return {
        "width": width,
        "offset": rng.randint(3, width - shift - 1),
        "shift": shift,
        "step": rng.choice((1, 2, 4)),
        "tests": tuple(rng.sample(tuple(TESTS), rng.randint(9, 12) if wide else rng.randint(3, 8))),
    }


def _branched(rows: Rows, width: int, offset: int, shift: int, step: int, tests: tuple[str, ...]) -> Iterator[Expected]:
    for row in rows:
        test = tests[row["k"]] if row["k"] < len(tests) else "never"
        taken = TESTS[test][2](row["z"], row["s"], row["c"], row["v"])
        distance = row["d"] - (1 << offset) * (row["d"] >> (offset - 1))
        yield {"t": int(taken), "y": (row["pc"] + step + taken * distance * (1 << shift)) % (1 << width)}


BRANCH = Family(
    "branch_unit",
    2,
    _branch,
    {
        "module": ("branch_unit", "next_pc", "branch", "pc_logic"),
        "pc": ("pc", "prog_cnt", "here"),
        "d": ("offset", "disp", "rel"),
        "k": ("cond", "code", "cc"),
        "z s c v": ("z n c v", "flag_z flag_n flag_c flag_v", "zf sf cf of", "zero_f neg_f carry_f over_f"),
        "t": ("taken", "jump", "branch_en"),
        "y": ("target", "pc_next", "next_addr"),
    },
    oracle=_branched,
    draw=_draw_branch,
)
