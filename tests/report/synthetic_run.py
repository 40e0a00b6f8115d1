"""Run directories that look like real ones, written from a seed for the tests of the report.

python -m tests.report.synthetic_run /tmp/run && itertl report /tmp/run
"""

import json
import math
import random
import sys
from pathlib import Path

import yaml

from itertl.disk.rows import write_rows
from itertl.identity import digest
from itertl.outcome import Outcome
from itertl.records import Candidate, Group, Mismatch, Task, Verdict, Wave, WaveRow

FAMILIES = ("counter", "mux", "alu", "shift_register", "parity", "gray_code", "edge_detector", "fifo")
REFERENCE = """module {top} #(parameter WIDTH = {width}) (
    input  wire             clk,
    input  wire             reset,
    input  wire             enable,
    output reg  [WIDTH-1:0] count
);
    // counts up to {limit} and starts again
    always @(posedge clk) begin
        if (reset)
            count <= 0;
        else if (enable)
            count <= (count == {limit}) ? 0 : count + 1;
    end
endmodule
"""
WAVE = Wave(
    (16, 16, 17, 17, 18),
    2,
    (
        WaveRow("clk", "clock", "0 1 0 1 0"),
        WaveRow("reset", "input", "0 0 0 0 0"),
        WaveRow("enable", "input", "1 1 1 1 1"),
        WaveRow("count", "expected", "10 10 00 00 01"),
        WaveRow("count", "got", "10 10 11 11 12", ((2, 0, 2), (3, 0, 2), (4, 0, 2))),
    ),
)
DETAILS = {
    Outcome.SYNTAX_ERROR: "line 9: expected ';' before 'else'",
    Outcome.ELABORATION_ERROR: "unable to bind wire 'nxt' in 'top'",
    Outcome.INTERFACE_MISMATCH: "port count: expected output [3:0], found output [7:0]",
    Outcome.TIMEOUT: "used 4.0 s of CPU time, 20 times the reference's",
    Outcome.MISMATCH: "cycle 17: count is 8'h11, expected 8'h00",
    Outcome.REJECTED: "calls $fopen, which a design has no business doing",
}


def make_task(index: int, suite: str = "gym-train") -> Task:
    """Return a task of one of the families."""
    family, width = FAMILIES[index % len(FAMILIES)], 4 + index % 13
    top = f"{family}_{width}"
    reference = REFERENCE.format(top=top, width=width, limit=2**width - 2)
    instruction = (
        f"Write a Verilog module named {top}. It counts the cycles in which enable is high, {width} bits wide, "
        f"with a synchronous reset that is active high, and starts again after {2**width - 2}."
    )
    header = reference[: reference.index(");") + 2]
    return Task(
        f"{suite}/{family}/{index:04d}",
        instruction,
        header,
        reference,
        top,
        suite,
        tags=(f"family:{family}", f"level:{FAMILIES.index(family) % 3 + 1}"),
    )


def spoil(reference: str, outcome: Outcome, rng: random.Random) -> str:
    """Return a design that could have met with `outcome`."""
    match outcome:
        case Outcome.EMPTY:
            return ""
        case Outcome.PASSED:
            return reference.replace("    ", "  ") if rng.random() < 0.5 else reference
        case Outcome.SYNTAX_ERROR:
            return reference.replace("count <= 0;", "count <= 0", 1)
        case Outcome.INTERFACE_MISMATCH:
            return reference.replace("[WIDTH-1:0] count", "[7:0] count")
        case Outcome.REJECTED:
            return reference.replace("always", 'integer f = $fopen("x");\n    always', 1)
        case _:
            changed = rng.choice(
                [("count + 1", "count - 1"), ("posedge", "negedge"), ("(reset)", "(!reset)"), (" ==", " >=")]
            )
            return reference.replace(*changed)


