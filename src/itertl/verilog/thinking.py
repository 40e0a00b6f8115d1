"""Where a model's text thinks: the blocks of many models, by the marks that they write around them.

    without_thinking(text)  ->  (text, open)        # blocks are blank, lines keep their numbers

Blocks may nest, may have been opened by the prompt, and where the text was cut may never end (`open`). A mark that
stands in quotes, or shortly behind the beginning of a comment, is one that is talked about; so is one in the middle of
a line that nothing closes, if it is of a rare kind or all modules stand before it. All patterns are bounded: they read
a megabyte in a fraction of a second.

    python -c "from itertl.verilog.thinking import *; print(without_thinking('<seed:think>a</seed:think>b'))"
"""

import re

_WORD = (
    r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis|drafts?|cot|plan(?:ning)?|monologue"
    r"|deliberation|brainstorm(?:ing)?|critique|internal)"
)
_MARKS = (
    rf"(?:\\?<|&lt;)(?P<slash>/?)\s*+(?:(?:[a-z]{{1,20}}[:_-]){{1,3}}|ant)?{_WORD}(?:_\w{{1,40}}+)?"
    r"(?:\s{1,9}\w{1,40}\s*+=[^<>\n]{0,300})?\s*+(?:\\?>|&gt;)",
    rf"<\|(?P<token>/?(?:\w{{0,40}}_)?{_WORD}(?:_\w{{1,40}}+)?)\|>",  # <|begin_of_thought|>, <|END_THINKING|>
    r"(?-i:(?<![\w)\]])\[THINK\]|\[(?P<box>/)THINK\])",  # Mistral's; behind a name it is an index
    r"^[ \t]*\[(?P<line>/?)think(?:ing)?\]",
    r"<\|inner_(?P<inner>pre|suf)fix\|>",
    r"<unused9(?:4>thought|(?P<unused>5)>)",
    r"<\|channel>\s*+thought|(?P<channel><channel\|>)",
    r"◁(?P<triangle>/?)think▷",
    r"\A\s*Thinking\.\.\.[ \t]*$|(?P<done>^\.\.\.done thinking\.[ \t]*$)",  # Ollama's terminal
)
_MARK = re.compile("(?im)" + "|".join(_MARKS))
_ENDING = re.compile(r"(?i)/|suf|5|<channel|\.\.\.done|(?:^|_)end(?:_|$)")
_PLAIN = re.compile(r"(?i)\W*(?:think(?:ing)?|thoughts?|reasoning|channel>\s*thought)\W*")
_QUOTES = "`'\""
_CODE = re.compile(r"\bendmodule\b|\bmodule\s{1,9}\w{1,99}+\s{0,9}[(#;]")
_COMMENT = re.compile(r"(?:(?<!:)//|/\*)[^\n.]{0,30}\Z")
_CHANNEL = re.compile(r"<\|channel\|>\s*+(\w{1,40}+)[^<]{0,200}+<\|message\|>")
THOUGHTS = frozenset(  # names of fences and of JSON's keys
    {"thinking", "think", "thought", "thoughts", "reasoning", "analysis", "reflection", "scratchpad", "draft"}
)


def is_meant(text: str, start: int, end: int) -> bool:
    """Return True if the mark text[start:end] is used, not talked about in quotes or in a comment of the code."""
    quoted = start > 0 and text[start - 1] in _QUOTES and text[end : end + 1] == text[start - 1]
    line = text[max(text.rfind("\n", 0, start) + 1, start - 80) : start]
    return not quoted and not _COMMENT.search(line)


def without_thinking(text: str) -> tuple[str, bool]:
    """Return `text` without its thinking blocks, and whether the last one has no end."""
    if channels := list(_CHANNEL.finditer(text)):
        end = channels[-1].end()
        return blank(text[:end]) + text[end:], channels[-1][1] != "final"
    parts, at, depth = [], 0, 0
    marks = [(mark, _closes(mark)) for mark in _MARK.finditer(text) if is_meant(text, mark.start(), mark.end())]
    last = max((mark.start() for mark, closing in marks if closing), default=-1)
    code = max((found.end() for found in _CODE.finditer(text)), default=len(text))  # behind it a block holds no draft
    for found, closing in marks:
        sure = _begins_line(text, found.start()) or (_PLAIN.fullmatch(found[0]) and found.start() < code)
        if not closing and found.start() > last and not sure:
            continue  # in the middle of a line, and never closed: it is talked about, or compares
        if depth == 0 and not closing:
            parts.append(text[at : found.start()])
            at = found.start()
        if closing and depth == 0:  # the prompt has opened it
            parts = [blank("".join(parts) + text[at : found.end()])]
            at = found.end()
        depth = depth + 1 if not closing else max(0, depth - 1)
        if closing and depth == 0 and at < found.end():
            parts.append(blank(text[at : found.end()]))
            at = found.end()
    return "".join([*parts, text[at:]]), depth > 0


def _closes(mark: re.Match[str]) -> bool:
    return any(_ENDING.search(said) for said in mark.groups("") if said)


def _begins_line(text: str, start: int) -> bool:
    return not text[max(text.rfind("\n", 0, start) + 1, start - 80) : start].strip()


def blank(text: str) -> str:
    """Return the line breaks of `text` alone."""
    return "\n" * text.count("\n")
