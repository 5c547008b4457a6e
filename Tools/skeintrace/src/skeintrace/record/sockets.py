"""The application's own sockets: peers of the reactor, descriptors on their way in, and ports asked of the machine."""

from __future__ import annotations

import errno
import os
import socket
import weakref
from typing import TYPE_CHECKING, Any, Callable

from .active import active
from .addresses import zoned
from .errors import transparent
from .sides import Side, sides

if TYPE_CHECKING:
    from .recorder import Recorder

Replace = Callable[[Any, str, Any], None]


class Raw:
    """What the application did with one socket of its own."""

    __slots__ = ("announced", "asked", "bound", "connected", "listening", "name")

    def __init__(self) -> None:
        self.asked: int | None = None
        """The port that it asked to be bound to."""
        self.bound: Any = None
        self.listening = False
        self.connected = False
        self.name: str | None = None
        self.announced = False


class Sockets:
    """The application's sockets in one recording. Also before its window opens: ports are asked for early."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._raws: weakref.WeakKeyDictionary[socket.socket, Raw] = weakref.WeakKeyDictionary()
        self._out = False

    def raw(self, end: socket.socket) -> Raw:
        """The notes on a socket."""
        found = self._raws.get(end)
        if found is None:
            found = self._raws[end] = Raw()
        return found

    def run_out(self, out: bool) -> None:
        """The application has no descriptor left, or has one again."""
        if self._out != out:
            self._out = out
            self._recorder.leaf({"fault": "descriptors.exhaust" if out else "descriptors.release"})

    def bound(self, end: socket.socket, address: Any) -> None:
        """The application bound a socket; port 0 asks the machine for one."""
        raw = self.raw(end)
        raw.asked, raw.bound = address[1], end.getsockname()

    def listens(self, end: socket.socket) -> None:
        """The application made a socket listen."""
        raw = self.raw(end)
        raw.listening, raw.bound = True, end.getsockname()

    def closed(self, end: socket.socket, number: int, known: str | None) -> None:
        """The application closed a socket, which had this number and, if it was handed in, this name."""
        recorder = self._recorder
        raw = self._raws.get(end)
        if raw is not None and raw.asked == 0 and not raw.listening and not raw.connected and raw.bound:
            recorder.ports.obtained(raw.bound[1])
        if recorder.passive or number < 0:
            return
        if known is not None:
            recorder.leaf({"io": f"{known}.close"})
        elif raw is not None and raw.name is not None:
            self.event(end, "close")

    def connected(self, end: socket.socket, address: Any, raised: BaseException | None) -> None:
        """The application connected a socket, or tried to."""
        recorder = self._recorder
        if not isinstance(address, tuple):
            return
        self.announce_listener(address[1])
        arguments = {"address": recorder.values.socket_address(address, told=False)}
        code = getattr(raised, "errno", None)
        if raised is not None and code not in (errno.EINPROGRESS, errno.EWOULDBLOCK):
            name = errno.errorcode.get(code or 0, "EIO")
            self.event(end, "connect", arguments, raises={"error": "os-error", "errno": name})
            return
        self.raw(end).connected = True
        local = end.getsockname()
        recorder.note_client(local, self.event(end, "connect", arguments, gives=recorder.values.socket_address(local)))

    def accepted(self, listener: socket.socket, end: socket.socket, address: Any) -> None:
        """A listening socket of the application's accepted a connection."""
        recorder = self._recorder
        if not isinstance(address, tuple):
            return
        self.raw(end).connected = True
        local = zoned(address) if len(address) == 4 else address
        cause = recorder.clients.get((local[0], local[1]))
        after = {} if cause is None else {"after": [cause]}
        name = self.peer(listener)
        recorder.leaf({"peer": f"{name}.accept", "gives": {"ref": self.peer(end)}, **after})

    def shut(self, end: socket.socket, how: int) -> None:
        """The application shut a socket's direction."""
        recorder = self._recorder
        word = {"constant": {socket.SHUT_RD: "SHUT_RD", socket.SHUT_WR: "SHUT_WR"}.get(how, "SHUT_RDWR")}
        known = recorder.descriptors.find(end.fileno())
        if known is not None:
            recorder.leaf({"io": f"{known}.shutdown", "args": {"how": word}})
        elif end.family != socket.AF_UNIX:
            self.event(end, "shutdown", {"how": word})

    def moved(self, end: socket.socket, member: str, data: bytes) -> None:
        """The application sent or received bytes."""
        recorder = self._recorder
        known = recorder.descriptors.find(end.fileno())
        where: dict[str, Any] = {"args": {"data": data}} if member == "send" else {"gives": data}
        if known is not None:
            recorder.leaf({"io": f"{known}.{'send' if member == 'send' else 'recv'}", **where})
        elif end.family != socket.AF_UNIX:
            recorder.leaf({"peer": f"{self.peer(end)}.{member}", **where})

    def peer(self, end: socket.socket) -> str:
        """The name of a socket that plays a peer."""
        raw = self.raw(end)
        if raw.name is None:
            raw.name = self._recorder.names.new("peer")
        return raw.name

    def announce_listener(self, port: Any) -> None:
        """Somebody is about to connect to a socket of the application's: its listening comes first."""
        for end, raw in list(self._raws.items()):
            if raw.listening and not raw.announced and raw.bound is not None and raw.bound[1] == port:
                raw.announced = True
                self.event(end, "listen", gives=self._recorder.values.socket_address(raw.bound, told=raw.asked == 0))

    def event(self, end: socket.socket, member: str, args: dict[str, Any] | None = None, **outcome: Any) -> int:
        """Writes what a peer did."""
        event: dict[str, Any] = {"peer": f"{self.peer(end)}.{member}", **outcome}
        if args:
            event["args"] = args
        return self._recorder.leaf(event)


