"""Write the tables of fields in docs/actions.md from the models that check what is sent.

    python -m scripts.action_tables

A table stands between `<!-- fields: open new_scene -->`, which names its actions, and
`<!-- end of fields -->`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from studio.config import HOME
from studio.files.storage import write_atomic
from studio.ui.api.client import FIELDS
from studio.ui.api.refusals import Schema, is_nullable, resolved
from studio.ui.api.requests import EditFields

PAGE = HOME / "docs" / "actions.md"
_POWERS: dict[float, str] = {2**53: "2^53", 2**63 - 1: "2^63 - 1"}
_TABLE = re.compile(r"(<!-- fields: ([a-z_ ]+) -->\n).*?(<!-- end of fields -->)", re.DOTALL)
_HEAD = "| action | field | takes | if not sent |\n|---|---|---|---|\n"


def with_tables(page: str) -> str:
    """The page with its tables rewritten."""
    return _TABLE.sub(lambda found: found[1] + _table(found[2].split()) + found[3], page)


def actions_in(page: str) -> list[str]:
    """The actions that a table of the page describes."""
    return [name for _, names, _ in _TABLE.findall(page) for name in names.split()]


def _table(actions: list[str]) -> str:
    return _HEAD + "".join(line for action in actions for line in _lines(action))


def _lines(action: str) -> Iterator[str]:
    model = FIELDS[action]
    shared = EditFields.model_fields if issubclass(model, EditFields) else {}
    whole = model.model_json_schema()
    own = {
        name: schema for name, schema in whole.get("properties", {}).items() if name not in shared
    }
    label = f"`{action}`" + (" (edit)" if shared else "")
    if not own:
        yield f"| {label} | | | |\n"
    for name, schema in own.items():
        takes = described(schema, whole)
        meaning = f"; {schema['description']}" if "description" in schema else ""
        missing = _if_missing(name, schema, whole)
        yield f"| {label} | `{name}` | {takes}{meaning} | {missing} |\n"
        label = ""


def described(schema: Schema, whole: Schema) -> str:
    """What a field takes, in words."""
    text = _of_kind(resolved(schema, whole), whole)
    return f"{text}, or null" if is_nullable(schema) else text


def _if_missing(name: str, schema: Schema, whole: Schema) -> str:
    if name in whole.get("required", ()):
        return "refused"
    return schema.get("without") or f"`{json.dumps(schema['default'])}`"


def _of_kind(schema: Schema, whole: Schema) -> str:
    if "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema["enum"])
    return _KINDS[schema["type"]](schema, whole)


def _text(schema: Schema, whole: Schema) -> str:
    del whole
    if schema.get("format") == "binary":
        return "a file: base64, a `data:` URL, or `bytes` from Python"
    if "pattern" in schema:
        return "twelve digits 0-9 a-f"
    return f"text, at most {schema['maxLength']} letters" if "maxLength" in schema else "text"


def _number(schema: Schema, whole: Schema) -> str:
    del whole
    kind = "whole number" if schema["type"] == "integer" else "number"
    if "minimum" in schema:
        return f"{kind} {_plain(schema['minimum'])} to {_plain(schema['maximum'])}"
    if "exclusiveMinimum" in schema:
        return f"{kind} above {schema['exclusiveMinimum']}, at most {schema['maximum']}"
    return kind


def _plain(value: float) -> str:
    return _POWERS.get(value) or f"{value:.12g}"


def _list(schema: Schema, whole: Schema) -> str:
    if "prefixItems" in schema:
        parts = [_of_kind(each, whole) for each in schema["prefixItems"]]
        same = f"{len(parts)} of: {parts[0]}" if len(set(parts)) == 1 else "; ".join(parts)
        return f"list of {same}"
    each = _of_kind(resolved(schema["items"], whole), whole)
    return f"list, at most {schema['maxItems']}, each: {each}"


def _object(schema: Schema, whole: Schema) -> str:
    del whole
    return "`{" + ", ".join(schema["properties"]) + "}`"


_KINDS = {
    "string": _text,
    "boolean": lambda schema, whole: "true or false",
    "integer": _number,
    "number": _number,
    "array": _list,
    "object": _object,
}


if __name__ == "__main__":
    write_atomic(PAGE, with_tables(PAGE.read_text(encoding="utf-8")).encode())
