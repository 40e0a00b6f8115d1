"""What of a model's text is its answer: no thinking, no draft, no prose; code out of JSON and tool calls.

    answer(text)  ->  Answer(text, cut)        # every line keeps its number, unless the code comes out of JSON

Thinking stands in blocks (<think>, <reasoning>, ...), which may nest, may have been opened by the prompt, and where the
text was cut may never end: then there is no answer. A mark that ends a turn ends the answer. Behind <answer> only what
stands in its last block counts. Of text with fences what lies in them counts, and code around them; a last fence that
breaks off within a module is a cut answer, whatever drafts stand before it. JSON counts by the strings that hold
modules.

    python -c "from itertl.verilog.answer import *; print(answer('<think>module a; endmodule').cut)"
"""

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

from itertl.verilog.thinking import THOUGHTS, blank, is_meant, without_thinking
from itertl.verilog.tokens import tokens

THINKING = "the text ends inside of a thinking block"
BROKEN = "the text ends inside of a module"
UNREADABLE = "the text ends inside of JSON"

_TAG = re.compile(r"(?i)<(/?)\s*(?:answer|solution|final_answer)\s*>")
_END = re.compile(
    r"<\|(?:endoftext|end_of_text|im_end|eot_id|eom_id|end|return|eos)\|>|</s>|<end_of_turn>|<\uff5cend\u2581of\u2581sentence\uff5c>"
    r"|^[ \t]*\[DONE\]",
    re.MULTILINE,
)
_FENCE = re.compile(r"^[ \t]*(?:```+|~~~+)[ \t]*([\w+#.-]*)[^\n`]*$", re.MULTILINE)
_CODE = re.compile(r"\bendmodule\b")
_BEFORE_CODE = re.compile(r"(?:^|;|\bend\w*|\*/)[ \t]*\Z")  # what stands before an `endmodule` that ends a module
_MODULE = re.compile(r"^[ \t]*(?:macro)?module\s+\w+\s*[(#;]", re.MULTILINE)
_GLOB = re.compile(r"(?<=[\w.`*\"')\]/])/\*")  # a comment begins behind a blank: src/*.v is none
_REMARK = re.compile(r"(?<=[^\s])[ \t]+/\*(?![^\n]{0,300}\*/)")  # in the middle of a line, and not closed on it
_BEGUN_JSON = re.compile(r'\s*\{\s*"\w+"\s*:')
_OBJECT = re.compile(r"[\[{]\s*[{\"]")
_MOST_OBJECTS = 100  # places where JSON is looked for
_SIGNS = ("<", "&lt;", "[", "◁", "Thinking...")  # what a text without such marks does not hold
_NAME = re.compile(r"[A-Za-z_\\]")
_BEHIND_NAME = ("(", "#", ";", "import", "::")  # what a module's name is followed by
_FIRST = ("code", "answer", "final_answer", "solution", "verilog", "rtl", "systemverilog", "design", "module", "files")
_ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\"}


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The answer, "" where there is none; `cut` says what of it is missing, "" for nothing that can be seen."""

    text: str
    cut: str = ""


def answer(text: str) -> Answer:
    """Return what of a model's text is its answer; Verilog alone is its own."""
    if any(sign in text for sign in _SIGNS):
        text, open_ = without_thinking(text)
        if open_:
            return Answer("", THINKING)
        text = _tagged(_ended(text))
    found = _of_json(text)
    if found is None and _BEGUN_JSON.match(text) and _decoded(text.lstrip(), 0) is None:
        return Answer("", UNREADABLE)
    text = _unescaped(text) if found is None else found
    return _fenced(text) if "```" in text or "~~~" in text else Answer(_without_globs(text))


def _ended(text: str) -> str:
    """Return `text` up to the first mark of its end behind a module: what follows belongs to another turn."""
    code = _CODE.search(text)
    end = _END.search(text, code.end()) if code else None
    return text[: end.start()] if end else text


def _tagged(text: str) -> str:
    """Return what stands in the last block <answer>, cut or not; all of a text without such blocks."""
    tags = [tag for tag in _TAG.finditer(text) if is_meant(text, tag.start(), tag.end())]
    opening = [tag for tag in tags if not tag[1]]
    if not opening:
        return text
    start = opening[-1].end()
    end = next((tag.start() for tag in tags if tag[1] and tag.start() >= start), len(text))
    return blank(text[:start]) + text[start:end]


