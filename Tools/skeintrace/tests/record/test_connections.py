"""Causes that the tree does not show, peers outside, and descriptors handed in."""

from __future__ import annotations

import os
import socket
import threading
from typing import Any, Callable

from twisted.internet import protocol
from twisted.internet.abstract import FileDescriptor

from .conftest import Recording

Record = Callable[[Callable[[Any], None]], Recording]


class Closing(protocol.Protocol):
    def connectionMade(self) -> None:
        self.transport.loseConnection()


def quiet(factory: Any) -> Any:
    factory.noisy = False
    return factory


def test_an_accepted_connection_names_the_attempt_that_it_comes_from(record: Record) -> None:
    def program(reactor: Any) -> None:
        port = reactor.listenTCP(0, quiet(protocol.ServerFactory.forProtocol(protocol.Protocol)), interface="127.0.0.1")
        number = port.getHost().port
        lost: list[int] = []

        class Client(protocol.ClientFactory):
            noisy = False
            protocol = Closing

            def clientConnectionLost(self, connector: Any, reason: Any) -> None:
                lost.append(1)
                if len(lost) == 1:
                    connector.connect()
                elif len(lost) == 3:
                    reactor.stop()

        reactor.connectTCP("127.0.0.1", number, Client())
        reactor.connectTCP("127.0.0.1", number, Client())
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    attempts = [event["n"] for event in recording.all("call", ".connectTCP") + recording.all("call", ".connect")]
    accepted = [event["after"] for event in recording.all("back", "factory-1.buildProtocol")]
    assert sorted(accepted) == [[number] for number in sorted(attempts)]


def test_a_refused_connection_names_its_attempt(record: Record) -> None:
    def program(reactor: Any) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            number = probe.getsockname()[1]
        factory = quiet(protocol.ClientFactory())
        factory.clientConnectionFailed = lambda connector, reason: reactor.stop()
        reactor.connectTCP("127.0.0.1", number, factory)
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    call = recording.one("call", ".connectTCP")
    failed = recording.one("back", ".clientConnectionFailed")
    assert call["args"]["port"] == {"port": "free-1"}
    assert failed["after"] == [call["n"]]
    assert failed["args"]["reason"] == {"error": "refused", "errno": "ECONNREFUSED"}


def test_a_socket_of_the_applications_is_a_peer(record: Record) -> None:
    def program(reactor: Any) -> None:
        peer = socket.socket()

        class Server(protocol.Protocol):
            def dataReceived(self, data: bytes) -> None:
                self.transport.write(data.upper())
                reactor.callLater(0.01, self.read)

            def read(self) -> None:
                assert peer.recv(10) == b"HI"
                peer.shutdown(socket.SHUT_WR)

            def connectionLost(self, reason: Any = None) -> None:
                reactor.stop()

        port = reactor.listenTCP(0, quiet(protocol.ServerFactory.forProtocol(Server)), interface="127.0.0.1")
        peer.connect(("127.0.0.1", port.getHost().port))
        peer.sendall(b"hi")
        reactor.run(installSignalHandlers=False)
        peer.close()

    recording = record(program)
    assert [event["peer"] for event in recording.all("peer")] == [
        "peer-1.connect",
        "peer-1.send",
        "peer-1.receive",
        "peer-1.shutdown",
        "peer-1.close",
    ]
    connected = recording.one("peer", ".connect")
    built = recording.one("back", ".buildProtocol")
    assert built["after"] == [connected["n"]] and built["args"]["addr"] == connected["gives"]
    assert recording.one("peer", ".receive")["gives"] == b"HI"


def test_a_listening_socket_of_the_applications_is_a_peer_that_listens_first(record: Record, listener: socket.socket) -> None:
    def program(reactor: Any) -> None:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen(1)
            factory = quiet(protocol.ClientFactory.forProtocol(protocol.Protocol))
            factory.clientConnectionLost = lambda connector, reason: reactor.stop()
            reactor.connectTCP("127.0.0.1", server.getsockname()[1], factory)

            def accept() -> None:
                server.accept()[0].close()

            reactor.callLater(0.01, accept)
            reactor.run(installSignalHandlers=False)

    recording = record(program)
    assert [event["peer"] for event in recording.all("peer")][:3] == ["peer-1.listen", "peer-1.accept", "peer-2.close"]
    assert recording.one("peer", ".listen")["n"] < recording.one("call", ".connectTCP")["n"]
    assert recording.one("peer", ".accept")["after"] == [recording.one("call", ".connectTCP")["n"]]
    assert recording.one("call", ".connectTCP")["args"]["port"] == {"port": "p-1"}


def test_a_listening_descriptor_handed_in_is_described(record: Record, listener: socket.socket) -> None:
    def program(reactor: Any) -> None:
        end = socket.socket()
        end.bind(("127.0.0.1", 0))
        end.listen(3)
        end.setblocking(False)
        port = reactor.adoptStreamPort(end.fileno(), end.family, quiet(protocol.Factory()))
        end.close()
        assert port.getHost().port

    recording = record(program)
    assert recording.one("call", ".adoptStreamPort")["args"]["fileDescriptor"] == {
        "fd": "fd-1",
        "is": {"socket": "stream", "family": "inet", "listening": {"ipv4": ["127.0.0.1", {"port": "p-1"}]}},
    }
    assert recording.one("call", ".adoptStreamPort")["args"]["addressFamily"] == {"constant": "AF_INET"}
    assert recording.one("io")["io"] == "fd-1.close"
    assert recording.one("call", ".getHost")["gives"] == {"ipv4": ["127.0.0.1", {"port": "p-1"}]}


