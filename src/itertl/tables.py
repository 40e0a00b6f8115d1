"""Tables whose words stay whole: a name that has to be typed is never cut or broken, whatever the width.

    print_table(table("preset", "n", "source", below=["source"]), console)

On a terminal prose wraps between words. Where that is not enough, columns leave the table, those of `hidden` for good,
those of `below` and then the last ones for lines beneath it. Elsewhere nothing wraps: each row is one line.
"""

import copy
import dataclasses
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

PROSE = 24  # characters that a column of longer texts keeps
_WITHOUT_END = 100_000  # columns


class WholeTable(Table):
    """A table that fits its width by wrapping between words, and by moving columns beneath itself."""

    hidden: Sequence[str] = ()
    below: Sequence[str] = ()
    prose: Sequence[str] = ()  # columns with nothing to type, whose longest words may break
    key: int = 0  # the column that names a row

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.update(width=_WITHOUT_END)
        if not options.is_terminal:
            yield from self._drawn(console, wide, self.columns, None)
            return
        kept, moved = list(self.columns), list[Column]()
        while len(kept) > self.key + 1 and self._needed(console, wide, kept) > options.max_width:
            column = self._least(kept)
            kept.remove(column)
            if column.header not in self.hidden:
                moved.insert(0, column)
        yield from self._drawn(console, wide, kept, options.max_width)
        for column in moved:
            yield from self._beneath(column, options.max_width)

    def _least(self, columns: Sequence[Column]) -> Column:
        """Return the column that is needed least."""
        named = {column.header: column for column in columns}
        wanted = [name for name in (*self.hidden, *self.below) if name in named]
        return named[wanted[0]] if wanted else columns[-1]

    def _needed(self, console: Console, wide: ConsoleOptions, columns: Sequence[Column]) -> int:
        return self._overhead(console, wide, columns) + sum(self._sizes(console, wide, c)[0] for c in columns)

    def _sizes(self, console: Console, wide: ConsoleOptions, column: Column) -> tuple[int, int]:
        """Return the least width of a column, of its longest word or a bit of prose, and that of its longest line."""
        found = [Measurement.get(console, wide, cell) for cell in (column.header, *column.cells)]
        most = max(size.maximum for size in found)
        least = 0 if column.header in self.prose else max(size.minimum for size in found)
        return (most if column.no_wrap else max(least, min(most, PROSE))), most

    def _overhead(self, console: Console, wide: ConsoleOptions, columns: Sequence[Column]) -> int:
        """Return what borders and gaps of a table of such columns take."""
        drawn = Table.__rich_measure__(self._of(columns, [1] * len(columns)), console, wide)
        return drawn.maximum - len(columns)

    def _drawn(
        self, console: Console, wide: ConsoleOptions, columns: Sequence[Column], width: int | None
    ) -> Iterator[Any]:
        """Render these columns as wide as their texts, or as `width` and no narrower than their words."""
        sizes = [self._sizes(console, wide, column) for column in columns]
        overhead = self._overhead(console, wide, columns)
        widths = [most for _, most in sizes]
        if width is not None and sum(widths) + overhead > width:
            widths = _shared(sizes, width - overhead)
        yield from Table.__rich_console__(
            self._of(columns, widths), console, wide.update(width=max(sum(widths) + overhead, width or 0))
        )

    def _of(self, columns: Sequence[Column], widths: Sequence[int]) -> "WholeTable":
        table = copy.copy(self)
        table.columns = [
            dataclasses.replace(column, width=width, _index=index)
            for index, (column, width) in enumerate(zip(columns, widths, strict=True))
        ]
        return table

    def _beneath(self, column: Column, width: int) -> Iterator[RenderableType]:
        """Yield a line for each row's text in a column, one for all where they are the same."""
        cells = [_text(cell).plain for cell in column.cells]
        if len(set(cells)) == 1:
            yield _lines(f"{column.header}: {cells[0]}", width, "")
            return
        yield Text(f"\n{column.header}", style="italic")
        for name, cell in zip(self.columns[self.key].cells, cells, strict=True):
            if cell:
                yield _lines(f"{_text(name).plain}: {cell}", width, "  ")


def table(
    *headings: str,
    below: Sequence[str] = (),
    hidden: Sequence[str] = (),
    prose: Sequence[str] = (),
    key: int = 0,
    **options: Any,
) -> WholeTable:
    """Return an empty table; `key` is the column whose words name a row, `options` are those of a rich table."""
    made = WholeTable(*(Column(heading, overflow="fold") for heading in headings), **options)
    made.below, made.hidden, made.prose, made.key = tuple(below), tuple(hidden), tuple(prose), key
    return made


def print_table(shown: Table, console: Console) -> None:
    """Print a table; a word that is longer than a line of the terminal goes on in the next one, as terminals do it."""
    console.print(shown, crop=False)


def _shared(sizes: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Share `room` among columns of such (least, most) widths, narrow ones first; never give less than the least."""
    widths = [least for least, _ in sizes]
    spare = max(0, room - sum(widths))
    order = sorted(range(len(sizes)), key=lambda i: sizes[i][1] - sizes[i][0])
    for done, i in enumerate(order):
        given = min(sizes[i][1] - sizes[i][0], spare // (len(order) - done))
        widths[i] += given
        spare -= given
    return widths


def _text(cell: RenderableType) -> Text:
    return cell if isinstance(cell, Text) else Text.from_markup(str(cell))


def _lines(text: str, width: int, indent: str) -> Text:
    """Return a text that wraps between words alone."""
    wrapped = textwrap.fill(
        text, width, initial_indent=indent, subsequent_indent=2 * indent, break_long_words=False, break_on_hyphens=False
    )
    return Text(wrapped, no_wrap=True, overflow="ignore")
