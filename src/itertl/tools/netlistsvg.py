"""netlistsvg: how it is found and started; verify/schematic/ says what it is given.

    [*find_netlistsvg(), "netlist.json", "-o", "out.svg"]       # the command that draws, in ENVIRONMENT

A program of Node.js (https://github.com/nturley/netlistsvg), which lays a netlist of Yosys out as an SVG. It is started
without the shebang's `env`, which a sandbox need not hold, and without the optimising compiler, which costs one short
drawing more than it brings.

    python -c "from itertl.tools.netlistsvg import *; print(find_netlistsvg())"
"""

import shutil
from pathlib import Path

from itertl.errors import MissingToolError

VERSION = "1.0.2"  # that the tests draw with
INSTALL_NETLISTSVG = f"npm install -g netlistsvg@{VERSION}"
# Node.js looks for both when it starts, and a sandbox shows neither.
ENVIRONMENT = {"OPENSSL_CONF": "/dev/null", "HOME": "/"}
_HEAP_MB = 1024
_NODE = ("--no-opt", f"--max-old-space-size={_HEAP_MB}")


def find_netlistsvg() -> tuple[str, ...]:
    """Return the start of netlistsvg's argv; raise MissingToolError with what installs it."""
    found = shutil.which("netlistsvg")
    if found is None:
        raise MissingToolError(f"schematics need netlistsvg, which is not on PATH: {INSTALL_NETLISTSVG}")
    script, node = Path(found).resolve(), shutil.which("node") or shutil.which("nodejs")
    if script.suffix != ".js":
        return (found,)
    if node is None:
        raise MissingToolError("netlistsvg needs Node.js, which is not on PATH")
    return (node, *_NODE, str(script))


def netlistsvg_programs() -> tuple[Path, ...]:
    """Return what a sandbox has to let netlistsvg read, as programs are named to it; nothing where it is missing."""
    try:
        command = find_netlistsvg()
    except MissingToolError:
        return ()
    script = Path(command[-1])
    modules = [above for above in script.parents if above.name == "node_modules"]
    return (Path(command[0]), script, *(folder / "netlistsvg" for folder in modules[:1]))
