"""Errors as values: by the format's families, never by their text."""

from __future__ import annotations

import errno
import os
from functools import wraps
from types import FrameType, TracebackType
from typing import Any, Callable

from twisted.python.failure import Failure

from ..format import families, family_of

ORIGIN = "_skeintrace_origin"
"""Where an exception remembers who raised it: the event, and whether that was the application's doing."""

_RECORDER = os.path.dirname(os.path.abspath(__file__)) + os.sep


def error_value(error: Any, told: bool) -> dict[str, Any]:
    """An exception or Failure as the format writes it. `told` is true where it is the system that says it.

    An error that Twisted defines has its family, whoever raised it. One of Python's own has a family if the system
    raised it; from the application it is the application's.
    """
    if isinstance(error, Failure):
        error = error.value
    if not isinstance(error, BaseException):
        return {"error": "application", "class": type(error).__qualname__}
    event, applications = getattr(error, ORIGIN, (None, not told))
    kind = type(error)
    name = family_of(kind)
    if name is not None and applications and not families()[name].startswith("twisted."):
        name = None
    if name is not None:
        value: dict[str, Any] = {"error": name}
    elif applications or not kind.__module__.startswith("twisted.") or ".test" in kind.__module__:
        value = {"error": "application", "class": kind.__qualname__}
        if event is not None:
            value["raised"] = event
    else:
        value = {"error": "unknown", "class": kind.__qualname__}
    number = _errno(error)
    if number is not None:
        value["errno"] = number
    if applications and event is None:
        remember(error, None, True)
    return value


def _errno(error: BaseException) -> str | None:
    for number in (getattr(error, "osError", None), getattr(error, "errno", None)):
        if isinstance(number, int) and not isinstance(number, bool) and number in errno.errorcode:
            return errno.errorcode[number]
    cause = getattr(error, "socketError", None)
    return _errno(cause) if isinstance(cause, BaseException) else None


def remember(error: BaseException, event: int | None, applications: bool) -> None:
    """Notes who raised an error first. Exceptions cannot be referred to weakly, so the note is on the exception."""
    if getattr(error, ORIGIN, (None,))[0] is None:
        try:
            setattr(error, ORIGIN, (event, applications))
        except AttributeError:
            pass


def strip(error: BaseException) -> None:
    """Takes the recorder's frames off the head of an error's traceback."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_RECORDER):
        trace = trace.tb_next
    error.__traceback__ = trace


def recorders_frames(frame: FrameType | None, level: int) -> int:
    """How many frames of the recorder's stand among so many others, counted outwards from a frame."""
    passed = 0
    while frame is not None and level > 0:
        if frame.f_code.co_filename.startswith(_RECORDER):
            passed += 1
        else:
            level -= 1
        frame = frame.f_back
    return passed


def transparent(function: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """A function in the place of another, which bears its name and leaves no frame in a traceback that passes."""

    @wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            strip(error)
            raise

    return call
