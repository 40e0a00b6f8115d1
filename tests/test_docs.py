"""The documents hold together: links lead to files and headings that are there, and the reference is up to date."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from scripts.reference import FOLDER, stale

from itertl.moved_keys import MOVED
from itertl.outcome import Outcome, Reason

ROOT = Path(__file__).parents[1]
TRACKED = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
TEXTS = [ROOT / name for name in TRACKED.splitlines()] or sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)\s]*)\)")


def _without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "code", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def _anchors(path: Path) -> set[str]:
    """Return the anchors of a text's headings, as GitHub names them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    seen: Counter[str] = Counter()
    anchors = set()
    for heading in re.findall(r"^#+ +(.+?)\s*$", text, flags=re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        anchors.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return anchors


def _broken(path: Path) -> list[str]:
    broken = []
    for link in LINK.findall(_without_code(path.read_text())):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    assert _broken(path) == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    ahead, reached = [ROOT / "README.md"], set()
    while ahead:
        path = ahead.pop().resolve()
        if path in reached or not path.exists():
            continue
        reached.add(path)
        links = [link.partition("#")[0] for link in LINK.findall(_without_code(path.read_text()))]
        ahead += [path.parent / link for link in links if link.endswith(".md")]
    assert {path.resolve() for path in TEXTS if ".github" not in path.parts} - reached == set()


def test_the_reference_is_what_the_code_says() -> None:
    assert stale(ROOT / FOLDER) == [], "run python -m scripts.reference"


def test_outcomes_and_reasons_are_explained() -> None:
    text = (ROOT / "docs/verification.md").read_text()
    assert [kind.value for kind in (*Outcome, *Reason) if f"`{kind.value}`" not in text] == []


def test_no_text_names_a_setting_that_is_gone() -> None:
    texts = {path.name: path.read_text() for path in TEXTS if path.name != "CHANGELOG.md"}
    assert [(name, key) for name, text in texts.items() for key in MOVED if f"`{key}`" in text] == []


def test_every_document_stands_in_the_navigation_of_the_site() -> None:
    named = set(re.findall(r'"([^"\s]+\.md)"', (ROOT / "zensical.toml").read_text()))
    texts = {path.relative_to(ROOT).as_posix() for path in TEXTS if ".github" not in path.parts}
    assert {name for name in texts if not name.startswith("docs/decisions/0")} - named == set(), "add it to nav"
    assert {name for name in named - texts if not (ROOT / name.removesuffix(".md")).exists()} == set()


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A `b`: c\n\n## Twice\n\n## Twice\n")
    text = "[a](there.md) [b](there.md#a-b-c) [c](there.md#twice-1) [d](there.md#no) [e](gone.md) `[f](code.md)`"
    (tmp_path / "text.md").write_text(text)
    assert _broken(tmp_path / "text.md") == ["there.md#no", "gone.md"]
