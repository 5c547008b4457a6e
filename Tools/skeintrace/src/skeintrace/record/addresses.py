"""Ports and hosts that a machine gave out: written as names, one name a number, one number a name."""

from __future__ import annotations

import socket
from typing import Any

from .identity import Names


class Ports:
    """Which port numbers the system assigned (`p-1`), and which the application obtained beforehand (`free-1`)."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[int, str] = {}
        self._free: set[int] = set()

    def obtained(self, number: int) -> None:
        """The application had the operating system choose this port and then let it go: an input of the trace."""
        if number not in self._known:
            self._free.add(number)

    def assigned(self, number: int) -> Any:
        """A port in a place where the system tells it: named, unless it is one that the application chose."""
        return self.value(number, assigned=True)

    def chosen(self, number: int) -> None:
        """The application chose this number itself: a literal wherever it comes back."""
        if number and number not in self._known and number not in self._free:
            self._known[number] = ""

    def value(self, number: Any, assigned: bool = False) -> Any:
        """A port as the format writes it: a name if it has one, else the literal."""
        if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
            return number
        name = self._known.get(number)
        if name is None:
            if number in self._free:
                name = self._known[number] = self._names.new("free")
            elif assigned:
                name = self._known[number] = self._names.new("p")
        return {"port": name} if name else number


class Hosts:
    """Link-local hosts, which are inputs: the machine's interfaces give them."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[str, str] = {}

    @staticmethod
    def is_link_local(host: object) -> bool:
        """Whether a host is a link-local IPv6 address, zone or no zone."""
        return isinstance(host, str) and host[:4].lower() in ("fe80", "fe90", "fea0", "feb0") and ":" in host

    def value(self, host: Any) -> Any:
        """A host as the format writes it."""
        if isinstance(host, (bytes, bytearray)):
            return bytes(host)
        if not self.is_link_local(host) or "%" not in host:
            return host
        return {"host": self._name(host)}

    def scope(self, host: Any, index: Any) -> Any:
        """The scope index that goes with a host."""
        if index and self.is_link_local(host) and "%" in host:
            return {"scope": self._name(host)}
        return index

    def _name(self, host: str) -> str:
        name = self._known.get(host)
        if name is None:
            name = self._known[host] = self._names.new("linklocal")
        return name


def zoned(name: tuple[str, int, int, int]) -> tuple[str, int, int, int]:
    """An IPv6 socket address with the zone in its host, as Twisted writes it."""
    try:
        host = socket.getnameinfo(name, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
    except OSError:
        host = name[0]
    return (host, *name[1:])


FAMILIES = {
    int(socket.AF_INET): "inet",
    int(socket.AF_INET6): "inet6",
    int(socket.AF_UNIX): "unix",
}
TYPES = {int(socket.SOCK_STREAM): "stream", int(socket.SOCK_DGRAM): "datagram"}
