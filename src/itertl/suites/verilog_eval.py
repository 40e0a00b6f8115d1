"""VerilogEval as tasks, from its publisher's files (github.com/NVlabs/verilog-eval, MIT licence).

    read_v1(Path("VerilogEval_Human.jsonl"), Path("VerilogDescription_Human.jsonl"), "verilogeval-v1-human")
    read_v2(Path("dataset_spec-to-rtl"), "verilogeval-v2-spec-to-rtl")

In version 1 (release/1.0.0) a completion goes on from the header, which is the publisher's prompt to the letter. In
version 2 the bench, with the reference that it instantiates, is one text, as the harness compiles both.
"""

from pathlib import Path

from itertl.disk.rows import read_rows
from itertl.errors import UsageError
from itertl.records import Task
from itertl.verilog.header import rename_module, top_first

TOP_V1, TOP_V2 = "top_module", "TopModule"


def read_v1(problems: Path, descriptions: Path, suite: str) -> list[Task]:
    """Read the problems of version 1, Human or Machine; the descriptions are the instructions."""
    words = {row["task_id"]: str(row["detail_description"]) for row in read_rows(descriptions)}
    return [
        Task(
            id=row["task_id"],
            instruction=words.get(row["task_id"], "").strip(),
            header=row["prompt"],
            reference=row["prompt"] + row["canonical_solution"],
            top=TOP_V1,
            suite=suite,
            testbench=row["test"],
        )
        for row in read_rows(problems)
    ]


def read_v2(folder: Path, suite: str) -> list[Task]:
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
        golden = _text(folder / f"{name}_ref.sv")
        reference, header, _ = top_first(rename_module(golden, "RefModule", TOP_V2), TOP_V2)
        interface, bench = folder / f"{name}_ifc.txt", folder / f"{name}_test.sv"
        header = _text(interface).lstrip() if interface.exists() else header
        tasks.append(
            Task(
                id=name,
                instruction=_text(prompt).strip().removesuffix(header.strip()).strip(),
                header=header,
                reference=reference,
                top=TOP_V2,
                suite=suite,
                testbench=f"{_text(bench)}\n{golden}" if bench.exists() else "",
            )
        )
    return tasks


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
