"""The application's calls of the system: their arguments, and what they give."""

from __future__ import annotations

import sys
import types
from collections import deque
from typing import TYPE_CHECKING, Any, Callable

from twisted.internet.defer import Deferred

from .callables import Handed, HandedMethod
from .interfaces import CALLABLES, ROLES, Signature
from .sides import Side
from .values import Unexpressible

if TYPE_CHECKING:
    from .recorder import Recorder

UNORDERED = frozenset({"getReaders", "getWriters", "removeAll", "getDelayedCalls"})
TRIGGERS = frozenset({"callWhenRunning", "addSystemEventTrigger"})
THREAD_CALLS = frozenset({"callFromThread", "callInThread", "callInThreadWithCallback"})
INTERNAL = frozenset({"waker"})
MADE_ANYWHERE = frozenset({"timer", "resolver", "resolution", "threadpool"})
"""Kinds of objects that applications and neutral code make for themselves: one that was not introduced is theirs."""


RUNNER = frozenset({"twisted.trial._asynctest", "twisted.trial._asyncrunner", "twisted.trial.util"})
"""What runs tests on the global reactor and cleans it up behind them."""


class Handover:
    """The arguments of one call: as they are written, and as the system gets them."""

    def __init__(self, recorder: Recorder, member: str, signature: Signature) -> None:
        self._recorder = recorder
        self._member = member
        self._signature = signature
        self.written: dict[str, Any] = {}
        self.args: list[Any] = []
        self.kwargs: dict[str, Any] = {}
        self.handed: list[Handed | HandedMethod] = []
        self.why: str | None = None
        """Why the call cannot be made in another language, if it cannot."""

    def take(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Goes through the arguments in order."""
        names = deque(self._signature.positional)
        own = len(names)
        extra: list[Any] = []
        for index, value in enumerate(args):
            name = names.popleft() if names else None
            if not names and name in CALLABLES:
                names.extend(_names_of_method(self._recorder, value))
            self.args.append(self._argument(name, value) if name is not None and index < own else self._extra(name, value, extra))
        keywords: dict[str, Any] = {}
        for keyword, value in kwargs.items():
            name = self._signature.name(keyword)
            if name in self._signature.positional:
                self.kwargs[keyword] = self._argument(name, value)
            else:
                self.kwargs[keyword] = value
                keywords[keyword] = self._form(lambda: self._recorder.values.passed(value))
        if extra:
            self.written["args"] = extra
        if keywords:
            self.written["kwargs"] = keywords
        self._used_as("producer", "push" if self.written.get("streaming") else "pull")
        self._used_as("reader", "read-descriptor")
        self._used_as("writer", "write-descriptor")

    def _used_as(self, name: str, word: str) -> None:
        """What an object is used as, whatever interfaces it says it has."""
        form = self.written.get(name)
        if isinstance(form, dict) and "new" in form and word not in form.get("implements", ()):
            form.setdefault("implements", []).append(word)

    def _form(self, make: Callable[[], Any]) -> Any:
        try:
            return self._recorder.guard(make)
        except Unexpressible as refused:
            self.why = refused.why
            return None

    def _argument(self, name: str, value: Any) -> Any:
        if self._signature.is_default(name, value):
            return value
        if name in CALLABLES and callable(value):
            form, value = self.function(value, name)
        elif name in ROLES:
            given = value
            form = self._form(lambda: self._recorder.application(given, ROLES[name]))
            value = self._recorder.guard(lambda: self._recorder.inside(given, ROLES[name]), given)
        elif name == "triggerID":
            form = self._trigger(value)
        else:
            form = self._form(lambda: self._recorder.values.argument(name, value, told=False))
        if name == "data" and self._member in ("write", "writeSequence") and not _is_bytes(value):
            self.why = "type"
        self.written[name] = form
        return value

    def _extra(self, name: str | None, value: Any, extra: list[Any]) -> Any:
        """An argument behind the function: the system hands it on, or, if the function is its own, takes it itself by this name."""
        if name in CALLABLES and callable(value):
            form, value = self.function(value, name)
        elif name in ROLES:
            form = self._form(lambda: self._recorder.application(value, ROLES[name]))
        elif name is not None and isinstance(value, (int, str)):
            # A port or a host is one here too.
            form = self._form(lambda: self._recorder.values.argument(name, value, told=False))
        else:
            form = self._form(lambda: self._recorder.values.passed(value))
        extra.append(form)
        return value

    def function(self, value: Any, name: str) -> tuple[Any, Any]:
        """A function: its form, and what the system gets in its place."""
        recorder = self._recorder
        if isinstance(value, types.MethodType) and recorder.system_kind(value.__self__) is not None:
            owner = recorder.name(value.__self__, recorder.system_kind(value.__self__) or "object")
            method = HandedMethod(value, recorder)
            self.handed.append(method)
            return {"method": [owner, value.__name__]}, method
        known = recorder.names.find(value)
        form = {"ref": known} if known is not None else {"new": recorder.name(value, "function")}
        returns = None
        if self._member == "addSystemEventTrigger" and self.args[:1] == ["before"]:
            returns = "deferred"
        elif self._member == "callInThreadWithCallback" and name == "func":
            returns = "passed"
        handed = Handed(value, recorder, returns)
        self.handed.append(handed)
        return form, handed

    def _trigger(self, value: Any) -> Any:
        try:
            of = value[1][1].of
        except (TypeError, IndexError, AttributeError):
            of = None
        return {"ref": of} if of is not None else self._form(lambda: self._recorder.values.value(value, told=False))

    def name_firings(self, name: str) -> None:
        """What the firings of the functions that were handed over are of."""
        for handed in self.handed:
            handed.of = name

    def made_in(self, event: int) -> None:
        """Which call handed the functions over."""
        for handed in self.handed:
            if isinstance(handed, HandedMethod):
                handed.event = event


def _is_bytes(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(isinstance(item, bytes) for item in value)
    return isinstance(value, bytes)


def _names_of_method(recorder: Recorder, function: Any) -> tuple[str, ...]:
    """What the arguments behind a function are called, if it is a method of the system's."""
    if not isinstance(function, types.MethodType) or recorder.system_kind(function.__self__) is None:
        return ()
    names: Signature | None = getattr(function.__func__, "boundary_signature", None)
    return names.positional if names is not None else ()


def cross(
    recorder: Recorder, kind: str, member: str, signature: Signature, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """The application calls a method of a system object: `args[0]` is the object."""
    thing = args[0]
    target = recorder.name_of(thing)
    if target is None:
        if kind in INTERNAL or kind in MADE_ANYWHERE:
            return function(*args, **kwargs)
        target = recorder.name(thing, kind)
        recorder.say_unexpressible("unintroduced")
    if member == "connectTCP" and len(args) > 2:
        recorder.guard(lambda: recorder.sockets.announce_listener(args[2]))
    recorder.guard(lambda: recorder.watched.look(*args, *kwargs.values()))
    handover = Handover(recorder, member, signature)
    recorder.guard(lambda: handover.take(args[1:], kwargs))
    if len(handover.args) != len(args) - 1 or len(handover.kwargs) != len(kwargs):
        handover.args, handover.kwargs = list(args[1:]), kwargs
    recorder.applied = recorder.applied or not _is_runner()
    if overridden(thing, member, function):
        member = f"super.{member}"
    if member in THREAD_CALLS and handover.handed:
        return _thread_call(recorder, target, member, handover, function, thing)
    opened = recorder.begin_call(target, member, handover.written, handover.why)
    handover.made_in(opened.event["n"])
    try:
        result = function(thing, *handover.args, **handover.kwargs)
    except BaseException as error:
        recorder.raised(opened, error)
        raise
    recorder.end(opened, recorder.guard(lambda: given(recorder, member, handover, result), {}))
    return result


def overridden(thing: Any, member: str, function: Callable[..., Any]) -> bool:
    """Whether the object's class has a method of its own in the place of the one that was called."""
    if member in thing.__dict__:
        return True
    found = getattr(type(thing), member, None)
    return found is not None and getattr(found, "__wrapped__", found) is not function and not hasattr(found, "boundary_signature")


def _is_runner() -> bool:
    """Whether the call comes from the test runner, not from what it runs."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(__package__ + "."):
        frame = frame.f_back
    return frame.f_globals.get("__name__") in RUNNER


def construct(
    recorder: Recorder, place: str, name: str, kind: str, signature: Signature, original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """The application makes a system object itself: `args[0]` is the object."""
    handover = Handover(recorder, name, signature)
    recorder.guard(lambda: handover.take(args[1:], kwargs))
    recorder.applied = True
    opened = recorder.begin_call(place, name, handover.written)
    try:
        original(*args, **kwargs)
    except BaseException as error:
        recorder.raised(opened, error)
        raise
    recorder.end(opened, recorder.guard(lambda: {"gives": recorder.application(args[0], kind, made=True)}, {}))


def _thread_call(
    recorder: Recorder, target: str, member: str, handover: Handover, function: Callable[..., Any], thing: Any
) -> Any:
    """A call that another thread may serve before it returns: its line is written first."""
    name = recorder.names.new("threadcall")
    handover.name_firings(name)
    event = recorder.place()
    event["call"] = f"{target}.{member}"
    event["args"] = handover.written
    event["gives"] = {"new": name}
    recorder.sides.push(Side.SYSTEM, recorder.journal.leaf(event))
    try:
        return function(thing, *handover.args, **handover.kwargs)
    finally:
        recorder.sides.pop()


def given(recorder: Recorder, member: str, handover: Handover, result: Any) -> dict[str, Any]:
    """What a call gave, as its line's outcome."""
    if result is None:
        return {}
    if member in TRIGGERS:
        name = recorder.names.new("trigger")
        handover.name_firings(name)
        return {"gives": {"new": name}}
    if isinstance(result, Deferred):
        return {"gives": recorder.deferreds.given(result)}
    if member in UNORDERED:
        things = [thing for thing in result if recorder.system_kind(thing) not in INTERNAL]
        return {"gives": {"set": [recorder.values.value(thing) for thing in things]}}
    if member == "fileno":
        return {"gives": recorder.descriptors.given(result)}
    if member == "getHandle":
        return {"gives": recorder.descriptors.given(result.fileno())}
    form = recorder.values.value(result)
    if member == "callLater" and isinstance(form, dict) and "new" in form:
        handover.name_firings(form["new"])
    return {"gives": form}


