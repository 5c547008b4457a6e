"""A trace as people read it: one line an event, indented by what it happened inside of."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from .reader import Reader
from .shape import form_of
from .text import preview, quoted
from .tree import MEMBERS, Tree


def show_value(value: Any) -> str:
    """A value in few characters: bytes as text with their length, forms without their keys. ASCII, and nothing that a
    terminal would obey."""
    if isinstance(value, bytes):
        return preview(value).strip().removeprefix("# ")
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, list):
        return "[" + ", ".join(show_value(element) for element in value) + "]"
    if isinstance(value, dict):
        form = form_of(value)
        if form in ("ref", "port", "host", "scope", "fd", "new", "deferred", "constant"):
            mark = "new " if form == "new" else ""
            fired = f" fired {show_value(value['fired'])}" if "fired" in value else ""
            failed = f" failed {show_value(value['failed'])}" if "failed" in value else ""
            return f"{mark}{value[form]}{fired}{failed}"
        if form == "error":
            return str(value["error"]) + (f" ({value['errno']})" if "errno" in value else "")
        if form in ("ipv4", "ipv6", "hostname") and isinstance(value[form], list):
            return ":".join(element if isinstance(element, str) else show_value(element) for element in value[form][:2])
        if form == "method" and isinstance(value[form], list):
            return ".".join(str(part) for part in value[form])
        return "{" + ", ".join(f"{key}: {show_value(element)}" for key, element in value.items()) + "}"
    return repr(value)


def _outcome(event: Mapping[str, Any]) -> str:
    text = ""
    if "gives" in event:
        text = " -> " + show_value(event["gives"])
    if "raises" in event:
        text = " raises " + show_value(event["raises"])
    if isinstance(event.get("repeat"), dict):
        text += f" ({event['repeat'].get('times')} times)"
    return text


def show_file(reader: Reader) -> Iterator[str]:
    """The lines for a trace, as it is read."""
    header = reader.header
    yield f"{show_text(header.get('title', ''))}"
    producer = header.get("producer")
    if isinstance(producer, dict):
        yield "  " + ", ".join(f"{key} {show_text(value)}" for key, value in producer.items())
    tree = Tree(keep=False)
    depth: dict[int, int] = {}
    for line, event in reader:
        if "eof" in event:
            yield f"{'':>6}  end: " + ", ".join(f"{value} {key}" for key, value in event["eof"].items())
            break
        crossing = tree.add(event, line)
        if "end" in event:
            outcome = _outcome(event)
            if outcome:
                yield f"{crossing.n:>6}  " + "  " * depth.get(crossing.n, 0) + f"{crossing.name}{outcome}"
            depth.pop(crossing.n, None)
            continue
        level = depth.get(crossing.parent.n, 0) + 1 if crossing.parent else 0
        if crossing.is_open:
            depth[crossing.n] = level
        yield f"{crossing.n:>6}  " + "  " * level + _event(crossing.kind, event)


def show_text(value: Any) -> str:
    """Text from a trace without its quotes, escaped."""
    return quoted(value)[1:-1] if isinstance(value, str) else show_value(value)


def _event(kind: str, event: Mapping[str, Any]) -> str:
    marks = ""
    if "turn" in event:
        marks += f"[{show_text(event['turn'])} {show_text(event.get('phase', ''))}] "
    if "thread" in event:
        marks += f"({show_text(event['thread'])}) "
    if kind not in MEMBERS:
        return f"{marks}{kind} {show_value(event.get(kind))}"
    arguments = event.get("args")
    inside = ""
    if isinstance(arguments, dict):
        inside = ", ".join(f"{show_text(key)}={show_value(value)}" for key, value in arguments.items())
    arrow = {"call": "> ", "back": "< "}.get(kind, f"{kind} ")
    of = f" of {show_text(event['of'])}" if "of" in event else ""
    to = f" = {show_value(event['to'])}" if "to" in event else ""
    after = f" after {show_value(event['after'])}" if "after" in event else ""
    call = f"({inside})" if kind not in ("get", "set") else ""
    return f"{marks}{arrow}{show_text(event[kind])}{call}{of}{to}{_outcome(event)}{after}"



