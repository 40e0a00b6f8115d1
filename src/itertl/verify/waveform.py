"""The first mismatch of a verdict as a small waveform for a terminal, and a whole replay as a VCD file.

    print(waveform(replay(task, code), width=80).plain)
    write_vcd(replay(task, code), Path("out.vcd"))          # for GTKWave, Surfer and other viewers

One column is a moment at which outputs are compared; moments between which nothing changes share one. A differing
value has carets under its digits, so that nothing depends on colour. Values are hexadecimal as $display("%h") prints
them: x or z where all bits of a digit are, X or Z where some are.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.text import Text

from itertl.disk.artefacts import disk_faults
from itertl.verify.replay import Replay, Sample
from itertl.verilog.interface import Port

BEFORE, AFTER = 10, 4  # columns shown on either side of the mismatch, where the terminal is wide enough
MOST_INPUTS = 24  # rows
MOST_DIGITS = 16  # of a value; of wider ones, those around the first difference are shown
MOST_NAME = 24  # characters
GAP = 2
LEVELS, ASCII_LEVELS = {"0": "▁", "1": "▔"}, {"0": "_", "1": "-"}
_SCALE = 5  # ns from one moment to the next in a VCD file
_FIRST, _CODES = 33, 94  # printable characters, of which VCD identifiers consist


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    """A label and one text a column; `marks` holds (column, first character, length) of what differs."""

    label: str
    cells: tuple[str, ...]
    marks: tuple[tuple[int, int, int], ...] = ()
    fill: bool = False  # each cell is one character, repeated over the column and the gap behind it


def hexadecimal(bits: str) -> str:
    """Return bits (highest first; 0, 1, x, z) in hexadecimal; a single bit stays as it is."""
    if len(bits) <= 1:
        return bits
    padded = bits.rjust(-(-len(bits) // 4) * 4, "0" if bits[0] in "01" else bits[0])
    return "".join(_digit(padded[i : i + 4]) for i in range(0, len(padded), 4))


def _digit(nibble: str) -> str:
    unknown = [b for b in nibble if b in "xz"]
    if not unknown:
        return f"{int(nibble, 2):x}"
    letter = "z" if "x" not in unknown else "x"
    return letter if set(nibble) == {letter} else letter.upper()


def differing(sample: Sample) -> list[int]:
    """Return the positions of the outputs with a bit that is 0 or 1 in the reference and something else here."""
    pairs = enumerate(zip(sample.expected, sample.got, strict=True))
    return [i for i, (want, got) in pairs if any(a != b and a in "01" for a, b in zip(want, got, strict=True))]


def waveform(replay: Replay, width: int = 80, unicode: bool = True) -> Text:
    """Return the moments around the first mismatch, at most `width` characters wide; empty where nothing differs."""
    first = next((i for i, sample in enumerate(replay.samples) if differing(sample)), None)
    if first is None:
        return Text()
    columns = _merged(replay.samples, first)
    at = next(i for i, sample in enumerate(columns) if sample is replay.samples[first])
    columns, at = columns[max(0, at - BEFORE) : at + AFTER + 1], min(at, BEFORE)
    rows = _rows(replay, columns, LEVELS if unicode else ASCII_LEVELS)
    label = max(len(row.label) for row in rows) + GAP
    widths = [max(len(row.cells[i]) for row in rows) for i in range(len(columns))]
    shown = _fitting(widths, at, width - label)
    lines = [_header(replay, columns, label, widths, shown)]
    lines += [_line(row, label, widths, shown) for row in rows]
    if (hidden := len(replay.inputs) - MOST_INPUTS) > 0:
        lines.append(Text(f"({hidden} more inputs)", style="dim"))
    return Text("\n").join(lines)


def _header(replay: Replay, columns: Sequence[Sample], label: int, widths: Sequence[int], shown: Sequence[int]) -> Text:
    """Number the cycles (or vectors): a number stands where its first column is."""
    text, end = ("cycle" if replay.clock else "vector").ljust(label), label
    for i in shown:
        if (i == shown[0] or columns[i - 1].cycle != columns[i].cycle) and len(text) <= end:
            text = text.ljust(end) + str(columns[i].cycle) + " "
        end += widths[i] + GAP
    return Text(text.rstrip(), style="dim")


def _merged(samples: Sequence[Sample], first: int) -> list[Sample]:
    """Drop the samples that equal their predecessor in every value; the mismatch itself always stays."""
    kept = [samples[0]]
    for number, sample in enumerate(samples[1:], 1):
        same = dataclasses.replace(sample, moment=kept[-1].moment, cycle=kept[-1].cycle) == kept[-1]
        if number == first or not same:
            kept.append(sample)
    return kept


def _rows(replay: Replay, columns: Sequence[Sample], levels: dict[str, str]) -> list[_Row]:
    rows = []
    if replay.clock:
        rows.append(_Row(_name(replay.clock), tuple(levels[s.clock] for s in columns), fill=True))
    for i, port in enumerate(replay.inputs[:MOST_INPUTS]):
        rows.append(_Row(_name(port.name), tuple(_cut(hexadecimal(s.inputs[i]), 0) for s in columns)))
    for i, port in enumerate(replay.outputs):
        rows += _output(port, i, columns)
    return rows


def _output(port: Port, i: int, columns: Sequence[Sample]) -> list[_Row]:
    """Return one row for an output that agrees, else what is expected and what was got."""
    wrong = [n for n, sample in enumerate(columns) if i in differing(sample)]
    pairs = [(hexadecimal(s.expected[i]), hexadecimal(s.got[i])) for s in columns]
    differ = [[k for k, (a, b) in enumerate(zip(*pair, strict=True)) if a != b] for pair in pairs]
    focus = differ[wrong[0]][0] if wrong else 0
    expected = tuple(_cut(want, focus) for want, _ in pairs)
    if not wrong:
        return [_Row(_name(port.name), expected)]
    got = tuple(_cut(found, focus) for _, found in pairs)
    marks = []
    for n in wrong:
        spots = [k for k, (a, b) in enumerate(zip(expected[n], got[n], strict=True)) if a != b] or [len(got[n]) - 1]
        marks.append((n, spots[0], spots[-1] - spots[0] + 1))
    name = _name(port.name)
    return [_Row(f"{name} expected", expected), _Row(f"{name} got", got, tuple(marks))]


def _name(name: str) -> str:
    return name if len(name) <= MOST_NAME else f"{name[: MOST_NAME - 2]}.."


def _cut(digits: str, focus: int) -> str:
    """Return the digits around position `focus` of a long value, dots where there are more."""
    if len(digits) <= MOST_DIGITS:
        return digits
    room = MOST_DIGITS - 4
    start = max(0, min(focus - room // 2, len(digits) - room))
    return (".." if start else "") + digits[start : start + room] + (".." if start + room < len(digits) else "")


def _fitting(widths: Sequence[int], at: int, room: int) -> list[int]:
    """Return the columns that fit into `room` characters: the one `at` the mismatch, then two before for one after."""
    low = high = at
    used = widths[at] + GAP
    turn = 0
    while True:
        sides = [("low", low - 1), ("low", low - 1), ("high", high + 1)]
        side, index = sides[turn % 3]
        if not 0 <= index < len(widths):
            side, index = ("high", high + 1) if side == "low" else ("low", low - 1)
        if not 0 <= index < len(widths) or used + widths[index] + GAP > room:
            return list(range(low, high + 1))
        used += widths[index] + GAP
        low, high = (index, high) if side == "low" else (low, index)
        turn += 1


def _line(row: _Row, label: int, widths: Sequence[int], shown: Sequence[int]) -> Text:
    text = Text(row.label.ljust(label))
    below = Text(" " * label)
    marks = {column: (start, length) for column, start, length in row.marks}
    for i in shown:
        span = widths[i] + GAP
        if row.fill:
            text.append(row.cells[i] * span)
            continue
        text.append(row.cells[i], style="bold red" if i in marks else "")
        text.append(" " * (span - len(row.cells[i])))
        start, length = marks.get(i, (0, 0))
        below.append((" " * start + "^" * length).ljust(span), style="bold red")
    text.rstrip()
    below.rstrip()
    return Text("\n").join([text, below]) if below.plain else text


def write_vcd(replay: Replay, path: Path) -> None:
    """Write the whole replay as a value change dump: stimuli, reference, candidate, and a wire that marks mismatches.

    Raise RunDirectoryError where the disk is full or the place cannot be written.
    """
    with disk_faults(path), path.open("w", encoding="ascii", errors="replace") as file:
        for line in _vcd(replay):
            file.write(line + "\n")


def _vcd(replay: Replay) -> Iterator[str]:
    clock = (Port(replay.clock, "input", 1),) if replay.clock else ()
    scopes = {
        "stimuli": (*clock, *replay.inputs),
        "reference": replay.outputs,
        "candidate": replay.outputs,
        "verdict": (Port("mismatch", "output", 1),),
    }
    yield f"$comment itertl verify: {replay.verdict.outcome} $end"
    yield f"$timescale 1ns $end\n$comment moments of comparison are {_SCALE} ns apart $end"
    codes: list[str] = []
    for scope, ports in scopes.items():
        yield f"$scope module {scope} $end"
        for port in ports:
            codes.append(_code(len(codes)))
            span = f" [{port.width - 1}:0]" if port.width > 1 else ""
            yield f"$var wire {port.width} {codes[-1]} {port.name}{span} $end"
        yield "$upscope $end"
    yield "$enddefinitions $end"
    before: tuple[str, ...] = ()
    for number, sample in enumerate(replay.samples):
        mark = "1" if differing(sample) else "0"
        values = (*((sample.clock,) if clock else ()), *sample.inputs, *sample.expected, *sample.got, mark)
        yield f"#{number * _SCALE}"
        for i, (code, value) in enumerate(zip(codes, values, strict=True)):
            if not before or before[i] != value:
                yield f"b{value} {code}" if len(value) > 1 else f"{value}{code}"
        before = values
    yield f"#{len(replay.samples) * _SCALE}"


def _code(number: int) -> str:
    """Return the short identifier of the variable `number`."""
    text = ""
    while True:
        number, digit = divmod(number, _CODES)
        text += chr(_FIRST + digit)
        if not number:
            return text
        number -= 1
