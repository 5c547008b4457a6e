"""What a value of the trace names: the objects it introduces and the ones it refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .recording import Event, Raised, Returned, Value

#: Kinds whose identity is not compared: what matters of a function is which firing calls it.
NAMELESS_KINDS = frozenset({"function"})


def kind_of(name: str) -> str:
    """`transport` of `transport-3`."""
    return name.rpartition("-")[0] or name


def introductions(value: Value) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Each object that a value introduces, with the mapping that does it."""
    if isinstance(value, Mapping):
        if "new" in value:
            yield str(value["new"]), value
        elif "deferred" in value:
            yield str(value["deferred"]), value
            for key in ("fired", "failed"):
                yield from introductions(value.get(key))
        else:
            for item in value.values():
                yield from introductions(item)
    elif isinstance(value, list):
        for item in value:
            yield from introductions(item)


def references(value: Value) -> Iterator[str]:
    """Each object that a value refers to without introducing it."""
    if isinstance(value, Mapping):
        if "ref" in value:
            yield str(value["ref"])
        elif "method" in value and isinstance(value["method"], list):
            yield str(value["method"][0])
        else:
            for item in value.values():
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def outcome_value(event: Event) -> Value:
    """What an event gave or raised, as one value."""
    match event.outcome:
        case Returned(value):
            return value
        case Raised(error):
            return error
        case _:
            return None


def introduced_by(event: Event) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Each object that an event introduces, in its arguments or its outcome."""
    yield from introductions(event.args)
    yield from introductions(outcome_value(event))


def needed_by(event: Event) -> Iterator[str]:
    """Each object that must be known before an event can happen: its own and those in its arguments."""
    own = {name for name, _ in introductions(event.args)}
    yield event.target
    for name in references(event.args):
        if name not in own:
            yield name
    if event.of is not None:
        yield event.of


def seconds_of(event: Event) -> float:
    """The time that a call asks for, in seconds; 0 where it names none."""
    for argument in ("secondsFromNow", "secondsLater", "seconds", "delay"):
        value = event.args.get(argument)
        if isinstance(value, int | float):
            return float(value)
    return 0.0


def first_reference(value: Value) -> str | None:
    """The name in a value that is an object, introduced or referred to."""
    if isinstance(value, Mapping):
        for key in ("ref", "new", "deferred"):
            if key in value:
                return str(value[key])
    return None
