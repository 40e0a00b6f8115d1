"""What of a model's text is its answer: thinking, drafts and prose are not, and a cut answer is none."""

import json

import pytest

from itertl.verilog.answer import BROKEN, THINKING, UNREADABLE, answer
from itertl.verilog.extract import extract, extract_module, why_empty

DRAFT = "module inv(input a, output y);\n  assign y = a;\nendmodule"
RIGHT = "module inv(input a, output y);\n  assign y = ~a;\nendmodule"
HEADER = "module inv(input a, output y);\n"
CUT = RIGHT.removesuffix("\nendmodule")
FENCED = f"```verilog\n{RIGHT}\n```"


@pytest.mark.parametrize(
    "text",
    [
        f"<think>\n{DRAFT}\n</think>\n{RIGHT}",
        f"<think>{DRAFT}</think>{RIGHT}<think>and {DRAFT}</think>",
        f"<Thinking>\n{DRAFT}\n</Thinking>\n{FENCED}",
        f"<reasoning>{DRAFT} <think>{DRAFT}</think> {DRAFT}</reasoning>\n{RIGHT}",
        f"{DRAFT}\nno, it inverts\n</think>\n\n{FENCED}",
        f"[THINK]{DRAFT}[/THINK]{RIGHT}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{RIGHT}",
        f"<draft>{DRAFT}</draft>\n<answer>{RIGHT}</answer>",
        f"{DRAFT}\n<answer>\n{FENCED}\n</answer> which is better than {DRAFT}",
        f"First\n```verilog\n{DRAFT}\n```\nbut better:\n{FENCED}",
        f"{RIGHT}\n<thi",
        f"All of src/*.v, and `/*` or // in prose, never end.\n{RIGHT}\nSee doc/*.md.",
        f"The files rtl/*.v hold it.\n{RIGHT.replace('assign', '/* what? */ assign')}".replace("/* what? */ ", ""),
        f"Run `ls *.v` and /* nothing:\n{FENCED}\nThat's **all** in tb/*.sv",
        f"```json\n{json.dumps({'thinking': DRAFT, 'code': RIGHT})}\n```",
        json.dumps({"name": "submit", "arguments": {"code": RIGHT}}),
        json.dumps({"name": "submit", "arguments": json.dumps({"code": FENCED})}),
        f"<tool_call>\n{json.dumps({'name': 'f', 'arguments': {'verilog': RIGHT}})}\n</tool_call>",
        json.dumps({"explanation": "an inverter", "final": RIGHT}),
        json.dumps({"code": RIGHT.replace("\n", "\\n")}),
        f'{{"code": "{RIGHT}"}}',
        json.dumps(RIGHT),
        json.dumps([{"role": "assistant", "content": FENCED}]),
        RIGHT.replace("\n", "\\n"),
        f"Here:\n~~~systemverilog\n{RIGHT}\n~~~",
        f"{RIGHT}<|endoftext|>{DRAFT}",
        f"{FENCED}<|im_end|>\n<|im_start|>user\nNow a buffer:\n```verilog\n{DRAFT}\n```",
        f"[BEGIN]\n{RIGHT}\n[DONE]\n{DRAFT}",
        f"The module inv selects; it ends with endmodule.\n{FENCED}",
        f'A module starts with "module name(...);" and ends with "endmodule".\n```\n{RIGHT}\n```',
        f"Remember that every module; ends with endmodule.\n{RIGHT}",
        f"Use the `<think>` tag. Here:\n{FENCED}",
        f"```thinking\n```verilog\n{DRAFT}\n```\nno\n```\n{FENCED}",
    ],
)
def test_only_the_answer_is_judged(text: str) -> None:
    assert extract_module(text, "", "inv") == RIGHT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"<think>\n{DRAFT}\nHmm", THINKING),
        (f"<think>\n{DRAFT}\n</thi", THINKING),
        (f"<think>a<think>b</think>{DRAFT}", THINKING),
        (f"<think>a</think>{DRAFT}<think>no, {DRAFT}", THINKING),
        (f"<|channel|>analysis<|message|>{DRAFT}", THINKING),
        (f"<think>{DRAFT}</think>\n<answer>\n```verilog\n{CUT}\n```", BROKEN),
        (f"<think>{DRAFT}</think>\n```verilog\n{CUT}", BROKEN),
        (f"{DRAFT}\n<answer>{CUT}", BROKEN),
        (f"```verilog\n{DRAFT}\n```\nNo:\n```verilog\n{CUT}", BROKEN),
        (CUT, BROKEN),
        (json.dumps({"code": RIGHT})[:-30], UNREADABLE),
        (f'{{"thought": "{DRAFT}", "code": "module', UNREADABLE),
    ],
)
def test_a_cut_answer_is_none(text: str, why: str) -> None:
    for header in ("", HEADER):
        assert extract_module(text, header, "inv") == ""
    assert why_empty(text) == f"cut: {why}"