def _application() -> Recorder | None:
    recorder = active.recorder
    return recorder if recorder is not None and sides.stack[-1].side is Side.APPLICATION and not recorder.closed else None


def _bind(original: Callable[..., Any]) -> Callable[..., Any]:
    def bind(self: socket.socket, address: Any) -> Any:
        result = original(self, address)
        recorder = _application()
        if recorder is not None and isinstance(address, tuple):
            recorder.guard(lambda: recorder.sockets.bound(self, address))
        return result

    return bind


def _listen(original: Callable[..., Any]) -> Callable[..., Any]:
    def listen(self: socket.socket, *backlog: Any) -> Any:
        result = original(self, *backlog)
        recorder = _application()
        if recorder is not None:
            recorder.guard(lambda: recorder.sockets.listens(self))
        return result

    return listen


def _close(original: Callable[..., Any]) -> Callable[..., Any]:
    def close(self: socket.socket) -> Any:
        recorder = _application()
        if recorder is None:
            return original(self)
        number = self.fileno()
        known = recorder.descriptors.find(number) if number >= 0 else None
        result = original(self)
        recorder.guard(lambda: recorder.sockets.closed(self, number, known))
        return result

    return close


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any) -> Any:
        recorder = _application()
        if recorder is None or recorder.passive:
            return original(self, address)
        try:
            result = original(self, address)
        except OSError as error:
            failure = error
            recorder.guard(lambda: recorder.sockets.connected(self, address, failure))
            raise
        recorder.guard(lambda: recorder.sockets.connected(self, address, None))
        return result

    return connect


def _connect_ex(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect_ex(self: socket.socket, address: Any) -> Any:
        result = original(self, address)
        recorder = active.running()
        if recorder is None:
            return result
        if recorder.connecting is not None and recorder.connecting[0] is self:
            if result in (0, errno.EINPROGRESS):
                attempt = recorder.connecting[1]
                recorder.guard(lambda: recorder.note_client(self.getsockname(), attempt))
        elif _application() is not None:
            failure = OSError(result, "") if result else None
            recorder.guard(lambda: recorder.sockets.connected(self, address, failure))
        return result

    return connect_ex


def _sent(member: str, full: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def send(self: socket.socket, data: Any, *args: Any) -> Any:
            result = original(self, data, *args)
            recorder = _application()
            if recorder is not None and not recorder.passive:
                sent = bytes(data) if full else bytes(data)[:result]
                if sent:
                    recorder.guard(lambda: recorder.sockets.moved(self, "send", sent))
            return result

        return send

    return make


def _recv(original: Callable[..., Any]) -> Callable[..., Any]:
    def recv(self: socket.socket, *args: Any) -> Any:
        result = original(self, *args)
        recorder = _application()
        if recorder is not None and not recorder.passive:
            recorder.guard(lambda: recorder.sockets.moved(self, "receive", result))
        return result

    return recv


def _shutdown(original: Callable[..., Any]) -> Callable[..., Any]:
    def shutdown(self: socket.socket, how: int) -> Any:
        result = original(self, how)
        recorder = _application()
        if recorder is not None and not recorder.passive:
            recorder.guard(lambda: recorder.sockets.shut(self, how))
        return result

    return shutdown


def _accept(original: Callable[..., Any]) -> Callable[..., Any]:
    def accept(self: socket.socket) -> Any:
        end, address = original(self)
        recorder = _application()
        if recorder is not None and not recorder.passive:
            recorder.guard(lambda: recorder.sockets.accepted(self, end, address))
        return end, address

    return accept


def _dup(original: Callable[..., Any]) -> Callable[..., Any]:
    """`os.dup`: an application that uses up its descriptors makes a fault that a replay must make too."""

    def dup(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except OSError as error:
            recorder = _application()
            if error.errno == errno.EMFILE and recorder is not None and not recorder.passive:
                recorder.sockets.run_out(True)
            raise

    return dup


def _close_number(original: Callable[..., Any]) -> Callable[..., Any]:
    """`os.close`: with the first that is closed there is a descriptor again."""

    def close(number: int) -> None:
        original(number)
        recorder = _application()
        if recorder is not None and not recorder.passive:
            recorder.sockets.run_out(False)

    return close


def _descriptor(member: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`os.read` and `os.write` on a descriptor that was handed in."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def moved(number: int, what: Any) -> Any:
            result = original(number, what)
            recorder = _application()
            if recorder is not None and not recorder.passive:
                recorder.guard(lambda: tell(recorder, number, what, result))
            return result

        def tell(recorder: Recorder, number: int, what: Any, result: Any) -> None:
            known = recorder.descriptors.find(number)
            if known is not None and member == "read":
                recorder.leaf({"io": f"{known}.read", "gives": result})
            elif known is not None:
                recorder.leaf({"io": f"{known}.write", "args": {"data": bytes(what)[:result]}})

        return moved

    return make


def install(replace: Replace) -> None:
    """Starts to see what the application does with sockets of its own."""
    cls = socket.socket
    for name, make in {
        "bind": _bind,
        "listen": _listen,
        "close": _close,
        "connect": _connect,
        "connect_ex": _connect_ex,
        "send": _sent("send", False),
        "sendall": _sent("sendall", True),
        "recv": _recv,
        "shutdown": _shutdown,
        "accept": _accept,
    }.items():
        original = getattr(cls, name)
        replace(cls, name, transparent(make(original), original))
    replace(os, "read", transparent(_descriptor("read")(os.read), os.read))
    replace(os, "write", transparent(_descriptor("write")(os.write), os.write))
    replace(os, "dup", transparent(_dup(os.dup), os.dup))
    replace(os, "close", transparent(_close_number(os.close), os.close))
