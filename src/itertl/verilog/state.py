"""What a design can hold when its power comes on: variables that nothing drives all the time, nets that may float.

    state_of(elaborated.top)   ->  (Held("u.count", 4), Held("mem", 8, (0, 15)), Held("open", 1, net=True))
    contended(elaborated.top)  ->  the tokens that declare nets on which several drivers meet, none of which lets go

Left out is what has no name that every tool spells alike: below blocks without a name, and automatic.
"""

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pyslang.ast import ArgumentDirection, ExpressionKind, RangeSelectionKind, SymbolKind, VariableLifetime
from pyslang.syntax import SyntaxKind

_UNNAMED = re.compile(r"\bgenblk\d+\b")
_FLOATS = re.compile(r"'[sS]?[bBoOhHdD]?\s*[\da-fA-F_xX]*[zZ?]|\b(?:highz|small|medium|large)")
_SCOPES = (
    SymbolKind.GenerateBlock,
    SymbolKind.GenerateBlockArray,
    SymbolKind.InstanceArray,
    SymbolKind.StatementBlock,
    SymbolKind.Subroutine,
)
_DRIVERS = (SymbolKind.ContinuousAssign, SymbolKind.PrimitiveInstance)
_GATES = frozenset({"and", "or", "xor", "nand", "nor", "xnor"})
_NETS, _WIRED = frozenset({"Wire", "Tri"}), frozenset({"WAnd", "WOr", "TriAnd", "TriOr"})
_BUFFERS = frozenset({"buf", "not"})
FEW_WORDS = 1024  # that are set at each end of a memory with too many
MOST_BITS, MOST_WORDS, MOST_MEMORIES = 1 << 18, 1 << 15, 256  # of everything together; of a memory; in an array


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """A variable or a net: its path below the top module, its bits, and of a memory the first and the last word.

    `number`: an integer or a time. `large`: it has too many words, or memories, to be set. Of a net: `driven` says that
    something drives it, if only at times or in part, `loop` that it may hang on itself.
    """

    path: str
    width: int
    words: tuple[int, int] | None = None
    net: bool = False
    driven: bool = False
    loop: bool = False
    number: bool = False
    large: bool = False

    @property
    def bits(self) -> int:
        """All bits, of all words."""
        return self.width * (1 + self.words[1] - self.words[0] if self.words else 1)


def state_of(top: Any) -> tuple[Held, ...]:
    """Return the state of an elaborated instance, in its order, as much of it as can be set."""
    return affordable(top)[0]


def affordable(top: Any) -> tuple[tuple[Held, ...], tuple[str, ...]]:
    """Return the state of an elaborated instance that can be set, in its order, and the paths of what is too large."""
    found = _drivers(top)
    root = f"{top.hierarchicalPath}."
    loops = _loops(found.hangs)
    held = [h for s in found.symbols for h in _held(s, found, loops, s.hierarchicalPath.removeprefix(root))]
    kept = _affordable([h for h in held if not h.large])
    all_of_it = {h.path for h in kept}
    return kept, tuple(h.path for h in held if h.path not in all_of_it)


def contended(top: Any) -> list[Any]:
    """Return the tokens `wire` and `tri` in front of nets on which several drivers meet, none of which lets go."""
    found = _drivers(top)
    tokens = []
    for symbol in found.symbols:
        path = symbol.hierarchicalPath
        meet = path in found.meets and path not in found.loose
        if symbol.kind == SymbolKind.Net and symbol.netType.netKind.name in _NETS and meet:
            node = symbol.syntax.parent if symbol.syntax is not None else None
            if node is not None and node.kind == SyntaxKind.NetDeclaration:
                tokens.append(node.netType)
    return tokens


@dataclasses.dataclass(slots=True)
class _Drivers:
    """The variables and nets of a design, and what drives them: bits that are driven all the time, the `sure` ones.

    `loose` are those with a driver that may let go or of unknown bits; of `meets` a bit has two drivers.
    `hangs` holds for each path those that it follows from without a register in between.
    """

    symbols: list[Any] = dataclasses.field(default_factory=list)
    sure: dict[str, int] = dataclasses.field(default_factory=dict)
    meets: set[str] = dataclasses.field(default_factory=set)
    loose: set[str] = dataclasses.field(default_factory=set)
    hangs: dict[str, set[str]] = dataclasses.field(default_factory=dict)

    def note(self, path: str, bits: int | None) -> None:
        """Note that `bits` of what is at `path` are driven all the time, None where a driver may let go."""
        if bits is None:
            self.loose.add(path)
            return
        if self.sure.get(path, 0) & bits:
            self.meets.add(path)
        self.sure[path] = self.sure.get(path, 0) | bits

    def drive(self, target: Any, sources: list[str], floats: bool) -> None:
        """Note what an expression that is assigned to names, and what it follows from."""
        for path, bits in _parts(target):
            self.hangs.setdefault(path, set()).update(sources)
            self.note(path, None if floats else bits)

    def driven(self, symbol: Any) -> bool:
        """Return True if each bit of a symbol is driven all the time."""
        return self.sure.get(symbol.hierarchicalPath, 0) == _all_bits(symbol.type)


