"""How a source tree is built, measured from its imports and functions: circles, arrows upwards, sizes, docstrings.

    python -m scripts.house            this tree
    python -m scripts.house FOLDER     another one, such as an older commit's work tree

A *room* is what stands right below the package: a package or a single module. An import inside a function counts,
one under `if TYPE_CHECKING:` does not. Families of the gym (modules with `NAME = Family(...)`) are data: their
lines count for their file, not for their room.
"""

import argparse
import ast
import statistics
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Graph = Mapping[str, frozenset[str]]  # name -> what it imports
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
LONG_FILE, LONG_FUNCTION = 400, 80  # lines


@dataclass(frozen=True, slots=True)
class Function:
    """One function or method: where it stands, its lines from `def` to the last one, and whether it is documented."""

    module: str
    name: str
    lines: int
    public: bool
    documented: bool


@dataclass(frozen=True, slots=True)
class Module:
    """One file: its lines, the modules of the package that it imports, its functions."""

    name: str
    lines: int
    is_data: bool
    imports: frozenset[str]
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class House:
    """All modules of a package, and its layers from the roof down; each layer holds rooms that are strangers."""

    package: str
    modules: tuple[Module, ...]
    layers: tuple[tuple[str, ...], ...]


def read_house(folder: Path) -> House:
    """Read the one package below `folder`/src, and the layers of `folder`/pyproject.toml where it has some."""
    (root,) = [init.parent for init in sorted((folder / "src").glob("*/__init__.py"))]
    files = {_dotted(path, root.parent): path for path in sorted(root.rglob("*.py"))}
    modules = tuple(_read_module(name, path, frozenset(files)) for name, path in files.items())
    return House(root.name, modules, _read_layers(folder / "pyproject.toml"))


def _dotted(path: Path, base: Path) -> str:
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _read_layers(pyproject: Path) -> tuple[tuple[str, ...], ...]:
    linter = tomllib.loads(pyproject.read_text()).get("tool", {}).get("importlinter", {})
    contracts = [contract for contract in linter.get("contracts", ()) if contract["type"] == "layers"]
    return tuple(tuple(layer.split(" | ")) for contract in contracts for layer in contract["layers"])


def _read_module(name: str, path: Path, known: frozenset[str]) -> Module:
    text = path.read_text()
    tree = ast.parse(text)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    imports = frozenset(_imports(tree, package, known)) - {name}
    return Module(name, len(text.splitlines()), _is_data(tree), imports, tuple(_functions(tree, name)))


def _is_data(tree: ast.Module) -> bool:
    values = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    return any(isinstance(v, ast.Call) and isinstance(v.func, ast.Name) and v.func.id == "Family" for v in values)


def _imports(node: ast.AST, package: str, known: frozenset[str]) -> Iterator[str]:
    """Yield the modules of the package that the code below `node` imports by name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for alternative in child.orelse:
                yield from _imports(alternative, package, known)
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names if alias.name in known)
        elif isinstance(child, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - child.level + 1] if child.level else []
            base = ".".join([*above, *([child.module] if child.module else [])])
            full = [f"{base}.{alias.name}" for alias in child.names]
            yield from (name if name in known else base for name in full if base in known)
        else:
            yield from _imports(child, package, known)


def _functions(tree: ast.Module, module: str) -> Iterator[Function]:
    outer = [(node, "") for node in tree.body]
    outer += [(inner, f"{node.name}.") for node in tree.body if isinstance(node, ast.ClassDef) for inner in node.body]
    shown = {id(node) for node, owner in outer if not owner.startswith("_")}
    names = {id(node): f"{owner}{node.name}" for node, owner in outer if isinstance(node, FunctionNode)}
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            public = id(node) in shown and not node.name.startswith("_")
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            documented = ast.get_docstring(node) is not None
            yield Function(module, names.get(id(node), node.name), lines, public, documented)


def room_of(module: str) -> str:
    """Return the room of a module: `itertl.verify.workers.pool` -> `verify`; the package itself is its own room."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def between_files(house: House) -> Graph:
    """Return which module imports which."""
    return {module.name: module.imports for module in house.modules}


def between_rooms(house: House) -> Graph:
    """Return which room imports from which."""
    found: dict[str, set[str]] = {room_of(module.name): set() for module in house.modules}
    for module in house.modules:
        found[room_of(module.name)] |= {room_of(name) for name in module.imports} - {room_of(module.name)}
    return {name: frozenset(imports) for name, imports in found.items()}


