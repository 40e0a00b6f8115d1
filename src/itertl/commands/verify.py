"""`itertl verify`: one design against a reference."""

from pathlib import Path

from rich.console import Console

from itertl.commands.sources import read_source
from itertl.errors import UsageError
from itertl.records import Candidate, Outcome, Task
from itertl.tasks.header import top_first
from itertl.verify import check_reference, code_id, extract_module, verify


def verify_design(design: Path, reference: Path, as_json: bool, console: Console) -> int:
    """Verify one design against a reference and print the verdict; return the exit status that tells it.

    0 passed, 1 not passed, 3 a tool failed. Raise UsageError where a file cannot be read or the reference fails.
    """
    text, top_text = read_source(design), read_source(reference)
    golden, header, top = top_first(top_text)
    task = Task(str(reference), "", header, golden, top)
    if fault := check_reference(task):
        raise UsageError(f"the reference {reference} cannot serve: {fault}")
    code = extract_module(text, header, top)
    candidate = Candidate(task.id, 0, 0, 0, "", text, code, code_id(task.id, code))
    (verdict,) = verify([candidate], [task])
    if as_json:
        console.print_json(verdict.to_json())
    else:
        said = verdict.detail or f"every compared output bit of {top} agrees with the reference"
        console.print(f"{verdict.outcome.value}: {said} (agreement {verdict.agreement:.1%})", highlight=False)
    return {Outcome.PASSED: 0, Outcome.TOOL_ERROR: 3}.get(verdict.outcome, 1)
