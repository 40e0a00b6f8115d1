"""What confinement costs: CPU time per simulation and the start of a worker, with and without, side by side in one run.

    python benchmarks/sandbox_cost.py --designs 200 --rounds 5

Each design is a register that differs from the others in a constant, simulated alone by one worker. Printed: CPU
milliseconds per design (worker, compiler and simulator, whatever else the machine does), the seconds until the first
verdict, the ratio of each, and the level in force.
"""

import argparse
import os
import statistics
import time

from rich.console import Console
from rich.table import Table

from itertl import Candidate, Task, verify
from itertl.verify import VerifySettings

HEADER = "module top(input clk, input rst, input [7:0] d, output reg [7:0] q);\n"
RIGHT = "always @(posedge clk) q <= rst ? 0 : d + {n};\nendmodule\n"


def measure(mode: str, designs: int) -> tuple[float, float, str]:
    """Return CPU milliseconds per design behind the first, seconds until the first verdict, and the level."""
    task = Task.of(HEADER + RIGHT.format(n=0), "a register")
    candidates = [Candidate.of(task, HEADER + RIGHT.format(n=n)) for n in range(designs + 1)]
    costs = []
    for amount in (1, designs + 1):
        before, started = os.times(), time.perf_counter()
        settings = VerifySettings(workers=1, batch=1, cache=False, sandbox=mode)
        verdicts = list(verify(candidates[:amount], [task], settings))
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        costs.append((used, time.perf_counter() - started))
    (first, start), (all_of_them, _) = costs
    return 1000 * (all_of_them - first) / designs, start, verdicts[0].sandbox


def main() -> None:
    """Measure both modes in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=200, help="simulations per round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; the median counts")
    arguments = parser.parse_args()
    rounds = [{m: measure(m, arguments.designs) for m in ("off", "auto")} for _ in range(arguments.rounds)]
    table = Table("sandbox", "CPU ms per design", "s until the first verdict")
    cpu = {m: statistics.median(r[m][0] for r in rounds) for m in ("off", "auto")}
    start = {m: statistics.median(r[m][1] for r in rounds) for m in ("off", "auto")}
    for mode in ("off", "auto"):
        table.add_row(rounds[0][mode][2], f"{cpu[mode]:.2f}", f"{start[mode]:.2f}")
    table.add_row("ratio", f"{cpu['auto'] / cpu['off']:.2f}", f"{start['auto'] / start['off']:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
