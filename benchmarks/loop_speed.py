"""What verification costs in a loop's shape, many generated tasks with few answers each, beside VerilogEval v1's way.

    python -m benchmarks.loop_speed --tasks 100

Generated are tasks of the quick-start's families, and of each 1, 4 and 16 answers as of a policy of which a quarter
passes and seven in ten compile: references, some in other words, mutants, and texts with a token too few or too many.
v1 gets a bench that drives 400 random vectors into reference and candidate. Both ways take turns, and ratios are
medians over the rounds; the cache is off, and the time to start workers counts.
"""

import argparse
import multiprocessing
import random
import statistics

from benchmarks.verify_ways import Sample, in_a_process, our_way, print_shares, published_way, ratio, timed
from rich.console import Console

from itertl import Candidate, Task
from itertl.tasks.gym import generate
from itertl.verify import VerifySettings
from itertl.verilog import guard
from itertl.verilog.guard import Accepted
from itertl.verilog.interface import read_interface
from itertl.verilog.mutants import mutants
from itertl.verilog.rewording import reworded
from itertl.verilog.tokens import code_id, tokens

FAMILIES = ["adder", "subtractor", "add_sub", "extend", "extremum", "comparator", "counter", "updown_counter"]
FAMILIES += ["register", "accumulator", "fixed_shift", "gate", "arbiter"]
PASSING, COMPILING = 0.25, 0.7  # shares of a policy's answers
VECTORS = 400  # of v1's bench for a generated task
ANSWERS = (1, 4, 16)


def of_the_loop(count: int, each: int) -> Sample:
    """Return `count` generated tasks with at most `each` distinct answers."""
    tasks = {task.id: task for task in generate("train", count, 1, families=FAMILIES)}
    candidates: dict[str, Candidate] = {}
    files = []
    for task in tasks.values():
        rng = random.Random(task.id)
        wrong = [m.code for m in mutants(task.reference, task.top, each)] or [task.reference]
        for number in range(each):
            kind = rng.random()
            if kind < PASSING:
                code = rng.choice((task.reference, reworded(task.reference, task.top, number)))
            else:
                code = rng.choice(wrong)
                code = code if kind < COMPILING else damaged(code, rng)
            name = code_id(task.id, code)
            if name not in candidates:
                candidates[name] = Candidate(task.id, 0, number, 0, "", code, code, name)
                files.append(f"{side_by_side(task)}\n{code}")
    return Sample(tasks, list(candidates.values()), files)


def damaged(code: str, rng: random.Random) -> str:
    """Return a text without one of its tokens, or with a word before it."""
    token = rng.choice(list(tokens(code))[3:])
    return (
        code[: token.start] + rng.choice(("", "also ")) + code[token.end if rng.random() < PASSING else token.start :]
    )


def side_by_side(task: Task) -> str:
    """Return a bench in the manner of VerilogEval's: the reference beside the candidate under random vectors."""
    interface = read_interface(task.reference, task.top)
    right = guard.inspect(task.reference, task.top, interface.ports)
    clocks = interface.clocking.clocks
    inputs = [p for p in interface.inputs if p.name not in clocks]
    declared = "".join(f"  reg [{p.width - 1}:0] {p.name} = 0;\n" for p in interface.inputs)
    both = [(f"wanted_{p.name}", f"found_{p.name}", p) for p in interface.outputs]
    declared += "".join(f"  wire [{p.width - 1}:0] {one}, {other};\n" for one, other, p in both)
    ports = ", ".join(f".{p.name}({p.name})" for p in interface.inputs)
    for module, instance, side in ((f"right_{task.top}", "one", 0), (task.top, "two", 1)):
        outputs = "".join(f", .{names[2].name}({names[side]})" for names in both)
        declared += f"  {module} {instance}({ports}{outputs});\n"
    drawn = " ".join(f"{p.name} = {{{', '.join(['$random'] * (p.width // 32 + 1))}}};" for p in inputs)
    edge = " ".join(f"{name} = ~{name};" for name in clocks)
    differs = " || ".join(f"{one} !== ({one} ^ {other} ^ {one})" for one, other, _ in both)
    step = f"{drawn} #2 {edge} #1 if ({differs}) wrong = wrong + 1;"
    say = f'$display("Mismatches: %0d in %0d samples", wrong, {VECTORS});'
    body = f"repeat ({VECTORS}) begin {step} end {say} $finish;"
    bench = f"module tb;\n{declared}  integer wrong = 0;\n  initial begin {body} end\nendmodule\n"
    assert isinstance(right, Accepted)
    return bench + right.renamed("right_")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100, help="generated tasks")
    parser.add_argument("--repeat", type=int, default=3, help="rounds")
    options = parser.parse_args()
    multiprocessing.set_start_method("fork")
    console = Console(width=120)
    for each in ANSWERS:
        print_loop(of_the_loop(options.tasks, each), each, options.repeat, console)


def print_loop(sample: Sample, each: int, repeat: int, console: Console) -> None:
    """Measure and print the loop's shape, as medians over rounds in which both ways take turns."""
    ours, theirs = [], []
    for _ in range(repeat):
        ours.append(timed(our_way, sample.tasks, sample.candidates, 0)[0])
        theirs.append(timed(published_way, in_a_process, sample.files)[0])
    count = len(sample.candidates)
    cpu, wall = (statistics.median(cost[kind] for cost in ours) for kind in (1, 0))
    console.print(
        f"{len(sample.tasks)} tasks, {each} answers of each, {count} designs: {1000 * cpu / count:.1f} ms of CPU time "
        f"for a design, {1000 * cpu / len(sample.tasks):.1f} for a task, {count / wall:.0f} a second; "
        f"{ratio(theirs, ours, 1):.1f} times v1's speed by CPU time, {ratio(theirs, ours, 0):.1f} by the clock"
    )
    print_shares(sample, VerifySettings().batch, console)


if __name__ == "__main__":
    main()
