"""Where a connection's ends are: literal addresses as they stand, placeholders as fixed numbers."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import Any

_PORTS = {"p": 49152, "free": 32768}
"""The first number of each kind of port placeholder. Each kind has 16,384, used round."""
_ROUND = 16384
CLIENT_PORTS, SERVER_PORTS = 16384, 8192
"""The first number of the ports that nothing in the trace names, of each role."""


@dataclass(frozen=True)
class Place:
    """One end's address: what is known of it."""

    host: bytes | None = None
    """4 or 16 bytes."""
    port: int | None = None

    def or_else(self, other: Place) -> Place:
        """This place, with what it lacks from another of the same family."""
        if self.host is not None and other.host is not None and len(self.host) != len(other.host):
            return self
        return Place(other.host if self.host is None else self.host, other.port if self.port is None else self.port)


def _placeholder(value: Any) -> tuple[str, int | None]:
    """The kind and the number of a placeholder, such as `free-1`."""
    found = re.fullmatch(r"(.*)-([0-9]{1,9})", value) if isinstance(value, str) else None
    return ("", None) if found is None else (found[1], int(found[2]))


def port_number(value: Any) -> int | None:
    """The number of a port: a literal, or a placeholder's."""
    if isinstance(value, dict):
        kind, k = _placeholder(value.get("port"))
        return None if k is None or kind not in _PORTS else _PORTS[kind] + (k - 1) % _ROUND
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536:
        return value
    return None


def host_bytes(value: Any) -> bytes | None:
    """The bytes of a host's address; None for a name and for the address that stands for all."""
    if isinstance(value, dict):
        _, k = _placeholder(value.get("host"))
        return None if k is None else b"\xfe\x80" + bytes(12) + (k % 65536).to_bytes(2, "big")
    if not isinstance(value, str):
        return None
    try:
        address = ipaddress.ip_address(value.partition("%")[0])
    except ValueError:
        return None
    return None if address.is_unspecified else address.packed


def place(value: Any) -> Place:
    """What an address of the trace says."""
    if isinstance(value, dict):
        if "binding" in value:
            return place(value["binding"])
        for form in ("ipv4", "ipv6"):
            parts = value.get(form)
            if isinstance(parts, list) and len(parts) >= 2:
                return Place(host_bytes(parts[0]), port_number(parts[1]))
    elif isinstance(value, list) and len(value) >= 2:
        return Place(host_bytes(value[0]), port_number(value[1]))
    return Place()


def complete(client: Place, server: Place, ordinal: int) -> tuple[Place, Place]:
    """Both ends with all that the trace does not say filled in by rule; `ordinal` is the connection's, from 1."""
    nowhere = client.host is None and server.host is None
    if nowhere or client.host is not None and server.host is not None and len(client.host) != len(server.host):
        # A UNIX socket, or nothing that could be an address: both ends are the object's own.
        own = b"\xfd\x73" + bytes(8) + (ordinal % 2**32).to_bytes(4, "big")
        return Place(own + b"\x00\x02", 2), Place(own + b"\x00\x01", 1)
    client = replace(client, host=client.host or _other_end(server.host or b""))
    server = replace(server, host=server.host or _other_end(client.host or b""))
    offset = (ordinal - 1) % _ROUND
    return (
        client.or_else(Place(port=CLIENT_PORTS + offset)),
        server.or_else(Place(port=SERVER_PORTS + offset % (CLIENT_PORTS - SERVER_PORTS))),
    )


def _other_end(host: bytes) -> bytes:
    """Where the other end is when only this one is known: the same machine, if it is local, else documentation's."""
    address = ipaddress.ip_address(host)
    if address.is_loopback or address.is_link_local:
        return host
    return ipaddress.ip_address("192.0.2.1" if len(host) == 4 else "2001:db8::1").packed
