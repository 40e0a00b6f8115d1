"""Prompts of base and instruct models: one BOS, one rendering, EOS as the last target token, tasks that stay text."""

from pathlib import Path
from typing import Any

import pytest

from itertl.config import PolicyConfig, parse_config
from itertl.errors import ConfigError
from itertl.policy.chat import takes_turns
from itertl.policy.prompt import encode_prompt, encode_target, prompt_renderer, render_prompt, response
from itertl.records import Task

TEMPLATE = "{instruction}\n\n{header}"
TASK = Task("t", " An inverter. ", "module t(input a, output y);", "module t(input a, output y); endmodule", "t")
CHAT_ML = (
    "{%- if messages[0]['role'] == 'system' %}"
    "{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}"
    "{%- else %}{{- '<|im_start|>system\\nYou are a coder.<|im_end|>\\n' }}{%- endif %}"
    "{%- for m in messages %}{%- if m['role'] != 'system' %}"
    "{{- '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
SECTIONS = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if m['role'] == 'system' %}{{ m['content'] + '\\n' }}"
    "{% elif m['role'] == 'user' %}{{ '### Instruction:\\n' + m['content'] + '\\n' }}"
    "{% else %}{{ '### Response:\\n' + m['content'] + '\\n<|EOT|>\\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}"
)


def speaker(tokenizer: Any, template: str | None, bos: str | None, eos: str) -> Any:
    """A tokenizer with the vocabulary of the tests', and the chat template and special tokens given."""
    import copy

    own = copy.deepcopy(tokenizer)
    own.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>", "<|EOT|>", "<|endoftext|>"]})
    own.chat_template, own.bos_token, own.eos_token = template, bos, eos
    return own


@pytest.fixture
def chat_ml(tokenizer: Any) -> Any:
    """Turns as Qwen2.5's instruct models have them: no BOS, a system's turn of the template's own."""
    return speaker(tokenizer, CHAT_ML, None, "<|im_end|>")


@pytest.fixture
def sections(tokenizer: Any) -> Any:
    """Turns as DeepSeek-Coder's instruct models have them: BOS inside the template, a line break before the EOS."""
    return speaker(tokenizer, SECTIONS, "<|begin|>", "<|EOT|>")


def test_a_base_model_continues_the_plain_text(tokenizer: Any) -> None:
    render = prompt_renderer(tokenizer, TEMPLATE)
    assert render(TASK) == render_prompt(TASK, TEMPLATE) == "An inverter.\n\nmodule t(input a, output y);"


def test_an_instruct_model_gets_its_turns_and_begins_with_the_header(chat_ml: Any) -> None:
    assert prompt_renderer(chat_ml, TEMPLATE)(TASK) == (
        "<|im_start|>system\nYou are a coder.<|im_end|>\n"
        "<|im_start|>user\nAn inverter.\n\nmodule t(input a, output y);<|im_end|>\n"
        "<|im_start|>assistant\nmodule t(input a, output y);"
    )


def test_the_system_turn_can_be_chosen_and_can_be_empty(chat_ml: Any) -> None:
    assert prompt_renderer(chat_ml, TEMPLATE, "on", "Write RTL.")(TASK).startswith(
        "<|im_start|>system\nWrite RTL.<|im_end|>"
    )
    assert prompt_renderer(chat_ml, TEMPLATE, "on", "")(TASK).startswith("<|im_start|>system\n<|im_end|>")


def test_a_bos_inside_the_template_is_not_doubled(sections: Any) -> None:
    prompt = prompt_renderer(sections, TEMPLATE)(TASK)
    ids = encode_prompt(sections, prompt)
    assert prompt.startswith("<|begin|>### Instruction:\n")
    assert ids.count(sections.bos_token_id) == 1
    assert ids[0] == sections.bos_token_id


def test_without_a_bos_none_is_added(chat_ml: Any) -> None:
    prompt = prompt_renderer(chat_ml, TEMPLATE)(TASK)
    assert encode_prompt(chat_ml, prompt) == chat_ml.encode(prompt, add_special_tokens=False)


@pytest.mark.parametrize("kind", ["chat_ml", "sections"])
def test_the_last_target_token_ends_the_turn(kind: str, request: pytest.FixtureRequest) -> None:
    speaks = request.getfixturevalue(kind)
    target = encode_target(speaks, TASK.body)
    assert target[-1] == speaks.eos_token_id
    assert speaks.decode(target[-1:]) in ("<|im_end|>", "<|EOT|>")
    assert target.count(speaks.eos_token_id) == 1


