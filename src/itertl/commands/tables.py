"""Numbers and Verilog as the commands show them."""

from rich.console import Console
from rich.syntax import Syntax

from itertl.evaluation.pass_at_k import Estimate
from itertl.evaluation.quality import Ratio


def interval(found: Estimate | Ratio) -> str:
    """Return an estimate with its 95 % interval."""
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def print_code(code: str, console: Console) -> None:
    """Print Verilog, coloured where the terminal is; no line is cut or filled up, whatever its length."""
    text = Syntax("", "verilog", background_color="default").highlight(code.rstrip("\n"))
    console.print(text, soft_wrap=True, end="")  # highlighted text ends its last line
