"""Chat templates of many kinds: the answer is begun where the template lets an answer begin, on every day."""

import datetime
from typing import Any

import pytest
from tests.policy.test_prompt import CHAT_ML, TASK, TEMPLATE, speaker

from itertl.errors import ConfigError
from itertl.policy.chat import takes_turns
from itertl.policy.prompt import prompt_renderer

HEADER = TASK.header
TURNS = (
    "{{- bos_token }}{%- for m in messages %}{%- if m['role'] == 'user' %}{{- '<|user|>' + m['content'] }}"
    "{%- elif m['role'] == 'system' %}{{- '<|system|>' + m['content'] }}"
    "{%- else %}{{- '<|assistant|>' }}ANSWER{{- eos_token }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- 'START' }}{%- endif %}"
)
PLAIN = "{{- m['content'] }}"
TOLD = "{%- if m['reasoning_content'] %}{{- 'OPEN' + m['reasoning_content'] + 'CLOSE' }}{%- endif %}{{- m['content'] }}"
CHANNEL = "' + ('<|channel>thought<channel|>' if enable_thinking is defined and not enable_thinking else '') + '"
SWITCH = "' + ('<think>\\n\\n</think>\\n\\n' if enable_thinking is defined and not enable_thinking else '') + '"


def turns(start: str, answer: str = PLAIN, opens: str = "", closes: str = "") -> str:
    """A template that starts the model's turn with `start`, and writes one in the conversation as `answer` says."""
    whole = TURNS.replace("START", start).replace("ANSWER", answer)
    return whole.replace("OPEN", opens).replace("CLOSE", closes)


