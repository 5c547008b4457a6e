"""Puts the recorder between the application and Twisted's classes: once a process, and undone as a whole."""

from __future__ import annotations

import gc
import inspect
import socket
import sys
import threading
import warnings
from functools import wraps
from typing import Any, Callable, Iterable

from twisted.internet import abstract, base, tcp
from twisted.internet import _resolver as resolver
from twisted.internet.defer import Deferred
from twisted.python.threadpool import ThreadPool

from ..format import family_of, members
from . import callbacks, interfaces
from .active import active
from .attributes import ATTRIBUTES, FILENOS, Attribute, Fileno
from .calls import construct, cross
from .errors import recorders_frames, strip, transparent
from .interfaces import Signature, signature
from .patches import Patches
from .sides import Side, sides
from .system import is_descriptor_of_applications

_patches = Patches()
replace = _patches.replace


def _crossing(function: Callable[..., Any], kind: str, member: str, names: Signature) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        recorder = active.recorder
        try:
            if recorder is None or recorder.passive or not args or sides.stack[-1].side is Side.SYSTEM:
                return function(*args, **kwargs)
            return cross(recorder, kind, member, names, function, args, kwargs)
        except BaseException as error:
            strip(error)
            raise

    call.boundary_signature = names  # type: ignore[attr-defined]
    return call


def _members(classes: Iterable[type], kind: str, members: frozenset[str], sources: Iterable[Any]) -> None:
    """Makes the methods of these classes, and of Twisted's classes they inherit from, report calls from outside."""
    for cls in {base_class: None for cls in classes for base_class in cls.__mro__}:
        if not cls.__module__.startswith("twisted.") or cls.__module__.startswith("twisted.internet.interfaces"):
            continue
        for name in members:
            function = cls.__dict__.get(name)
            if not inspect.isfunction(function) or hasattr(function, "boundary_signature"):
                continue
            replace(cls, name, _crossing(function, kind, name, signature(function, name, sources)))


def _reactors() -> list[type]:
    from twisted.internet.selectreactor import SelectReactor

    classes: list[type] = [SelectReactor]
    for module, name in (("epollreactor", "EPollReactor"), ("pollreactor", "PollReactor")):
        try:
            classes.append(getattr(__import__(f"twisted.internet.{module}", fromlist=[name]), name))
        except ImportError:
            pass
    return classes


