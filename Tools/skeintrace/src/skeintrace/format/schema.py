"""The vocabulary as a JSON Schema of a trace's documents, for editors and other languages.

It describes the documents one at a time, as plain data; bytes stand as `{"base64": "…"}`. What needs more than one
document to see (numbers, nesting, references, counts) is the validator's.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, Mapping

from .shape import Type, shape
from .text import INT_MAX, INT_MIN

_NAME = "^[A-Za-z_][A-Za-z0-9_.-]*-[1-9][0-9]*$"
_MEMBER = "^[A-Za-z_][A-Za-z0-9_-]*(\\.[A-Za-z_][A-Za-z0-9_-]*)+$"
_WORD = "^[A-Za-z_][A-Za-z0-9_.-]*$"
_LENGTHS = {"method": (2, 2), "ipv4": (2, 2), "ipv6": (2, 4), "hostname": (2, 2), "cut": (3, 3)}
_FREE: dict[str, Any] = {"^x-": {}}

_SCALARS: dict[str, dict[str, Any]] = {
    "int": {"type": "integer", "minimum": INT_MIN, "maximum": INT_MAX},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "text": {"type": "string"},
    "word": {"type": "string", "pattern": _WORD},
    "name": {"type": "string", "pattern": _NAME},
    "member": {"type": "string", "pattern": _MEMBER},
    "errno": {"type": "string", "pattern": "^E[A-Z0-9]+$"},
    "any": {"$ref": "#/$defs/value"},
    "args": {"$ref": "#/$defs/args"},
}


def _type(type: Type) -> dict[str, Any]:
    if type.name == "list" and type.element is not None:
        return {"type": "array", "items": _type(type.element)}
    if type.name.startswith("{"):
        return {"$ref": f"#/$defs/record-{type.name[1:-1]}"}
    return _SCALARS[type.name]


def _object(fields: Mapping[str, Type], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: _type(type) for key, type in fields.items()},
        "required": required,
        "patternProperties": _FREE,
        "additionalProperties": False,
    }


def schema() -> dict[str, Any]:
    """The whole schema."""
    tables = shape()
    definitions: dict[str, Any] = {}
    for name, fields in tables.records.items():
        definitions[f"record-{name}"] = _object(fields, [key for key, type in fields.items() if type.required])
    forms = []
    for name, fields in tables.forms.items():
        if name == "repeat":
            continue  # another spelling of bytes
        form = _object(fields, [name])
        if name in _LENGTHS:
            least, most = _LENGTHS[name]
            form["properties"][name] = {**form["properties"][name], "minItems": least, "maxItems": most}
        definitions[f"form-{name}"] = form
        forms.append({"$ref": f"#/$defs/form-{name}"})
    definitions["bytes"] = {
        "type": "object",
        "properties": {"base64": {"type": "string", "pattern": "^[A-Za-z0-9+/]*={0,2}$"}},
        "required": ["base64"],
        "additionalProperties": False,
    }
    value = {"$ref": "#/$defs/value"}
    definitions["value"] = {
        "anyOf": [
            {"type": ["null", "boolean", "number", "string"]},
            {"$ref": "#/$defs/bytes"},
            {"type": "array", "items": value},
            *forms,
            {"$ref": "#/$defs/free"},
        ]
    }
    definitions["free"] = {
        "type": "object", "minProperties": 1, "patternProperties": _FREE, "additionalProperties": False
    }
    definitions["args"] = {
        "type": "object",
        "properties": {"kwargs": {"type": "object", "additionalProperties": value}},
        "additionalProperties": value,
    }
    kinds = []
    for kind in tables.kinds.values():
        keys = [key for key in tables.event if key in tables.common or key in kind.keys]
        event = _object({key: tables.event[key] for key in keys}, ["n", kind.name])
        event["not"] = {"required": ["gives", "raises"]}
        definitions[f"event-{kind.name}"] = event
        kinds.append({"$ref": f"#/$defs/event-{kind.name}"})
    end = _object({key: tables.event[key] for key in ("end", "at", "gives", "raises", "unexpressible", "repeat")}, ["end"])
    end["not"] = {"required": ["gives", "raises"]}
    definitions["event-end"] = end
    definitions["event-eof"] = _object({"eof": tables.event["eof"]}, ["eof"])
    free = _object({key: tables.event[key] for key in tables.event if key in tables.common}, ["n"])
    definitions["event-free"] = {**free, "minProperties": 2}
    definitions["header"] = _object(tables.header, [key for key, type in tables.header.items() if type.required])
    definitions["header"]["properties"]["format"] = {"const": "skein-trace"}
    definitions["header"]["properties"]["version"] = {"const": tables.version}
    ends = [{"$ref": f"#/$defs/{name}"} for name in ("event-end", "event-eof", "event-free")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A document of a skein trace, version 1",
        "description": "Generated from the vocabulary by `python -m skeintrace vocabulary --schema`. Bytes stand as an object with the key base64.",
        "anyOf": [{"$ref": "#/$defs/header"}, *kinds, *ends],
        "$defs": definitions,
    }


def schema_text() -> str:
    """The schema's file."""
    return json.dumps(schema(), indent=1) + "\n"


def as_json(value: Any) -> Any:
    """A document as the schema sees it: bytes as `{"base64": "…"}`."""
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode("ascii")}
    if isinstance(value, dict):
        return {key: as_json(element) for key, element in value.items()}
    if isinstance(value, list):
        return [as_json(element) for element in value]
    return value
