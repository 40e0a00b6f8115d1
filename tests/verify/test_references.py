"""References of VerilogEval and RTLLM: they pass their own verification, and constant stubs fail unless they are right.

Each suite is sampled; `EVERY` of 1 takes all of it.
"""

import re
from pathlib import Path

import pytest

from itertl.disk.rows import read_rows
from itertl.records import Candidate, Task
from itertl.suites.verilog_eval_v2 import read_v2
from itertl.verify import VerifySettings, check_reference, verify
from itertl.verilog.header import top_first
from itertl.verilog.interface import read_interface
from itertl.verilog.tokens import code_id

pytestmark = pytest.mark.usefixtures("kept_workers")

EVERY = 9  # problems
TRULY_CONSTANT = {"Prob001_zero"}
CASTS = ("Prob151_review2015_fsm", "Prob156_review2015_fancytimer")  # Icarus Verilog 11 cannot read them as they are
DELAYED = "clkgenerator"  # makes a clock of its own, with which nothing can be compared


def test_references_pass_and_stubs_fail(data: Path) -> None:
    folder = data / "verilog-eval-v2" / "dataset_spec-to-rtl"
    tasks = [t for i, t in enumerate(read_v2(folder)) if i % EVERY == 0 or t.id in CASTS]
    candidates = []
    for task in tasks:
        ports = read_interface(task.reference, task.top).ports
        header = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in ports)
        zeros = "".join(f" assign {p.name} = 0;" for p in ports if p.direction == "output")
        candidates.append(Candidate(task.id, 0, 0, 0, "", "", task.reference, "right"))
        stub = f"module {task.top}({header});{zeros} endmodule"
        candidates.append(Candidate(task.id, 0, 1, 0, "", "", stub, "zero"))
    verdicts = list(verify(candidates, tasks, VerifySettings(workers=2)))
    assert {v.task_id for v in verdicts if v.code_id == "right" and not v.passed} == set()
    assert {v.task_id for v in verdicts if v.code_id == "zero" and v.passed} <= TRULY_CONSTANT
    assert len(verdicts) == 2 * len(tasks) >= 36


@pytest.mark.parametrize("suite", ["Human", "Machine"])
def test_references_of_the_first_version_pass(data: Path, suite: str) -> None:
    tasks, candidates = [], []
    for row in list(read_rows(data / "verilog-eval-v1" / f"VerilogEval_{suite}.jsonl"))[::EVERY]:
        reference, header, top = top_first(row["prompt"] + "\n" + row["canonical_solution"], "top_module")
        tasks.append(Task(row["task_id"], "", header, reference, top))
        candidates.append(Candidate(row["task_id"], 0, 0, 0, "", "", reference, code_id(row["task_id"], reference)))
    assert [v.detail for v in verify(candidates, tasks, VerifySettings(workers=2)) if not v.passed] == []


@pytest.mark.slow
def test_references_of_rtllm_pass(data: Path) -> None:
    files = sorted((data / "rtllm-v2").rglob("verified_*.v"))
    assert len(files) == 50
    named = {}
    for file in files:
        name = file.parent.name
        if name == DELAYED or files.index(file) % EVERY == 0:
            reference, header, top = top_first(re.sub(r"\r", "", file.read_text(encoding="utf-8", errors="replace")))
            named[name] = check_reference(Task(name, "", header, reference, top), VerifySettings(workers=1))
    assert "a clock of its own" in str(named.pop(DELAYED))
    assert {name: reason for name, reason in named.items() if reason} == {}
