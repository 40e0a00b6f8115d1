"""From a task to the token ids that a policy sees: the one place where prompts are rendered and sequences are built.

    render = prompt_renderer(tokenizer, template, chat, system)       one rendering for training, sampling, evaluation
    ids = [BOS] + encode(render(task)) + encode(response(task, template)) + [EOS]

Prompt and target are tokenised apart, without special tokens, in training and in sampling alike; so the ids on which
a policy continues are the ids on which it was trained, there is at most one BOS, and the last target token is EOS.

A base model continues the rendered text. A model with turns gets the text as the user's turn through the chat
template of its tokenizer, and its own turn is begun with the header, so that in both cases the target is the body
(`itertl.policy.chat` finds where an answer begins). A template without the header asks for the whole design; nothing
is begun then.

Control tokens are what the chat template and the config write. The same letters in a task are text: a prompt, which
goes to servers as text, too, spells them with a blank (`<|im_end|>` as `< |im_end|>`), and so means the same ids in a
record, here and on every server; a target, of which only ids are used, keeps its letters.
"""

import dataclasses
import functools
import re
from collections.abc import Callable
from typing import Any

from itertl.errors import DataError
from itertl.policy.chat import marks_turns, takes_turns, turn_opener
from itertl.records import Task

PromptTemplate = str  # with the fields {instruction} or {commented}, and {header}
_FIELD = re.compile(r"\{(header|instruction|commented)\}")
_MARK = re.compile(r"[^\w\s].*\w.*[^\w\s]")  # <think>, but no word that some tokenizer has of its own


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
    there by itself. With `begin` a chat ends where the model's answer begins, behind the header if `template` has it;
    without, as the chat template starts the model's turn, thinking included. Raise ConfigError where the chat template
    cannot be used.
    """
    turns = takes_turns(tokenizer, chat)
    controls = _spellings(tokenizer, turns)
    begun = begin and "{header}" in template
    opener = turn_opener(tokenizer, system, answer=begin, begun=begun) if turns else None

    def render(task: Task) -> str:
        plain = dataclasses.replace(
            task, instruction=_broken(task.instruction, controls), header=_broken(task.header, controls)
        )
        text = render_prompt(plain, template)
        return text if opener is None else opener(text) + (plain.header if begun else "")

    return render


def encode_prompt(tokenizer: Any, prompt: str) -> list[int]:
    """Return the prompt's ids: one BOS where the tokenizer has one, be it in the text (chat templates) or not.

    A BOS that is a mark of turns is not put in front.
    """
    ids: list[int] = tokenizer.encode(prompt, add_special_tokens=False)
    bos = tokenizer.bos_token_id
    return ids if bos is None or ids[:1] == [bos] or marks_turns(tokenizer) else [bos, *ids]


def encode_target(tokenizer: Any, target: str) -> list[int]:
    """Return the ids of a complete response: special tokens in it are text, and the EOS stands at its end alone.

    Raise DataError where the tokenizer makes a special token of any spelling of its letters.
    """
    special = _special_ids(tokenizer, tokenizer.eos_token_id)
    ids: list[int] = tokenizer.encode(target, add_special_tokens=False)
    if not special.isdisjoint(ids):
        ids = tokenizer.encode(target, add_special_tokens=False, split_special_tokens=True)
    wrong = special - ({tokenizer.unk_token_id} - {tokenizer.eos_token_id})  # unknown letters may be what they are
    if not wrong.isdisjoint(ids):  # Unigram's vocabulary holds the special tokens as pieces
        broken = _broken(target, _spellings(tokenizer, turns=False))
        ids = tokenizer.encode(broken, add_special_tokens=False, split_special_tokens=True)
    if found := wrong.intersection(ids):
        names = tokenizer.convert_ids_to_tokens(sorted(found))
        raise DataError(f"the tokenizer makes its special tokens {names} of the text {target[:60]!r}: leave it out")
    return [*ids, tokenizer.eos_token_id]


@functools.lru_cache(maxsize=4)
def _special_ids(tokenizer: Any, eos: int) -> frozenset[int]:
    """Return the ids of special tokens, `eos` among them."""
    added = {id for id, token in tokenizer.added_tokens_decoder.items() if token.special}
    return frozenset(added.union(tokenizer.all_special_ids, [eos]))


def _spellings(tokenizer: Any, turns: bool) -> re.Pattern[str]:
    """Return what finds control tokens in text, the longest first: special ones, and with `turns` the template's."""
    template = tokenizer.get_chat_template() if turns else ""
    added = tokenizer.added_tokens_decoder.values()
    names = {t.content for t in added if t.special or (_MARK.fullmatch(t.content) and t.content in template)}
    names.update(tokenizer.all_special_tokens)
    kept = sorted((name for name in names if len(name.strip()) > 1), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, kept)) or "(?!)")


def _broken(text: str, controls: re.Pattern[str]) -> str:
    """Return `text` with a blank behind the first letter of each control token in it."""
    while controls.search(text):
        text = controls.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
    return text
