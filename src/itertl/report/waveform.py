"""The first mismatch of a verdict as a small waveform for a terminal, and a whole replay as a VCD file.

    print(waveform(replay(task, code), width=80).plain)
    write_vcd(replay(task, code), Path("out.vcd"))          # for GTKWave, Surfer and other viewers

One column is a moment at which outputs are compared; moments between which nothing changes share one. A differing
value has carets under its digits, so that nothing depends on colour. Values are hexadecimal as $display("%h") prints
them: x or z where all bits of a digit are, X or Z where some are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.text import Text

from itertl.disk.artefacts import disk_faults
from itertl.records import WaveRow
from itertl.verify.moments import Ports, differing, wave
from itertl.verify.replay import Replay
from itertl.verilog.interface import Port

MOST_NAME = 24  # characters
GAP = 2
LEVELS, ASCII_LEVELS = {"0": "▁", "1": "▔"}, {"0": "_", "1": "-"}
_SCALE = 5  # ns from one moment to the next in a VCD file
_FIRST, _CODES = 33, 94  # printable characters, of which VCD identifiers consist


def waveform(replay: Replay, width: int = 80, unicode: bool = True) -> Text:
    """Return the moments around the first mismatch, at most `width` characters wide; empty where nothing differs."""
    first = next((i for i, sample in enumerate(replay.samples) if differing(sample)), None)
    if first is None:
        return Text()
    ports = Ports(replay.clock, replay.inputs, replay.outputs)
    found = wave(len(replay.samples), first, replay.samples.__getitem__, ports)
    levels = LEVELS if unicode else ASCII_LEVELS
    cells = [[levels[c] for c in row.cells] if row.kind == "clock" else row.cells for row in found.rows]
    names = shortened({row.name for row in found.rows})
    labels = [_label(row, names) for row in found.rows]
    label = max(map(len, labels)) + GAP
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    shown = _fitting(widths, found.at, width - label)
    lines = [_header("cycle" if replay.clock else "vector", found.cycles, label, widths, shown)]
    rows = zip(found.rows, cells, labels, strict=True)
    lines += [_line(row, each, name.ljust(label), widths, shown) for row, each, name in rows]
    if found.hidden:
        lines.append(Text(f"({found.hidden} more inputs)", style="dim"))
    return Text("\n").join(lines)


def _header(name: str, cycles: Sequence[int], label: int, widths: Sequence[int], shown: Sequence[int]) -> Text:
    """Number the cycles (or vectors): a number stands where its first column is."""
    text, end = name.ljust(label), label
    for i in shown:
        if (i == shown[0] or cycles[i - 1] != cycles[i]) and len(text) <= end:
            text = text.ljust(end) + str(cycles[i]) + " "
        end += widths[i] + GAP
    return Text(text.rstrip(), style="dim")


def _label(row: WaveRow, names: Mapping[str, str]) -> str:
    return f"{names[row.name]} {row.kind}" if row.kind in ("expected", "got") else names[row.name]


def shortened(names: Iterable[str]) -> dict[str, str]:
    """Return what is shown of each name: of a long one its beginning and end, the whole where others end alike."""
    half = (MOST_NAME - 2) // 2
    short = {name: name if len(name) <= MOST_NAME else f"{name[:half]}..{name[-half:]}" for name in names}
    times = Counter(short.values())
    return {name: shown if times[shown] == 1 else name for name, shown in short.items()}


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


def _line(row: WaveRow, cells: Sequence[str], label: str, widths: Sequence[int], shown: Sequence[int]) -> Text:
    text, below = Text(label), Text(" " * len(label))
    marks = {column: (start, length) for column, start, length in row.marks}
    for i in shown:
        span = widths[i] + GAP
        if row.kind == "clock":
            text.append(cells[i] * span)
            continue
        text.append(cells[i], style="bold red" if i in marks else "")
        text.append(" " * (span - len(cells[i])))
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