def _around(owner: type, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    original = owner.__dict__[name]
    replace(owner, name, transparent(make(original), original))


def _reactor_construction(original: Callable[..., Any]) -> Callable[..., Any]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        sides.push(Side.SYSTEM)
        try:
            original(self, *args, **kwargs)
        finally:
            sides.pop()
        recorder = active.recorder
        if recorder is not None and recorder.opens_with_reactor and recorder.passive and not recorder.closed:
            recorder.open_window()
        if recorder is not None and not recorder.passive:
            recorder.meet(self)

    return __init__


def _loop() -> None:
    """The steps of the loop, for turn and phase."""

    def run_until_current(original: Callable[..., Any]) -> Callable[..., Any]:
        def runUntilCurrent(self: Any) -> Any:
            recorder = active.running()
            if recorder is not None:
                if recorder.signalled is not None:
                    recorder.stopped_by_signal()
                recorder.turn.begin()
            return original(self)

        return runUntilCurrent

    def insert(original: Callable[..., Any]) -> Callable[..., Any]:
        def _insertNewDelayedCalls(self: Any) -> Any:
            recorder = active.running()
            if recorder is not None:
                recorder.turn.timers()
            return original(self)

        return _insertNewDelayedCalls

    def fire(original: Callable[..., Any]) -> Callable[..., Any]:
        def fireSystemEvent(self: Any, eventType: str) -> Any:
            recorder = active.running()
            if recorder is None or eventType not in ("startup", "shutdown"):
                return original(self, eventType)
            before, recorder.turn.phase = recorder.turn.phase, eventType
            try:
                return original(self, eventType)
            finally:
                recorder.turn.phase = before

        return fireSystemEvent

    def poll(original: Callable[..., Any]) -> Callable[..., Any]:
        def doIteration(self: Any, timeout: Any) -> Any:
            recorder = active.running()
            if recorder is not None:
                recorder.turn.polling()
                recorder.journal.flush()
            return original(self, timeout)

        return doIteration

    _around(base.ReactorBase, "runUntilCurrent", run_until_current)
    _around(base.ReactorBase, "_insertNewDelayedCalls", insert)
    _around(base.ReactorBase, "fireSystemEvent", fire)
    for cls in _reactors():
        _around(cls, "doIteration", poll)


def _descriptor_construction(original: Callable[..., Any]) -> Callable[..., Any]:
    """A descriptor that the application makes from the system's class is a reader of the application's."""
    names = signature(original, "__init__", ())

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        recorder = active.running()
        if recorder is None or recorder.sides.in_system or not is_descriptor_of_applications(type(self)):
            original(self, *args, **kwargs)
        else:
            construct(recorder, "abstract", "FileDescriptor", "reader", names, original, (self, *args), kwargs)

    return __init__


def _signals(original: Callable[..., Any]) -> Callable[..., Any]:
    """A signal's handler is the system's, whoever had control when the signal came, the recorder among them. What it asks for
    happens at the next turn, and is recorded there."""

    def handler(self: Any, *args: Any) -> Any:
        recorder = active.running()
        if recorder is not None:
            recorder.signalled = self
        sides.push(Side.SYSTEM)
        try:
            return original(self, *args)
        finally:
            sides.pop()

    return handler


def _connections() -> None:
    """Causes that the tree does not show: which attempt a callback belongs to, and from which address it came."""

    def connect(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: Any) -> Any:
            recorder = active.running()
            if recorder is not None:
                recorder.attempts[self] = recorder.calling()
            return original(self)

        return connect

    def outcome(original: Callable[..., Any]) -> Callable[..., Any]:
        def report(self: Any, argument: Any) -> Any:
            recorder = active.running()
            if recorder is not None:
                recorder.because(recorder.attempts.get(self))
            return original(self, argument)

        return report

    def do_connect(original: Callable[..., Any]) -> Callable[..., Any]:
        def doConnect(self: Any) -> Any:
            recorder = active.running()
            if recorder is None:
                return original(self)
            connector = getattr(self, "connector", None)
            attempt = None if connector is None else recorder.attempts.get(connector)
            recorder.connecting = None if attempt is None else (getattr(self, "socket", None), attempt)
            try:
                return original(self)
            finally:
                recorder.connecting = None

        return doConnect

    _around(base.BaseConnector, "connect", connect)
    _around(base.BaseConnector, "buildProtocol", outcome)
    _around(base.BaseConnector, "connectionFailed", outcome)
    _around(tcp.BaseClient, "doConnect", do_connect)
    for cls in (tcp.BaseClient, tcp.Port):
        _around(cls, "createInternetSocket", _fixed_buffers)


_BUFFER_OPTIONS = ((32, socket.SO_SNDBUF), (33, socket.SO_RCVBUF))
"""SO_SNDBUFFORCE and SO_RCVBUFFORCE, which go beyond the system's limit, and what anyone may set up to it."""


def _fixed_buffers(original: Callable[..., Any]) -> Callable[..., Any]:
    """A socket with the buffers that the recording asks for; what a listening one accepts inherits them."""

    def createInternetSocket(self: Any) -> Any:
        end = original(self)
        recorder = active.running()
        if recorder is not None and recorder.buffers is not None:
            for (forced, plain), size in zip(_BUFFER_OPTIONS, recorder.buffers):
                try:
                    end.setsockopt(socket.SOL_SOCKET, forced, size)
                except PermissionError:
                    end.setsockopt(socket.SOL_SOCKET, plain, size)
        return end

    return createInternetSocket


def _deferreds() -> None:
    def run(original: Callable[..., Any]) -> Callable[..., Any]:
        def _runCallbacks(self: Any) -> None:
            recorder = active.running()
            if recorder is None:
                original(self)
            else:
                recorder.deferreds.run(self, original)

        return _runCallbacks

    def cancel(original: Callable[..., Any]) -> Callable[..., Any]:
        def cancel(self: Any) -> None:
            recorder = active.running()
            if recorder is None or recorder.sides.in_system or not recorder.deferreds.is_given(self):
                original(self)
                return
            opened = recorder.begin_call(recorder.name(self, "deferred"), "cancel", {})
            try:
                original(self)
            except BaseException as error:
                recorder.raised(opened, error)
                raise
            recorder.end(opened, {})

        return cancel

    _around(Deferred, "_runCallbacks", run)
    _around(Deferred, "cancel", cancel)


def _threads() -> None:
    def start(original: Callable[..., Any]) -> Callable[..., Any]:
        def start(self: Any) -> Any:
            recorder = active.running()
            event = sides.stack[-1].event
            if recorder is not None and event is not None and not recorder.sides.in_system:
                recorder.started[self] = event
            return original(self)

        return start

    _around(threading.Thread, "start", start)


def _garbage() -> None:
    original = gc.collect

    @wraps(original)
    def collect(*args: Any, **kwargs: Any) -> int:
        recorder = active.running()
        if recorder is None or recorder.sides.in_system:
            return original(*args, **kwargs)
        return recorder.garbage.collect(original, args, kwargs)

    _patches.replace_everywhere(gc, "collect", collect)


def _warnings() -> None:
    """A warning is of the line that it would be of without the recorder's frames between."""
    original = warnings.warn

    @wraps(original)
    def warn(message: Any, category: Any = None, stacklevel: int = 1, *args: Any, **kwargs: Any) -> None:
        original(message, category, stacklevel + 1 + recorders_frames(sys._getframe(1), stacklevel), *args, **kwargs)

    _patches.replace_everywhere(warnings, "warn", warn)


def install() -> None:
    """Starts to see what crosses. What was imported before is seen too."""
    if _patches.installed:
        return
    from . import sockets

    family_of(Exception)
    members()
    _around(base.ReactorBase, "__init__", _reactor_construction)
    _around(abstract.FileDescriptor, "__init__", _descriptor_construction)
    _loop()
    _connections()
    _deferreds()
    _threads()
    for name in ("sigInt", "sigTerm", "sigBreak"):
        _around(base.ReactorBase, name, _signals)
    _members(_reactors(), "reactor", interfaces.REACTOR_METHODS, interfaces.REACTOR)
    _members([tcp.Port], "port", interfaces.PORT_METHODS, interfaces.PORT)
    _members([tcp.Server, tcp.Client, abstract.FileDescriptor], "transport", interfaces.TRANSPORT_METHODS, interfaces.TRANSPORT)
    _members([tcp.Connector], "connector", interfaces.CONNECTOR_METHODS, interfaces.CONNECTOR)
    _members([base.DelayedCall], "timer", interfaces.TIMER_METHODS, interfaces.TIMER)
    _members([ThreadPool], "threadpool", interfaces.POOL_METHODS, ())
    resolvers = [base.BlockingResolver, base.ThreadedResolver, resolver.GAIResolver]
    resolvers += [resolver.SimpleResolverComplexifier, resolver.ComplexResolverSimplifier]
    _members(resolvers, "resolver", interfaces.RESOLVER_METHODS, interfaces.RESOLVER)
    _members([resolver.HostResolution], "resolution", frozenset({"cancel"}), interfaces.RESOLUTION)
    for cls, kind, name, default in ATTRIBUTES:
        replace(cls, name, Attribute(cls, kind, name, default))
    for cls, kind in FILENOS:
        replace(cls, "fileno", Fileno(cls, kind, "fileno", False))
    sockets.install(replace)
    _garbage()
    _warnings()


def uninstall() -> None:
    """Leaves Twisted and the application's classes as they were."""
    _patches.restore()
    callbacks.restore()
