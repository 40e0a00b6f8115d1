"""A sample of VerilogEval v2: references pass their own verification, constant stubs fail unless they are right."""

from pathlib import Path

from itertl.records import Candidate, Task
from itertl.verify import VerifySettings, verify
from itertl.verify.guard import Accepted, inspect
from itertl.verify.interface import read_interface

EVERY = 9  # problems; the two references that Icarus 11 cannot read are not among them
TRULY_CONSTANT = {"Prob001_zero"}


def test_references_pass_and_stubs_fail(data: Path) -> None:
    tasks, candidates = [], []
    for file in sorted((data / "verilog-eval-v2" / "dataset_spec-to-rtl").glob("*_ref.sv"))[::EVERY]:
        name = file.name.removesuffix("_ref.sv")
        reference = inspect(file.read_text(), "RefModule", None)
        assert isinstance(reference, Accepted)
        interface = read_interface(reference.code, "RefModule")
        ports = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in interface.ports)
        zeros = "".join(f" assign {p.name} = 0;" for p in interface.outputs)
        tasks.append(Task(name, "", "", reference.renamed("Top"), "TopRefModule"))
        for code_id, code in (
            ("right", reference.renamed("Top")),
            ("zero", f"module TopRefModule({ports});{zeros} endmodule"),
        ):
            candidates.append(Candidate(name, 0, 0, 0, "", "", code, code_id))
    verdicts = list(verify(candidates, tasks, VerifySettings(workers=2)))
    assert {v.task_id for v in verdicts if v.code_id == "right" and not v.passed} == set()
    assert {v.task_id for v in verdicts if v.code_id == "zero" and v.passed} == TRULY_CONSTANT
    assert len(verdicts) == 2 * len(tasks)
