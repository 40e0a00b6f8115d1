"""From a task to the token ids that a policy sees: the one place where prompts are rendered and sequences are built.

    ids = [BOS] + prompt + target + [EOS]

Prompt and target are tokenised apart, without special tokens, in training and in sampling alike; so the ids on which
a policy continues are the ids on which it was trained, there is at most one BOS, and the last target token is EOS.
"""

from typing import Any

from itertl.records import Task

PromptTemplate = str  # with the fields {instruction} and {header}


def render_prompt(task: Task, template: PromptTemplate) -> str:
    """Return the text that a policy is asked to continue."""
    return template.replace("{header}", task.header).replace("{instruction}", task.instruction.strip())


def encode_prompt(tokenizer: Any, prompt: str) -> list[int]:
    """Return the prompt's ids: one BOS where the tokenizer has one, then the text."""
    ids: list[int] = tokenizer.encode(prompt, add_special_tokens=False)
    return ids if tokenizer.bos_token_id is None else [tokenizer.bos_token_id, *ids]


def encode_target(tokenizer: Any, target: str) -> list[int]:
    """Return the ids of a complete response, EOS last."""
    ids: list[int] = tokenizer.encode(target, add_special_tokens=False)
    return [*ids, tokenizer.eos_token_id]
