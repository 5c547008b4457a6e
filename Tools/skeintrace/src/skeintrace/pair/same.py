"""When two values of traces say the same: strictly, by type as well, and but for what is for people."""

from __future__ import annotations

from typing import Any

from ..record.journal import Event


def same(one: Any, other: Any) -> bool:
    """Whether two values are of one type and equal: `false` is not 0, and text is not bytes."""
    if isinstance(one, dict) and isinstance(other, dict):
        one, other = _told(one), _told(other)
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return one == other  # whatever the reader calls a word
    return type(one) is type(other) and bool(one == other)


def _told(value: dict[str, Any]) -> dict[str, Any]:
    """A mapping without its message: an error's, or the text of a line in the log that says by keys what it is."""
    if "error" in value and "message" in value:
        value = {key: part for key, part in value.items() if key != "message"}
    if "what" in value and "level" in value:
        value = {key: part for key, part in value.items() if key != "text"}
    return value


def difference(one: Any, other: Any, path: str = "") -> str:
    """Where two values first differ, in words; empty where they say the same."""
    if same(one, other):
        return ""
    if isinstance(one, dict) and isinstance(other, dict):
        one, other = _told(one), _told(other)
        for key in [*one, *(key for key in other if key not in one)]:
            inner = f"{path}.{key}" if path else key
            if key not in one or key not in other:
                return f"{inner}: expected {_shown(one.get(key, _NOTHING))}, found {_shown(other.get(key, _NOTHING))}"
            if not same(one[key], other[key]):
                return difference(one[key], other[key], inner)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other)):
            if not same(left, right):
                return difference(left, right, f"{path}[{index}]")
    place = f"{path}: " if path else ""
    return f"{place}expected {_shown(one)}, found {_shown(other)}"


_NOTHING = object()


def _shown(value: Any) -> str:
    text = "nothing" if value is _NOTHING else repr(value)
    return text if len(text) <= 200 else text[:200] + "..."


def described(event: Event) -> str:
    """An event for people, in short."""
    for key, value in event.items():
        if key not in ("n", "in", "at"):
            return f"{key} {value if isinstance(value, str) else _shown(value)}"
    return "nothing"