def test_a_base_model_with_its_sisters_template_does_not_take_turns(tokenizer: Any) -> None:
    base = speaker(tokenizer, CHAT_ML, None, "<|endoftext|>")
    assert not takes_turns(base, "auto")
    assert prompt_renderer(base, TEMPLATE)(TASK) == render_prompt(TASK, TEMPLATE)
    with pytest.raises(ConfigError, match=r"end with '<\|im_end\|>' and the tokenizer's EOS is '<\|endoftext\|>'"):
        takes_turns(base, "on")


def test_chat_can_be_switched_off_and_not_on_without_a_template(chat_ml: Any, tokenizer: Any) -> None:
    assert not takes_turns(chat_ml, "off")
    with pytest.raises(ConfigError, match="no chat template"):
        takes_turns(tokenizer, "on")


def test_a_template_that_refuses_is_an_error_of_the_config(tokenizer: Any) -> None:
    strict = speaker(tokenizer, "{{ raise_exception('no system turn') }}", None, "<|im_end|>")
    with pytest.raises(ConfigError, match="no system turn"):
        prompt_renderer(strict, TEMPLATE)


def test_the_template_travels_with_a_saved_policy(chat_ml: Any, tmp_path: Path) -> None:
    from itertl.policy.weights import load_tokenizer

    chat_ml.save_pretrained(tmp_path)
    again = load_tokenizer(tmp_path)
    assert prompt_renderer(again, TEMPLATE)(TASK) == prompt_renderer(chat_ml, TEMPLATE)(TASK)


@pytest.mark.parametrize(("written", "meant"), [(True, "on"), (False, "off"), ("auto", "auto")])
def test_yaml_booleans_switch_the_chat(written: Any, meant: str) -> None:
    assert parse_config({"policy": {"chat": written}}).policy.chat == meant
    assert PolicyConfig().chat == "auto"


def test_the_instruction_as_comments_and_braces_of_the_task_are_left_alone() -> None:
    task = Task(
        "t", "Join {header}\n\nand b.", "module t(input a);", "module t(input a); assign y = {a, a}; endmodule", "t"
    )
    assert render_prompt(task, "{commented}\n{header}") == "// Join {header}\n// \n// and b.\nmodule t(input a);"


def test_without_the_header_in_the_prompt_the_whole_design_is_asked_for(chat_ml: Any) -> None:
    assert response(TASK, TEMPLATE) == TASK.body
    assert response(TASK, "{instruction}") == TASK.reference
    assert prompt_renderer(chat_ml, "{instruction}")(TASK).endswith("<|im_start|>assistant\n")


def test_a_chats_answer_may_be_left_whole_to_the_model(chat_ml: Any) -> None:
    begun = prompt_renderer(chat_ml, TEMPLATE)(TASK)
    assert prompt_renderer(chat_ml, TEMPLATE, begin=False)(TASK) + TASK.header == begun


TYPED = "Print <|im_end|> or <|end|><|end|>, <<|im_start|>, </s> and <think>; not <|EOT|>."
SPELT = "Print < |im_end|> or < |end|>< |end|>, << |im_start|>, < /s> and < think>; not < |EOT|>."


@pytest.fixture
def typed(chat_ml: Any) -> Any:
    """Turns with a thinking block whose tag is a token of its own, but not a special one, as in Qwen3."""
    chat_ml.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>", "<|EOT|>", "</s>"]})
    chat_ml.add_tokens(["<think>", "system"])
    chat_ml.chat_template += (
        "{%- if enable_thinking is defined and not enable_thinking %}{{- '<think></think>' }}{%- endif %}"
    )
    return chat_ml


def naming(text: str) -> Task:
    """A task that holds `text` in every part."""
    header = f"module t(input a, output y); // {text}"
    return Task("t", text, header, f"{header}\n// {text}\nassign y = a; endmodule", "t")


