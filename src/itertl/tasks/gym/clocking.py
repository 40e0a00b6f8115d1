"""Clock and reset: one vocabulary for the Verilog and for the English of every sequential family.

    always @(posedge clk or negedge rst_n)   <->   "on the rising edge of clk", "asynchronous active-low reset rst_n"

A style names the active clock edge, whether the reset waits for the clock, and its polarity. Reset always comes
first, and every sentence about it says so.
"""

from dataclasses import dataclass

from itertl.tasks.gym.design import Names, always, chain, inp

# style: (clock edge, asynchronous reset, active-low reset, names of the reset)
STYLES: dict[str, tuple[str, bool, bool, tuple[str, ...]]] = {
    "sync": ("posedge", False, False, ("rst", "reset", "srst")),
    "sync_n": ("posedge", False, True, ("rst_n", "reset_n", "resetn")),
    "async": ("posedge", True, False, ("rst", "reset", "areset", "arst")),
    "async_n": ("posedge", True, True, ("rst_n", "reset_n", "resetn", "arst_n")),
    "fall": ("negedge", False, False, ("rst", "reset", "srst")),
    "fall_n": ("negedge", True, True, ("rst_n", "reset_n", "arst_n")),
    "none": ("posedge", False, False, ("",)),
}
RESETS = ("sync", "sync_n", "async", "async_n", "fall", "fall_n")
RISING = RESETS[:4]
CLOCKS = ("clk", "clock", "clk_in")


@dataclass(frozen=True, slots=True)
class Clocking:
    """The clock and reset of one design."""

    clk: str
    rst: str
    style: str

    @property
    def ports(self) -> tuple[str, ...]:
        """Declarations of the clock and, unless the style is `none`, of the reset."""
        return (inp(1, self.clk),) if self.style == "none" else (inp(1, self.clk), inp(1, self.rst))

    def always(self, reset: str, *arms: tuple[str, str]) -> str:
        """Return the always block that does `reset` first and otherwise the if chain `arms`."""
        edge, asynchronous, low, _ = STYLES[self.style]
        sensitivity = f"{edge} {self.clk}"
        if self.style == "none":
            plain = len(arms) == 1 and not arms[0][0]
            return always(sensitivity, arms[0][1] if plain else chain(*arms))
        if asynchronous:
            sensitivity += f" or {'negedge' if low else 'posedge'} {self.rst}"
        return always(sensitivity, chain((f"!{self.rst}" if low else self.rst, reset), *arms))

    @property
    def edge(self) -> str:
        """For example "rising edge of clk"."""
        return f"{'rising' if STYLES[self.style][0] == 'posedge' else 'falling'} edge of {self.clk}"

    @property
    def edges(self) -> str:
        """For example "rising clk edge"."""
        return f"{'rising' if STYLES[self.style][0] == 'posedge' else 'falling'} {self.clk} edge"

    def resets(self, target: str, value: str) -> tuple[str, ...]:
        """Return sentences, all of one meaning, that reset brings `target` (ports or registers) to `value`."""
        _, asynchronous, low, _ = STYLES[self.style]
        rst, level, active = self.rst, "low" if low else "high", 0 if low else 1
        kind, article = ("asynchronous", "an") if asynchronous else ("synchronous", "a")
        be = "are" if " and " in target or target.startswith("all ") else "is"
        if self.style == "none":
            return ("There is no reset.", "No reset.", "The design has no reset input.", "It cannot be reset.")
        wait = (
            "at once and for as long as it lasts, whatever the clock does"
            if asynchronous
            else f"at the {self.edges}, not before it"
        )
        when = (
            f"As soon as and as long as {rst} is {level}, independent of {self.clk},"
            if asynchronous
            else f"Whenever {rst} is {level} at a {self.edges},"
        )
        return (
            f"{rst} is {article} {kind} active-{level} reset; it has priority and sets {target} to {value}.",
            f"{when} {target} {be} set to {value}, whatever the other inputs.",
            f"Reset: {rst}, {kind}, active {level}, highest priority, sets {target} to {value}.",
            f"{rst} = {active} forces {target} to {value} ({kind} reset, above everything else).",
            f"The active-{level} input {rst} overrides the rest and brings {target} back to {value}, {wait}.",
            f"With {rst} at {active}, {target} {be} held at {value}: {article} {kind} reset that overrides all else."
            if " to " not in value
            else f"With {rst} at {active}, {target} {be} put to {value}: {article} {kind} reset that overrides all else.",
            f"{kind.capitalize()} reset ({rst}, active {level}): {target} to {value}, before any other rule.",
            f"There is {article} {kind} reset input {rst}. When it is {level}, {target} {be} forced to {value}, {wait}; "
            "no other input counts then.",
            f"When {rst} is {active}, nothing but the reset happens: {target} {be} brought to {value}, {wait}.",
        )


def clocking(n: Names, style: str) -> Clocking:
    """Return the clocking with the names drawn for it."""
    return Clocking(n.clk, n.rst, style)
