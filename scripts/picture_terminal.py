"""A picture of a terminal in which a run is watched, for the documents: an SVG file that refers to nothing outside.

python -m scripts.picture_terminal runs/quickstart docs/terminal.svg
"""

import argparse
import io
import re
from pathlib import Path

from rich.console import Console

from itertl.live import Look
from itertl.live.screen import line, render


def main() -> None:
    """Draw what `itertl watch` shows of a run at this moment, under way or ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="run directory")
    parser.add_argument("out", type=Path, help="SVG file")
    parser.add_argument("--width", type=int, default=80, help="columns")
    options = parser.parse_args()
    console = Console(record=True, width=options.width, file=io.StringIO(), force_terminal=True)
    picture = Look(options.run)()
    for finished in picture.finished:
        console.print(line(picture, finished), highlight=False, soft_wrap=True)
    console.print()
    console.print(render(picture))
    drawn = console.export_svg(title=f"itertl watch {options.run.name}", unique_id="terminal")
    fonts = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    options.out.write_text(fonts.replace("Fira Code, monospace", "Menlo, Consolas, monospace"), encoding="utf-8")


if __name__ == "__main__":
    main()
