"""Floods: equal crossings that follow one another, with equal things inside them, written once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .journal import Event

LEAST = 4
"""How many equal crossings in a row are a flood."""


@dataclass
class Node:
    """A crossing with what is inside it, and its outcome."""

    event: Event
    outcome: Event = field(default_factory=dict)
    end: Event | None = None
    inside: list[Node] = field(default_factory=list)
    size: int = 1
    """How many events it is, with all inside it."""


def fold(events: list[Event]) -> list[Event]:
    """The same events with floods folded, and numbered anew. Events of one thread after another stay where they are."""
    top, threaded = _tree(events)
    if threaded:
        return events
    same: dict[int, int] = {}
    folded = _fold(top, same)
    if folded is None:
        return events
    numbers: dict[int, int] = {}
    written: list[Event] = []
    _write(folded, numbers, written)
    numbers.update((number, numbers[first]) for number, first in same.items())
    renumber(written, numbers)
    return written


def renumber(events: list[Event], numbers: dict[int, int]) -> None:
    """Has events refer to one another by new numbers."""
    for event in events:
        for key in ("end", "in"):
            if key in event:
                event[key] = numbers[event[key]]
        if "after" in event:
            event["after"] = [numbers[cause] for cause in event["after"] if cause in numbers]
        _renumber(event, numbers)


def _renumber(value: Any, numbers: dict[int, int]) -> None:
    if isinstance(value, dict):
        if "error" in value and value.get("raised") in numbers:
            value["raised"] = numbers[value["raised"]]
        for item in value.values():
            _renumber(item, numbers)
    elif isinstance(value, list):
        for item in value:
            _renumber(item, numbers)


def _tree(events: list[Event]) -> tuple[list[Node], bool]:
    nodes: dict[int, Node] = {}
    top: list[Node] = []
    for event in events:
        if "thread" in event:
            return [], True
        if "end" in event:
            nodes[event["end"]].end = event
            continue
        node = nodes[event["n"]] = Node(event)
        parent = nodes.get(event.get("in", 0))
        (top if parent is None else parent.inside).append(node)
    for node in reversed(list(nodes.values())):
        node.size += sum(child.size for child in node.inside)
    return top, False


_OWN = frozenset({"n", "in", "at", "end", "turn"})


def _key(node: Node) -> Any:
    event = {key: value for key, value in node.event.items() if key not in _OWN}
    outcome = {key: value for key, value in (node.end or {}).items() if key not in _OWN}
    return event, outcome, [_key(child) for child in node.inside]


def _introduces(value: Any) -> bool:
    if isinstance(value, dict):
        return "new" in value or "raised" in value or any(_introduces(item) for item in value.values())
    return isinstance(value, list) and any(_introduces(item) for item in value)


def _can_repeat(event: Event) -> bool:
    """Whether an event may be one of a flood. Received data may not: its bytes are one string, however it was cut."""
    return "call" in event or ("back" in event and not event["back"].endswith(".dataReceived"))


def _equal(a: Node, b: Node) -> bool:
    if a.size != b.size or a.event.get("call") != b.event.get("call") or a.event.get("back") != b.event.get("back"):
        return False
    return bool(_key(a) == _key(b))


def _fold(nodes: list[Node], same: dict[int, int]) -> list[Node] | None:
    """The list with floods folded, or None where there is none. `same` gets the numbers that are written no more, each
    with that of the equal event which stands for it."""
    changed = False
    result: list[Node] = []
    index = 0
    while index < len(nodes):
        node = nodes[index]
        run = 1
        if _can_repeat(node.event) and not _introduces([*_key(node)]):
            while index + run < len(nodes) and _equal(node, nodes[index + run]):
                run += 1
        if run >= LEAST:
            changed = True
            until = _until(nodes, index + run)
            node.event["repeat"] = {"times": run, **({"until": until} if until else {})}
            for repeated in nodes[index + 1 : index + run]:
                _stand_for(node, repeated, same)
            result.append(node)
            index += run
            continue
        inside = _fold(node.inside, same)
        if inside is not None:
            changed = True
            node.inside = inside
        result.append(node)
        index += 1
    return result if changed else None


def _stand_for(node: Node, repeated: Node, same: dict[int, int]) -> None:
    same[repeated.event["n"]] = node.event["n"]
    for child, other in zip(node.inside, repeated.inside):
        _stand_for(child, other, same)


def _until(nodes: list[Node], index: int) -> str:
    if index >= len(nodes):
        return ""
    event = nodes[index].event
    for kind in ("back", "call"):
        if kind in event:
            return str(event[kind]).rpartition(".")[2]
    return ""


def _write(nodes: list[Node], numbers: dict[int, int], written: list[Event]) -> None:
    for node in nodes:
        numbers[node.event["n"]] = len(numbers) + 1
        node.event["n"] = len(numbers)
        written.append(node.event)
        _write(node.inside, numbers, written)
        if node.end is not None:
            written.append(node.end)
