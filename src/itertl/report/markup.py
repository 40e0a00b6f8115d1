"""HTML and SVG as values that are safe by construction.

Contract: `element` escapes every child and attribute that is not `Markup` already, and `visible` spells out characters
that a browser would hide or obey (controls, bidirectional overrides, lone surrogates), so that text of any origin is
shown and never interpreted. `embed` does the same for JSON inside a script element.

    python -c "from itertl.report.markup import element; print(element('p', '</p><script>', class_='x'))"
"""

import html
import json
import re
import unicodedata
from collections.abc import Iterable

_UNUSUAL = re.compile(r"[^\x20-\x7e\n\t]")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_VOID = frozenset({"br", "circle", "hr", "input", "line", "meta", "path", "polygon", "polyline", "rect"})


class Markup(str):
    """Text that is HTML or SVG already and is not escaped again."""

    __slots__ = ()


def visible(text: str) -> str:
    """Return `text` with every hidden character but newline and tab written as its code point, such as ⟨U+202E⟩."""

    def spell(match: re.Match[str]) -> str:
        character = match[0]
        return f"⟨U+{ord(character):04X}⟩" if unicodedata.category(character) in _HIDDEN else character

    return _UNUSUAL.sub(spell, text.replace("\r\n", "\n"))


def escape(text: object) -> Markup:
    """Return `text` as Markup: unchanged if it is Markup, else made visible and escaped."""
    return text if isinstance(text, Markup) else Markup(html.escape(visible(str(text))))


def join(parts: Iterable[object]) -> Markup:
    """Return `parts`, escaped where needed, one after the other."""
    return Markup("".join(escape(part) for part in parts))


def element(name: str, *children: object, **attributes: object) -> Markup:
    """Return one element; `class_` means class, `aria_label` aria-label; attributes that are None are left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID and not children:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def embed(value: object, identity: str) -> Markup:
    """Return JSON `value` in a script element that no text inside `value` can close; ASCII only."""
    data = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        data = data.replace(character, f"\\u{ord(character):04x}")
    return Markup(f'<script type="application/json" id="{_attribute(identity)}">{data}</script>')


def _attribute(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(value)
