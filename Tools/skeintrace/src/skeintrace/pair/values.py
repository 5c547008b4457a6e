"""Values as the format writes them, by the place that they stand in."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from constantly import FlagConstant
from twisted.internet.defer import Deferred
from twisted.pair.testing import Tunnel
from twisted.python.failure import Failure

from .errors import error_form
from .parties import implements, kind_of, system_of
from .standins import Numbered
from .typed import flags_form, ifreq_form, open_form, request_form, signal_form

if TYPE_CHECKING:
    from .recorder import PairRecorder

_DESCRIPTORS = {"read": "fd", "write": "fd", "close": "fd", "ioctl": "fd", "receiveUDP": "fileno"}
"""Which argument of a system's operation is a descriptor."""


class Encoder:
    """Turns live values into the format's, naming objects where they are first seen."""

    def __init__(self, recorder: PairRecorder) -> None:
        self._recorder = recorder
        self.opaque: set[str] = set()

    def argument(self, kind: str, member: str, name: str, value: Any, memory: bool = False) -> Any:
        """An argument by its member and its name. `memory` is true where the flags are those of a system in memory."""
        if kind == "io" and _DESCRIPTORS.get(member) == name:
            return self.descriptor(value)
        if name in ("flag", "openFlags"):
            return open_form(value, memory)
        if member == "ioctl" and name == "opt":
            return request_form(value)
        if member == "ioctl" and name == "arg":
            return ifreq_form(value)
        if name in ("addr", "address") and isinstance(value, tuple) and len(value) == 2:
            return {"udp": [self.value(part) for part in value]}
        if member == "pendingSignals.append":
            return signal_form(value)
        if member == "registerSpecialDevice" and value is Tunnel:
            return "tunnel"
        return self.value(value)

    def result(self, kind: str, member: str, value: Any, thing: Any) -> Any:
        """What a member gave."""
        if value is NotImplemented:
            return member == "unequal"  # Python asks the other object next, and then compares identities
        if member == "fileno":
            return self.descriptor(value)
        if kind == "io":
            if member == "open":
                return self._recorder.opened(value)
            if member == "ioctl":
                return ifreq_form(value)
            if member == "sendUDP" and isinstance(value, tuple) and len(value) == 2:
                host, port = value
                assigned = system_of(thing) == "real"
                return {"udp": [self.value(host), self._recorder.assigned(port) if assigned else port]}
        return self.value(value)

    def attribute(self, kind: str, name: str, value: Any) -> Any:
        """An attribute that the application read."""
        if name == "_openFiles":
            return [self.descriptor(number) for number in value]
        if name == "openFlags":
            return open_form(value, memory=True)
        return self.value(value)

    def descriptor(self, value: Any) -> Any:
        """A descriptor by its name; a number that no `open` gave stays one."""
        name = self._recorder.descriptors.get(value) if type(value) is int else None
        return value if name is None else {"fd": name}

    def value(self, value: Any) -> Any:
        """Any value."""
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value)
        if isinstance(value, FlagConstant):
            return flags_form(value)
        if isinstance(value, (BaseException, Failure)):
            return error_form(value, self.value)
        if isinstance(value, (list, tuple, deque)):
            return [self.value(part) for part in value]
        return self.object(value)

    def object(self, thing: Any) -> dict[str, Any]:
        """An object: a reference, or with what the system knows of it where it is first seen."""
        kind = kind_of(thing) or "object"
        name, is_new = self._recorder.name(thing, kind)
        if not is_new or kind == "reactor":
            return {"ref": name}
        if kind == "deferred":
            return self._deferred(thing, name)
        form: dict[str, Any] = {"new": name}
        if kind == "protocol":
            form["implements"] = implements(thing)
        if kind == "io":
            form["is"] = {"system": system_of(thing)}
        if isinstance(thing, Numbered):
            form["fileno"] = self.descriptor(thing.fileno())
        if kind in ("protocol", "object"):
            form["class"] = f"{type(thing).__module__}.{type(thing).__qualname__}"
        if kind == "address":
            form["type"], form["name"] = self.value(thing.type), self.value(thing.name)
        return form

    def _deferred(self, thing: Deferred[Any], name: str) -> dict[str, Any]:
        form: dict[str, Any] = {"deferred": name}
        if thing.called and isinstance(thing.result, Failure):
            form["failed"] = self.value(thing.result)
        elif thing.called:
            form["fired"] = self.value(thing.result)
        return form
