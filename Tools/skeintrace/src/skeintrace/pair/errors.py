"""Errors as values. Families are told by class, or by text where Twisted raises one class for several things."""

from __future__ import annotations

import errno
import re
import struct
from typing import Any, Callable

from twisted.internet.error import CannotListenError
from twisted.python.failure import Failure

from ..format import family_of
from .parties import IMPLEMENTS

RAISED = "_skeintrace_raised"
"""Where an application's error remembers the event that raised it."""

_ADDED = {
    "Added protocol must be positive or zero": "number-negative",
    "Added protocol must fit in 16 bits": "number-over-16-bits",
    "Added protocol must fit in 32 bits": "number-over-32-bits",
    "Added protocol must be an instance of DatagramProtocol": "not-a-datagram-protocol",
}
_SHORT = re.compile(r"unpack requires a buffer of (\d+) bytes")
_RANGE = re.compile(r"format requires|int too large|argument out of range|ubyte format|ushort format")


def error_form(error: Any, encode: Callable[[Any], Any]) -> dict[str, Any]:
    """An exception or a Failure as the format writes it."""
    if isinstance(error, Failure):
        error = error.value
    kind = type(error)
    raised = getattr(error, RAISED, None)
    if raised is not None or kind.__module__ not in ("builtins", "struct") and family_of(kind) is None:
        if kind.__name__ == "SkipTest":
            return {"error": "skip", "why": str(error)}
        form: dict[str, Any] = {"error": "application", "class": kind.__name__}
        if raised is not None:
            form["raised"] = raised
        return form
    if isinstance(error, CannotListenError):
        return {
            "error": "cannot-listen",
            "interface": encode(error.interface),
            "port": encode(error.port),
            "cause": error_form(error.socketError, encode),
        }
    if isinstance(error, OSError):
        name = errno.errorcode.get(error.errno) if error.errno is not None else None
        return {"error": "os-error"} if name is None else {"error": "os-error", "errno": name}
    if isinstance(error, TypeError) and error.args and error.args[0] in _ADDED:
        return {"error": _ADDED[error.args[0]]}
    if isinstance(error, TypeError) and error.args[:1] == ("Could not adapt",):
        wanted = next((word for word, interface in IMPLEMENTS if interface is error.args[2]), None)
        return {"error": "not-adaptable"} if wanted is None else {"error": "not-adaptable", "to": wanted}
    if isinstance(error, struct.error):
        return _struct(str(error))
    family = family_of(kind)
    return {"error": "unknown", "class": kind.__name__} if family is None else {"error": family}


def _struct(text: str) -> dict[str, Any]:
    short = _SHORT.match(text)
    if short:
        return {"error": "short-packet", "need": int(short[1])}
    if _RANGE.search(text):
        return {"error": "number-range"}
    return {"error": "type-error"}


def note_raised(error: BaseException, event: int) -> None:
    """Notes which event an application's error was raised in, unless that is known."""
    if getattr(error, RAISED, None) is None:
        try:
            setattr(error, RAISED, event)
        except AttributeError:
            pass
