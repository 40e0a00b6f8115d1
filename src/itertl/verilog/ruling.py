"""What the guard says of a candidate: accepted, with the text of it that is simulated, or refused.

accepted.told("line 7: error: ...")  ->  the same with the line of the candidate's own text
"""

import dataclasses
import re

from itertl.outcome import Outcome, Reason
from itertl.verilog.rewrite.rewritten import Plain
from itertl.verilog.tokens import spell
from itertl.verilog.tree import Tree

_LINE = re.compile(r"line (\d+): ")


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """Why a candidate is not simulated.

    `found` is the kind of what is refused, in a few words. `accident`: models write it without any intent to cheat.
    """

    outcome: Outcome
    found: str
    detail: str
    accident: bool = True
    reason: Reason | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Accepted:
    """A candidate that may be simulated: its `code`, and the `plain` text of it that a simulator reads alike.

    `tree` is what the code elaborates into, where it is simulated as it is and holds anything that constants decide.
    `trusted`: nothing was refused, for it is no candidate's. `data` are files that it may read when it runs. `arrays`:
    some of its ports are unpacked arrays, which are vectors in its plain text. `own` are the offsets in `code` between
    which the design itself stands, where it stands beside what is trusted.
    """

    code: str
    plain: Plain
    tree: Tree | None = dataclasses.field(default=None, compare=False)
    trusted: bool = False
    data: tuple[tuple[str, str], ...] = ()
    arrays: bool = False
    own: tuple[int, int] | None = None

    def renamed(self, prefix: str) -> str:
        """Return the code for a simulator, with `prefix` before the name of each of its modules."""
        text, parts, at = self.plain.text, [], 0
        for offset, length, module in self.plain.names:
            parts += [text[at:offset], spell(prefix + module)]
            at = offset + length
        return "".join([*parts, text[at:]])

    def told(self, message: str) -> str:
        """Return a simulator's message with the line of the design, instead of that of the text that it has read."""
        found = _LINE.match(message)
        if found is None:
            return message
        line, rest = int(found[1]), message[found.end() :]
        if not self.plain.resolved:
            return own_line(message, self.code, self.own)
        if not 0 < line <= len(self.plain.origins):
            return rest
        at = self.code.count("\n", 0, self.plain.origins[line - 1]) + 1
        return f"in what begins in {own_line(f'line {at}: {rest}', self.code, self.own)}"


def own_line(message: str, text: str, own: tuple[int, int] | None) -> str:
    """Return a message `line N: ...` about `text` with lines counted from where the design itself begins.

    `own` are its offsets, None for all. A line of what stands beside it is none of the design's.
    """
    found = _LINE.match(message)
    if found is None or own is None:
        return message
    first = text.count("\n", 0, own[0])
    if not first < int(found[1]) <= first + text.count("\n", *own) + 1:
        return f"in what the project has beside it: {message[found.end() :]}"
    return f"line {int(found[1]) - first}: {message[found.end() :]}"
