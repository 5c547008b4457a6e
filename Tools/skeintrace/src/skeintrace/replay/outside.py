"""Peers in other processes, and signals: what comes from outside while the loop turns, played at its place."""

from __future__ import annotations

import errno
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..judge.recording import Event, Returned
from ..judge.values import first_reference
from ..record.sides import Side, sides

if TYPE_CHECKING:
    from .driver import Driver

_CHUNK = 1 << 16


@dataclass
class Peer:
    """A peer's socket, and how far it is in its step: the bytes received, or how many were sent."""

    end: socket.socket
    received: bytes = b""
    sent: int = 0
    #: Whether its step waits for the socket, and for which direction.
    waits_to_read: bool = False
    waits_to_write: bool = False


class Outside:
    """Plays the peers of a recording that nobody in the application plays.

    They act before a poll: a step is made as soon as all has come that the recording has before it. One that needs bytes,
    or room for them, is made as far as it goes; the poll then wakes up for the peer's socket too. Nothing here blocks.
    """

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self._peers: dict[str, Peer] = {}

    def join(self, reactor: Any) -> None:
        """Act before each poll of a reactor."""
        if not self.driver.judge.actors:
            return
        poll = reactor.doIteration

        def doIteration(timeout: Any) -> None:
            self.play()
            poll(timeout)
            if not reactor._started:
                # No other poll may follow: what comes at the very end comes now.
                self.play()

        reactor.doIteration = doIteration

    def play(self) -> None:
        """Make every step whose time has come, as far as it goes."""
        while not self.driver.live.diverged:
            with self.driver.live.lock:
                event = self.driver.judge.next_of_actor()
            if event is None or not self._act(event):
                return
        self.driver.stop()

    def waiting(self) -> dict[int, bool]:
        """The sockets that steps wait for, and whether each waits to write."""
        return {
            peer.end.fileno(): peer.waits_to_write
            for peer in self._peers.values()
            if (peer.waits_to_read or peer.waits_to_write) and peer.end.fileno() >= 0
        }

    def _act(self, event: Event) -> bool:
        """Do what was done; whether it could be done to its end."""
        if event.kind != "peer":
            sides.push(Side.APPLICATION)
            try:
                self.driver.do(event)
            finally:
                sides.pop()
            return True
        try:
            with self.driver.inputs.aside():
                return bool(getattr(self, "_" + event.method)(event))
        except (OSError, KeyError, AttributeError) as reason:
            self.driver.judge.diverge("not replayable", event.member, str(reason) or type(reason).__name__)
            return True

    def _tell(self, event: Event, **more: Any) -> int:
        peer = self._peers[event.target]
        name = self.driver.live.recorder.sockets.peer(peer.end)
        peer.received, peer.sent, peer.waits_to_read, peer.waits_to_write = b"", 0, False, False
        return self.driver.live.recorder.leaf({"peer": f"{name}.{event.method}", **more})

    # The steps.

    def _connect(self, event: Event) -> bool:
        recorder = self.driver.live.recorder
        place = self._destination(event)
        peer = self._peers.get(event.target)
        if peer is None:
            end = socket.socket(socket.AF_INET6 if len(place) == 4 else socket.AF_INET, socket.SOCK_STREAM)
            end.setblocking(False)
            peer = self._peers[event.target] = Peer(end)
        code = peer.end.connect_ex(place)
        if code in (errno.EINPROGRESS, errno.EALREADY):
            peer.waits_to_write = True
            return False
        if code not in (0, errno.EISCONN):
            raise OSError(code, errno.errorcode.get(code, ""))
        local = peer.end.getsockname()
        address = recorder.values.socket_address(place, told=isinstance(_port(event.args["address"]), dict))
        number = self._tell(event, args={"address": address}, gives=recorder.values.socket_address(local))
        recorder.note_client(local, number)
        return True

    def _destination(self, event: Event) -> Any:
        """Where to connect to: for a port whose name nothing has told yet, where the listening call of this run listens."""
        place = event.args["address"]
        port = _port(place)
        known = self.driver.judge.bindings.ports.live
        if isinstance(port, dict) and port["port"] not in known:
            for n in event.after:
                name = first_reference(getattr(self.driver.recording.events[n].outcome, "value", None))
                if name is not None:
                    number = self.driver.decoder.object(name).socket.getsockname()[1]
                    form = next(iter(place))
                    place = {form: [place[form][0], number, *place[form][2:]]}
        return self.driver.decoder.place(place)

    def _send(self, event: Event) -> bool:
        peer, data = self._peers[event.target], event.args["data"]
        try:
            while peer.sent < len(data):
                peer.sent += peer.end.send(data[peer.sent :])
        except BlockingIOError:
            peer.waits_to_write = True
            return False
        self._tell(event, args={"data": data})
        return True

    def _receive(self, event: Event) -> bool:
        peer = self._peers[event.target]
        expected = event.outcome.value if isinstance(event.outcome, Returned) else b""
        while True:
            try:
                data = peer.end.recv(min(_CHUNK, max(1, len(expected) - len(peer.received))))
            except BlockingIOError:
                peer.waits_to_read = True
                return False
            except OSError as error:
                self._tell(event, raises={"error": "os-error", "errno": errno.errorcode.get(error.errno or 0, "EIO")})
                return True
            peer.received += data
            if not data or len(peer.received) >= len(expected):
                self._tell(event, gives=peer.received)
                return True

    def _shutdown(self, event: Event) -> bool:
        self._peers[event.target].end.shutdown(getattr(socket, str(event.args["how"]["constant"])))
        self._tell(event, args=event.args)
        return True

    def _close(self, event: Event) -> bool:
        """An orderly end: what has arrived is read first, because the kernel would reset the connection otherwise."""
        end = self._peers[event.target].end
        try:
            while end.recv(_CHUNK):
                pass
        except OSError:
            pass
        end.close()
        self._tell(event)
        return True

    def _reset(self, event: Event) -> bool:
        end = self._peers[event.target].end
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()
        self._tell(event)
        return True

    def close(self) -> None:
        """Let go of everything."""
        for peer in self._peers.values():
            peer.end.close()


def _port(place: Any) -> Any:
    return next(iter(place.values()))[1]
