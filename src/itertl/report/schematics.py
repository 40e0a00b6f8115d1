"""Schematics of a few designs of a page: which ones, drawn once and kept beside it.

Contract: at most `MOST` designs are drawn: of one task after the other, those of dev first and families in turn, the
reference and the best design that the last iteration has drawn for it. The same page always chooses the same ones.
Whatever is missing, fails, hangs or is too large leaves its drawing out; after `SECONDS` the rest waits for the next
call, which finds what is drawn in the folder's schematics.jsonl.

    add_schematics(samples, folder, draw=True)      # netlistsvg and Yosys, confined, behind the guard
    add_schematics(samples, folder)                 # only those that are drawn already: nothing runs
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from itertl.disk import names
from itertl.disk.artefacts import write_text
from itertl.errors import ItertlError, RunDirectoryError
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.progress import progress
from itertl.records import Task
from itertl.report.drawing import checked, drawing_of_svg
from itertl.report.parsing import Row, rows
from itertl.report.reading import TEXT_LIMIT, TRAINING
from itertl.report.samples import spread
from itertl.tools.netlistsvg import find_netlistsvg
from itertl.tools.shop import find_tools
from itertl.tools.yosys import find_yosys
from itertl.verify.schematic.drawn import Schematic
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.worker import Job

MOST = 40  # designs of a page that are drawn
SECONDS = 60.0  # that drawing may take in one call
FORM = "1"  # of the drawings; to be raised with every change of theirs
_READ = frozenset(  # outcomes of designs that the tools have read
    {Outcome.PASSED, Outcome.MISMATCH, Outcome.TIMEOUT, Outcome.OUTPUT_LIMIT, Outcome.INTERFACE_MISMATCH}
)

Key = tuple[str, str]  # name of a task, and the text of a design


def add_schematics(samples: dict[str, Any], folder: Path, draw: bool = False, sandbox: str = "auto") -> None:
    """Add to the content of a browser of samples the drawings of some of its designs, and where they belong.

    `samples["drawings"]` holds them; a sample and a task name theirs in "drawing" by its place. Nothing is added where
    there is none. `draw` says that what is not drawn yet is drawn now, in a sandbox as `verify` has it.
    """
    chosen = choose(samples)
    kept = {str(row.get("id")): checked(row.get("drawing")) for row in rows(folder / names.SCHEMATICS, [])}
    missing = {name(key): key[1] for key in chosen if name(key) not in kept}
    if draw and missing and (new := _drawn(missing, sandbox)):
        kept |= new
        with suppress(RunDirectoryError):  # a folder that cannot be written has its page elsewhere
            _keep(folder, {name(key): kept[name(key)] for key in chosen if name(key) in kept})
    drawings = {name(key): drawing for key in chosen if (drawing := kept.get(name(key)))}
    if not drawings:
        return
    numbers = {called: number for number, called in enumerate(drawings)}
    places = {key: numbers[name(key)] for key in chosen if name(key) in numbers}
    for sample in samples["samples"]:
        place = places.get((sample["task"], sample["code"]))
        sample["schematic"] = "drawn" if place is not None else ""
        if place is not None:
            sample["drawing"] = place
    for task, row in samples["tasks"].items():
        if (place := places.get((task, row["reference"]))) is not None:
            row["drawing"] = place
    samples["drawings"] = list(drawings.values())


def choose(samples: Mapping[str, Any], most: int = MOST) -> list[Key]:
    """Return the designs that are drawn: reference and best design, task after task, those of dev first."""
    tasks: Mapping[str, Row] = samples["tasks"]
    best: dict[str, Row] = {}
    ranks: dict[str, int] = {}
    for sample in samples["samples"]:
        task, use = sample["task"], sample.get("use", "dev")
        ranks[task] = min(ranks.get(task, 2), {"dev": 0, TRAINING: 2}.get(use, 1))
        better = task not in best or _merit(sample) > _merit(best[task])
        if better and _fit(sample["code"]) and sample["outcome"] in _READ:
            best[task] = sample
    chosen: dict[Key, None] = {}
    for task in _in_turn(ranks, {task: sample.get("family", "") for task, sample in best.items()}):
        codes = [tasks[task]["reference"], best[task]["code"] if task in best else ""]
        chosen |= dict.fromkeys((task, code) for code in codes if _fit(code))
    return list(chosen)[:most]


def name(key: Key) -> str:
    """Return what a design is called in the file of drawings."""
    return digest(FORM, key[1])


def _in_turn(ranks: Mapping[str, int], families: Mapping[str, str]) -> Iterator[str]:
    for rank in sorted({*ranks.values()}):
        cells: dict[str, list[str]] = {}
        for task in (task for task, own in ranks.items() if own == rank):
            cells.setdefault(families.get(task, ""), []).append(task)
        yield from spread(cells, len(ranks))


def _merit(sample: Row) -> tuple[int, bool, float]:
    """Return what the best design of a task has most of: late, right, nearly right."""
    return sample.get("iteration", 0), sample["outcome"] == Outcome.PASSED, sample["agreement"] or 0.0


def _fit(code: str) -> bool:
    return bool(code.strip()) and len(code) <= TEXT_LIMIT


def _drawn(designs: Mapping[str, str], sandbox: str) -> dict[str, Row | None]:
    """Return the drawings of some designs as far as time goes, None for those that cannot be drawn.

    Nothing where a tool is missing or fails, or the sandbox that is asked for cannot be had.
    """
    found: dict[str, Row | None] = {}
    try:
        for find in (find_netlistsvg, find_yosys, find_tools):
            find()
        settings = VerifySettings(sandbox=sandbox)
        with Pool[Schematic](settings) as pool, progress("schematics", len(designs), unit="designs") as advance:
            for number, (called, code) in enumerate(designs.items()):
                task = Task(str(number), "", "", "", "")
                pool.submit(Job(task, ((called, code),), settings, bench="schematic"))
            end = time.monotonic() + SECONDS
            while len(found) < len(designs) and time.monotonic() < end:
                for judged in pool.collect(1.0):
                    found[judged.verdict.code_id] = drawing_of_svg(judged.verdict.svg)
                    advance(1)
    except (ItertlError, OSError):
        return found
    return found


def _keep(folder: Path, drawings: Mapping[str, Row | None]) -> None:
    lines = (json.dumps({"id": called, "drawing": drawing}) for called, drawing in drawings.items())
    write_text(folder / names.SCHEMATICS, "".join(f"{line}\n" for line in lines))
