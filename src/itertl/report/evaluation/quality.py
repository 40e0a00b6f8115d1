"""What synthesis says of an evaluation's designs, drawn from whatever keys its result holds.

python -c "from itertl.report.evaluation.quality import measures; print(measures({'share': {'value': 0.9}}))"
"""

from collections.abc import Iterable

from itertl.report.charts import Caption, Mark, dot_rows, value_axis
from itertl.report.evaluation.figures import PLACES, spelled
from itertl.report.layout import table
from itertl.report.markup import Markup, element
from itertl.report.parsing import Estimate, Row, estimate_of, mapping, number

_DRAWN = 1e6  # a ratio beyond it is listed and not drawn
_DEEPEST = 4  # mappings inside one another that are spelled out


def measures(values: Row) -> Markup | None:
    """Return all but the ratios as a list; the names of mappings around a value go in front of its own."""
    rest = {key: value for key, value in values.items() if key != "ratios" or not isinstance(value, dict)}
    entries = [element("div", element("dt", name), element("dd", value)) for name, value in _spelled_out(rest)]
    return element("dl", *entries, class_="facts") if entries else None


def ratio_table(values: Row) -> Markup | None:
    """Return the estimates among `ratios` with all that is told beside them, None where there are none."""
    found = {key: row for key, row in mapping(values.get("ratios")).items() if isinstance(row, dict)}
    more = list(dict.fromkeys(name for row in found.values() for name in row if name not in ("value", "low", "high")))
    lines = []
    for key, row in found.items():
        estimate = estimate_of(row)
        said = "-" if estimate is None else estimate.rounded(PLACES)
        lines.append((_spaced(key), said, *(_plain(row.get(name)) for name in more)))
    return table(["measure", "ratio [95 %]", *map(_spaced, more)], lines) if lines else None


def ratios(values: Row) -> Markup | None:
    """Return a chart of the estimates among `ratios`, None where there are none."""
    found = {_spaced(k): e for k, row in mapping(values.get("ratios")).items() if (e := estimate_of(row)) and _drawn(e)}
    if not found:
        return None
    ends = [end for e in found.values() for end in (e.value, e.low, e.high) if end is not None]
    rows = [
        (name, [("r-strict", Mark(e.value, 0, e.low, e.high, f"{name}\n{spelled(e)}", f"{e.value:.2f}"))])
        for name, e in found.items()
    ]
    described = ", ".join(f"{name} {e}" for name, e in found.items())
    axis = value_axis([*ends, 1.0], "ratio to the reference; 1 is equal")
    return dot_rows(Caption("ratios", "Size and depth against the reference", described), axis, rows, least=120)


def _spelled_out(values: Row, above: str = "", depth: int = 0) -> Iterable[tuple[str, str]]:
    for key, value in values.items():
        name = f"{above}{_spaced(key)}"
        if (found := estimate_of(value)) is not None:
            more = [f", {_spaced(k)} {_plain(v)}" for k, v in value.items() if k not in ("value", "low", "high")]
            yield name, found.rounded(PLACES) + "".join(more)
        elif isinstance(value, dict) and depth < _DEEPEST:
            yield from _spelled_out(value, f"{name}: ", depth + 1)
        elif isinstance(value, list):
            yield name, ", ".join(_plain(v) for v in value) or "-"
        else:
            yield name, _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, float) and number(value) is not None:
        return f"{value:.{PLACES}f}".rstrip("0").rstrip(".")
    if isinstance(value, dict | list):
        return "…"
    return "-" if value is None else str(value)


def _spaced(key: str) -> str:
    return key.replace("_", " ")


def _drawn(found: Estimate) -> bool:
    return all(abs(end or 0.0) < _DRAWN for end in (found.value, found.low, found.high))
