"""VerilogEval, version 2, from its publisher's files (github.com/NVlabs/verilog-eval, main, MIT licence).

    read_v2(Path("dataset_spec-to-rtl"))

The bench, with the reference that it instantiates, is one text, as the harness compiles both. The rules follow
scripts/sv-generate, Makefile.in and scripts/sv-iv-analyze bug for bug: the word "error" anywhere in the log is a
failure, and an answer with [BEGIN] and no [DONE] is an empty file. Strict verdicts use itertl.verilog.extract instead.
"""

from collections.abc import Callable
from pathlib import Path

from itertl.errors import UsageError
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.suites.suite import Preset, Prompt, Source, Suite
from itertl.suites.verilog_eval_v1 import FLAGS
from itertl.verify.official.rules import COUNTS, MAX_MESSAGE, Log, Rule, Ruling, read_mismatches
from itertl.verilog.header import rename_module, top_first

TOP = "TopModule"
_FENCE = "```"
_LETTERS = (
    ("error: This assignment requires an explicit cast", "e", Outcome.ELABORATION_ERROR),
    ("error: Sized numeric constant must have a size greater than zero", "0", Outcome.ELABORATION_ERROR),
    ("warning: always_comb process has no sensitivities", "n", Outcome.ELABORATION_ERROR),
    ("found no sensitivities so it will never trigger", "n", Outcome.ELABORATION_ERROR),
    ("is declared here as wire", "w", Outcome.ELABORATION_ERROR),
    ("Unknown module type", "m", Outcome.ELABORATION_ERROR),
    ("Unable to bind wire/reg/memory `clk'", "c", Outcome.ELABORATION_ERROR),
    ("TIMEOUT", "T", Outcome.TIMEOUT),
)


def read_v2(folder: Path) -> list[Task]:
    """Read a folder of version 2: ProbNNN_name_{prompt.txt,ref.sv,test.sv}, and _ifc.txt in code-complete.

    The header is the interface file where there is one, else the reference's, so that a policy is asked to write a
    body; a prompt that ends with that file (code-complete) is the instruction without it. Raise UsageError where the
    folder holds no problems.
    """
    prompts = sorted(folder.glob("Prob*_prompt.txt"))
    if not prompts:
        raise UsageError(f"{folder} holds no Prob*_prompt.txt; expected a folder dataset_... of VerilogEval v2")
    tasks = []
    for prompt in prompts:
        name = prompt.name.removesuffix("_prompt.txt")
        own = _text(folder / f"{name}_ref.sv")
        reference, header, _ = top_first(rename_module(own, "RefModule", TOP), TOP)
        interface, bench = folder / f"{name}_ifc.txt", folder / f"{name}_test.sv"
        header = _text(interface).lstrip() if interface.exists() else header
        tasks.append(
            Task(
                id=name,
                instruction=_text(prompt).strip().removesuffix(header.strip()).strip(),
                header=header,
                reference=reference,
                top=TOP,
                testbench=f"{_text(bench)}\n{own}" if bench.exists() else "",
            )
        )
    return tasks


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def spec_to_rtl(answer: str, top: str) -> str:
    """Return the file that VerilogEval v2's spec-to-rtl harness writes for `answer`."""
    lines = answer.splitlines()
    begin = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[BEGIN]")), None)
    if begin is None:
        return "\n" + _code_lines(lines, top) + "\n\n"
    head = lines[begin].lstrip().replace("[BEGIN]", "")
    kept = [] if lines[begin].strip() == "[BEGIN]" else [head]
    for line in lines[begin + 1 :]:
        if line.rstrip().endswith("[DONE]"):
            if line.strip() != "[DONE]":
                kept.append(line.rstrip().replace("[DONE]", ""))
            return "\n" + "\n".join(kept) + "\n\n"
        kept.append(line)
    return "\n\n"


def code_complete(answer: str, header: str, top: str) -> str:
    """Return the file that VerilogEval v2's code-complete harness writes for `answer`."""
    lines = answer.splitlines()
    front = "" if _has_module(lines, top) else f"{header}\n\n"
    return f"\n{front}{_code_lines(lines, top)}\n\n"


def _has_module(lines: list[str], top: str) -> bool:
    """True if a line opens the module `top`, and no line before the first such one begins with `endmodule`."""
    for line in lines:
        if line.startswith("endmodule"):
            return False
        if line.startswith(f"module {top}"):
            return True
    return False


def _code_lines(lines: list[str], top: str) -> str:
    """Return the lines of code: between the first two fences, else from the module's start to its end."""
    fences = sum(line.startswith(_FENCE) for line in lines)
    skip_to_module = _has_module(lines, top)
    kept, seen, opened, ended = [], 0, False, False
    for line in lines:
        opened = opened or line.strip().startswith(f"module {top}")
        wanted = seen == 1 if fences >= 2 else not ended and (opened or not skip_to_module)
        if line.startswith(_FENCE):
            seen += 1
            continue
        ended = ended or line.strip().startswith("endmodule")
        if wanted:
            kept.append(line)
    return "\n".join(kept)


