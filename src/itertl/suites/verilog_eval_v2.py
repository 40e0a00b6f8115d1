"""VerilogEval, version 2, from its publisher's files (github.com/NVlabs/verilog-eval, main, MIT licence).

    read_v2(Path("dataset_spec-to-rtl"))

The bench, with the reference that it instantiates, is one text, as the harness compiles both.
"""

from pathlib import Path

from itertl.errors import UsageError
from itertl.records import Task
from itertl.suites.suite import Preset, Prompt, Source, Suite
from itertl.verilog.header import rename_module, top_first

TOP = "TopModule"


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
        golden = _text(folder / f"{name}_ref.sv")
        reference, header, _ = top_first(rename_module(golden, "RefModule", TOP), TOP)
        interface, bench = folder / f"{name}_ifc.txt", folder / f"{name}_test.sv"
        header = _text(interface).lstrip() if interface.exists() else header
        tasks.append(
            Task(
                id=name,
                instruction=_text(prompt).strip().removesuffix(header.strip()).strip(),
                header=header,
                reference=reference,
                top=TOP,
                testbench=f"{_text(bench)}\n{golden}" if bench.exists() else "",
            )
        )
    return tasks


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


_DATASETS = {"spec-to-rtl": "dataset_spec-to-rtl", "code-complete": "dataset_code-complete-iccad2023"}
_SOURCE = Source(
    "verilog-eval-v2",
    "NVlabs/verilog-eval",
    "c498220d0a52248f8e3fdffe279075215bde2da6",
    tuple((folder, folder) for folder in _DATASETS.values()),
    "Prob",
    (".txt", ".sv"),
    "0ea03d967cd5650acadc829432ccdcd3cd6d01cb38778dc39d5e3f2e49f7d585",
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


def _suite(kind: str) -> Suite:
    name, dataset = f"verilogeval-v2-{kind}", _DATASETS[kind]
    return Suite(
        name,
        f"verilog-eval-v2/{dataset}",
        read_v2,
        source=_SOURCE,
        presets=_PRESETS,
        examples=f"verilog-eval-v2/scripts/verilog-example-prefix_{dataset.removeprefix('dataset_')}_{{shots}}-shot.txt",
        errata=f"{name}.json",
    )


SPEC_TO_RTL, CODE_COMPLETE = _suite("spec-to-rtl"), _suite("code-complete")
