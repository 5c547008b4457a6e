"""Which objects are the system's, and what kind each is."""

from __future__ import annotations

from typing import Any

from twisted.internet import abstract, base
from twisted.internet import _resolver as resolver
from twisted.internet._signals import _FDWaker
from twisted.python.threadpool import ThreadPool

from .interfaces import REACTOR_METHODS

KINDS: tuple[tuple[type, str], ...] = (
    (base.ReactorBase, "reactor"),
    (_FDWaker, "waker"),
    (base.BasePort, "port"),
    (abstract.FileDescriptor, "transport"),
    (base.BaseConnector, "connector"),
    (base.DelayedCall, "timer"),
    (ThreadPool, "threadpool"),
    (base.BlockingResolver, "resolver"),
    (base.ThreadedResolver, "resolver"),
    (resolver.GAIResolver, "resolver"),
    (resolver.SimpleResolverComplexifier, "resolver"),
    (resolver.ComplexResolverSimplifier, "resolver"),
    (resolver.HostResolution, "resolution"),
    (resolver.FirstOneWins, "receiver"),
)

_CLASSES = tuple(cls for cls, _ in KINDS)


def kind_of(thing: Any) -> str | None:
    """The kind of a system object, or None for any other object."""
    cls = type(thing)
    if not issubclass(cls, _CLASSES) or is_applications(cls):
        return None
    for base_class, kind in KINDS:
        if issubclass(cls, base_class):
            return kind
    return None


def is_applications(cls: type) -> bool:
    """Whether a class is the application's own, though it inherits from one of the system's."""
    return not cls.__module__.startswith(("twisted.internet.", "twisted.python.")) or ".test" in cls.__module__


def is_descriptor_of_applications(cls: type) -> bool:
    """Whether a FileDescriptor is the application's: a plain one, or one of a class of its own."""
    return cls is abstract.FileDescriptor or is_applications(cls)


def reactor_identity(thing: Any) -> int | None:
    """What makes two reactor objects the same reactor: a test's stand-in for the global one shares its attributes."""
    return id(vars(thing)) if isinstance(thing, base.ReactorBase) else None


def replaced(reactor: Any) -> bool:
    """Whether a reactor has a function of somebody else's in the place of one of its methods."""
    own = getattr(reactor, "__dict__", {})
    return any(name in REACTOR_METHODS and callable(value) for name, value in own.items())
