"""Directories that look like those of `itertl eval`, written from a seed for the tests of their page.

python -m tests.report.synthetic_evaluation /tmp/evaluation && itertl report /tmp/evaluation
"""

import dataclasses
import json
import random
import sys
from pathlib import Path
from typing import Any

import yaml
from tests.report.synthetic_run import DETAILS, make_task, mix, spoil

from itertl.disk.rows import write_rows
from itertl.evaluation.benched import MISSING, RowVerdict
from itertl.evaluation.result import Sources, summarise, summarise_reference
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, TestbenchVerdict, Verdict
from itertl.suites.known_defects import known_defects, unfair_problems
from itertl.suites.published import PUBLISHED
from itertl.verify.official.verdicts import completion_id

BENCHED = "verilogeval-v1-human"
PLAIN = "gym-test"


def defective(suite: str) -> list[str]:
    """Return the names of a problem whose bench is too weak, and of two that are unfair to a right answer."""
    names, unfair = list(dict.fromkeys(defect.id for defect in known_defects(suite))), unfair_problems(suite)
    return [name for name in names if name not in unfair][:1] + [name for name in names if name in unfair][:2]


def make_tasks(suite: str, problems: int) -> list[Task]:
    """Return tasks of a suite, the first ones under the names of known defects."""
    names = defective(suite)[: problems // 3]
    names += [f"vector{n}" for n in range(problems - len(names))]
    made = [dataclasses.replace(make_task(n, suite), id=name) for n, name in enumerate(names)]
    if suite != BENCHED:
        return made
    rule = PUBLISHED[BENCHED].rule
    return [dataclasses.replace(task, testbench="module tb; endmodule", rule=rule) for task in made]


def draw(task: Task, index: int, outcome: Outcome | None, rng: random.Random) -> Candidate:
    """Return a sample that meets with `outcome`; None is one that nobody answered."""
    if outcome is None:
        return Candidate(task.id, 0, index, 0, task.header, "", "", "", MISSING, "policy")
    code = spoil(task.reference, outcome, rng)
    identity = digest(task.id, " ".join(code.split()))
    return Candidate(task.id, 0, index, 0, task.header, f"Here it is:\n{code}", code, identity, "stop", "policy")


def official_of(strict: Outcome, rng: random.Random) -> Outcome:
    """Return what the suite's own rule says of a design: now and then something else."""
    if strict is Outcome.REJECTED:
        return Outcome.PASSED
    if strict is Outcome.EMPTY or (strict is Outcome.PASSED and rng.random() < 0.1):
        return Outcome.SYNTAX_ERROR
    return strict


def write_evaluation(
    folder: Path, suite: str = BENCHED, problems: int = 18, samples: int = 12, missing: int = 0, seed: int = 0
) -> Path:
    """Write the directory of a whole evaluation, in which the last problem lacks `missing` samples; return its path."""
    rng = random.Random(seed)
    tasks = make_tasks(suite, problems)
    drawn: list[Candidate] = []
    judged: dict[tuple[str, str], TestbenchVerdict] = {}
    for place, task in enumerate(tasks):
        shares = mix(1 - place / (problems - 1) if problems > 1 else 0.5)
        for index in range(samples):
            absent = place == problems - 1 and index < missing
            outcome = None if absent else rng.choices(list(shares), list(shares.values()))[0]
            candidate = draw(task, index, outcome, rng)
            drawn.append(candidate)
            key = task.id, completion_id(task.id, candidate.completion)
            if outcome is not None and key not in judged:
                official, detail = official_of(outcome, rng), DETAILS.get(outcome, "")
                wrong = 17 if outcome is Outcome.MISMATCH else 0
                judged[key] = TestbenchVerdict(
                    *key, candidate.code_id, official, outcome, 100, wrong, "", detail, 0.1, "iverilog 11.0", "off"
                )
    settings = {
        "model": "runs/quickstart",
        "preset": None,
        "samples": samples,
        "temperature": 0.8,
        "stop": ["endmodule"],
    }
    config = {"name": "evaluation", "seed": seed, "evaluation": {"samples": samples}}
    sources = Sources(suite, settings, config, samples)
    found = {(v.task_id, v.completion_id): v for v in judged.values()}
    both = [found.get((c.task_id, completion_id(c.task_id, c.completion))) for c in drawn]
    verdicts = {(v.task_id, v.code_id): v for v in map(plain, judged.values())}.values()
    (folder / suite).mkdir(parents=True)
    write_rows(folder / suite / "candidates.jsonl", drawn)
    write_rows(folder / suite / "verdicts.jsonl", verdicts)
    if suite == BENCHED:
        summary = summarise(sources, tasks, drawn, judged.values())
        result = dataclasses.replace(summary, own_module=0.0)  # as if the answers went on from their headers
        write_rows(folder / suite / "testbench.jsonl", judged.values())
        rows = [RowVerdict(c.task_id, c.index, *_said(v)) for c, v in zip(drawn, both, strict=True)]
    else:
        result = summarise_reference(sources, tasks, drawn, verdicts)
        rows = [RowVerdict(c.task_id, c.index, None, _said(v)[1]) for c, v in zip(drawn, both, strict=True)]
    write_rows(folder / "rows.jsonl", rows)
    (folder / "result.json").write_text(json.dumps(result.to_dict(), indent=1))
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    (folder / "env.json").write_text(json.dumps({"python": "3.11.9", "tools": {"iverilog": "11.0"}}))
    events = [{"time": 1.7e9 + n, "event": "stage_end", "stage": s, "seconds": 1.0} for n, s in enumerate(("a", "b"))]
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return folder


def plain(verdict: TestbenchVerdict) -> Verdict:
    """Return a testbench's strict verdict as one of the reference."""
    agreement = 1.0 - verdict.mismatches / verdict.samples
    said = verdict.strict_detail
    return Verdict(verdict.task_id, verdict.code_id, verdict.strict, agreement, said, 0.1, verdict.tools)


def change_result(folder: Path, **changes: Any) -> Path:
    """Write other values into the result of `folder`."""
    path = folder / "result.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return folder


def _said(verdict: TestbenchVerdict | None) -> tuple[str, str]:
    return (verdict.official.value, verdict.strict.value) if verdict else (MISSING, MISSING)


if __name__ == "__main__":
    print(write_evaluation(Path(sys.argv[1])))