MARKS = [
    ("<seed:think>", "</seed:think>"),
    ("<longcat_think>", "</longcat_think>"),
    ("<antThinking>", "</antThinking>"),
    ("<inner_monologue>", "</inner_monologue>"),
    ("<reason>", "</reason>"),
    ("<chain_of_thought>", "</chain_of_thought>"),
    ("<plan>", "</plan>"),
    ('<think lang="en">', "</think>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|thinking|>", "<|/thinking|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<unused94>thought", "<unused95>"),
    ("<|channel>thought", "<channel|>"),
    ("[thinking]", "[/thinking]"),
    ("```thinking", "```"),
    ("Thinking...", "...done thinking."),
    ("◁think▷", "◁/think▷"),
    ("&lt;think&gt;", "&lt;/think&gt;"),
    ("\\<think\\>", "\\</think\\>"),
]


@pytest.mark.parametrize(("opens", "ends"), MARKS)
def test_thoughts_of_many_models_are_none_of_the_answer(opens: str, ends: str) -> None:
    assert answer(f"{opens}\n{DRAFT}\nHmm").cut == THINKING
    assert not extract_module(f"{opens}\n{DRAFT}\n{ends}\nI give up.", "", "inv")
    assert extract_module(f"{opens}\n{DRAFT}\n{ends}\n{FENCED}", "", "inv") == RIGHT


@pytest.mark.parametrize(
    "remark",
    [
        "// <think> note",
        "// <reasoning>",
        "// closes </think>",
        "/* <answer> */",
        "/* </answer> */",
        "// [THINK] of it",
    ],
)
@pytest.mark.parametrize("fenced", [False, True])
def test_marks_in_comments_of_the_code_are_text(remark: str, fenced: bool) -> None:
    code = RIGHT.replace("  assign", f"  {remark}\n  assign")
    assert extract_module(f"Here:\n```verilog\n{code}\n```" if fenced else code, "", "inv") == code


@pytest.mark.parametrize(
    "prose",
    ["## <plan>", "If a <reason> b holds", "The <internal> net", "Save as <draft_name>.v", "Replace <my-plan> by it"],
)
def test_a_mark_in_a_line_that_nothing_closes_is_prose(prose: str) -> None:
    assert extract_module(f"{prose}\n{FENCED}", "", "inv") == extract_module(f"{FENCED}\n{prose}", "", "inv") == RIGHT


@pytest.mark.parametrize("behind", ["I used the <think> tag before.", "See <reasoning> in this module; done."])
def test_a_mark_in_prose_behind_the_whole_answer_is_talked_about(behind: str) -> None:
    assert extract_module(f"{FENCED}\n{behind}", "", "inv") == RIGHT
    assert extract_module(f"{FENCED}\n{behind}\n{DRAFT.removesuffix('endmodule')}", "", "inv") == ""


@pytest.mark.parametrize(
    "prose", ["This module implements an inverter.", "Each module is short, and every module; of it", "It's a module."]
)
def test_a_fence_without_end_may_be_followed_by_prose(prose: str) -> None:
    assert extract_module(f"```verilog\n{RIGHT}\n\n{prose}", "", "inv") == RIGHT
    for cut in ("module", "module inv", "module inv(", "module automatic inv #(parameter W", "module \\a+b (input"):
        assert why_empty(f"```verilog\n{RIGHT}\n\n{prose}\n{cut}") == f"cut: {BROKEN}"


def test_marks_without_end_are_read_in_bounded_time() -> None:
    for text in (
        "<" + "think_" * 30_000,
        "<|" + "think_" * 30_000,
        "<|channel|>" * 30_000,
        "<|channel|>" + "a" * 300_000,
    ):
        assert not answer(text).cut
    assert answer("<think a=" * 30_000 + "<think>").cut == THINKING


def test_thoughts_may_speak_of_comments_before_they_end() -> None:
    assert extract_module(f"<think>I explain it in // comments. That's all.</think>\n{FENCED}", "", "inv") == RIGHT
    assert extract_module(f"<think>as in http://a/b</think>\n{FENCED}", "", "inv") == RIGHT


def test_a_text_without_a_module_is_not_called_cut() -> None:
    assert why_empty("I would rather not.") == why_empty("") == "no complete module in the completion"


def test_an_index_is_no_mark_of_an_end() -> None:
    body = "  wire [1:0] s = {a, ~a};\n  localparam DONE = 0;\n  assign y = s[DONE];"
    other = f"module inv2(input a, output y);\n{body}\nendmodule"
    assert extract_module(f"{RIGHT}\n{other}", "", "inv2") == other


def test_verilog_is_its_own_answer() -> None:
    code = (
        'module m(input [3:0] a, output y); /* [a] <b> {"c": 1} */ assign y = a < 3 || a > {2\'d1, a[1:0]}; endmodule'
    )
    for text in (code, f"/* old:\n{DRAFT} */\n{code}\n/* {DRAFT}\n*/"):
        assert answer(text).text == text
        assert extract_module(text, "", "m") == code


def test_a_body_goes_on_from_its_header_whatever_stands_behind_it() -> None:
    body = "  assign y = ~a;\nendmodule\n"
    for text in (
        body,
        f"{body}```\nIt inverts, see src/*.v.",
        f"{body}\nA bench:\n```verilog\nmodule tb; endmodule\n```",
        f"<think>{DRAFT}</think>\n{body}",
        f"```verilog\n{body}```",
    ):
        assert extract_module(text, HEADER, "inv") == RIGHT


def test_lines_are_those_of_the_whole_text() -> None:
    text = f"<think>\n{DRAFT}\n</think>\nHere:\n{FENCED}"
    assert extract(text, "", "inv").lines == (8, 9, 10)
