"""What does not fit a request's fields, in one sentence of our own words."""

from __future__ import annotations

import reprlib
from functools import cache
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from studio.scene.errors import BadInput
from studio.scene.sentences import say
from studio.ui.api.fields import clean_text

Place = tuple[int | str, ...]
Schema = dict[str, Any]
_short = reprlib.Repr()
_short.maxlevel, _short.maxstring, _short.maxother, _short.maxlong = 3, 60, 60, 60


def shown(value: Any) -> str:
    """A value as a sentence can hold it, however long, deep or odd it is."""
    if isinstance(value, (bytes, bytearray)):
        return say("{count} bytes", count=len(value))
    return _short.repr(value)[:60]


def refuse_unknown(action: str, names: set[Any]) -> NoReturn:
    unknown = clean_text(", ".join(sorted(map(str, names)))[:80])
    raise BadInput("{action} takes no {unknown}.", action=action, unknown=unknown)


def refuse(model: type[BaseModel], fault: ValidationError) -> NoReturn:
    """Raise the sentence for the first thing that is wrong."""
    first = fault.errors(include_url=False, include_context=False)[0]
    kind, place, value = first["type"], first["loc"], first["input"]
    name = place_name(place)
    if kind == "missing":
        raise BadInput("The request lacks {name}.", name=name)
    if kind == "extra_forbidden":
        refuse_unknown(place_name(place[:-1]), {place[-1]})
    wanted = schema_at(model, place)
    if "enum" in wanted or "const" in wanted:
        choices = ", ".join(wanted.get("enum", [wanted.get("const")]))
        told = shown(value)
        raise BadInput(
            "{name} is {told}; it must be one of {choices}.", name=name, told=told, choices=choices
        )
    _REFUSALS[wanted["type"]](name, value, wanted)


def place_name(place: Place) -> str:
    """files[2].name"""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return clean_text(text)


def schema_at(model: type[BaseModel], place: Place) -> Schema:
    """What JSON Schema says of the value at a place; nullable ones as if they were not."""
    whole = _schema_of(model)
    found = whole
    for step in place:
        if isinstance(step, str):
            found = found["properties"][step]
        else:
            found = found["prefixItems"][step] if "prefixItems" in found else found["items"]
        found = resolved(found, whole)
    return found


def resolved(schema: Schema, whole: Schema) -> Schema:
    """Without null and without references."""
    if "anyOf" in schema:
        schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
    if "$ref" in schema:
        return whole["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def is_nullable(schema: Schema) -> bool:
    return any(each.get("type") == "null" for each in schema.get("anyOf", ()))


@cache
def _schema_of(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def _refuse_text(name: str, value: Any, wanted: Schema) -> NoReturn:
    told = shown(value)
    if not isinstance(value, str):
        raise BadInput("{name} is text, not {told}.", name=name, told=told)
    if "pattern" in wanted:
        raise BadInput("{name} is {told}; it must be twelve digits 0-9 a-f.", name=name, told=told)
    length, most = len(value), wanted.get("maxLength")
    raise BadInput(
        "{name} has {length} letters; at most {most}.", name=name, length=length, most=most
    )


def _refuse_flag(name: str, value: Any, wanted: Schema) -> NoReturn:
    told = shown(value)
    del wanted
    raise BadInput("{name} is true or false, not {told}.", name=name, told=told)


def _refuse_whole(name: str, value: Any, wanted: Schema) -> NoReturn:
    told = shown(value)
    low, high = wanted["minimum"], wanted["maximum"]
    raise BadInput(
        "{name} is {told}; it must be a whole number {low} to {high}.",
        name=name,
        told=told,
        low=low,
        high=high,
    )


def _refuse_number(name: str, value: Any, wanted: Schema) -> NoReturn:
    told = shown(value)
    if "minimum" in wanted:
        low, high = wanted["minimum"], wanted["maximum"]
        raise BadInput(
            "{name} is {told}; it must be a number {low} to {high}.",
            name=name,
            told=told,
            low=low,
            high=high,
        )
    low, high = wanted["exclusiveMinimum"], wanted["maximum"]
    raise BadInput(
        "{name} is {told}; it must be above {low} and at most {high}.",
        name=name,
        told=told,
        low=low,
        high=high,
    )


def _refuse_list(name: str, value: Any, wanted: Schema) -> NoReturn:
    told = shown(value)
    if not isinstance(value, (list, tuple)):
        raise BadInput("{name} is a list, not {told}.", name=name, told=told)
    length, most = len(value), wanted["maxItems"]
    raise BadInput(
        "{name} has {length} entries; at most {most}.", name=name, length=length, most=most
    )


def _refuse_object(name: str, value: Any, wanted: Schema) -> NoReturn:
    told = shown(value)
    names = " and ".join(wanted["properties"])
    raise BadInput("{name} is an object of {names}, not {told}.", name=name, names=names, told=told)


_REFUSALS = {
    "string": _refuse_text,
    "boolean": _refuse_flag,
    "integer": _refuse_whole,
    "number": _refuse_number,
    "array": _refuse_list,
    "object": _refuse_object,
}
