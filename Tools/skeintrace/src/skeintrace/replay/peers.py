"""Peers outside the boundary: raw sockets that the replay plays in the application's place, step by step."""

from __future__ import annotations

import select
import socket
from typing import TYPE_CHECKING, Any

from ..judge.recording import Event, Raised, Returned

if TYPE_CHECKING:
    from .driver import Driver

#: How long a peer waits for what the recording says comes: it is there already, but for the kernel's own work.
PATIENCE = 5.0


class Peers:
    """The raw sockets of one run. They are ordinary sockets, so the recorder sees what is done with them."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.sockets: dict[str, socket.socket] = {}

    def perform(self, event: Event) -> None:
        """Do what a peer did."""
        step = getattr(self, "_" + event.method, None)
        if step is None:
            raise ValueError(f"a peer cannot {event.method}")
        step(event)

    def _socket(self, event: Event, family: int = socket.AF_INET) -> socket.socket:
        if event.target not in self.sockets:
            self.sockets[event.target] = socket.socket(family, socket.SOCK_STREAM)
            self.sockets[event.target].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return self.sockets[event.target]

    def _listen(self, event: Event) -> None:
        place = event.outcome.value if isinstance(event.outcome, Returned) else {}
        family = socket.AF_INET6 if "ipv6" in place else socket.AF_INET
        end = self._socket(event, family)
        host, port = (place["ipv6"] if "ipv6" in place else place["ipv4"])[:2]
        name = str(port["port"]) if isinstance(port, dict) else ""
        number = 0 if name.startswith("p-") else self.driver.decoder.value(port)
        end.bind((str(self.driver.decoder.value(host)), number))
        end.listen(50)
        self.driver.live.recorder.sockets.announce_listener(end.getsockname()[1])

    def _connect(self, event: Event) -> None:
        place = event.args["address"]
        family = socket.AF_INET6 if "ipv6" in place else socket.AF_INET
        end = self._socket(event, family)
        try:
            end.connect(self.driver.decoder.place(place))
        except OSError:
            if not isinstance(event.outcome, Raised):
                raise

    def _accept(self, event: Event) -> None:
        end, _ = self._socket(event).accept()
        given = event.outcome.value if isinstance(event.outcome, Returned) else {}
        self.sockets[str(given.get("ref") or given.get("new"))] = end

    def with_ends(self, near: Any, far: Any) -> socket.socket | None:
        """The peer's socket that is bound to `near` and connected to `far`."""
        for end in self.sockets.values():
            try:
                if (end.getsockname(), end.getpeername()) == (near, far):
                    return end
            except OSError:
                continue
        return None

    def _send(self, event: Event) -> None:
        self._socket(event).sendall(event.args["data"])

    def _receive(self, event: Event) -> None:
        expected = event.outcome.value if isinstance(event.outcome, Returned) else b""
        end = self._socket(event)
        ready, _, _ = select.select([end], [], [], PATIENCE)
        if ready or end.getblocking():
            end.recv(max(1, len(expected or b"")))

    def _shutdown(self, event: Event) -> None:
        self._socket(event).shutdown(getattr(socket, str(event.args["how"]["constant"])))

    def _close(self, event: Event) -> None:
        self._socket(event).close()

    def _reset(self, event: Event) -> None:
        import struct

        end = self._socket(event)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()

    def close(self) -> None:
        """Let go of everything."""
        for end in self.sockets.values():
            end.close()


__all__: list[Any] = ["Peers"]
