"""Draw which room imports from which: one SVG, from the imports and from the layers of pyproject.toml.

    python -m scripts.draw_rooms           writes docs/rooms.svg
    python -m scripts.draw_rooms --check   exit status 1 if docs/rooms.svg is not what the imports say

A row imports from the columns with a dot. Rooms stand in the order of the layers, so all dots lie right of the
diagonal; one on its left, an arrow upwards, would be red. Rooms of one layer share a stripe.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.house import House, between_rooms, read_house

PICTURE = Path("docs/rooms.svg")
CELL, LEFT, TOP = 20, 96, 84  # pixels: a cell, the names of the rows, the slanted names of the columns
STYLE = "text{font:11px sans-serif;fill:#1f2328}"


def draw(house: House) -> str:
    """Return the picture as SVG text."""
    rooms = [room for layer in house.layers for room in layer]
    width, height = LEFT + CELL * len(rooms) + TOP, TOP + CELL * len(rooms) + 8
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            'role="img" aria-label="Which room imports from which; all dots lie right of the diagonal">',
            f"<style>{STYLE}</style>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *_stripes(house.layers, LEFT + CELL * len(rooms)),
            *_names(rooms),
            *_dots(house, rooms),
            "</svg>\n",
        ]
    )


def _stripes(layers: tuple[tuple[str, ...], ...], right: int) -> Iterator[str]:
    """Shade every second layer, from the names of its rooms to the last column."""
    row = 0
    for number, layer in enumerate(layers):
        if number % 2 == 0:
            yield _rectangle(0, TOP + CELL * row, right, CELL * len(layer), "#f3f4f6")
        row += len(layer)


def _names(rooms: list[str]) -> Iterator[str]:
    for place, room in enumerate(rooms):
        middle = CELL * place + CELL // 2
        yield f'<text x="{LEFT - 8}" y="{TOP + middle + 4}" text-anchor="end">{room}</text>'
        yield f'<text transform="translate({LEFT + middle + 4} {TOP - 6}) rotate(-50)">{room}</text>'
        yield _rectangle(LEFT + CELL * place, TOP + CELL * place, CELL, CELL, "#d1d5db")


def _dots(house: House, rooms: list[str]) -> Iterator[str]:
    graph = between_rooms(house)
    rank = {room: depth for depth, layer in enumerate(house.layers) for room in layer}
    for row, room in enumerate(rooms):
        for column, other in enumerate(rooms):
            if other in graph[room]:
                x, y = LEFT + CELL * column + CELL // 2, TOP + CELL * row + CELL // 2
                colour = "#2a78b8" if rank[room] < rank[other] else "#c0362c"
                yield f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}"><title>{room} -&gt; {other}</title></circle>'


def _rectangle(x: int, y: int, width: int, height: int, colour: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}"/>'


def main(check: bool) -> int:
    """Write the picture, or compare it with the one that is there; return the exit status."""
    picture = draw(read_house(Path()))
    if not check:
        PICTURE.write_text(picture)
    elif not PICTURE.exists() or PICTURE.read_text() != picture:
        print(f"expected {PICTURE} as the imports say, found an older one; run python -m scripts.draw_rooms")
        return 1
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw which room imports from which.")
    parser.add_argument("--check", action="store_true", help="write nothing, compare only")
    sys.exit(main(parser.parse_args().check))
