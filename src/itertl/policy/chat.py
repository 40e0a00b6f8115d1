"""Chat templates: whether a model takes turns, and how its own turn is opened up to where an answer begins.

    if takes_turns(tokenizer, "auto"):
        text = turn_opener(tokenizer, system, answer=True)("Write a counter.")     user's turn, start of the model's

A template's start of the model's turn is not always where an answer stands: reasoning models open a thinking block
with it (`<think>`), others name the channel of an answer only when they write one. So the template itself is asked:

1. Where `enable_thinking` changes the start of a turn, an answer begins behind the start without thinking.
2. Else the template writes a conversation with an answer in it: what stands before that answer is the beginning.
3. A block that the start opens, and that the answer in the conversation does not have before it, is closed, empty: as
   the template closes the reasoning of an earlier turn, or by the end tag of the block.
"""

import datetime
import functools
import itertools
import re
from collections.abc import Callable
from typing import Any

from itertl.errors import ConfigError

DAY = datetime.datetime(2024, 7, 26, 12)  # for the templates that print today's: a prompt does not depend on the day
QUESTION, ANSWER, REASONING = "itertl-question", "itertl-answer", "itertl-reasoning"
Turn = dict[str, str]
_TAG = re.compile(r"<(/?)([^\W\d][\w:.-]*)>|\[(/?)([A-Z][A-Z_]*)\]")


def takes_turns(tokenizer: Any, chat: str) -> bool:
    """Return True if prompts go through the tokenizer's chat template.

    auto: where there is a template whose turns end with the EOS token. A base model often comes with the template of
    its instruct sister, but with another EOS token: it has not learnt to end a turn, and continues text instead.
    Raise ConfigError where `chat` is on and there is no such template.
    """
    if chat == "off" or (chat == "auto" and not tokenizer.chat_template):
        return False
    if not tokenizer.chat_template:
        raise ConfigError("policy.chat is on, but the tokenizer has no chat template: use off, or an instruct model")
    text = _render(tokenizer, [_user(QUESTION), _model(ANSWER)], None)
    question, found, behind = text.rpartition(ANSWER)
    written = bool(found) and QUESTION in question
    if written and tokenizer.eos_token in behind:
        return True
    if chat == "on" and not written:
        raise ConfigError(
            "policy.chat is on, but this chat template does not write what turns say; it may want images beside it: "
            "use off"
        )
    if chat == "on":
        raise ConfigError(
            f"policy.chat is on, but turns of this chat template end with {behind.strip()!r} and the tokenizer's EOS "
            f"is {tokenizer.eos_token!r}: use off, or set eos_token in tokenizer_config.json to the end of a turn"
        )
    return False


def turn_opener(tokenizer: Any, system: str | None, *, answer: bool, begun: bool = False) -> Callable[[str], str]:
    """Return the function from a user's text to the conversation up to where the model goes on.

    With `answer` that is where its answer begins, thinking switched off or closed; without, what the template starts
    the model's turn with. `begun` is True where text of the answer follows: the blanks that the template writes
    before an answer are then written, too, and else left to the model.
    """
    if not answer:
        return lambda text: _render(tokenizer, [_user(text)], system, start=True)
    opened = _behind_question(_render(tokenizer, [_user(QUESTION)], system, start=True, enable_thinking=False))
    wanted = _answer_start(tokenizer, system, opened)
    if not begun and wanted.rstrip() == opened.rstrip():
        wanted = opened

    def render(text: str) -> str:
        whole = _render(tokenizer, [_user(text)], system, start=True, enable_thinking=False)
        return whole.removesuffix(opened) + wanted if whole.endswith(opened) else whole

    return render


def marks_turns(tokenizer: Any) -> bool:
    """Return True if the BOS token is a mark of the template's turns, with which plain text does not begin.

    That is so where the template writes it more than once before the first answer, or not at the beginning.
    """
    bos = tokenizer.bos_token
    if not bos or not tokenizer.chat_template:
        return False
    try:
        text = _render(tokenizer, [_user(QUESTION), _model(ANSWER)], None).partition(ANSWER)[0]
    except ConfigError:  # a template that nobody uses may well be broken
        return False
    return text.count(bos) > 1 or text.lstrip().find(bos) > 0


def _answer_start(tokenizer: Any, system: str | None, opened: str) -> str:
    """Return what stands between the user's text and an answer; `opened` is what the start of a turn puts there."""
    turns = [_user(QUESTION), _model(ANSWER)]
    kept = _behind_question(_render(tokenizer, turns, system, enable_thinking=False)).rpartition(ANSWER)[0]
    pairs = zip(opened, kept, strict=False)
    shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    more, written = opened[shared:].strip(), kept[shared:].strip()
    if not more and not written:
        return kept
    if opened != _behind_question(_render(tokenizer, turns[:1], system, start=True, enable_thinking=True)):
        return opened
    if written or not more:
        return kept
    turns[1]["reasoning_content"] = REASONING
    thought = _behind_question(_render(tokenizer, turns, system)).rpartition(ANSWER)[0]
    before, found, between = thought.partition(REASONING)
    if found and before.rstrip() == opened.rstrip():
        return opened + between
    tags = _TAG.findall(more)
    if tags:
        return opened + _closing(tags)
    return kept


def _closing(tags: list[tuple[str, str, str, str]]) -> str:
    """Return what closes the blocks that are open behind `tags`, "" where all are closed."""
    blocks: list[str] = []
    for angle, name, square, capitals in tags:
        block = f"</{name}>" if name else f"[/{capitals}]"
        if not (angle or square):
            blocks.append(block)
        elif block in blocks:
            blocks.remove(block)
    return "".join(f"\n{block}\n\n" for block in reversed(blocks))


def _behind_question(text: str) -> str:
    return text.rpartition(QUESTION)[2]


def _user(text: str) -> Turn:
    return {"role": "user", "content": text}


def _model(text: str) -> Turn:
    return {"role": "assistant", "content": text}


def _render(tokenizer: Any, turns: list[Turn], system: str | None, *, start: bool = False, **options: Any) -> str:
    import jinja2

    first = [] if system is None else [{"role": "system", "content": system}]
    try:
        template = tokenizer.get_chat_template()
        text = tokenizer.apply_chat_template(
            [*first, *turns],
            chat_template=_clock() + template if "strftime_now" in template else template,
            tokenize=False,
            add_generation_prompt=start,
            date_string=DAY.strftime("%d %b %Y"),
            **options,
        )
    except (jinja2.TemplateError, TypeError, ValueError) as error:
        raise ConfigError(f"the tokenizer's chat template fails: {error}; set policy.chat to off") from error
    return str(text)


@functools.cache
def _clock() -> str:
    """Return a macro that hides the templates' function strftime_now, and prints DAY in any format.

    Its line ends with a line break, which a template's rendering drops, so that the template still begins a line.
    """
    directives = [flag + letter for flag in ("-", "") for letter in "aAbBcdeDfFgGhHIjklmMpPrRSTuUVwWxXyYzZ"]
    known = "".join(f"|replace('%{d}', '{DAY.strftime('%' + d)}')" for d in directives)
    return "{%- macro strftime_now(format) -%}{{ format" + known + " }}{%- endmacro %}\n"
