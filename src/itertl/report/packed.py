"""All samples of a page, small: an index of columns, and texts in blocks that the page unpacks when it needs them.

Contract: `pack` writes JSON, deflated without a header and in base64, so that no text in it can end a script element;
`unpack` gives back what was packed. The index holds the fields that lists and filters need, each as its distinct values
and one code a sample; drawings lie by themselves, numbered; a block holds the texts of neighbouring samples and their
tasks. The page's script reads both with DecompressionStream. Samples of one task lie together, where deflate finds what
they share.

    python -c "from itertl.report.packed import *; print(pack({'samples': [], 'tasks': {}}))"
"""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itertl.report.markup import Markup, element, embed, join

BLOCK = 400_000  # characters of JSON from which a new block begins
TEXTS = ("code", "completion", "detail", "wave", "more")  # fields of a sample that lie in blocks
APART = ("samples", "tasks", "drawings")  # what has elements of its own
LEVEL = 9  # of compression


def pack(samples: Mapping[str, Any]) -> Markup:
    """Return the script elements that hold `samples`: {samples: [...], tasks: {...}, and whatever else is small}."""
    rows, tasks = samples["samples"], samples["tasks"]
    blocks = list(_blocks(rows, tasks))
    few = {name: value for name, value in samples.items() if name not in APART}
    head = {**few, "count": len(rows), "blocks": len(blocks)}
    index = {"starts": [start for start, _ in blocks], "columns": _columns(rows)}
    parts = [embed(head, "sample-data"), _stored("sample-index", index)]
    parts += [_stored("sample-drawings", samples["drawings"])] if "drawings" in samples else []
    parts += [_stored(f"sample-block-{number}", block) for number, (_, block) in enumerate(blocks)]
    return join(parts)


def unpack(head: Mapping[str, Any], stored: Mapping[str, str]) -> dict[str, Any]:
    """Return what was packed, from the head and the texts of the other elements by their id."""
    index = _loaded(stored["sample-index"])
    rows: list[dict[str, Any]] = [{} for _ in range(head["count"])]
    for name, column in index["columns"].items():
        for row, code in zip(rows, column["codes"], strict=True):
            row[name] = column["values"][code]
    tasks: dict[str, Any] = {}
    for number, start in enumerate(index["starts"]):
        block = _loaded(stored[f"sample-block-{number}"])
        tasks |= block["tasks"]
        for row, texts in zip(rows[start:], block["rows"], strict=False):
            row.update({"code": "", "completion": "", "detail": ""} | texts)
    few = {name: value for name, value in head.items() if name not in ("count", "blocks")}
    drawings = {"drawings": _loaded(stored["sample-drawings"])} if "sample-drawings" in stored else {}
    return {**few, "samples": rows, "tasks": tasks, **drawings}


def _blocks(rows: Sequence[Mapping[str, Any]], tasks: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    start, size = 0, 0
    block: dict[str, Any] = {"tasks": {}, "rows": []}
    for number, row in enumerate(rows):
        if size >= BLOCK:
            yield start, block
            start, size, block = number, 0, {"tasks": {}, "rows": []}
        texts = {name: row[name] for name in TEXTS if row.get(name) not in (None, "")}
        name = row["task"]
        if name in tasks and name not in block["tasks"]:
            block["tasks"][name] = tasks[name]
            size += len(json.dumps(tasks[name]))
        block["rows"].append(texts)
        size += len(json.dumps(texts))
    if block["rows"]:
        yield start, block


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in TEXTS]
    columns = {}
    for name in names:
        known: dict[Any, int] = {}
        codes = [known.setdefault(row.get(name), len(known)) for row in rows]
        columns[name] = {"values": list(known), "codes": codes}
    return columns


def _stored(identity: str, value: object) -> Markup:
    data = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    text = base64.b64encode(packer.compress(data) + packer.flush()).decode()
    return element("script", Markup(text), type="text/plain", id=identity)


def _loaded(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text), -zlib.MAX_WBITS))