KINDS = {
    "nothing opened": (turns("<|assistant|>"), "<|assistant|>"),
    "a block opened, thoughts cut from the conversation": (  # DeepSeek-R1's distilled models, QwQ
        turns("<|assistant|><think>\\n", "{{- m['content'].split('</think>')[-1] }}"),
        "<|assistant|><think>\n\n</think>\n\n",
    ),
    "a block opened, closed by the template's own way": (
        turns("<|assistant|><|think|>", TOLD, "<|think|>", "<|/think|>"),
        "<|assistant|><|think|><|/think|>",
    ),
    "a block opened, an empty one in the conversation": (  # Qwen3-Thinking
        turns("<|assistant|><think>\\n", "{{- '<think>\\n\\n</think>\\n\\n' + m['content'] }}"),
        "<|assistant|><think>\n\n</think>\n\n",
    ),
    "a switch, nothing opened by itself": (turns("<|assistant|>" + SWITCH), "<|assistant|><think>\n\n</think>\n\n"),
    "a switch, and a conversation without the empty block": (
        turns("<|assistant|>" + CHANNEL),
        "<|assistant|><|channel>thought<channel|>",
    ),
    "a switch, and a line break that only the conversation has": (  # GLM 4.5
        turns("<|assistant|>" + CHANNEL, "{{- '<|channel>thought<channel|>\\n' + m['content'] }}"),
        "<|assistant|><|channel>thought<channel|>\n",
    ),
    "brackets": (turns("<|assistant|>[THINK]"), "<|assistant|>[THINK]\n[/THINK]\n\n"),
    "two blocks": (turns("<|assistant|><a><b>"), "<|assistant|><a><b>\n</b>\n\n\n</a>\n\n"),
    "another block before an answer": (  # Cohere's reasoning models
        turns("<|assistant|><|START_THINKING|>", "{{- '<|START_RESPONSE|>' + m['content'] }}"),
        "<|assistant|><|START_RESPONSE|>",
    ),
    "a block of unknown kind": (turns("<|assistant|><|muse|>"), "<|assistant|>"),
    "a channel to be named": (  # gpt-oss
        turns("<|assistant|>", "{{- '<|channel|>final<|message|>' + m['content'] }}"),
        "<|assistant|><|channel|>final<|message|>",
    ),
    "a line break that only the conversation has": (
        turns("<|assistant|>", "{{- '\\n' + m['content'] }}"),
        "<|assistant|>\n",
    ),  # Zephyr
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_begins_where_the_template_lets_one_begin(tokenizer: Any, kind: str) -> None:
    template, start = KINDS[kind]
    own = speaker(tokenizer, template, "<|begin|>", "<|im_end|>")
    prompt = prompt_renderer(own, "{instruction} {header}")(TASK)
    assert prompt == f"<|begin|><|user|>An inverter. {HEADER}{start}{HEADER}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_design_is_asked_for_at_the_same_place(tokenizer: Any, kind: str) -> None:
    template, start = KINDS[kind]
    own = speaker(tokenizer, template, "<|begin|>", "<|im_end|>")
    blank = "" if "line break" in kind else start[len(start.rstrip()) :]  # left to the model, as the template does
    assert prompt_renderer(own, "{instruction}")(TASK) == "<|begin|><|user|>An inverter." + start.rstrip() + blank


def test_an_answer_left_whole_to_the_model_may_think(tokenizer: Any) -> None:
    for template, opened in ((turns("<|assistant|><think>\\n"), "<think>\n"), (turns("<|assistant|>" + SWITCH), "")):
        own = speaker(tokenizer, template, "<|begin|>", "<|im_end|>")
        assert prompt_renderer(own, TEMPLATE, begin=False)(TASK).endswith(f"{HEADER}<|assistant|>{opened}")


def test_a_system_turn_that_stands_in_the_last_question_is_kept(tokenizer: Any) -> None:
    mistral = (
        "{{- bos_token }}{%- if messages[0]['role'] == 'system' %}{%- set s = messages[0]['content'] %}"
        "{%- set messages = messages[1:] %}{%- endif %}{%- for m in messages %}{%- if m['role'] == 'user' %}"
        "{%- if loop.last and s is defined %}{{- '[INST] ' + s + '\\n\\n' + m['content'] + '[/INST]' }}"
        "{%- else %}{{- '[INST] ' + m['content'] + '[/INST]' }}{%- endif %}"
        "{%- else %}{{- ' ' + m['content'] + eos_token }}{%- endif %}{%- endfor %}"
    )
    own = speaker(tokenizer, mistral, "<|begin|>", "<|im_end|>")
    prompt = prompt_renderer(own, "{instruction}{header}", "on", "Write RTL.")(TASK)
    assert prompt == f"<|begin|>[INST] Write RTL.\n\nAn inverter.{HEADER}[/INST] {HEADER}"
    assert prompt_renderer(own, "{instruction}", "on", "Write RTL.")(TASK).endswith("An inverter.[/INST]")


DATES = [
    ("{{- date_string if date_string is defined else strftime_now('%Y') }}", "26 Jul 2024"),
    ("{{- strftime_now('%d %b %Y') }}", "26 Jul 2024"),  # Llama 3.x
    ("{%- if strftime_now is defined %}{%- set d = strftime_now('%d %B %Y') %}{{- d }}{%- endif %}", "26 July 2024"),
    ("{{- strftime_now('%Y-%m-%d') }}", "2024-07-26"),  # gpt-oss
    ("{%- set f = '%A, %-d/%-m/%y %H:%M:%S' %}{{- strftime_now(f) }}", "Friday, 26/7/24 12:00:00"),
    (
        "{%- macro head() %}{{- strftime_now('%F') }}{%- endmacro %}{%- for m in messages %}{{- head() }}{%- endfor %}",
        "2024-07-26",
    ),
]


@pytest.mark.parametrize(("dated", "day"), DATES)
def test_a_prompt_does_not_depend_on_the_day(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch, dated: str, day: str
) -> None:
    import transformers.utils.chat_template_utils as clock

    own = speaker(tokenizer, dated + CHAT_ML, None, "<|im_end|>")
    today = prompt_renderer(own, TEMPLATE, "on")(TASK)

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Later":
            return cls(2031, 12, 3, 4, 5, 6)

    monkeypatch.setattr(clock, "datetime", Later)
    assert prompt_renderer(own, TEMPLATE, "on")(TASK) == today
    assert today.startswith(day)
    assert today.partition(day)[2].startswith(("<|im_start|>", day))


@pytest.mark.parametrize(
    "start", ["", "\n", "\n\n", "  {% if true %}A{% endif %}\n\n", "  {%- if true %}A{%- endif %}\n"]
)
def test_the_pinned_day_leaves_the_blanks_of_a_template(tokenizer: Any, start: str) -> None:
    with_day, without = (
        speaker(tokenizer, f"{start}{CHAT_ML}{{{{- {day} }}}}", None, "<|im_end|>")
        for day in ("strftime_now('%Y')", "'2024'")
    )
    assert prompt_renderer(with_day, TEMPLATE, "on")(TASK) == prompt_renderer(without, TEMPLATE, "on")(TASK)


def test_a_template_that_fails_in_python_is_an_error_of_the_config(tokenizer: Any) -> None:
    own = speaker(tokenizer, "{{ 'a' + 1 }}", None, "<|im_end|>")
    with pytest.raises(ConfigError, match="the tokenizer's chat template fails"):
        prompt_renderer(own, TEMPLATE)


def test_a_template_that_wants_parts_of_several_media_takes_no_text(tokenizer: Any) -> None:
    parts = (
        "{{- eos_token }}{%- for m in messages %}{{- m['role'] }}{%- for part in m['content'] %}"
        "{%- if part['type'] == 'text' %}{{- part['text'] }}{%- endif %}{%- endfor %}{{- eos_token }}{%- endfor %}"
    )
    own = speaker(tokenizer, parts, None, "<|im_end|>")
    assert not takes_turns(own, "auto")
    with pytest.raises(ConfigError, match="does not write what turns say"):
        takes_turns(own, "on")