def circles(graph: Graph) -> list[frozenset[str]]:
    """Return the strongly connected components of more than one member, each of which imports itself in a circle."""
    reached = {name: _reached(graph, name) for name in graph}
    found = {frozenset(other for other in reached[name] if name in reached[other]) for name in graph}
    return sorted((circle for circle in found if len(circle) > 1), key=sorted)


def _reached(graph: Graph, start: str) -> set[str]:
    """Return all names that arrows lead to from `start`, with `start` itself only where a circle leads back to it."""
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += graph[name]
    return found


def arrows_upwards(house: House) -> list[tuple[str, str]]:
    """Return the imports (module, imported) that lead to another room of the own layer, or to one above."""
    rank = {room: depth for depth, layer in enumerate(house.layers) for room in layer}
    pairs = [(module.name, name) for module in house.modules for name in sorted(module.imports)]
    ranked = [(a, b) for a, b in pairs if room_of(a) in rank and room_of(b) in rank and room_of(a) != room_of(b)]
    return [(a, b) for a, b in ranked if rank[room_of(b)] <= rank[room_of(a)]]


def shares(house: House) -> dict[str, float]:
    """Return the share of all lines (0 to 1) that each room holds, the biggest first; data does not count."""
    lines: Counter[str] = Counter()
    for module in house.modules:
        lines[room_of(module.name)] += 0 if module.is_data else module.lines
    return {room: count / lines.total() for room, count in lines.most_common()}


def entered(house: House, room: str) -> list[str]:
    """Return the modules of a room that other rooms import, its front door (`__init__`) included."""
    outside = [module for module in house.modules if room_of(module.name) != room]
    return sorted({name for module in outside for name in module.imports if room_of(name) == room})


def functions(house: House) -> list[Function]:
    """Return all functions of the house."""
    return [function for module in house.modules for function in module.functions]


def describe(house: House) -> Iterator[str]:
    """Yield the measurements as lines of text."""
    yield f"{len(house.modules)} files, {sum(module.lines for module in house.modules)} lines"
    yield from _listed("circles between files", (" <-> ".join(sorted(c)) for c in circles(between_files(house))))
    yield from _listed("circles between rooms", (" <-> ".join(sorted(c)) for c in circles(between_rooms(house))))
    if house.layers:
        yield from _listed("arrows upwards", (f"{a} -> {b}" for a, b in arrows_upwards(house)))
    else:
        yield "arrows upwards: unknown, pyproject.toml has no layers"
    yield from _describe_rooms(house)
    long_files = [f"{m.name}: {m.lines}" for m in house.modules if m.lines > LONG_FILE]
    yield from _listed(f"files over {LONG_FILE} lines", long_files)
    yield from _describe_functions(functions(house))


def _describe_rooms(house: House) -> Iterator[str]:
    share = shares(house)
    biggest = next(iter(share))
    yield f"biggest room: {biggest}, {share[biggest]:.1%} of the lines"
    yield f"{'room':<12} {'lines':>6} {'files':>6} {'of them imported from outside':>30}"
    for room in share:
        files = sum(room_of(module.name) == room for module in house.modules)
        yield f"{room:<12} {share[room]:>6.1%} {files:>6} {len(entered(house, room)):>30}"


def _describe_functions(found: list[Function]) -> Iterator[str]:
    lines = [function.lines for function in found]
    late = statistics.quantiles(lines, n=20)[-1]
    yield f"{len(found)} functions, lines: median {statistics.median(lines):.0f}, 95th percentile {late:.0f}"
    long = [f"{f.module}.{f.name}: {f.lines}" for f in found if f.lines > LONG_FUNCTION]
    yield from _listed(f"functions over {LONG_FUNCTION} lines", long)
    public = [function for function in found if function.public]
    yield f"public functions with a docstring: {sum(f.documented for f in public) / len(public):.1%} of {len(public)}"


def _listed(title: str, entries: Iterable[str]) -> Iterator[str]:
    found = list(entries)
    yield f"{title}: {len(found)}"
    yield from (f"    {entry}" for entry in found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure how a source tree is built.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="holds src/ and pyproject.toml")
    print("\n".join(describe(read_house(parser.parse_args().folder))))
