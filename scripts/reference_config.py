"""The reference of a run's config, from its fields: type, default and description of each, section by section."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from itertl.config import Config

HEAD = """# Config

Written from [`config/`](../../src/itertl/config/sections.py) by `python -m scripts.reference`. A config is a YAML
file; what it leaves out has its default. `--set a.b=c` replaces a value for one call: `--set
sampling.temperature=1.0`. An unknown key is refused with the nearest known one. A run is continued with the values
that it began with; only those that say where and how fast work is done may change.
"""
BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<", "multipleOf": "multiple of"}


def config_page() -> str:
    """Return the page as Markdown."""
    schema = Config.model_json_schema()
    return HEAD + "".join(_section("", schema, schema["$defs"]))


def _section(name: str, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of a section's own fields, and then those of the sections in it."""
    fields = {f"{name}.{key}" if name else key: field for key, field in schema["properties"].items()}
    inner = {key: known[field["$ref"].rpartition("/")[2]] for key, field in fields.items() if "$ref" in field}
    plain = {key: field for key, field in fields.items() if key not in inner}
    yield f"\n## {name or 'The run'}\n\n{' '.join(schema['description'].split())}\n"
    if plain:
        rows = [_row(key, field) for key, field in plain.items()]
        yield "\n".join(["", "| key | type | default | |", "|---|---|---|---|", *rows, ""])
    for key, section in inner.items():
        yield from _section(key, section, known)


def _row(key: str, field: Mapping[str, Any]) -> str:
    default = json.dumps(field["default"], ensure_ascii=False) if "default" in field else "{}"
    said = field["description"].replace("|", "\\|")
    return f"| `{key}` | {_type(field)} | `{default}` | {said} |"


def _type(field: Mapping[str, Any]) -> str:
    """Return what a value may be, in words."""
    if arms := field.get("anyOf"):
        return " or ".join(_type(arm) for arm in arms)
    if choices := field.get("enum"):
        return ", ".join(f"`{choice}`" for choice in choices)
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}"
    if field.get("type") == "object":
        return "mapping"
    if field.get("format") == "path":
        return "path"
    bounds = [f"{sign} {field[name]:g}" for name, sign in BOUNDS.items() if name in field]
    return " ".join([{"string": "text"}.get(field["type"], field["type"]), *([", ".join(bounds)] if bounds else [])])
