"""Many small combinational designs read twice: by our rewriting and Icarus Verilog, and by slang and Yosys.

    python -m tests.verify.readings --count 50000 --seed 1        designs that the two read differently, with inputs

Both readings of all designs stand in one simulation, under the same random inputs; only bits that are 0 or 1 in both
count.
"""

import argparse
import dataclasses
import random
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.verilog.grammar import INPUTS, design

from itertl.tools.process import Limits
from itertl.tools.yosys import find_yosys, launch, plain, reading
from itertl.verilog.guard import Accepted, inspect
from itertl.verilog.interface import Port, read_interface

_LIMITS = Limits(600.0, 8 << 30, 1 << 30, processes=None)
VECTORS = 40


@dataclasses.dataclass(frozen=True)
class Difference:
    """A design on which the readings differ: its code, and the bench's line with the inputs and both outputs."""

    code: str
    shown: str


def differences(designs: Mapping[str, str], folder: Path) -> tuple[int, list[Difference]]:
    """Compare the two readings of `designs` (module name -> code); return how many were, and where they differ."""
    inspected = {name: inspect(code, name, None) for name, code in designs.items()}
    accepted = {name: found for name, found in inspected.items() if isinstance(found, Accepted)}
    second = _second(designs, folder)
    both = sorted(accepted.keys() & second.keys())
    ports = {name: read_interface(designs[name], name).ports for name in both}
    text = [accepted[name].renamed("first_") for name in both] + [second[name] for name in both]
    (folder / "all.v").write_text("\n".join([*text, _bench(ports)]))
    run = ["iverilog", "-g2012", "-s", "bench", "-o", "all.vvp", "all.v"]
    subprocess.run(run, cwd=folder, check=True, capture_output=True, text=True)
    said = subprocess.run(["vvp", "-n", "all.vvp"], cwd=folder, check=True, capture_output=True, text=True).stdout
    first: dict[str, str] = {}
    for line in said.splitlines():
        if line.startswith("differs "):
            first.setdefault(line.split()[1], line)
    return len(both), [Difference(designs[name], line) for name, line in first.items()]


def _second(designs: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the modules that Yosys writes, by name; it reads all at once, or, where one is refused, each alone."""
    (folder / "design.sv").write_text("\n".join(plain(code) for code in designs.values()))
    tool = find_yosys()
    tops = list(designs)
    read = reading(tool, "design.sv", tops[0])[0] + "".join(f" --top {name}" for name in tops[1:])
    script = [read, "proc -noopt", "write_verilog -noattr second.v"]
    launch(tool, "\n".join(script) + "\n", folder, _LIMITS)
    written = folder / "second.v"
    if written.exists():
        text = written.read_text()
        written.unlink()
        found = re.findall(r"^module (\w+)\(.*?^endmodule$", text, re.MULTILINE | re.DOTALL)
        parts = re.split(r"(?=^module )", text, flags=re.MULTILINE)
        return dict(zip(found, (part for part in parts if part.startswith("module ")), strict=True))
    if len(tops) == 1:
        return {}
    half = len(tops) // 2
    names = tops[:half], tops[half:]
    return {k: v for part in names for k, v in _second({n: designs[n] for n in part}, folder).items()}


def _bench(ports: Mapping[str, tuple[Port, ...]]) -> str:
    lines = ["module bench;", *(f"  reg [7:0] {name};" for name in INPUTS)]
    checks = []
    for name, found in ports.items():
        width = {port.name: port.width for port in found}
        pins = ", ".join(f".{i}({i}[{width[i] - 1}:0])" for i in INPUTS)
        size = width["y"]
        lines.append(f"  wire [{size - 1}:0] x_{name}, y_{name};")
        lines += [f"  first_{name} u_{name}({pins}, .y(x_{name}));", f"  {name} v_{name}({pins}, .y(y_{name}));"]
        # A bit of the sum is x where it is undefined in either reading, and === 1 finds one that is not and differs.
        checks.append(
            f"    for (i = 0; i < {size}; i = i + 1) if ((x_{name}[i] ^ y_{name}[i]) === 1'b1) begin "
            f'$display("differs {name} a=%b b=%b c=%b: %b %b", a, b, c, x_{name}, y_{name}); i = {size}; end'
        )
    drive = "".join(f"{name} = $urandom; " for name in INPUTS)
    loop = f"  initial for (n = 0; n < {VECTORS}; n = n + 1) begin"
    return "\n".join([*lines, "  integer i, n;", loop, f"    {drive}#1;", *checks, "  end", "endmodule", ""])


def drawn(seed: int, count: int) -> dict[str, str]:
    """Return `count` designs by the names of their modules; each follows from the seed and its number."""
    return {f"t{n}": design(random.Random(f"{seed} {n}"), f"t{n}") for n in range(count)}


def batches(seed: int, count: int, size: int = 500) -> Iterator[dict[str, str]]:
    """Yield the designs in parts that one simulation holds."""
    found = drawn(seed, count)
    names = list(found)
    for at in range(0, count, size):
        yield {name: found[name] for name in names[at : at + size]}


def main() -> None:
    """Print the designs that are read differently, and how many there were."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    compared = odd = 0
    for batch in batches(asked.seed, asked.count):
        with tempfile.TemporaryDirectory() as folder:
            count, found = differences(batch, Path(folder))
        compared, odd = compared + count, odd + len(found)
        for difference in found:
            print(f"{difference.shown}\n{difference.code}\n")
    print(f"{asked.count} designs, {compared} read twice, {odd} read differently")


if __name__ == "__main__":
    main()
