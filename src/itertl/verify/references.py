"""Are references fit to verify against? Asked of workers or of confined programs: their code may be anybody's.

check_references(tasks, settings)   ->  for each task None, or one sentence why its reference cannot serve
with_cross_check(settings, wanted)  ->  settings that ask for a second reading of references, where there is Yosys
elaborates_alone(code, top)         ->  whether Icarus Verilog elaborates it without anything else
"""

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from itertl.errors import MissingToolError
from itertl.records import Submission, Task
from itertl.tools.icarus import first_error
from itertl.tools.process import Limits, run
from itertl.tools.sandbox.keeper import offered, wrapped
from itertl.tools.sandbox.levels import confine
from itertl.tools.shop import open_shop, own_prefix, scratch
from itertl.tools.yosys import find_yosys
from itertl.verify.engine import verify
from itertl.verify.settings import CrossCheck, VerifySettings
from itertl.verilog.extract import extract_module

_DEFAULT = VerifySettings()


def check_reference(task: Task, settings: VerifySettings = _DEFAULT) -> str | None:
    """Return None if the reference of `task` passes its own verification, else one sentence why it does not."""
    (fault,) = check_references([task], settings)
    return fault


def check_references(
    tasks: Sequence[Task], settings: VerifySettings = _DEFAULT, *, exercised: bool = False
) -> Iterator[str | None]:
    """Yield for each of `tasks` None if its reference passes its own verification, else one sentence why not.

    `exercised` asks, too, that stimuli reach all of it.
    """
    having = {str(n): dataclasses.replace(task, id=str(n)) for n, task in enumerate(tasks) if task.reference}
    verdicts = verify((_itself(number, task) for number, task in having.items()), having, settings)
    for number in range(len(tasks)):
        if str(number) not in having:
            yield "the task has no reference"
            continue
        verdict = next(verdicts)
        if verdict.passed:
            missed = verdict.unexercised if exercised else ()
            yield f"its reference is not exercised: {'; '.join(missed)}" if missed else None
        elif not verdict.outcome.judged:
            yield verdict.detail
        else:
            yield f"the reference fails its own verification: {verdict.outcome}, {verdict.detail}"


def with_cross_check(settings: VerifySettings, wanted: CrossCheck) -> VerifySettings:
    """Return the settings with the cross-check that is `wanted`; that of references alone only where Yosys is found."""
    try:
        find_yosys()
    except MissingToolError:
        wanted = "off" if wanted == "references" else wanted
    return dataclasses.replace(settings, cross_check=wanted)


def _itself(number: str, task: Task) -> Submission:
    return Submission.whole(number, extract_module(task.reference, task.header, task.top, task.project))


def elaborates_alone(code: str, top: str | None = None) -> tuple[bool, str]:
    """Ask Icarus Verilog whether `code` elaborates without anything else; the second value is its first error."""
    plan = offered()
    with tempfile.TemporaryDirectory(prefix=own_prefix(), dir=scratch(), ignore_cleanup_errors=True) as name:
        shop = open_shop(Path(name))
        (shop.folder / "design.v").write_text(code, encoding="utf-8", errors="replace")
        argv = [shop.tools.iverilog, "-g2012", "-t", "null", *(["-s", top] if top else []), "design.v"]
        if plan.wrapper:
            argv = wrapped(plan.wrapper, Path(name), shop.programs, argv)
        limits = Limits(processes=None)
        finished = run(argv, shop.folder, limits, confine=lambda: confine(plan.steps, shop.folder, shop.programs))
        return (True, "") if finished.status == 0 else (False, first_error(shop.folder, finished))