def _drivers(top: Any) -> _Drivers:
    found = _Drivers()
    for port in top.body.portList:
        if _is_input(port):
            found.note(port.internalSymbol.hierarchicalPath, _all_bits(port.internalSymbol.type))
    for symbol in _members(top.body):
        match symbol.kind:
            case SymbolKind.Variable:
                found.symbols.append(symbol)
            case SymbolKind.Net:
                found.symbols.append(symbol)
                if symbol.initializer is not None:
                    path = symbol.hierarchicalPath
                    found.hangs.setdefault(path, set()).update(_named(symbol.initializer))
                    floats = _FLOATS.search(str(symbol.initializer.syntax)) is not None
                    found.note(path, None if floats else _all_bits(symbol.type))
            case SymbolKind.ContinuousAssign:
                left, right = symbol.assignment.left, symbol.assignment.right
                found.drive(left, _named(right), _FLOATS.search(str(symbol.syntax.parent)) is not None)
            case SymbolKind.PrimitiveInstance:
                _gate(symbol, found)
            case _:
                _connected(symbol, found)
    return found


def _gate(symbol: Any, found: _Drivers) -> None:
    ends, kind = list(symbol.portConnections), symbol.primitiveType.name
    outputs = len(ends) - 1 if kind in _BUFFERS else 1
    sources = [path for end in ends[outputs:] for path in _named(end)]
    strength = symbol.syntax is not None and _FLOATS.search(str(symbol.syntax.parent)) is not None
    for end in ends[:outputs]:
        found.drive(_target(end), sources, strength or kind not in _GATES | _BUFFERS)


def _connected(instance: Any, found: _Drivers) -> None:
    for connection in instance.portConnections:
        inner = getattr(connection.port, "internalSymbol", None)
        if connection.expression is None:
            continue
        paths, direction = _named(connection.expression), getattr(connection.port, "direction", None)
        if direction == ArgumentDirection.In:
            if inner is not None:
                floats = _FLOATS.search(str(connection.expression.syntax)) is not None
                found.note(inner.hierarchicalPath, None if floats else _all_bits(inner.type))
                found.hangs.setdefault(inner.hierarchicalPath, set()).update(paths)
            continue
        target = _target(connection.expression)
        narrow = inner is None or target.type.bitWidth != inner.type.bitWidth
        sources = [] if inner is None else [inner.hierarchicalPath]
        found.drive(target, sources, narrow or direction != ArgumentDirection.Out)


def _affordable(found: list[Held]) -> tuple[Held, ...]:
    """Return, in their order, the smallest of what was found, as many as MOST_BITS allow: a large one hides none."""
    left, kept = MOST_BITS, set[Held]()
    for held in sorted(found, key=lambda h: h.bits):
        left -= held.bits
        if left >= 0:
            kept.add(held)
    return tuple(held for held in found if held in kept)


def _is_input(port: Any) -> bool:
    return getattr(port, "internalSymbol", None) is not None and port.direction != ArgumentDirection.Out


def _members(scope: Any) -> Iterator[Any]:
    for member in scope:
        if member.kind == SymbolKind.Instance:
            yield member
            yield from _members(member.body)
        elif member.kind in _SCOPES:
            if member.kind != SymbolKind.StatementBlock or member.name:  # nobody can name what is in the others
                yield from _members(member)
        elif member.kind in (SymbolKind.Variable, SymbolKind.Net, *_DRIVERS):
            yield member


def _target(expression: Any) -> Any:
    """Return what an assignment assigns, else the expression."""
    return expression.left if expression.kind == ExpressionKind.Assignment else expression


def _all_bits(kind: Any) -> int:
    return (1 << kind.bitWidth) - 1 if kind.isIntegral else 0


def _parts(target: Any) -> Iterator[tuple[str, int | None]]:
    """Yield what is assigned: the path, and the bits of it, None where nobody knows which before it runs."""
    if target.kind == ExpressionKind.Concatenation:
        for part in target.operands:
            yield from _parts(part)
        return
    if target.kind == ExpressionKind.NamedValue:
        yield target.symbol.hierarchicalPath, _all_bits(target.type) or None
    elif (bits := _selected(target)) is not None:
        yield target.value.symbol.hierarchicalPath, bits
    else:
        yield from ((path, None) for path in _named(target))


