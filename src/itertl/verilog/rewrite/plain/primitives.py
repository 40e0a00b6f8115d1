"""Tables of a user's own, with their ports declared as Icarus Verilog 11 reads them.

primitive(symbol, "mux")  ->  "primitive mux(y, s, a, b); output y; input s, a, b; table 0 0 ? : 0; ... endprimitive"
"""

import re
from typing import Any

_ENTRY = re.compile(r"\([^)]*\)|.")


def primitive(symbol: Any, name: str) -> str:
    """Return a primitive as source, called `name`."""
    output, *inputs = (port.name for port in symbol.ports)
    begin = f"reg {output};" if symbol.isSequential else ""
    if symbol.isSequential and symbol.initVal is not None:
        begin += f" initial {output} = 1'b{symbol.initVal.value};"
    rows = []
    for row in symbol.table:
        columns = [" ".join(_ENTRY.findall(row.inputs)), *([row.state] if symbol.isSequential else []), row.output]
        rows.append(f"{' : '.join(columns)};")
    head = f"primitive {name}({', '.join([output, *inputs])}); output {output}; {begin} input {', '.join(inputs)};"
    return f"{head} table {' '.join(rows)} endtable endprimitive\n"
