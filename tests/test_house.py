"""The house: layers without circles, small files and functions, and packages that say what they take, give, import."""

import ast
import re
from pathlib import Path

import pytest
from scripts import draw_rooms
from scripts.house import (
    LONG_FILE,
    LONG_FUNCTION,
    House,
    arrows_upwards,
    between_files,
    between_rooms,
    circles,
    entered,
    functions,
    read_house,
    room_of,
    shares,
)

ROOT = Path(__file__).parents[1]
BIG = 0.20  # of all lines
PACKAGES = [init for init in sorted((ROOT / "src/itertl").rglob("*/__init__.py")) if init.parent.name != "itertl"]
CONTRACT = re.compile(r"\bIn: .+ Out: .+ Imports: (?P<imports>[^.;]+)(?:; never (?P<never>[^.]+))?\.")
FAMILY = "from itertl.low import low\n\nNOTHING = Family(\n    name,\n)\n"
SMALL_HOUSE = {
    "pyproject.toml": '[[tool.importlinter.contracts]]\ntype = "layers"\nlayers = ["high", "left | right", "low"]\n',
    "src/itertl/__init__.py": "",
    "src/itertl/high.py": "from itertl import left\n\ndef shown():\n    import itertl.right.inner\n",
    "src/itertl/left.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from itertl import high\n",
    "src/itertl/right/__init__.py": "from .inner import value\n",
    "src/itertl/right/inner.py": '"""Says."""\n\ndef value():\n    """Say."""\n    from itertl.right import value\n',
    "src/itertl/low.py": "from itertl.left import x\n\ndef _hidden():\n    def inner(): ...\n",
    "src/itertl/family.py": FAMILY,
}


@pytest.fixture(scope="module")
def house() -> House:
    return read_house(ROOT)


@pytest.fixture
def small_house(tmp_path: Path) -> House:
    for name, text in SMALL_HOUSE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return read_house(tmp_path)


def test_no_file_and_no_room_imports_itself_in_a_circle(house: House) -> None:
    assert circles(between_files(house)) == []
    assert circles(between_rooms(house)) == []


def test_no_room_imports_from_its_own_layer_or_from_above(house: House) -> None:
    assert house.layers
    assert arrows_upwards(house) == []


def test_no_room_holds_more_than_a_fifth_of_the_lines(house: House) -> None:
    assert {room: share for room, share in shares(house).items() if share > BIG} == {}


def test_files_and_functions_are_short(house: House) -> None:
    assert [module.name for module in house.modules if module.lines > LONG_FILE] == []
    assert [function for function in functions(house) if function.lines > LONG_FUNCTION] == []


def test_what_is_public_is_documented(house: House) -> None:
    public = [function for function in functions(house) if function.public]
    assert sum(function.documented for function in public) / len(public) > 0.99


def test_the_picture_of_the_rooms_is_what_the_imports_say(house: House) -> None:
    assert (ROOT / draw_rooms.PICTURE).read_text() == draw_rooms.draw(house), "run python -m scripts.draw_rooms"


def test_the_architecture_tells_of_every_room(house: House) -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    rooms = {room for layer in house.layers for room in layer}
    assert {room for room in rooms if f"`{room}/`" not in text and f"`{room}.py`" not in text} == set()


@pytest.mark.parametrize("init", PACKAGES, ids=lambda init: init.parent.name)
def test_a_package_says_what_comes_in_and_goes_out_and_what_it_imports(house: House, init: Path) -> None:
    said = CONTRACT.search(" ".join((ast.get_docstring(ast.parse(init.read_text())) or "").split()))
    assert said, f"expected 'In: ... Out: ... Imports: ...; never ....' in the docstring of {init}"
    package = ".".join(init.parent.relative_to(ROOT / "src").parts)
    allowed, forbidden = _allowed(said["imports"], house), _named(said["never"] or "", house)
    imported = {
        room_of(name)
        for module in house.modules
        if module.name == package or module.name.startswith(f"{package}.")
        for name in module.imports
        if name not in (package, house.package) and not name.startswith(f"{package}.")
    }
    assert imported - allowed == set(), f"{package} imports from rooms that its docstring does not name"
    assert imported & forbidden == set(), f"{package} imports from rooms that its docstring rules out"


def _allowed(text: str, house: House) -> set[str]:
    """Return the rooms of `a, b (why) and below`: those named and, with "below", all under the lowest of them."""
    head, below, _ = text.partition(" and below")
    named = _named(head, house)
    depth = max(depth for depth, layer in enumerate(house.layers) if named.intersection(layer))
    return named | ({room for layer in house.layers[depth + 1 :] for room in layer} if below else set())


def _named(text: str, house: House) -> set[str]:
    """Return the names in `a, b (why), c`; each has to be that of a room."""
    names = {name.strip() for name in re.sub(r"\([^)]*\)", "", text).split(",")} - {""}
    assert names <= {room for layer in house.layers for room in layer}
    return names


def test_lazy_imports_count_and_those_for_types_do_not(small_house: House) -> None:
    graph = between_rooms(small_house)
    assert graph["high"] == {"left", "right"}
    assert graph["left"] == frozenset()


def test_a_circle_and_an_arrow_upwards_are_found(small_house: House) -> None:
    assert circles(between_files(small_house)) == [frozenset({"itertl.right", "itertl.right.inner"})]
    assert circles(between_rooms(small_house)) == []
    assert arrows_upwards(small_house) == [("itertl.low", "itertl.left")]
    assert "#c0362c" in draw_rooms.draw(small_house)


def test_doors_data_and_docstrings_are_counted(small_house: House) -> None:
    assert entered(small_house, "right") == ["itertl.right.inner"]
    assert shares(small_house)["family"] == 0
    public = {function.name: function.documented for function in functions(small_house) if function.public}
    assert public == {"shown": False, "value": True}
