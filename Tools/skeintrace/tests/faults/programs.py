"""Small TCP programs on real Twisted, in which one operation on a socket fails: what they are told, by name.

`Tests/ReactorTests/Faults/FaultNames.swift` has the same programs.
"""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack
from typing import Any, Callable
from unittest import mock

from twisted.internet import epollreactor, tcp
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import ClientFactory, Protocol
from twisted.logger import formatEvent, globalLogPublisher
from zope.interface import implementer

from skeintrace.record.errors import error_value

TURNS = 40
#: The log lines that are compared; the others are for people.
LINES = ("Could not accept", "EMFILE", "Could not reserve", "Could not re-reserve")


def name(error: Any) -> str:
    """An error as a row has it."""
    value = error_value(error, told=True)
    return f"{value['error']} {value['errno']}" if "errno" in value else str(value["error"])


class Faults:
    """One fault: the k-th operation of a kind fails, and is not made."""

    def __init__(self, operation: str, effect: str, skipping: int) -> None:
        self.operation = operation
        self.effect = effect
        self.skipping = skipping
        self.armed = False
        self.happened = 0

    def take(self, operation: str) -> int:
        """The errno of an operation that is about to be made, or 0."""
        if not self.armed or self.happened or operation != self.operation:
            return 0
        if self.skipping:
            self.skipping -= 1
            return 0
        self.happened += 1
        return int(getattr(errno, self.effect.removeprefix("pending ")))

    def check(self, operation: str) -> None:
        """Raise, if the operation is to fail."""
        if number := self.take(operation):
            raise OSError(number, errno.errorcode[number])

    def before(self, operation: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that may fail before it does anything."""

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            self.check(operation)
            return function(*args, **kwargs)

        return wrapper

    def patches(self) -> list[Any]:
        """What has to be put over the standard library."""
        plain = {
            "bind": "bind",
            "listen": "listen",
            "recv": "receive",
            "send": "send",
            "shutdown": "shutdown",
            "getsockname": "localAddress",
            "getpeername": "peerAddress",
            "accept": "accept",
        }
        cls = socket.socket
        patches = [
            mock.patch.object(cls, method, self.before(operation, getattr(cls, method)))
            for method, operation in plain.items()
        ]

        make, connect, get, set_, close = cls.__init__, cls.connect_ex, cls.getsockopt, cls.setsockopt, cls.close

        def init(this: Any, *args: Any, **kwargs: Any) -> None:
            if kwargs.get("fileno") is None and len(args) < 4:
                self.check("socket")
            make(this, *args, **kwargs)

        def connect_ex(this: Any, address: Any) -> int:
            return self.take("connect") or connect(this, address)

        def getsockopt(this: Any, level: int, option: int, *rest: Any) -> Any:
            if (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR):
                if self.effect.startswith("pending"):
                    return self.take("takeError") or get(this, level, option, *rest)
                self.check("takeError")
            else:
                self.check("option")
            return get(this, level, option, *rest)

        def setsockopt(this: Any, level: int, option: int, *rest: Any) -> Any:
            self.check("setResetOnClose" if option == socket.SO_LINGER else "setOption")
            return set_(this, level, option, *rest)

        def closing(this: Any) -> None:
            number = self.take("close")
            close(this)
            if number:
                raise OSError(number, errno.errorcode[number])

        for method, replacement in [
            ("__init__", init),
            ("connect_ex", connect_ex),
            ("getsockopt", getsockopt),
            ("setsockopt", setsockopt),
            ("close", closing),
        ]:
            patches.append(mock.patch.object(cls, method, replacement))
        patches.append(mock.patch.object(socket, "dup", self.before("duplicate", socket.dup)))
        reserve = tcp._FileDescriptorReservation(self.before("openReserve", lambda: open("/dev/null", "rb")))
        patches.append(mock.patch.object(tcp, "_reservedFD", reserve))
        return patches


class Poller:
    """epoll whose operations may fail."""

    def __init__(self, inner: Any, faults: Faults) -> None:
        self._inner = inner
        self.register = faults.before("watch", inner.register)
        self.modify = faults.before("rewatch", inner.modify)
        self.poll = faults.before("wait", inner.poll)

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._inner, attribute)


class Program:
    """A port S and a client C of it on a reactor of their own."""

    def __init__(self, kind: str, faults: Faults) -> None:
        self.kind = kind
        self.faults = faults
        self.told: list[str] = []
        self.ended = False
        self.reactor = epollreactor.EPollReactor()
        self.reactor._poller = Poller(self.reactor._poller, faults)
        self.connections: list[Any] = []

    def note(self, line: str) -> None:
        """Write down what the application was told."""
        self.told.append(line)

    def guarded(self, call: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make a call; what it raises is noted."""
        try:
            return function(*args, **kwargs)
        except Exception as error:
            self.note(f"{call} raises {name(error)}")
        return None

    def log(self, event: dict[str, Any]) -> None:
        """Write down what was logged."""
        text = formatEvent(event)
        if text.startswith(LINES):
            # A peer's port is another each time.
            self.note("log " + text.split(" IPv4Address")[0].split(" ('")[0])
        elif (failure := event.get("log_failure") or event.get("failure")) is not None:
            self.note("logged " + name(failure))

    def run(self) -> list[str]:
        """Run it, and give what was told, in order for each object."""
        with ExitStack() as stack:
            for patch in self.faults.patches():
                stack.enter_context(patch)
            globalLogPublisher.addObserver(self.log)
            try:
                self._run()
            finally:
                globalLogPublisher.removeObserver(self.log)
                self.faults.armed = False
        for reader in self.reactor.removeAll():
            if hasattr(reader, "socket"):
                reader.socket.close()
        return sorted(self.told)

    def _run(self) -> None:
        reactor, faults = self.reactor, self.faults
        faults.armed = self.kind == "listen"
        server = ServerFactory("S", self)
        port = self.guarded("listenTCP", reactor.listenTCP, 0, server, interface="127.0.0.1")
        if port is None:
            return
        number = port.socket.getsockname()[1] if self.kind != "listen" else 0
        if self.kind != "listen":
            faults.armed = True
            bind = {"bindAddress": ("127.0.0.1", 0)} if self.kind == "bind" else {}
            client = ServerFactory("C", self)
            self.guarded("connectTCP", reactor.connectTCP, "127.0.0.1", number, client, **bind)
        for _ in range(TURNS):
            try:
                reactor.runUntilCurrent()
                reactor.doIteration(0.01)
            except OSError as error:
                # Twisted's main loop logs it, and goes on.
                self.note("logged " + name(error))
        faults.armed = False
        port.stopListening()
        for _ in range(3):
            reactor.iterate(0)


class ServerFactory(ClientFactory):
    """Builds the protocols of one side; the client's side is told of attempts."""

    noisy = False

    def __init__(self, side: str, program: Program) -> None:
        self.side = side
        self.program = program

    def buildProtocol(self, addr: Any) -> Protocol:
        half = self.program.kind == "half"
        return (HalfSide if half else Side)(self.side, self.program)

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        self.program.note(f"failed {name(reason)}")

    def clientConnectionLost(self, connector: Any, reason: Any) -> None:
        self.program.note(f"client lost {name(reason)}")


class Side(Protocol):
    """One side of a connection."""

    def __init__(self, side: str, program: Program) -> None:
        self.side = side
        self.program = program

    def connectionMade(self) -> None:
        program, transport = self.program, self.transport
        program.note(f"{self.side} made")
        if self.side == "A":
            transport.loseConnection()
        elif self.side == "S":
            if program.kind == "adopt":
                adopted = ServerFactory("A", program)
                program.guarded(
                    "adopt", program.reactor.adoptStreamConnection, transport.fileno(), socket.AF_INET, adopted
                )
        elif program.kind == "options":
            program.guarded("setTcpNoDelay", transport.setTcpNoDelay, True)
            program.guarded("getTcpNoDelay", transport.getTcpNoDelay)
            program.guarded("setTcpKeepAlive", transport.setTcpKeepAlive, True)
            program.guarded("getHost", transport.getHost)
            transport.loseConnection()
        else:
            transport.write(b"x")
            if program.kind == "half":
                transport.loseWriteConnection()

    def dataReceived(self, data: bytes) -> None:
        self.program.note(f"{self.side} data")
        if self.side == "S":
            self.transport.write(data)
        elif self.program.kind == "abort":
            self.transport.abortConnection()
        elif self.program.kind != "half":
            self.transport.loseConnection()

    def connectionLost(self, reason: Any) -> None:
        self.program.note(f"{self.side} lost {name(reason)}")


@implementer(IHalfCloseableProtocol)
class HalfSide(Side):
    """The same with half-closes."""

    def readConnectionLost(self) -> None:
        self.program.note(f"{self.side} read lost")
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        self.program.note(f"{self.side} write lost")