def mix(quality: float) -> dict[Outcome, float]:
    """Return the shares of the outcomes for a policy that passes with probability `quality`."""
    rest = 1 - quality
    weights = {
        Outcome.EMPTY: 0.02,
        Outcome.REJECTED: 0.01,
        Outcome.SYNTAX_ERROR: 0.16,
        Outcome.ELABORATION_ERROR: 0.1,
        Outcome.INTERFACE_MISMATCH: 0.07,
        Outcome.TIMEOUT: 0.03,
        Outcome.OUTPUT_LIMIT: 0.01,
        Outcome.MISMATCH: 0.6,
    }
    return {**{outcome: weight * rest for outcome, weight in weights.items()}, Outcome.PASSED: quality}


def evaluation(suite: str, quality: float, problems: int = 200, samples: int = 10) -> dict[str, object]:
    """Return the content of an evaluation.json."""
    pass_at = {}
    for k in (1, 5, 10):
        value = 1 - (1 - quality) ** (k**0.45)
        half = 1.96 * math.sqrt(value * (1 - value) / problems)
        pass_at[str(k)] = {"value": value, "low": max(0.0, value - half), "high": min(1.0, value + half)}
    return {
        "suite": suite,
        "policy": digest(suite, str(quality)),
        "samples": samples,
        "problems": problems,
        "pass_at": pass_at,
        "outcomes": {outcome.value: share for outcome, share in mix(quality).items()},
        "per_problem": {f"{suite}/{n:04d}": [samples, round(samples * quality)] for n in range(problems)},
        "missing": 0,
    }


def write_iteration(
    run: Path, index: int, tasks: list[Task], quality: float, rng: random.Random, samples: int, use: str = ""
) -> None:
    """Write candidates, verdicts and groups of one iteration."""
    folder = run / f"iter_{index:02d}" / use
    folder.mkdir(parents=True, exist_ok=True)
    shares = mix(quality)
    candidates: list[Candidate] = []
    verdicts: dict[tuple[str, str], Verdict] = {}
    groups = []
    for task in tasks:
        scores: dict[str, float] = {}
        for n in range(samples):
            outcome = rng.choices(list(shares), list(shares.values()))[0]
            code = spoil(task.reference, outcome, rng)
            code_id = digest(task.id, " ".join(code.split()), outcome)
            candidates.append(Candidate(task.id, index, n, rng.getrandbits(31), task.instruction, code, code, code_id))
            agreement = {Outcome.PASSED: 1.0, Outcome.MISMATCH: rng.uniform(0.3, 0.99)}.get(outcome, 0.0)
            detail = DETAILS.get(outcome, "")
            first = Mismatch(34, 17, "cycle 17", "count", "0", "1", WAVE) if outcome is Outcome.MISMATCH else None
            verdict = Verdict(task.id, code_id, outcome, agreement, detail, 0.05, "iverilog 11.0", mismatch=first)
            verdicts[task.id, code_id] = verdict
            scores[code] = agreement
        passed = tuple(score == 1.0 for score in scores.values())
        counts = (1,) * len(scores)
        groups.append(Group(task.id, task.instruction, "", tuple(scores), tuple(scores.values()), passed, counts))
    write_rows(folder / "candidates.jsonl", candidates)
    write_rows(folder / "verdicts.jsonl", verdicts.values())
    if not use:
        write_rows(folder / "groups.jsonl", groups)


def write_training(run: Path, index: int, steps: int, rng: random.Random) -> None:
    """Write the training log of one iteration."""
    folder = run / f"iter_{index:02d}" / "policy"
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for step in range(steps):
        level = 0.6 - 0.05 * index + (5 * math.exp(-step / 60) if index == 0 else 0.1 * math.exp(-step / 10))
        mle = level * rng.uniform(0.9, 1.1)
        row = {"step": step, "loss": mle, "mle": mle, "reference_logp": -mle, "grad_norm": 1.0, "lr": 1e-3}
        if index:
            row |= {"rank": rng.uniform(0.02, 0.06) / index, "active": 0.5}
        lines.append(json.dumps(row))
    (folder / "training.jsonl").write_text("\n".join(lines) + "\n")
    if index:
        found = {"kl": 0.05 / index, "k3": 0.04 / index, "samples": 96.0}
        (folder / "mismatch.json").write_text(json.dumps(found))


