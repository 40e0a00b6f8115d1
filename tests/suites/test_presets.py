"""Presets: the settings of papers, what overrides them, and prompts equal to the publisher's to the letter."""

from pathlib import Path

import pytest

from itertl.config import Config, parse_config
from itertl.errors import ConfigError, UsageError
from itertl.policy.prompt import render_prompt
from itertl.suites.load import load_published
from itertl.suites.presets import PRESETS, Wanted, configs_for, find_preset, read_examples
from itertl.suites.published import PUBLISHED

SUITE = "verilogeval-v2-spec-to-rtl"


def config_of(wanted: Wanted, base: Config | None = None) -> Config:
    (config,) = configs_for(base or Config(), "m", wanted).values()
    return config


def published_prompt(suite: str, text: str) -> str:
    """Return what the publisher's script sends for a prompt file, as its source says."""
    if suite == SUITE:
        words = (
            "Enclose your code with [BEGIN] and [DONE]. Only output the code snippet\nand do NOT output anything else."
        )
        return f"\nQuestion:\n{text.strip()}\n\n{words}\n\nAnswer:\n"
    lines, code = [], False
    for line in text.splitlines():
        if "module TopModule" in line:
            lines.append("")
            code = True
        lines.append(line if code else f"// {line}")
    told = "Implement the Verilog module based on the following description. Assume that signals are positive clock/clk"
    return f"\n// {told} triggered unless otherwise stated.\n" + "\n".join(lines)


@pytest.mark.parametrize("suite", [name for name in PUBLISHED if name.startswith("verilogeval-v2")])
def test_prompts_of_verilog_eval_are_the_publishers_to_the_letter(suite: str, data: Path) -> None:
    template = PRESETS["verilogeval-v2"].prompts[suite].template
    folder = data / PUBLISHED[suite].place
    tasks = load_published(suite, data)
    assert len(tasks) == 156
    for task in tasks:
        text = (folder / f"{task.id}_prompt.txt").read_text()
        rendered, expected = render_prompt(task, template), published_prompt(suite, text)
        assert [line.rstrip() for line in rendered.rstrip().splitlines()] == [
            line.rstrip() for line in expected.rstrip().splitlines()
        ]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_gives_valid_configs_with_its_values(name: str) -> None:
    preset = PRESETS[name]
    for suite in (*preset.prompts, SUITE):
        configs = configs_for(Config(), "m", Wanted(suite, preset=name))
        assert [c.evaluation.temperature for c in configs.values()] == list(preset.temperatures)
        for config in configs.values():
            assert (config.evaluation.samples, config.evaluation.top_p) == (preset.samples, preset.top_p)
            assert config.sampling.max_new_tokens == preset.max_new_tokens
    assert preset.source


def test_several_temperatures_are_measured_apart_unless_one_is_asked_for() -> None:
    wanted = Wanted("verilogeval-v1-human", preset="rtlcoder")
    assert list(configs_for(Config(), "m", wanted)) == ["temperature-0.2", "temperature-0.5", "temperature-0.8"]
    one = Wanted("verilogeval-v1-human", {"evaluation.temperature": 0.5}, preset="rtlcoder")
    assert {name: c.evaluation.temperature for name, c in configs_for(Config(), "m", one).items()} == {"": 0.5}


def test_the_caller_counts_more_than_the_preset_and_the_preset_more_than_the_base() -> None:
    base = parse_config(
        {"policy": {"prompt": "{instruction}|{header}"}, "evaluation": {"samples": 3, "top_p": 0.5}, "seed": 9}
    )
    plain = config_of(Wanted(SUITE), base)
    assert (plain.evaluation.samples, plain.evaluation.top_p, plain.seed) == (3, 0.5, 9)
    assert plain.policy.prompt == "{instruction}|{header}"
    wanted = Wanted(SUITE, {"evaluation.samples": 2, "seed": 4}, ["evaluation.top_p=0.7"], "verilogeval-v2")
    said = config_of(wanted, base)
    assert (said.evaluation.samples, said.evaluation.temperature, said.evaluation.top_p) == (2, 0.85, 0.7)
    assert said.seed == 4
    assert said.policy.prompt.startswith("\nQuestion:")
    assert not said.evaluation.begin_answer
    with pytest.raises(ConfigError, match="did you mean 'top_p'"):
        config_of(Wanted(SUITE, overrides=["evaluation.topp=0.7"]))


def test_a_policy_of_a_run_keeps_the_prompt_on_which_it_was_trained() -> None:
    base = parse_config({"policy": {"prompt": "{instruction}|{header}"}})
    config = config_of(Wanted(SUITE, preset="verilogeval-v2", trained=True), base)
    assert config.policy.prompt == "{instruction}|{header}"
    assert config.evaluation.begin_answer
    assert config.evaluation.samples == 20


def test_examples_stand_in_front_of_the_prompt(tmp_path: Path) -> None:
    folder = tmp_path / "verilog-eval-v2" / "scripts"
    folder.mkdir(parents=True)
    (folder / "verilog-example-prefix_spec-to-rtl_2-shot.txt").write_text("Question: {a, b}?\n")
    values = {"evaluation.data": str(tmp_path)}
    config = config_of(Wanted(SUITE, values, preset="verilogeval-v2", shots=2))
    assert config.policy.prompt.startswith("Question: {a, b}?\n\nQuestion:\n{instruction}")
    with pytest.raises(UsageError, match=r"3-shot\.txt does not exist"):
        config_of(Wanted(SUITE, values, shots=3))
    with pytest.raises(UsageError, match="rtllm-v2 has no in-context examples"):
        read_examples("rtllm-v2", 1, tmp_path)


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(UsageError, match="there is no preset 'rtlcodr'; expected one of greedy, "):
        find_preset("rtlcodr", "gym-test")
