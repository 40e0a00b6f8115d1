"""The documents as a web site: the repository's texts, and a page for each file that they link to.

    make docs                      writes site/; a link that leads nowhere ends it
    python -m scripts.site pages   writes the pages that Zensical reads, and no more

Texts keep their places and links, so that a git host shows them as they are. What a git host would show behind a link
to code, to a notebook or to a folder is a page of its own here: `src/itertl/loop.py` becomes `src/itertl/loop.py.md`.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PAGES = Path("build/pages")
PICTURES = {".png", ".svg"}
LANGUAGES = {".py": "python", ".sh": "sh", ".json": "json", ".yaml": "yaml", ".toml": "toml", ".v": "verilog"}
FENCED = re.compile(r"(^(`{3,}).*?^\2`*[ ]*$)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"`[^`\n]*`|(?P<text>\[[^\]]*\]\()(?P<path>(?!https?:|mailto:|#)[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")


def write_pages(root: Path, out: Path) -> list[Path]:
    """Write all texts of `root` below `out` (emptied first), and what they link to; return the pages, sorted.

    Raise FileNotFoundError where a link leads to nothing.
    """
    shutil.rmtree(out, ignore_errors=True)
    ahead = [*root.glob("*.md"), *root.glob("docs/**/*.md")]
    written: set[Path] = set()
    while ahead:
        source = ahead.pop()
        target = out / page_of(source.relative_to(root), root)
        if target in written:
            continue
        written.add(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix in PICTURES:
            shutil.copyfile(source, target)
        elif source.suffix == ".md":
            target.write_text(_linked(source, root, ahead.append), encoding="utf-8")
        else:
            target.write_text(_shown(source, root), encoding="utf-8")
    return sorted(path for path in written if path.suffix == ".md")


def page_of(path: Path, root: Path) -> Path:
    """Return where a file or folder of the repository stands among the pages."""
    if (root / path).is_dir():
        return path / "README.md"
    return path if path.suffix in {".md", *PICTURES} else path.with_name(f"{path.name}.md")


def _linked(source: Path, root: Path, follow: Callable[[Path], None]) -> str:
    """Return a text with its links to files of the repository led to their pages, each handed to `follow`."""

    def lead(match: re.Match[str]) -> str:
        if match["path"] is None:  # code
            return match[0]
        target = (source.parent / match["path"]).resolve()
        if not target.exists():
            raise FileNotFoundError(f"{source}: the link to {match['path']} leads nowhere")
        follow(root / target.relative_to(root.resolve()))
        steps = page_of(Path(match["path"]), source.parent)
        return f"{match['text']}{steps.as_posix()}{match['anchor'] or ''})"

    parts = FENCED.split(source.read_text(encoding="utf-8"))  # text, block, its fence, text, ...
    return "".join(
        LINK.sub(lead, part) if place % 3 == 0 else part for place, part in enumerate(parts) if place % 3 < 2
    )


def _shown(source: Path, root: Path) -> str:
    """Return a page that shows a file, a notebook, or the names in a folder."""
    title = f"# {source.relative_to(root).as_posix()}\n\n"
    if source.is_dir():
        return title + "".join(f"- `{path.name}`\n" for path in sorted(source.iterdir()) if path.name[0] not in "._")
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".ipynb":
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(text)["cells"]]
        return "\n\n".join(said if kind == "markdown" else f"```python\n{said}\n```" for kind, said in cells) + "\n"
    return f"{title}````{LANGUAGES.get(source.suffix, 'text')}\n{text}````\n"


def main(arguments: list[str]) -> int:
    """Write the pages, and by default let Zensical build the site of them; return the exit status."""
    write_pages(Path(), PAGES)
    if arguments == ["pages"]:
        return 0
    return subprocess.run([sys.executable, "-m", "zensical", "build", "--clean", "--strict"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
