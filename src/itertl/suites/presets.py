"""Evaluation settings of papers, by name, and the configs that follow from them.

    itertl eval verilogeval-v2-spec-to-rtl --model M --preset verilogeval-v2 --shots 1
    itertl suites presets

A preset gives the number of samples and how they are drawn, and the prompt for models that were not trained on a prompt
of ours: a policy from a run keeps the prompt on which it was trained. What the caller says counts more than a preset,
a preset more than a config file. `source` says where the values stand, and what of them is our reading.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itertl.config import Config, apply_overrides, parse_config
from itertl.disk import names
from itertl.errors import UsageError
from itertl.suites.find import data_folder, find_suite
from itertl.suites.published import PUBLISHED
from itertl.suites.suite import Preset, Prompt

IN_TURNS = "{instruction}\n\nAnswer with one complete Verilog module, in a code block."  # of a model that is not here
TURN_TOKENS = 2048  # of an answer in prose, thinking included
WITH_HEADER = IN_TURNS + " Its header is:\n\n{header}"


@dataclass(frozen=True)
class Wanted:
    """What the caller of an evaluation says: `values` and `overrides` by the config's keys, the latter as text.

    `trained` is True for a policy of a run, which keeps its prompt.
    """

    suite: str
    values: Mapping[str, Any] = field(default_factory=dict)
    overrides: Sequence[str] = ()
    preset: str | None = None
    shots: int = 0
    trained: bool = False


def configs_for(base: Config, model: str | None, wanted: Wanted) -> dict[str, Config]:
    """Return a config for each setting of the preset, by the name of its folder: "" where there is only one.

    Raise UsageError for an unknown preset, or examples that are not there, and ConfigError for values out of range.
    """
    preset = find_preset(wanted.preset, wanted.suite) if wanted.preset else None
    temperatures: Sequence[float | None] = preset.temperatures if preset else (None,)
    if "evaluation.temperature" in wanted.values:
        temperatures = (None,)
    several = len(temperatures) > 1
    return {
        f"{names.SETTING}{t:g}" if several and t is not None else "": _config(base, model, wanted, preset, t)
        for t in temperatures
    }


def asked_in_turns(base: Config, model: str, urls: Sequence[str], header: bool = True) -> dict[str, Any]:
    """Return the values by which the chat APIs at `urls` are asked for `model`.

    The words, and the longest answer, are ours unless `base` has its own; `header` is whether the tasks have one.
    """
    values = {"server.urls": list(urls), "server.model": model, "server.chat": True}
    if "max_new_tokens" not in base.sampling.model_fields_set:
        values["sampling.max_new_tokens"] = TURN_TOKENS
    if base.policy.prompt == Config().policy.prompt:
        values["policy.prompt"] = WITH_HEADER if header else IN_TURNS
    return values


def find_preset(name: str, suite: str) -> Preset:
    """Return a preset for a suite, its own ones included; raise UsageError where there is none of that name."""
    known = {**PRESETS, **find_suite(suite).presets}
    if name not in known:
        raise UsageError(f"there is no preset {name!r}; expected one of {', '.join(known)}")
    return known[name]


def _config(
    base: Config, model: str | None, wanted: Wanted, preset: Preset | None, temperature: float | None
) -> Config:
    whole = base.model_dump(mode="json")
    values: dict[str, Any] = {"name": "evaluation", "seed": base.seed, "iterations": 0}
    values |= {name: copy.deepcopy(whole[name]) for name in ("policy", "sampling", "server", "verify", "evaluation")}
    values["tasks"] = {"gym": whole["tasks"]["gym"]}
    values["policy"]["path"] = model
    values["evaluation"]["suites"] = [wanted.suite]
    said: dict[str, Any] = {}
    if preset is not None:
        said |= {"evaluation.samples": preset.samples, "evaluation.top_p": preset.top_p}
        said |= {"sampling.max_new_tokens": preset.max_new_tokens}
        said |= {"evaluation.temperature": temperature} if temperature is not None else {}
        if not wanted.trained:
            said |= {"sampling.stop": list(preset.stop)} if preset.stop else {}
            if (prompt := preset.prompts.get(find_suite(wanted.suite).name)) is not None:
                said |= {"policy.prompt": prompt.template, "policy.system": prompt.system, "policy.chat": prompt.chat}
                said |= {"evaluation.begin_answer": False}  # publishers leave the whole turn to the model
    for key, value in {**said, **wanted.values}.items():
        section, _, name = key.rpartition(".")
        (values[section] if section else values)[name] = value
    apply_overrides(values, wanted.overrides)
    if wanted.shots:
        data = values["evaluation"]["data"]
        examples = read_examples(wanted.suite, wanted.shots, Path(data) if data else None)
        values["policy"]["prompt"] = examples + values["policy"]["prompt"]
    return parse_config(values, "the evaluation's settings", wanted.overrides)


def read_examples(suite: str, shots: int, data: Path | None) -> str:
    """Return the publisher's in-context examples from the folder of published suites, ITERTL_DATA where None.

    Raise UsageError where a suite has none, or they are not there.
    """
    examples = find_suite(suite).examples
    if not examples:
        having = [name for name, known in PUBLISHED.items() if known.examples]
        raise UsageError(f"{suite} has no in-context examples; --shots is for {' and '.join(having)}")
    path = data_folder(suite, data) / examples.format(shots=shots)
    if not path.is_file():
        raise UsageError(
            f"{path} does not exist: the examples come with the publisher's scripts; `itertl suites fetch {suite}` "
            "into a new folder brings them, or put them there from a checkout of verilog-eval"
        )
    return path.read_text(encoding="utf-8")


_LINES = Prompt("{instruction}\n{header}\n", chat="off")
_V1 = ("verilogeval-v1-human", "verilogeval-v1-machine")
_RTLLM = ("rtllm-v1.1", "rtllm-v2")

PRESETS: dict[str, Preset] = {
    "greedy": Preset("n = 1 at temperature 0; no paper's", 1, (0.0,), 1.0),
    **{name: preset for suite in PUBLISHED.values() for name, preset in suite.presets.items()},
    "rtlcoder": Preset(
        "arXiv 2312.08617 and github.com/hkust-zhiyao/RTL-Coder, test_on_verilog-eval.py: n = 20, top_p 0.95, 1,024 "
        "tokens; the paper's figure is the best of the three temperatures",
        20, (0.2, 0.5, 0.8), prompts=dict.fromkeys(_V1, _LINES),
    ),
    "rtlcoder-rtllm": Preset(
        "github.com/hkust-zhiyao/RTL-Coder, README and test_on_rtllm.py: n = 5, T 0.5, top_p 0.95, 2,048 tokens; "
        "reported as pass@5",
        5, (0.5,), max_new_tokens=2048, prompts=dict.fromkeys(_RTLLM, _LINES),
    ),
    "origen": Preset(
        "github.com/pku-liang/OriGen, evaluation/generate_lora.py: n = 1, T 0, 2,048 tokens",
        1, (0.0,), 1.0, 2048,
        {
            suite: Prompt(
                "### Instruction: Please act as a professional Verilog designer and provide Verilog code based on the "
                "given description. {instruction}\n### Response: {header}",
                chat="off",
            )
            for suite in _V1
        },
    ),
    "codev": Preset(
        "github.com/IPRC-DIP/CodeV, src/test: n = 20, T 0.2, top_p 0.95, 2,048 tokens, ended by endmodule",
        20, (0.2,), max_new_tokens=2048, stop=("endmodule",),
    ),
    "codev-r1": Preset(
        "model card of CodeV-R1-Distill: n = 20, T 0.6, 16,384 tokens; top_p 0.95 is our reading",
        20, (0.6,), max_new_tokens=16384,
    ),
    "veriprefer": Preset(
        "github.com/CatIIIIIIII/VeriPrefer, scripts/vllm: n = 20, T 0.8 (0.2 for v1 Human), top_p 0.95, 4,096 tokens",
        20, (0.8,), max_new_tokens=4096,
    ),
    "turtle": Preset(
        "github.com/HPAI-BSC/TuRTLe, configs: n = 5, T 0.2, top_p 0.95, 2,048 tokens", 5, (0.2,), max_new_tokens=2048
    ),
}  # fmt: skip