def write_run(
    run: Path,
    iterations: int = 4,
    tasks: int = 60,
    samples: int = 6,
    seed: int = 0,
    final: bool = True,
    dev_samples: int = 0,
) -> Path:
    """Write a whole run directory and return its path; samples on dev lie in it where there are any."""
    rng = random.Random(seed)
    run.mkdir(parents=True, exist_ok=True)
    rows = [make_task(n) for n in range(tasks)] + [make_task(n, "gym-dev") for n in range(20)]
    write_rows(run / "tasks.jsonl", rows)
    config = {
        "name": "quickstart",
        "seed": seed,
        "iterations": iterations,
        "model": {"width": 128, "layers": 4, "tokenizer": "byte-level BPE, 1024"},
        "sampling": {"samples": samples, "temperature": 0.8, "stop": ["endmodule"]},
        "training": {"objective": "mle + ranking", "parameters": {"weight": 0.3, "gap": 0.2}, "learning_rate": 3e-4},
    }
    (run / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    versions = {"itertl": "0.1.0", "torch": "2.13.0", "iverilog": "11.0", "yosys": "0.23"}
    (run / "env.json").write_text(json.dumps({"python": "3.11.9", "versions": versions, "cores": 2, "gpu": None}))
    write_training(run, 0, 400, rng)
    qualities = [0.5 + 0.14 * (1 - math.exp(-0.8 * t)) for t in range(iterations + 1)]
    for index in range(iterations + 1):
        if index:
            write_iteration(run, index, rows[:tasks], qualities[index - 1], rng, samples)
            write_training(run, index, 50, rng)
        if dev_samples:
            write_iteration(run, index, rows[tasks:], qualities[index], rng, dev_samples, "dev")
        text = json.dumps(evaluation("gym-dev", qualities[index]))
        (run / f"iter_{index:02d}" / "dev").mkdir(parents=True, exist_ok=True)
        (run / f"iter_{index:02d}" / "dev" / "evaluation.json").write_text(text)
    write_events(run, iterations, rng)
    if final:
        levels = {"gym-test": 0.0, "gym-shifted": -0.1, "gym-unseen": -0.28}
        arms = {"warm_start": qualities[0], "best": qualities[-1], "last": qualities[-1]}
        found = {s: {a: evaluation(s, q + d, 300) for a, q in arms.items()} for s, d in levels.items()}
        gain = qualities[-1] - qualities[0]
        gains = {suite: {"value": gain, "low": gain - 0.04, "high": gain + 0.04, "p": 1e-4} for suite in levels}
        content = {"best_iteration": iterations, "evaluations": found, "gains": gains}
        (run / "final.json").write_text(json.dumps(content))
    return run


def write_events(run: Path, iterations: int, rng: random.Random) -> None:
    """Write the events of a run that was interrupted once while it sampled."""
    now, lines = 1_700_000_000.0, []

    def note(event: str, **more: object) -> None:
        lines.append(json.dumps({"time": now, "event": event, **more}))

    def stage(name: str, seconds: float) -> None:
        nonlocal now
        note("stage_start", stage=name)
        now += seconds
        note("stage_end", stage=name, seconds=seconds)

    stage("tasks.jsonl", 3.2)
    stage("iter_00/policy", 104.0)
    stage("iter_00/dev/evaluation.json", 17.5)
    for index in range(1, iterations + 1):
        if index == 2:
            note("stage_start", stage="iter_02/candidates.jsonl")
            now += 9.0
            note("progress", done=100)
        for name, seconds in (("candidates.jsonl", 21), ("verdicts.jsonl", 13), ("groups.jsonl", 0.6), ("policy", 26)):
            stage(f"iter_{index:02d}/{name}", seconds * rng.uniform(0.9, 1.1))
        stage(f"iter_{index:02d}/dev/evaluation.json", 17.0)
    stage(f"iter_{iterations:02d}/gym-test/candidates.jsonl", 52.0)
    (run / "events.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    print(write_run(Path(sys.argv[1])))