def _of_json(text: str) -> str | None:
    """Return the code in the last JSON value of `text` that holds some, None where none does."""
    if '"' not in text:
        return None
    found, at = None, 0
    stripped = text.strip()
    if stripped.startswith('"') and (value := _decoded(stripped, 0)) is not None and value[1] == len(stripped):
        return _joined(value[0])
    for _ in range(_MOST_OBJECTS):
        start = _OBJECT.search(text, at)
        if start is None:
            return found
        value = _decoded(text, start.start())
        if value is None:
            at = start.start() + 1
        else:
            at = value[1]
            found = _joined(value[0]) or found
    return found


def _decoded(text: str, start: int) -> tuple[Any, int] | None:
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None


def _joined(value: Any) -> str | None:
    """Return the code in a JSON value, None where there is none."""
    return "\n".join(_strings(value)) or None


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the strings that hold code: of an object, those below the first key that code usually has, else all."""
    if depth > 16:
        return
    if isinstance(value, str):
        inner = _decoded(value.strip(), 0) if value.lstrip()[:1] in ("{", "[") else None
        if inner is not None:
            yield from _strings(inner[0], depth + 1)
        elif _CODE.search(_unescaped(value)):
            yield _unescaped(value)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part, depth + 1)
    elif isinstance(value, dict):
        keys = {str(key).lower(): part for key, part in value.items() if str(key).lower() not in THOUGHTS}
        for key in _FIRST:
            if key in keys and (parts := list(_strings(keys[key], depth + 1))):
                yield from parts
                return
        for part in keys.values():
            yield from _strings(part, depth + 1)


def _unescaped(text: str) -> str:
    """Return `text` of one line, whose line breaks are written as escapes, with these as line breaks."""
    if text.strip().count("\n") or text.count("\\n") < 2:
        return text
    return re.sub(r"\\[nt\"\\]", lambda found: _ESCAPES[found[0]], text)


def _fenced(text: str) -> Answer:
    """Return text with fences without the prose around them."""
    parts, at, inside, hidden = [], 0, False, 0
    marks = list(_FENCE.finditer(text))
    if marks and not marks[0][1] and _holds_code(text[: marks[0].start()]):
        inside = True  # the prompt has opened it
    for mark in marks:
        part = text[at : mark.start()]
        parts.append(blank(part) if hidden else part if inside else _outside(part))
        parts.append(mark[0])
        at = mark.end()
        if hidden:  # a block of thoughts may hold fences of its own
            hidden += 1 if mark[1] else -1
            inside = hidden > 0
        else:
            inside = not inside or bool(mark[1])
            hidden = int(inside and mark[1].lower() in THOUGHTS)
    rest = text[at:]
    if hidden:
        return Answer("", THINKING)
    if inside and breaks_off(rest):
        return Answer("", BROKEN)
    return Answer("".join([*parts, rest if inside else _outside(rest)]))


def _outside(part: str) -> str:
    """Return text outside of fences: blank, unless there is code in it."""
    return _without_globs(part) if _holds_code(part) else blank(part)


def _holds_code(part: str) -> bool:
    return any(ends_module(part, found.start()) for found in _CODE.finditer(part))


def ends_module(text: str, start: int) -> bool:
    """Return True if the `endmodule` at `start` stands where code has it, not as a word of prose."""
    line = text[max(text.rfind("\n", 0, start) + 1, start - 80) : start]
    return bool(_BEFORE_CODE.search(line)) and text[start + len("endmodule") :][:1] not in (".", '"', "'", "`")


def _without_globs(text: str) -> str:
    """Return `text` without what only looks like a comment's beginning in the prose around its modules."""
    if "/*" not in text:
        return text
    first = _MODULE.search(text)
    start = first.start() if first else 0
    end = max((found.end() for found in _CODE.finditer(text)), default=start)
    head, tail = (_REMARK.sub(" ", _GLOB.sub("  ", part)) for part in (text[:start], text[end:]))
    return head + text[start:end] + tail


def breaks_off(code: str) -> bool:
    """True if `code` ends inside of a module that it begins itself."""
    opened, texts = False, [token.text for token in tokens(code)]
    for index, text in enumerate(texts):
        if text in ("module", "macromodule"):
            behind = [word for word in texts[index + 1 : index + 4] if word not in ("automatic", "static")]
            named = not behind or _NAME.match(behind[0]) is not None
            opened = opened or (named and (len(behind) < 2 or behind[1] in _BEHIND_NAME))  # else it is a word of prose
        elif text == "endmodule":
            opened = False
    return opened
