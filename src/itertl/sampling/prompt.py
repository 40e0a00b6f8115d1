"""From a task to the token ids that a policy sees: the one place where prompts are rendered and sequences are built.

    render = prompt_renderer(tokenizer, template, chat, system)       one rendering for training, sampling, evaluation
    ids = [BOS] + encode(render(task)) + encode(response(task, template)) + [EOS]

Prompt and target are tokenised apart, without special tokens, in training and in sampling alike; so the ids on which
a policy continues are the ids on which it was trained, there is at most one BOS, and the last target token is EOS.

A base model continues the rendered text. A model with turns gets the text as the user's turn through the chat
template of its tokenizer, and its own turn is begun with the header, so that in both cases the target is the body.
A template without the header asks for the whole design; nothing is begun then.
"""

import re
from collections.abc import Callable
from typing import Any

from itertl.errors import ConfigError
from itertl.records import Task

PromptTemplate = str  # with the fields {instruction} or {commented}, and {header}
DATE = "26 Jul 2024"  # for the templates that print today's: a prompt does not depend on the day
ANSWER = "itertl-answer"
_FIELD = re.compile(r"\{(header|instruction|commented)\}")


def render_prompt(task: Task, template: PromptTemplate) -> str:
    """Return the plain text of a task: the whole prompt of a base model, the user's turn of one with turns.

    `{commented}` is the instruction as Verilog comments, a line each.
    """
    words = task.instruction.strip()
    fields = {"header": task.header, "instruction": words, "commented": "// " + words.replace("\n", "\n// ")}
    return _FIELD.sub(lambda field: fields[field[1]], template)


def response(task: Task, template: PromptTemplate) -> str:
    """Return what a policy is to write behind the prompt: the body where it is given the header, else the design."""
    return task.body if "{header}" in template else task.reference


def prompt_renderer(
    tokenizer: Any, template: PromptTemplate, chat: str = "auto", system: str | None = None, begin: bool = True
) -> Callable[[Task], str]:
    """Return the function that renders a task for the model of `tokenizer`.

    `chat` is on, off or auto, see `takes_turns`; `system` is the system's turn, None for what the template puts
    there by itself; with `begin` the model's turn starts with the header, if the template has it. Raise ConfigError
    where the chat template cannot be used.
    """
    if not takes_turns(tokenizer, chat):
        return lambda task: render_prompt(task, template)
    begin = begin and "{header}" in template

    def render(task: Task) -> str:
        turns = [{"role": "user", "content": render_prompt(task, template)}]
        return _apply(tokenizer, turns, system, start_answer=True) + (task.header if begin else "")

    return render


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
    turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": ANSWER}]
    behind = _apply(tokenizer, turns, None, start_answer=False).rpartition(ANSWER)[2]
    if tokenizer.eos_token in behind:
        return True
    if chat == "on":
        raise ConfigError(
            f"policy.chat is on, but turns of this chat template end with {behind.strip()!r} and the tokenizer's EOS "
            f"is {tokenizer.eos_token!r}: use off, or set eos_token in tokenizer_config.json to the end of a turn"
        )
    return False


def _apply(tokenizer: Any, turns: list[dict[str, str]], system: str | None, *, start_answer: bool) -> str:
    import jinja2

    first = [] if system is None else [{"role": "system", "content": system}]
    try:
        text = tokenizer.apply_chat_template(
            [*first, *turns], tokenize=False, add_generation_prompt=start_answer, date_string=DATE
        )
    except jinja2.TemplateError as error:
        raise ConfigError(f"the tokenizer's chat template fails: {error}; set policy.chat to off") from error
    return str(text)


def encode_prompt(tokenizer: Any, prompt: str) -> list[int]:
    """Return the prompt's ids: one BOS where the tokenizer has one, be it in the text (chat templates) or not."""
    ids: list[int] = tokenizer.encode(prompt, add_special_tokens=False)
    bos = tokenizer.bos_token_id
    return ids if bos is None or ids[:1] == [bos] else [bos, *ids]


def encode_target(tokenizer: Any, target: str) -> list[int]:
    """Return the ids of a complete response, EOS last."""
    ids: list[int] = tokenizer.encode(target, add_special_tokens=False)
    return [*ids, tokenizer.eos_token_id]
