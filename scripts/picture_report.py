"""A picture of a part of a page, for the documents: as Chromium draws it, without a window.

python -m scripts.picture_report runs/quickstart docs/report.png --part '#samples' --fragment '#outcome=mismatch'
"""

import argparse
import tempfile
from pathlib import Path

from tests.report.chromium import CHROMIUM, Browser

from itertl.report import write_report


def main() -> None:
    """Write the page of a run or an evaluation to a folder of its own, open it, and take the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="run directory, or the --out of an eval")
    parser.add_argument("out", type=Path, help="PNG file")
    parser.add_argument("--part", default="", help="CSS selector of one element; by default what is in sight")
    parser.add_argument("--fragment", default="", help="what stands behind the address, with its #")
    parser.add_argument("--width", type=int, default=1240, help="CSS pixels")
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit("needs Chromium on PATH: apt-get install chromium")
    with tempfile.TemporaryDirectory() as place, Browser(Path(place) / "profile") as browser:
        page = write_report(options.folder, Path(place) / "report.html")
        browser.open(page, options.fragment, options.width, 900, options.dark)
        browser.picture(options.out, options.part)


if __name__ == "__main__":
    main()