def _decide(log: Log) -> Ruling:
    """Decide as the harness: one log of compiler and simulation, searched line by line for words of failure."""
    error, matched, counted = "", False, (0, 0)
    for line in [*f"{log.compiler}{log.errors}{log.output}".splitlines(), *(["TIMEOUT"] if log.timed_out else [])]:
        if "syntax error" in line:
            return Ruling(Outcome.SYNTAX_ERROR, f"S: {line[:MAX_MESSAGE]}", *counted)
        if "error" in line or "Unable to bind wire/reg" in line:
            error = error or line
        for words, letter, outcome in _LETTERS:
            if words in line:
                return Ruling(outcome, f"{letter}: {line[:MAX_MESSAGE]}", *counted)
        if match := COUNTS.match(line):
            counted = int(match[2]), int(match[1])
            matched = matched or counted[1] == 0
    if error:
        return Ruling(Outcome.ELABORATION_ERROR, f"C: {error[:MAX_MESSAGE]}", *counted)
    if matched:
        return Ruling(Outcome.PASSED, "", *counted)
    return Ruling(Outcome.MISMATCH, f"R: {counted[1]} out of {counted[0]} samples", *counted)


def _rule(extract: Callable[[Task, str], str], *, pastes_header: bool) -> Rule:
    def sources(task: Task, completion: str) -> list[tuple[str, str]]:
        return [(f"{task.id}_sample01.sv", extract(task, completion)), (f"{task.id}_test.sv", task.testbench)]

    return Rule(sources, FLAGS, 30.0, _decide, read_mismatches, simulator=12, pastes_header=pastes_header)


SPEC_TO_RTL_RULE = _rule(lambda task, text: spec_to_rtl(text, task.top), pastes_header=False)
CODE_COMPLETE_RULE = _rule(lambda task, text: code_complete(text, task.header, task.top), pastes_header=True)
_DATASETS = {"spec-to-rtl": "dataset_spec-to-rtl", "code-complete": "dataset_code-complete-iccad2023"}
_SOURCE = Source(
    folder="verilog-eval-v2",
    repository="NVlabs/verilog-eval",
    commit="c498220d0a52248f8e3fdffe279075215bde2da6",
    places=tuple((folder, folder) for folder in _DATASETS.values()),
    prefix="Prob",
    suffixes=(".txt", ".sv"),
    checksum="0ea03d967cd5650acadc829432ccdcd3cd6d01cb38778dc39d5e3f2e49f7d585",
    beside=("scripts/verilog-example-prefix_",),
)
_PROMPTS = {
    "verilogeval-v2-spec-to-rtl": Prompt(
        "\nQuestion:\n{instruction}\n\nEnclose your code with [BEGIN] and [DONE]. Only output the code snippet\n"
        "and do NOT output anything else.\n\nAnswer:\n",
        "\nYou are a Verilog RTL designer that only writes code using correct Verilog syntax.\n",
    ),
    "verilogeval-v2-code-complete": Prompt(
        "\n// Implement the Verilog module based on the following description. Assume that signals are positive "
        "clock/clk triggered unless otherwise stated.\n// \n{commented}\n// \n\n{header}",
        "\nYou only complete chats with syntax correct Verilog code. End the Verilog module code completion with "
        "'endmodule'. Do not include module, input and output definitions.\n",
    ),
}
_PRESETS = {
    "verilogeval-v2": Preset(
        "github.com/NVlabs/verilog-eval main, configure.ac and scripts/sv-generate: n = 20, T 0.85, top_p 0.95, 1,024 "
        "tokens; the paper, arXiv 2408.11053, is cited with T 0.8",
        20,
        (0.85,),
        prompts=_PROMPTS,
    ),
    "verilogeval-v2-greedy": Preset(
        "github.com/NVlabs/verilog-eval main, README: n = 1, T 0 (top_p 0.01)", 1, (0.0,), 0.01, prompts=_PROMPTS
    ),
}


def _suite(kind: str, rule: str) -> Suite:
    name, dataset = f"verilogeval-v2-{kind}", _DATASETS[kind]
    return Suite(
        name=name,
        place=f"verilog-eval-v2/{dataset}",
        read=read_v2,
        rule=rule,
        source=_SOURCE,
        presets=_PRESETS,
        examples=f"verilog-eval-v2/scripts/verilog-example-prefix_{dataset.removeprefix('dataset_')}_{{shots}}-shot.txt",
        errata=f"{name}.json",
    )


SPEC_TO_RTL = _suite("spec-to-rtl", "itertl.suites.verilog_eval_v2:SPEC_TO_RTL_RULE")
CODE_COMPLETE = _suite("code-complete", "itertl.suites.verilog_eval_v2:CODE_COMPLETE_RULE")
