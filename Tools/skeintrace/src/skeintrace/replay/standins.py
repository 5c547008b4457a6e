"""Stand-ins: the application's objects in a replay, with exactly the interfaces that the recorded ones had."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from twisted.internet import interfaces
from twisted.internet.abstract import FileDescriptor
from zope.interface import directlyProvides

from ..record.interfaces import CALLBACKS, IMPLEMENTS

#: Plays the application's part of the callback that is under way, and gives its outcome.
Play = Callable[..., Any]

INTERFACES = {word: interface for pairs in IMPLEMENTS.values() for word, interface in pairs}


class StandIn:
    """An object of the application's: what the system asks of it is answered, what the system calls is played."""

    def __init__(self, name: str, answers: Mapping[str, Any]) -> None:
        self.name = name
        self.answers = dict(answers)

    def __repr__(self) -> str:
        return f"<stand-in {self.name}>"


def stand_in(name: str, form: Mapping[str, Any], play: Play, fileno: int | None = None) -> Any:
    """Make the stand-in of an object from what its introduction says of it."""
    kind = name.rpartition("-")[0]
    words = [str(word) for word in form.get("implements", ())]
    # A protocol may be its transport's producer too.
    kinds = ("protocol", "producer") if kind == "protocol" else (kind,)
    members: dict[str, Any] = {member: _played(member, play) for each in kinds for member in CALLBACKS.get(each, {})}
    answers: dict[str, Any] = {}
    if "logPrefix" in form:
        answers["logPrefix"] = form["logPrefix"]
        members["logPrefix"] = lambda self: self.answers["logPrefix"]
    if kind == "reader":
        answers["fileno"] = -1 if fileno is None else fileno
        members["fileno"] = lambda self: self.answers["fileno"]
    if kind == "protocol":
        members["transport"] = None
        if "half-close" not in words:
            members.pop("readConnectionLost", None)
            members.pop("writeConnectionLost", None)
    if kind == "factory":
        members["noisy"] = False
        members["numPorts"] = 0
    thing = type("StandIn", (StandIn,), members)(name, answers)
    provided = [INTERFACES[word] for word in words if word in INTERFACES]
    if kind == "resolver" and not provided:
        provided.append(interfaces.IResolverSimple)
    if kind == "factory":
        provided.append(interfaces.IProtocolFactory)
    if provided:
        directlyProvides(thing, *provided)
    return thing


def descriptor(
    name: str, form: Mapping[str, Any], play: Play, overridden: Collection[str], fileno: int | None, reactor: Any
) -> Any:
    """Make the stand-in of an application's own kind of `FileDescriptor`: the system's, with the methods that it overrides."""
    members: dict[str, Any] = {member: _played(member, play) for member in overridden}
    answers: dict[str, Any] = {"fileno": -1 if fileno is None else fileno}
    members["fileno"] = lambda self: self.answers["fileno"]
    if "logPrefix" in form:
        answers["logPrefix"] = form["logPrefix"]
        members["logPrefix"] = lambda self: self.answers["logPrefix"]
    members["name"], members["answers"] = name, answers
    return type("StandInDescriptor", (FileDescriptor,), members)(reactor)


def function(name: str, play: Play) -> Callable[..., Any]:
    """Make the stand-in of a function."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return play(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call


def _played(member: str, play: Play) -> Callable[..., Any]:
    def method(self: StandIn, *args: Any, **kwargs: Any) -> Any:
        return play(*args, **kwargs)

    method.__name__ = member
    return method
