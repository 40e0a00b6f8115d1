"""How large is the page of a run with many samples, and how long does a browser take to open it?

    python -m benchmarks.report_size                 50,000 samples, four iterations
    python -m benchmarks.report_size --samples 5000

The samples are designs of gym tasks of which each has one to three tokens changed at random, so that nearly all are
distinct, as a policy draws them; every mismatch carries a waveform of random values. Printed: bytes of the page by
part, seconds to write it, and, where Chromium is installed, milliseconds from navigation until the list of samples is
there, the median of five, and those of CPU time that the page's thread takes.
"""

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from tests.report.chromium import CHROMIUM, Browser

from itertl.disk.rows import write_rows
from itertl.outcome import Outcome
from itertl.records import Candidate, Mismatch, Task, Verdict, Wave, WaveRow
from itertl.report import write_report
from itertl.tasks import gym
from itertl.verilog.tokens import code_id

ITERATIONS, EACH = 4, 5  # samples of a task in each of them
OUTCOMES = {Outcome.PASSED: 3, Outcome.MISMATCH: 4, Outcome.SYNTAX_ERROR: 2, Outcome.ELABORATION_ERROR: 1}
WORDS = re.compile(r"\w+|[^\w\s]")


def changed(code: str, rng: random.Random) -> str:
    """Return `code` with one to three tokens behind its header replaced by others of it."""
    start = code.index(";") + 1
    spots = [m for m in WORDS.finditer(code) if m.start() > start]
    for spot in sorted(rng.sample(spots, min(3, rng.randint(1, 3), len(spots))), key=lambda m: -m.start()):
        code = code[: spot.start()] + rng.choice(spots)[0] + code[spot.end() :]
    return code


def wave(rng: random.Random) -> Wave:
    """Return a waveform of fifteen columns and five signals, values at random."""

    def values(most: int) -> str:
        return " ".join(f"{rng.randrange(most):x}" for _ in range(15))

    rows = [WaveRow("clk", "clock", "0 1 0 1 0 1 0 1 0 1 0 1 0 1 0"), WaveRow("en", "input", values(2))]
    rows += [WaveRow("d", "input", values(256)), WaveRow("q", "expected", values(256))]
    return Wave(tuple(range(15)), 10, (*rows, WaveRow("q", "got", values(256), ((10, 0, 1), (11, 0, 1)))))


def write_run(root: Path, samples: int) -> None:
    """Write tasks, candidates and verdicts of a run with so many samples."""
    rng = random.Random(0)
    tasks: list[Task] = list(gym.generate("train", samples // (ITERATIONS * EACH), 0))
    write_rows(root / "tasks.jsonl", tasks)
    (root / "config.yaml").write_text("name: many samples\n")
    for iteration in range(1, ITERATIONS + 1):
        folder = root / f"iter_{iteration:02d}"
        folder.mkdir()
        candidates, verdicts = [], {}
        for task in tasks:
            for index in range(EACH):
                outcome = rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
                code = task.reference if outcome is Outcome.PASSED else changed(task.reference, rng)
                key = code_id(task.id, code)
                candidates.append(Candidate(task.id, iteration, index, 0, "", task.body, code, key))
                first = Mismatch(9, 4, "cycle 4", "q", "0", "1", wave(rng)) if outcome is Outcome.MISMATCH else None
                share = rng.random() if first else 0.0
                detail = f"cycle {rng.randint(0, 300)}: expected {rng.random():.4f}"
                verdicts[task.id, key] = Verdict(task.id, key, outcome, share, detail, mismatch=first)
        write_rows(folder / "candidates.jsonl", candidates)
        write_rows(folder / "verdicts.jsonl", verdicts.values())


def opened(page: Path, profile: Path) -> tuple[float, float]:
    """Return the milliseconds until the page's script is done, and of CPU time, medians of five."""
    walls, spent = [], []
    with Browser(profile) as browser:
        browser.ask("Performance.enable", timeDomain="threadTicks")
        for _ in range(5):
            browser.open(page)
            walls.append(float(browser.value("performance.getEntriesByName('ready')[0].startTime")))
            metrics = {m["name"]: m["value"] for m in browser.ask("Performance.getMetrics")["metrics"]}
            spent.append(1000 * float(metrics["TaskDuration"]))
    steps = [b - a for a, b in pairwise([0.0, *spent])] if spent == sorted(spent) else spent
    return statistics.median(walls), statistics.median(steps)


def main() -> None:
    """Write a run, its page, and print what they weigh."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=50_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "run"
        root.mkdir()
        write_run(root, options.samples)
        started = time.perf_counter()
        page = write_report(root)
        seconds = time.perf_counter() - started
        text = page.read_text(encoding="utf-8")
        stored = {name: len(body) for name, body in re.findall(r'id="(sample-[\w-]+)">([^<]*)<', text)}
        head = json.loads(re.findall(r'id="sample-data">([^<]*)<', text)[0])
        print(f"samples {head['drawn']:,}, distinct designs {head['distinct']:,}")
        print(f"artefacts {sum(p.stat().st_size for p in root.rglob('*.jsonl')) / 1e6:.1f} MB")
        print(f"page {page.stat().st_size / 1e6:.2f} MB, of which index {stored['sample-index'] / 1e6:.2f} MB")
        print(f"written in {seconds:.1f} s")
        if CHROMIUM:
            print("opened in {:.0f} ms, {:.0f} ms of CPU time".format(*opened(page, Path(place) / "profile")))


if __name__ == "__main__":
    main()
