"""Whose object is whose: the parties between which something crosses."""

from __future__ import annotations

import socket
from enum import Enum
from typing import Any

from twisted.internet import defer, interfaces, protocol, task
from twisted.pair import ethernet, ip, raw, rawudp, testing, tuntap


class Party(Enum):
    """One of those that call one another."""

    APPLICATION = "application"
    """Tests and programs, with their protocols and their reactor."""
    PORT = "port"
    IO = "io"
    """What opens devices, with the devices in it and the builders of packets."""
    STACK = "stack"
    VALUE = "value"


class PeerSocket:
    """A socket that a real system gave: the far end of a tunnel. It is the system's, and `recv` on it crosses."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner

    def recv(self, nbytes: int) -> bytes:
        """Takes a datagram."""
        return self._inner.recv(nbytes)

    def close(self) -> None:
        """Closes the socket."""
        self._inner.close()


class FedSystem:
    """Stands for a system whose outcomes come from a trace. The replay fills it in."""

    O_RDWR, O_NONBLOCK, O_CLOEXEC = 1, 2, 4


SYSTEMS: tuple[type, ...] = (testing.MemoryIOSystem, tuntap._RealSystem, FedSystem)
_STACK = {ethernet.EthernetProtocol: "ethernet", ip.IPProtocol: "ip", rawudp.RawUDPProtocol: "udp"}
_PARTIES = {
    "tunnelport": Party.PORT,
    "io": Party.IO,
    "tunnel": Party.IO,
    "socket": Party.IO,
    "address": Party.VALUE,
    "ethernet": Party.STACK,
    "ip": Party.STACK,
    "udp": Party.STACK,
}
CLASSES: tuple[type, ...] = (
    tuntap.TuntapPort, *SYSTEMS, testing.Tunnel, testing._FakePort, PeerSocket, tuntap.TunnelAddress, *_STACK
)
"""The classes whose objects are no application's."""

IMPLEMENTS = (
    ("ethernet", ethernet.IEthernetProtocol),
    ("raw-packet", raw.IRawPacketProtocol),
    ("raw-datagram", raw.IRawDatagramProtocol),
)

PARAMETERS = {
    "ethernet": ("data", "partial"),
    "raw-packet": ("data", "partial", "dest", "source", "protocol"),
    "raw-datagram": (
        "data", "partial", "source", "dest", "protocol", "version", "ihl", "tos", "tot_len", "fragment_id",
        "fragment_offset", "dont_fragment", "more_fragments", "ttl",
    ),
    "datagram": ("datagram", "addr"),
}
"""The arguments of `datagramReceived` by the interface: never under the names of whoever implements it."""


def implements(thing: Any) -> list[str]:
    """What a protocol is to the system, in the words of the format."""
    words = [word for word, interface in IMPLEMENTS if interface.providedBy(thing)]
    if isinstance(thing, protocol.DatagramProtocol):
        words.append("datagram")
    return words


def kind_of(thing: Any) -> str | None:
    """The kind of an object, None where it is a plain value or means nothing to the system.

    A subclass decides by its own class: an application's EthernetProtocol is the application's.
    """
    if isinstance(thing, tuntap.TuntapPort):
        return "tunnelport"
    if isinstance(thing, SYSTEMS) or not isinstance(thing, type) and tuntap._IInputOutputSystem.providedBy(thing):
        return "io"
    if isinstance(thing, testing.Tunnel):
        return "tunnel"
    if isinstance(thing, (testing._FakePort, PeerSocket)):
        return "socket"
    if isinstance(thing, tuntap.TunnelAddress):
        return "address"
    if type(thing) in _STACK:
        return _STACK[type(thing)]
    if isinstance(thing, task.Clock) or interfaces.IReactorFDSet.providedBy(thing):
        return "reactor"
    if isinstance(thing, defer.Deferred):
        return "deferred"
    if not isinstance(thing, type) and hasattr(type(thing), "datagramReceived"):
        return "protocol"
    return None


def party_of_kind(kind: str | None) -> Party:
    """Whose an object of a kind is."""
    return _PARTIES.get(kind or "", Party.APPLICATION)


def party_of(thing: Any) -> Party:
    """Whose an object is."""
    return party_of_kind(kind_of(thing))


def system_of(thing: Any) -> str:
    """What kind of system: `memory`, `real`, or `fed`, whose answers are not Twisted's: an application's own."""
    if isinstance(thing, testing.MemoryIOSystem):
        return "memory"
    return "real" if isinstance(thing, tuntap._RealSystem) else "fed"
