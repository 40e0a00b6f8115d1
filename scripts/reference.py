"""The reference pages, from what they describe: the command line's parser, the config's fields, the public docstrings.

python -m scripts.reference           writes docs/reference/
python -m scripts.reference --check   exit status 1 if a page is not what the code says
"""

import argparse
import sys
from pathlib import Path

from scripts.reference_cli import cli_page
from scripts.reference_config import config_page
from scripts.reference_python import python_page

FOLDER = Path("docs/reference")
PAGES = {"cli.md": cli_page, "config.md": config_page, "python.md": python_page}


def stale(folder: Path) -> list[str]:
    """Return the names of the pages below `folder` that are not what the code says."""
    return [
        name
        for name, page in PAGES.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != page()
    ]


def main() -> int:
    """Write the pages, or with --check compare them; return the exit status."""
    parser = argparse.ArgumentParser(description="reference pages from the code")
    parser.add_argument("--check", action="store_true", help="compare with the pages instead of writing them")
    if parser.parse_args().check:
        old = stale(FOLDER)
        if old:
            print(f"expected {', '.join(old)} as the code says, found older ones; run python -m scripts.reference")
        return int(bool(old))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
