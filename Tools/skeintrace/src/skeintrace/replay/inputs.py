"""What a trace takes from the machine it runs on: free ports, link-local hosts, descriptors handed in."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..judge.recording import Event, Returned
from ..record.sides import Side

if TYPE_CHECKING:
    from .driver import Driver


class Unavailable(Exception):
    """The machine does not have what a trace needs: the trace is not run here."""


class Inputs:
    """The inputs of one run, made when they are first needed and kept until it is over."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.sockets: dict[str, socket.socket] = {}
        self._free: dict[str, int] = {}
        self._descriptors: dict[str, int] = {}
        self._kept: list[socket.socket] = []
        self._pipes: dict[str, int] = {}

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is done here is the replay's own, and no part of the run."""
        sides = self.driver.live.recorder.sides
        sides.push(Side.SYSTEM)
        try:
            yield
        finally:
            sides.pop()

    def port(self, name: str) -> int:
        """A port's number: of the one that is bound to the name, or a free one."""
        live = self.driver.judge.bindings.ports.live.get(name)
        if live is not None:
            for number, known in self.driver.live.recorder.ports._known.items():
                if known == live:
                    return number
        if name not in self._free:
            with self.aside():
                self._free[name] = _free_port()
            self.driver.live.recorder.ports.obtained(self._free[name])
        return self._free[name]

    def host(self, name: str) -> str:
        """A link-local host, with its zone."""
        return _link_local()[0]

    def scope(self, name: str) -> int:
        """The index of the interface of a link-local host."""
        return _link_local()[1]

    def descriptor(self, name: str, description: Mapping[str, Any] | None) -> int:
        """A descriptor equal to the one that was handed in."""
        live = self.driver.judge.bindings.descriptors.live.get(name)
        if live is not None:
            for number, (_, known) in self.driver.live.recorder.descriptors._names.items():
                if known == live:
                    return number
        if name not in self._descriptors:
            with self.aside():
                self._descriptors[name] = self._make(name, description or {})
        return self._descriptors[name]

    def _make(self, name: str, description: Mapping[str, Any]) -> int:
        if description.get("closed"):
            reading, writing = os.pipe()
            os.close(writing)
            os.close(reading)
            return reading
        if "pipe" in description:
            reading, writing = os.pipe()
            for end in (reading, writing):
                os.set_blocking(end, False)
            mine = reading if description["pipe"] == "read" else writing
            self._pipes[name] = writing if mine == reading else reading
            return mine
        if "file" in description:
            return os.open(os.devnull, os.O_RDWR)
        known = self._of_peer(description)
        if known is None:
            known = self._socket(description)
            self._kept.append(known)
        self.sockets[name] = known
        return known.fileno()

    def _of_peer(self, description: Mapping[str, Any]) -> socket.socket | None:
        """The socket of a peer's that this describes, when it is one of those."""
        if "bound" not in description or "connected" not in description:
            return None
        place = self.driver.decoder.place
        end = self.driver.peers.with_ends(place(description["bound"]), place(description["connected"]))
        if end is not None:
            end.setblocking(bool(description.get("blocking", False)))
        return end

    def _socket(self, description: Mapping[str, Any]) -> socket.socket:
        family = getattr(socket, "AF_" + str(description.get("family", "inet")).upper())
        kind = socket.SOCK_STREAM if description.get("socket") == "stream" else socket.SOCK_DGRAM
        end = socket.socket(family, kind)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        end.setblocking(bool(description.get("blocking", False)))
        decode = self.driver.decoder
        if "listening" in description:
            place = description["listening"]
            end.bind(_new_place(self.driver, place))
            end.listen(50)
        elif "connected" in description:
            if "bound" in description:
                end.bind(_new_place(self.driver, description["bound"]))
            end.setblocking(True)
            end.connect(decode.place(description["connected"]))
            end.setblocking(bool(description.get("blocking", False)))
        elif "bound" in description:
            end.bind(_new_place(self.driver, description["bound"]))
        return end

    def operate(self, event: Event) -> None:
        """What the application does with a descriptor of its own, or with that of a transport."""
        end = self.sockets.get(event.target) or self._handle(event.target)
        if event.method == "close":
            end.close()
        elif event.method in ("write", "send"):
            end.sendall(event.args["data"])
        elif event.method in ("read", "recv"):
            given = event.outcome.value if isinstance(event.outcome, Returned) else b""
            end.recv(max(1, len(given or b"")))
        elif event.method == "shutdown":
            end.shutdown(getattr(socket, str(event.args["how"]["constant"])))

    def _handle(self, name: str) -> socket.socket:
        """The socket object of a transport or port whose descriptor this is."""
        number = self.descriptor(name, None)
        for thing in list(self.driver.live.names.objects.values()):
            end = getattr(thing, "__dict__", {}).get("socket")
            if isinstance(end, socket.socket) and end.fileno() == number:
                return end
        raise Unavailable(f"{name} is no socket of this run")

    def close(self) -> None:
        """Let go of everything."""
        for end in self._kept:
            end.close()
        for number in self._pipes.values():
            try:
                os.close(number)
            except OSError:
                pass


def _new_place(driver: Driver, place: Mapping[str, Any]) -> Any:
    """An address to bind to, with port 0 where the system had assigned the port."""
    form = place.get("ipv4") or place.get("ipv6")
    if form is None:
        raise Unavailable(f"a descriptor with the address {place!r} cannot be made")
    host, port, *rest = form
    number = 0 if isinstance(port, Mapping) and str(port["port"]).startswith("p-") else driver.decoder.value(port)
    host = str(driver.decoder.value(host))
    if "ipv6" in place:
        return socket.getaddrinfo(host, number, socket.AF_INET6, socket.SOCK_STREAM)[0][4]
    return (host, number)


#: Where free ports are looked for: below the range that the system assigns from, so that nothing takes one meanwhile.
FREE_PORTS = range(20_000, 32_000)


def _free_port() -> int:
    """A port that nothing uses, on any address of either family, not even a connection that was closed lately."""
    for number in random.sample(FREE_PORTS, 1_000):
        try:
            with socket.socket(socket.AF_INET6) as end:
                end.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                end.bind(("::", number))
                return number
        except OSError:
            continue
    raise Unavailable("no free port was found")


def _link_local() -> tuple[str, int]:
    try:
        with open("/proc/net/if_inet6") as table:
            for line in table:
                digits, index, _, scope, _, name = line.split()
                if scope == "20":
                    host = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(digits))
                    return f"{host}%{name}", int(index, 16)
    except OSError:
        pass
    raise Unavailable("no link-local address: run inside a network namespace (see --namespace)")


def opaque(name: str) -> Any:
    """An object of a class that the trace names and nothing more."""
    if name == "Context":
        from OpenSSL import SSL

        return SSL.Context(SSL.TLS_METHOD)
    return object()