def test_what_a_reader_does_on_its_descriptor_is_io(record: Record) -> None:
    def program(reactor: Any) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:

            class Reader(FileDescriptor):
                def fileno(self) -> int:
                    return ours.fileno()

                def doRead(self) -> None:
                    assert ours.recv(10) == b"x"
                    reactor.removeReader(self)
                    reactor.stop()

                def connectionLost(self, reason: Any) -> None:
                    FileDescriptor.connectionLost(self, reason)

            reader = Reader(reactor)
            reactor.addReader(reader)
            theirs.send(b"x")
            reactor.run(installSignalHandlers=False)
            reader.connectionLost(None)

    recording = record(program)
    made = recording.one("call", "abstract.FileDescriptor")["gives"]
    assert made["new"] == "reader-1" and "read-descriptor" in made["implements"]
    read = recording.one("back", "reader-1.doRead")
    received = recording.one("io", ".recv")
    assert received["in"] == read["n"] and received["gives"] == b"x"
    assert recording.one("call", ".connectionLost")["call"] == "reader-1.super.connectionLost"


def test_a_descriptor_that_is_not_polled_is_not_asked_again(record: Record) -> None:
    asked: list[bool] = []

    def program(reactor: Any) -> None:
        reading, writing = os.pipe()

        class Reader:
            polled = True

            def fileno(self) -> int:
                asked.append(self.polled)
                return reading

            def doRead(self) -> None:
                reactor.removeReader(self)
                self.polled = False
                reactor.stop()

        reactor.addReader(Reader())
        os.write(writing, b"x")
        reactor.run(installSignalHandlers=False)
        os.close(reading)
        os.close(writing)

    record(program)
    assert asked and all(asked)


def test_a_descriptor_that_has_changed_says_so_before_the_call_it_is_for(record: Record) -> None:
    def program(reactor: Any) -> None:
        reading, writing = os.pipe()
        descriptor: Any = FileDescriptor(reactor)
        descriptor.fileno = lambda: reading
        descriptor.connected = 1
        reactor.addReader(descriptor)
        reactor.removeReader(descriptor)
        os.close(reading)
        os.close(writing)

    recording = record(program)
    assert [next(str(event[key]) for key in ("call", "set") if key in event) for event in recording.events if "n" in event] == [
        "abstract.FileDescriptor", "reader-1.connected", "reader-1.fileno", "reactor-1.addReader", "reactor-1.removeReader",
    ]  # fmt: skip


def test_a_descriptor_that_goes_away_is_told_where_the_application_let_it_go(record: Record) -> None:
    def program(reactor: Any) -> None:
        reading, writing = os.pipe()

        class Reader:
            number = reading

            def fileno(self) -> int:
                return self.number

            def logPrefix(self) -> str:
                return "reader"

            def doRead(self) -> None:
                self.number = -1

            def connectionLost(self, reason: Any) -> None:
                reactor.stop()

        reactor.addReader(Reader())
        os.write(writing, b"xx")
        reactor.run(installSignalHandlers=False)
        os.close(reading)
        os.close(writing)

    recording = record(program)
    form = recording.one("call", ".addReader")["args"]["reader"]
    assert form["fileno"] == {"fd": "fd-1", "is": {"pipe": "read"}}
    gone = recording.one("set")
    assert gone["set"] == "reader-1.fileno" and gone["to"] == -1
    assert gone["in"] == recording.one("back", ".doRead")["n"]
    assert recording.one("back", ".connectionLost")["args"]["reason"] == {"error": "descriptor-went-away"}


def test_an_event_off_the_reactors_thread_says_so_and_when_its_thread_began(record: Record) -> None:
    def program(reactor: Any) -> None:
        thread = threading.Thread(target=lambda: reactor.callFromThread(reactor.stop))
        reactor.callWhenRunning(lambda: thread.start())
        reactor.run(installSignalHandlers=False)
        thread.join()

    recording = record(program)
    event = recording.one("call", ".callFromThread")
    assert event["thread"] == "t-1" and "in" not in event
    assert event["after"] == [recording.one("back", "function-1.call")["n"]]


def test_work_in_the_pool_is_a_firing_on_the_pools_thread(record: Record) -> None:
    def program(reactor: Any) -> None:
        def work() -> None:
            reactor.callFromThread(reactor.stop)

        reactor.callInThread(work)
        reactor.run(installSignalHandlers=False)

    recording = record(program)
    assert recording.one("call", ".callInThread")["gives"] == {"new": "threadcall-1"}
    firing = recording.one("back", "function-1.call")
    call = recording.one("call", ".callFromThread")
    assert (firing["thread"], firing["of"]) == ("t-1", "threadcall-1")
    assert (call["thread"], call["in"]) == ("t-1", firing["n"])


def test_replacing_a_method_of_the_reactor_is_not_expressible(record: Record) -> None:
    def program(reactor: Any) -> None:
        reactor.wakeUp = lambda: None

    assert record(program).recorder.unexpressible == ["replaced"]
