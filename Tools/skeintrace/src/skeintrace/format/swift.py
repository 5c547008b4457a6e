"""The vocabulary as the Swift source that the Swift reader is built with."""

from __future__ import annotations

from .shape import Type, shape
from .vocabulary import families, members

_SCALARS = {"int": "integer", "bool": "bool", "any": "any"}


def _type(type: Type) -> str:
    if type.name == "list" and type.element is not None:
        return f".list({_type(type.element)})"
    if type.name.startswith("{"):
        return f'.record("{type.name[1:-1]}")'
    return "." + _SCALARS.get(type.name, type.name)


def _fields(table: dict[str, Type], indent: str) -> list[str]:
    lines = []
    for key, type in table.items():
        required = ", required: true" if type.required else ""
        lines.append(f'{indent}Field("{key}", {_type(type)}{required}),')
    return lines


def _strings(values: object) -> str:
    assert isinstance(values, (list, tuple))
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def swift_tables() -> str:
    """The whole file."""
    tables = shape()
    out = [
        "// Generated from Tools/skeintrace/src/skeintrace/vocabulary.yaml by `python -m skeintrace vocabulary --swift`.",
        "// swift-format-ignore-file",
        "",
        "extension Vocabulary {",
        f"  static let version = {tables.version}",
        f"  static let features: Set<String> = {_strings(sorted(tables.features))}",
        "",
        "  static let header: Fields = [",
        *_fields(dict(tables.header), "    "),
        "  ]",
        "",
        "  static let event: Fields = [",
        *_fields(dict(tables.event), "    "),
        "  ]",
        "",
        f"  static let common: Set<String> = {_strings(sorted(tables.common))}",
        "",
        "  static let kinds: [Kind] = [",
    ]
    for kind in tables.kinds.values():
        opens = "true" if kind.opens else "false"
        out.append(f'    Kind("{kind.name}", keys: {_strings(sorted(kind.keys))}, opens: {opens}),')
    out += ["  ]", "", "  static let forms: [(head: String, fields: Fields)] = ["]
    for name, fields in tables.forms.items():
        out += [f'    ("{name}", [', *_fields(dict(fields), "      "), "    ]),"]
    out += ["  ]", "", "  static let records: [String: Fields] = ["]
    for name, fields in tables.records.items():
        out += [f'    "{name}": [', *_fields(dict(fields), "      "), "    ],"]
    out += ["  ]", "", f"  static let phases: [String] = {_strings(tables.table['phases'])}", ""]
    out.append("  static let interfaces: [Interface] = [")
    for name, entry in tables.table["interfaces"].items():
        out.append(f'    Interface("{name}", twisted: "{entry["twisted"]}", swift: "{entry["swift"]}"),')
    out += ["  ]", "", "  static let families: [Family] = ["]
    for name, path in families().items():
        swift = tables.table["errors"][name]["swift"]
        out.append(f'    Family("{name}", twisted: "{path}", swift: "{swift}"),')
    out += ["  ]", "", "  static let members: [Member] = ["]
    for member in members().values():
        arguments = _strings(list(member.arguments))
        out.append(
            f'    Member("{member.kind}", .{member.side}, "{member.name}", {arguments},'
            f' gives: "{member.gives}", twisted: "{member.twisted}", swift: "{member.swift}"),'
        )
    python = [f"{member.kind}.{member.name}" for member in members().values() if member.python]
    python += [f"check.{name}" for name, entry in tables.table["checks"].items() if entry.get("python")]
    out += ["  ]", "", "  /// What has no meaning outside Python."]
    out += [f"  static let pythonOnly: Set<String> = {_strings(sorted(python))}", ""]
    out += ["  /// What a line of the log can be, with the keys that are compared in place of its text."]
    out.append("  static let logs: [(what: String, keys: [String])] = [")
    for name, entry in tables.table["logs"].items():
        out.append(f'    ("{name}", {_strings(entry["keys"])}),')
    out += ["  ]", "", "  /// What a `check` can state that an object has."]
    out.append(f"  static let provided: Set<String> = {_strings(tables.table['checks']['provides']['of'])}")
    out += ["}", ""]
    return "\n".join(out)