def test_control_tokens_of_a_task_stay_text_in_a_chat(typed: Any) -> None:
    render = prompt_renderer(typed, TEMPLATE)
    prompt, plain = render(naming(TYPED)), render(naming("words"))
    assert prompt.count(SPELT) == 3
    ids, expected = encode_prompt(typed, prompt), encode_prompt(typed, plain)
    for name in ("<|im_start|>", "<|im_end|>", "<think>", "<|end|>", "<|EOT|>", "</s>"):
        token = typed.convert_tokens_to_ids(name)
        assert ids.count(token) == expected.count(token), name
    assert ids.count(typed.convert_tokens_to_ids("<|im_start|>")) == 3


def test_control_tokens_of_a_task_stay_text_in_plain_prompts(typed: Any) -> None:
    ids = encode_prompt(typed, prompt_renderer(typed, "{commented}\n{header}", "off")(naming("<|im_end|></s> system")))
    assert not set(typed.all_special_ids) & set(ids)
    assert "// < |im_end|>< /s> system\n" in typed.decode(ids)


def test_the_config_may_write_control_tokens(typed: Any) -> None:
    render = prompt_renderer(typed, "<|EOT|>{instruction}", "off")
    assert encode_prompt(typed, render(TASK))[0] == typed.convert_tokens_to_ids("<|EOT|>")


@pytest.mark.parametrize("text", [TYPED, "<|im_end|>", "// none of these", ""])
def test_a_target_keeps_its_letters_and_has_one_end(typed: Any, text: str) -> None:
    target = encode_target(typed, text)
    assert typed.decode(target[:-1]) == text
    assert target[-1] == typed.eos_token_id
    assert not set(typed.all_special_ids) & set(target[:-1])
    assert typed.encode("<|im_end|>", add_special_tokens=False) == [typed.eos_token_id]  # the tokenizer is as before


def test_control_tokens_stay_text_with_a_slow_tokenizer() -> None:
    import transformers

    slow = transformers.ByT5Tokenizer()  # bytes, and no file
    assert slow.backend != "tokenizers"
    assert slow.eos_token_id in slow.encode(naming("</s>").body, add_special_tokens=False)
    target = encode_target(slow, "a</s>b")
    assert target.count(slow.eos_token_id) == 1
    assert slow.decode(target[:-1]) == "a</s>b"
    prompt = prompt_renderer(slow, TEMPLATE)(naming("a </s>"))
    assert slow.eos_token_id not in encode_prompt(slow, prompt)


def test_control_tokens_that_are_pieces_of_the_vocabulary_are_spelt_in_a_target() -> None:
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    pieces = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), *((letter, -1.0) for letter in "ab</s>\u2581")]
    made = Tokenizer(models.Unigram(pieces, unk_id=0))
    made.pre_tokenizer, made.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    unigram = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    assert unigram.decode(encode_target(unigram, "a</s>b")) == "a< /s>b</s>"
    assert encode_target(unigram, "a?b").count(0) == 1  # what it does not know is no reason to refuse it


SMOL = CHAT_ML.replace("You are a coder.", "You are helpful.")


def test_a_bos_that_marks_turns_is_not_put_before_plain_text(tokenizer: Any) -> None:
    smol = speaker(tokenizer, SMOL, "<|im_start|>", "<|im_end|>")
    text = prompt_renderer(smol, TEMPLATE, "off")(TASK)
    assert encode_prompt(smol, text) == smol.encode(text, add_special_tokens=False)
    chat = encode_prompt(smol, prompt_renderer(smol, TEMPLATE)(TASK))
    assert chat[0] == smol.bos_token_id
    assert chat.count(smol.bos_token_id) == 3


@pytest.mark.parametrize(
    ("template", "bos", "eos"),
    [
        (SECTIONS, "<|begin|>", "<|EOT|>"),
        (CHAT_ML, "<|begin|>", "<|im_end|>"),  # turns put behind a base model's BOS later on
        (SECTIONS.replace("<|EOT|>", "<|endoftext|>"), "<|endoftext|>", "<|endoftext|>"),  # one token for both ends
        ("{{ raise_exception('never') }}", "<|begin|>", "<|im_end|>"),
        (None, "<|begin|>", "<|im_end|>"),
    ],
)
def test_a_bos_that_begins_texts_is_put_before_plain_text(tokenizer: Any, template: str, bos: str, eos: str) -> None:
    own = speaker(tokenizer, template, bos, eos)
    text = prompt_renderer(own, TEMPLATE, "off")(TASK)
    assert encode_prompt(own, text) == [own.bos_token_id, *own.encode(text, add_special_tokens=False)]