def _selected(target: Any) -> int | None:
    """Return the bits that a select with constant bounds means of the packed vector that it selects from."""
    if target.kind == ExpressionKind.ElementSelect:
        bounds = [target.selector.constant] * 2
    elif target.kind == ExpressionKind.RangeSelect and target.selectionKind == RangeSelectionKind.Simple:
        bounds = [target.left.constant, target.right.constant]
    else:
        return None
    whole = target.value.type
    if target.value.kind != ExpressionKind.NamedValue or not whole.isPackedArray or None in bounds:
        return None
    left, right = whole.fixedRange.left, whole.fixedRange.right
    unit = whole.bitWidth // (abs(left - right) + 1)
    low, high = sorted(abs(int(b.value) - right) for b in bounds)
    bits: int = ((1 << (high - low + 1) * unit) - 1) << low * unit & _all_bits(whole)
    return bits


def _named(expression: Any) -> list[str]:
    """Return what an assignment assigns, else all that an expression names."""
    found: list[str] = []
    seen = {ExpressionKind.NamedValue: lambda node: found.append(node.symbol.hierarchicalPath)}
    _target(expression).visit(lookup_table=seen)
    return found


def _held(symbol: Any, found: _Drivers, loops: frozenset[str], path: str) -> Iterator[Held]:
    kind, whole = symbol.type, symbol.hierarchicalPath
    if _UNNAMED.search(path):
        return
    if symbol.kind == SymbolKind.Net:
        sure, loop, netted = found.driven(symbol), whole in loops, symbol.netType.netKind.name
        driven = whole in found.sure or whole in found.loose
        if kind.isIntegral and (loop or not sure) and (netted in _NETS or (netted in _WIRED and not driven)):
            yield Held(path, kind.bitWidth, None, True, driven, loop)
    elif whole in found.sure or whole in found.loose:
        return
    elif symbol.lifetime != VariableLifetime.Automatic:
        yield from _variable(path, kind)


def _variable(path: str, kind: Any) -> Iterator[Held]:
    if kind.isIntegral:
        if kind.isFourState:
            yield Held(path, kind.bitWidth, number=kind.isPredefinedInteger)
        return
    ranges = []
    while kind.isUnpackedArray and kind.hasFixedRange:
        ranges.append(tuple(sorted((kind.fixedRange.left, kind.fixedRange.right))))
        kind = kind.elementType
    if not ranges or not kind.isIntegral:
        return
    *outer, (low, high) = ranges
    places = [range(a, b + 1) for a, b in outer]
    memories = 1
    for place in places:
        memories *= len(place)
    if memories > MOST_MEMORIES:
        yield Held(path, kind.bitWidth, (low, high), large=True)
    elif high - low >= MOST_WORDS:
        first = path + "".join(f"[{a}]" for a, _ in outer)
        yield Held(first, kind.bitWidth, (low, low + FEW_WORDS - 1))
        yield Held(first, kind.bitWidth, (high - FEW_WORDS + 1, high))
        yield Held(f"most of {path}", kind.bitWidth, (low, high), large=True)
    else:
        for indices in itertools.product(*places):
            yield Held(path + "".join(f"[{i}]" for i in indices), kind.bitWidth, (low, high))


def _loops(hangs: dict[str, set[str]]) -> frozenset[str]:
    """Return what may follow from itself: what is left when all has gone that follows from what has gone."""
    waits = {path: {source for source in sources if source in hangs} for path, sources in hangs.items()}
    feeds: dict[str, list[str]] = {}
    for path, sources in waits.items():
        for source in sources:
            feeds.setdefault(source, []).append(path)
    free = [path for path, sources in waits.items() if not sources]
    for gone in free:
        for path in feeds.get(gone, ()):
            waits[path].discard(gone)
            if not waits[path]:
                free.append(path)
    return frozenset(waits).difference(free)


def set_by_nothing(top: Any) -> Iterator[Any]:
    """Yield the variables that keep their values and that no continuous assignment drives, in their order."""
    found = _drivers(top)
    for symbol in found.symbols:
        path = symbol.hierarchicalPath
        free = path not in found.sure and path not in found.loose
        if symbol.kind == SymbolKind.Variable and free and symbol.lifetime != VariableLifetime.Automatic:
            yield symbol


def hang_on(top: Any, paths: Iterable[str]) -> frozenset[str]:
    """Return what follows from any of `paths` without a register in between, and these."""
    feeds: dict[str, list[str]] = {}
    for path, sources in _drivers(top).hangs.items():
        for source in sources:
            feeds.setdefault(source, []).append(path)
    seen = set(paths)
    waiting = list(seen)
    while waiting:
        new = set(feeds.get(waiting.pop(), ())) - seen
        seen |= new
        waiting += new
    return frozenset(seen)
