"""Values as the format writes them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Callable

from twisted.internet import address, interfaces
from twisted.python.failure import Failure

from .addresses import zoned
from .callables import Handed, HandedMethod
from .errors import error_value
from .interfaces import IMPLEMENTS

if TYPE_CHECKING:
    from .recorder import Recorder

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
DEPTH = 8
"""How deep lists and mappings of an application's are followed."""


class Unexpressible(Exception):
    """A value that no other language can be handed, and the word that says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Encoder:
    """Turns live values into the format's, naming objects where they are first seen."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.opaque: set[str] = set()

    def argument(self, name: str, value: Any, told: bool) -> Any:
        """An argument by its name. `told` is true where the system says it to the application."""
        ports = self._recorder.ports
        if name in ("port", "portNumber") and isinstance(value, int) and not isinstance(value, bool):
            if not told:
                ports.chosen(value)
            return ports.value(value, assigned=told)
        if name in ("host", "interface", "hostName"):
            return self._recorder.hosts.value(value)
        if name in ("bindAddress",) and isinstance(value, tuple) and len(value) == 2:
            ports.chosen(value[1])
            return self.address(value[0], value[1], told=False)
        if name == "addressFamily" and isinstance(value, int):
            return {"constant": value.name} if isinstance(value, socket.AddressFamily) else int(value)
        if name in ("delay", "secondsFromNow", "secondsLater", "timeout") and type(value) is int:
            return value if INT_MIN <= value <= INT_MAX else _double(value)
        if name == "enabled" and isinstance(value, int):
            return bool(value)  # Applications write 1 and 0 too.
        if name == "fileDescriptor" and isinstance(value, int):
            return self._recorder.descriptors.handed(value)
        return self.value(value, told)

    def passed(self, value: Any) -> Any:
        """A value that the system only hands on: an object without a form is a token, known by its identity."""
        return self.value(value, told=False, stranger=self._recorder.token)

    def value(
        self, value: Any, told: bool = True, depth: int = 0, stranger: Callable[[Any], dict[str, Any]] | None = None
    ) -> Any:
        """Any value. Raises Unexpressible for a number that has no form."""
        if value is None or isinstance(value, (bool, float)):
            return value
        if isinstance(value, int):
            if not INT_MIN <= value <= INT_MAX:
                raise Unexpressible("integer")
            return int(value)
        if isinstance(value, str):
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                raise Unexpressible("text") from None
            return self._recorder.hosts.value(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value)
        if isinstance(value, (Failure, BaseException)):
            return error_value(value, told)
        if isinstance(value, (Handed, HandedMethod)):
            return self.value(value.__wrapped__, told, depth, stranger)
        known = self._recorder.name_of(value)
        if known is not None:
            return {"ref": known}
        if isinstance(value, (address.IPv4Address, address.IPv6Address)):
            return self.ip(value, told)
        if isinstance(value, address.UNIXAddress):
            return {"unix": value.name}
        if isinstance(value, address.HostnameAddress):
            return {"hostname": [value.hostname.decode("ascii", "replace"), value.port]}
        if isinstance(value, interfaces._Binding):
            return self.binding(value)
        kind = self._recorder.system_kind(value)
        if kind is not None:
            return self._recorder.introduce(value, kind)
        if isinstance(value, type) and value in _CLASSES:
            return _CLASSES[value]
        if depth < DEPTH:
            if isinstance(value, (set, frozenset)):
                return {"set": [self.value(item, told, depth + 1, stranger) for item in value]}
            if isinstance(value, (list, tuple)):
                return [self.value(item, told, depth + 1, stranger) for item in value]
            if isinstance(value, dict):
                pairs = [(key, item) for key, item in value.items()]
                return {"map": [[self.value(part, told, depth + 1, stranger) for part in pair] for pair in pairs]}
        return (stranger or self.opaque_value)(value)

    def opaque_value(self, value: Any) -> dict[str, Any]:
        """What has no form: its class alone."""
        name = value.__qualname__ if isinstance(value, type) else type(value).__qualname__
        self.opaque.add(name)
        return {"opaque": name}

    def ip(self, value: Any, told: bool) -> dict[str, Any]:
        """An IPv4Address or IPv6Address."""
        if isinstance(value, address.IPv4Address):
            form = self.address(value.host, value.port, told=told)
        else:
            form = self.address(value.host, value.port, value.flowInfo, value.scopeID, told=told)
        if value.type != "TCP":
            form["type"] = value.type.lower()
        return form

    def address(self, host: Any, port: Any, flow: int = 0, scope: int = 0, *, told: bool) -> dict[str, Any]:
        """A host and a port, by what the host looks like."""
        hosts = self._recorder.hosts
        parts = [hosts.value(host), self._recorder.ports.value(port, assigned=told)]
        if not (isinstance(host, str) and ":" in host):
            return {"ipv4": parts}
        if flow or scope:
            parts += [flow, hosts.scope(host, scope)]
        return {"ipv6": parts}

    def socket_address(self, name: Any, told: bool = True) -> Any:
        """What `getsockname` or `getpeername` gave."""
        if isinstance(name, tuple) and len(name) == 2:
            return self.address(name[0], name[1], told=told)
        if isinstance(name, tuple) and len(name) == 4:
            return self.address(*zoned(name), told=told)
        return {"unix": name}

    def binding(self, value: Any) -> dict[str, Any]:
        """A Binding: where to bind, and the two options it has."""
        self._recorder.ports.chosen(value._port)
        return {
            "binding": self.address(value._address or "", value._port, told=False),
            "reuseAddress": bool(value._reuseAddress),
            "reusePort": bool(value._reusePort),
        }

    def implements(self, thing: Any, role: str) -> list[str]:
        """The interfaces that the system branches on and this object provides."""
        return [word for word, interface in IMPLEMENTS.get(role, ()) if interface.providedBy(thing)]


def _double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


_CLASSES: dict[type, Any] = {address.IPv4Address: "ipv4", address.IPv6Address: "ipv6"}
