"""Whether it is the simulator that a design is too much for, or the design that is wrong, or the tools that fail.

    beyond(design, top, run, shop)  ->  "" or what in a design Icarus Verilog refuses, or crashes on each time

A compiler that refuses a legal design, or a tool that ends without naming a fault while it still works for others, says
nothing about the design.
"""

from itertl.tools.icarus import Piece, Run, simulate
from itertl.tools.process import Limits, Stop
from itertl.tools.shop import Shop
from itertl.verilog.frontend import parse
from itertl.verilog.guard import Accepted
from itertl.verilog.legality import fault

_TRIAL = Limits(10.0)
_STEPS = 64
_BENCH = (
    "module known; wire y; sound u(y); integer i; initial begin "
    f'$display("known begin"); for (i = 0; i < {_STEPS}; i = i + 1) $display("known %b", y); '
    '$display("known end 0"); end endmodule'
)
_DESIGN = "module sound(output y); assign y = 1'b1; endmodule"


def beyond(design: Accepted, top: str, run: Run, shop: Shop) -> str:
    """Return what of a design is beyond the simulator; "" where that is not why `run`, which is over, gave no trace."""
    if run.failed:
        if not works(shop):
            return ""
        tool = "the compiler" if run.stage == "compile" else "vvp"
        return design.plain.unsaid or f"{tool} failed each time it was run ({run.stop}): {run.message}"
    if run.stage != "compile" or run.stop not in (Stop.EXIT, Stop.CRASH) or run.out_of_memory:
        return ""
    if fault(parse(design.code), top):
        return ""
    return design.plain.unsaid or run.message


def works(shop: Shop) -> bool:
    """True if the tools compile and run a design that nothing is wrong with."""
    return simulate(Piece([_BENCH, _DESIGN], "known", "0\n", _STEPS, "known"), shop, _TRIAL, _TRIAL).complete
