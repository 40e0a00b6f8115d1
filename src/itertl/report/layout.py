"""What the pages have in common: the frame of the HTML file, sections, figures, tables and lists.

Contract: the file refers to nothing outside itself, its content security policy admits only its own style and script,
text is shown and never interpreted, and the same content gives the same bytes.

    python -c "from itertl.report.layout import facts; print(facts({'a': {'b': 1}}))"
"""

import base64
import dataclasses
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from string import Template
from typing import Any

import yaml

from itertl.report.markup import Markup, element, escape, join
from itertl.report.packed import pack
from itertl.report.parsing import Row, number
from itertl.words import counted

SCRIPTS = ("report.js", "packed.js", "code.js", "wave.js", "schematic.js", "browser.js")  # one after the other
_DEEPEST = 8  # levels of a nested mapping that are spelled out
_LATEST = 253_402_300_799.0  # seconds since 1970: the end of the year 9999


@dataclasses.dataclass(frozen=True)
class Page:
    """A page: its head, links to its sections (anchor, word), the sections, and what its sample browser holds.

    `refresh` is the seconds after which it loads itself again, None for a page that is final.
    """

    kicker: str
    title: str
    sentence: str
    numbers: Markup
    notices: Sequence[str]
    links: Sequence[tuple[str, str]]
    sections: Sequence[Markup | None]
    footer: str
    samples: Mapping[str, Any] | None = None
    refresh: int | None = None


def assemble(page: Page) -> str:
    """Return the whole HTML file."""
    style, script = _resource("report.css"), "".join(map(_resource, SCRIPTS))
    return Template(_resource("template.html")).substitute(
        policy=f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; base-uri 'none'",
        title=escape(page.title),
        refresh="" if page.refresh is None else f'<meta http-equiv="refresh" content="{page.refresh}">\n',
        links=join(element("a", word, href=f"#{anchor}") for anchor, word in page.links),
        kicker=escape(page.kicker),
        sentence=escape(page.sentence),
        numbers=page.numbers,
        notices=_notices(page.notices),
        main=join(part for part in page.sections if part is not None),
        footer=escape(page.footer),
        samples=pack(page.samples) if page.samples else Markup(""),
        style=style,
        script=script,
    )


def section(
    key: str, title: str, about: str, content: Sequence[Markup | None], foot: Sequence[Markup | None] = ()
) -> Markup:
    """Return a titled card of the page; None among the contents is left out."""
    parts = [part for part in (*content, *foot) if part is not None]
    lead = [element("p", about, class_="about")] if about else []
    heading = element("h2", title, id=f"{key}-heading")
    return element("section", heading, *lead, *parts, id=key, class_="card", aria_labelledby=f"{key}-heading")


def figure(title: str, about: str, content: Markup | None, missing: str, above: Markup | None = None) -> Markup:
    """Return a titled cell, with the word of when it will be filled where there is nothing yet."""
    shown = content if content is not None else element("p", missing, class_="empty")
    lead = [element("p", about)] if about else []
    key = [above] if above is not None and content is not None else []
    return element("figure", element("figcaption", element("h3", title), *lead, *key), shown)


def key_numbers(cards: Iterable[tuple[str, str, str]]) -> Markup:
    """Return the handful of numbers that a reader looks for first: (number, what it is, more)."""
    return element(
        "dl",
        *(
            element("div", element("dt", what), element("dd", value, element("small", more)))
            for value, what, more in cards
        ),
        class_="numbers",
    )


def legend(entries: Sequence[tuple[str, str, str | None]]) -> Markup:
    """Return a list of (style, name, link or None) with a patch of colour before each name."""
    items = []
    for style, name, href in entries:
        patch = element("span", class_=f"swatch {style}", aria_hidden="true")
        items.append(element("li", element("a", patch, name, href=href) if href else join([patch, name])))
    return element("ul", *items, class_="legend")


def table(head: Sequence[str], lines: Iterable[Sequence[str]], style: str | None = None) -> Markup:
    """Return a table that scrolls sideways where it is wider than the page; cells may be Markup."""
    top = element("tr", *(element("th", name, scope="col") for name in head))
    body = [element("tr", *(element("td", cell) for cell in line)) for line in lines]
    whole = element("table", element("thead", top), element("tbody", *body), class_=style)
    return element("div", whole, class_="wide", tabindex=0)


def folded(summary: str, content: Markup) -> Markup:
    """Return `content` folded away under a word."""
    return element("details", element("summary", summary), content)


def facts(values: Mapping[str, Any]) -> Markup | None:
    """Return a mapping as a list of names and values, nested names joined by dots; None where it is empty."""
    entries = list(_flatten(values)) if values else []
    if not entries:
        return None
    return element("dl", *(element("div", element("dt", k), element("dd", v)) for k, v in entries), class_="facts")


def configuration(text: str, config: Row) -> Markup | None:
    """Return a config as YAML in the order of its file, keys set off; `text` as it is where it could not be parsed."""
    if config:
        text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=100)
    if not text.strip():
        return None
    lines = []
    for line in text.rstrip().splitlines():
        found = re.fullmatch(r"(\s*(?:- )*)([\w.-]+)(:)( .*)?", line)
        lines.append(join([found[1], element("b", found[2]), found[3], found[4] or ""]) if found else escape(line))
    return element("pre", element("code", join(join([line, "\n"]) for line in lines)), tabindex=0)


def sample_browser(samples: Mapping[str, Any], spread_over: str, filters: Sequence[tuple[str, str]]) -> Markup:
    """Return the section of the samples, which were spread over `spread_over`.

    `filters` holds (field of a sample, word): a select is filled with the values that occur.
    """
    shown = sum(sample["drawn"] for sample in samples["samples"])
    if not shown:
        return section("samples", "Samples", "", [element("p", "Appears with the first candidates.", class_="empty")])
    everything = shown == samples["drawn"]
    chosen = "all of them" if everything else f"{shown:,} of them, spread evenly over {spread_over}"
    about = f"{counted(samples['drawn'], 'samples')}, {counted(samples['distinct'], 'distinct designs')}: {chosen}."
    if drawn := len(samples.get("drawings", ())):
        about += f" {counted(drawn, 'designs have', 'design has')} a schematic."
        filters = [*filters, ("schematic", "Schematic")]
    choices = join(
        element("label", f"{word} ", element("select", element("option", "all", value=""), name_=name))
        for name, word in filters
    )
    content = Markup(Template(_resource("browser.html")).substitute(filters=choices))
    return section("samples", "Samples", about, [content])


def last_event(events: Iterable[Row], what: str) -> str:
    """Return the words of the footer: when the last of `events` was."""
    times = [time for event in events if (time := number(event.get("time"))) is not None and 0 <= time <= _LATEST]
    if not times:
        return "ITERTL"
    return f"ITERTL · state of the {what} at {datetime.fromtimestamp(times[-1], UTC).strftime('%Y-%m-%d %H:%M UTC')}"


def _notices(notices: Sequence[str]) -> Markup:
    unique = list(dict.fromkeys(notices))
    if not unique:
        return Markup("")
    return element("ul", *(element("li", notice) for notice in unique), class_="notices", role="note")


def _flatten(value: Any, name: str = "", depth: int = 0) -> Iterable[tuple[str, str]]:
    if depth > _DEEPEST:
        yield name, "…"
    elif isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flatten(inner, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(value, list):
        yield name, ", ".join("…" if isinstance(v, dict | list) else str(v) for v in value) or "-"
    else:
        yield name, "-" if value is None or value == {} else str(value)


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _resource(name: str) -> str:
    return resources.files("itertl.report").joinpath(name).read_text(encoding="utf-8")
