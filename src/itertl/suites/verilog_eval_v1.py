"""VerilogEval, version 1, from its publisher's files (github.com/NVlabs/verilog-eval, release/1.0.0, MIT licence).

    read_v1(Path("verilog-eval-v1"), "Human")

A completion goes on from the header, which is the publisher's prompt to the letter: the harness pastes it. Its rule
follows verilog_eval/execution.py bug for bug: a warning is a failure. A whole module behind the pasted header is a
syntax error by it, however right; WHOLE_RULE, which a caller has to ask for, compiles such a module alone.
"""

import dataclasses
import re
from functools import partial
from pathlib import Path

from itertl.disk.rows import read_rows
from itertl.outcome import Outcome
from itertl.records import Task
from itertl.suites.suite import Preset, Prompt, Source, Suite
from itertl.verify.official.rules import Log, Rule, Ruling, first_line, read_mismatches
from itertl.verilog.extract import extract_module, opens_module

_COUNTS = re.compile(r"Mismatches: ([0-9]*) in ([0-9]*) samples")
FLAGS = ("-Wall", "-Winfloop", "-Wno-timescale", "-g2012", "-s", "tb")


def read_v1(folder: Path, part: str) -> list[Task]:
    """Read the problems of a part, Human or Machine; the descriptions are the instructions."""
    descriptions = read_rows(folder / f"VerilogDescription_{part}.jsonl")
    words = {row["task_id"]: str(row["detail_description"]) for row in descriptions}
    return [
        Task(
            id=row["task_id"],
            instruction=words.get(row["task_id"], "").strip(),
            header=row["prompt"],
            reference=row["prompt"] + row["canonical_solution"],
            top="top_module",
            testbench=row["test"],
        )
        for row in read_rows(folder / f"VerilogEval_{part}.jsonl")
    ]


def _paste(task: Task, completion: str) -> list[tuple[str, str]]:
    return [(f"{task.id}.sv", f"{task.testbench}\n{task.header}\n{completion}")]


def _whole(task: Task, completion: str) -> list[tuple[str, str]]:
    if not opens_module(completion):
        return _paste(task, completion)
    code = extract_module(completion, task.header, task.top) or completion  # one that is cut off stays what it is
    return [(f"{task.id}.sv", f"{task.testbench}\n{code}")]


def _decide(log: Log) -> Ruling:
    """Decide as the harness: anything on standard error fails, then the first count of mismatches counts."""
    if log.timed_out:
        return Ruling(Outcome.TIMEOUT, "timed out")
    if "syntax error" in log.stderr:
        return Ruling(Outcome.SYNTAX_ERROR, f"syntax error: {first_line(log.stderr, 'syntax error')}")
    if log.stderr:
        return Ruling(Outcome.ELABORATION_ERROR, f"compile error: {first_line(log.stderr)}")
    match = _COUNTS.search(log.output)
    if match is None or not match[1]:
        return Ruling(Outcome.MISMATCH, "info string not matched")
    mismatches, samples = int(match[1]), int(match[2] or 0)
    if mismatches:
        return Ruling(Outcome.MISMATCH, f"{mismatches} out of {samples} samples", samples, mismatches)
    return Ruling(Outcome.PASSED, "", samples)


RULE = Rule(
    _paste,
    FLAGS,
    30.0,
    _decide,
    read_mismatches,
    simulator=12,
    pastes_header=True,
    whole="itertl.suites.verilog_eval_v1:WHOLE_RULE",
)
WHOLE_RULE = dataclasses.replace(RULE, sources=_whole, whole="", takes_whole=True)
_SOURCE = Source(
    folder="verilog-eval-v1",
    repository="NVlabs/verilog-eval",
    commit="release/1.0.0",
    places=(("data", ""), ("descriptions", "")),
    prefix="Verilog",
    suffixes=(".jsonl",),
    checksum="75df06ec7da0a125a7e469d878bf2c86ea1ff8a5333706578902012f8b8d83b3",
)
_PROMPT = Prompt(
    "Implement the Verilog module based on the following description. Assume that signals are positive clock/clk edge "
    "triggered unless otherwise stated.\n{instruction}\n\n{header}",
    "You only complete chats with syntax correct Verilog code. End the Verilog module code completion with "
    "'endmodule'. Do not include module, input and output definitions.",
)
_PRESETS = {
    "verilogeval-v1": Preset(
        "arXiv 2309.07544 section 3: n = 20, T 0.8, top_p 0.95 (as cited by others); the line breaks are ours",
        20,
        (0.8,),
        prompts={"verilogeval-v1-human": _PROMPT, "verilogeval-v1-machine": _PROMPT},
    )
}


def _suite(part: str) -> Suite:
    name = f"verilogeval-v1-{part.lower()}"
    return Suite(
        name=name,
        place="verilog-eval-v1",
        read=partial(read_v1, part=part),
        rule="itertl.suites.verilog_eval_v1:RULE",
        source=_SOURCE,
        presets=_PRESETS,
        errata=f"{name}.json",
    )


HUMAN, MACHINE = _suite("Human"), _suite("Machine")
