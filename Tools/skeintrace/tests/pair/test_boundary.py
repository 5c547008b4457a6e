"""What crosses between the parties of pair, and what does not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable

import pytest
from twisted.internet.protocol import AbstractDatagramProtocol
from twisted.internet.task import Clock
from twisted.pair.ethernet import EthernetProtocol
from twisted.pair.raw import IRawPacketProtocol
from twisted.pair.testing import MemoryIOSystem, Tunnel
from twisted.pair.tuntap import TunnelAddress, TunnelFlags, TuntapPort
from zope.interface import implementer

from skeintrace.format import read
from skeintrace.pair.active import active
from skeintrace.pair.recorder import PairRecorder
from skeintrace.pair.standins import Refused, RealSystem
from skeintrace.record.journal import Event, EventList

pytestmark = pytest.mark.usefixtures("seen")


class Reactor(Clock):
    def addReader(self, reader: object) -> None:
        pass

    addWriter = removeReader = removeWriter = addReader


@implementer(IRawPacketProtocol)
class Packets(AbstractDatagramProtocol):
    def __init__(self, received: Callable[[], Any] = lambda: None) -> None:
        self._received = received

    def addProto(self, num: int, proto: object) -> None:
        pass

    def datagramReceived(self, data: bytes, partial: int = 0) -> None:
        self._received()


def recorded(program: Callable[[], None]) -> tuple[list[Event], PairRecorder]:
    """The events of a program."""
    sink = EventList()
    recorder = PairRecorder(sink)
    active.recorder = recorder
    recorder.open_window()
    try:
        program()
    finally:
        recorder.close_window()
        active.recorder = None
    return sink.events, recorder


def port_of(protocol: Any, reactor: Any = None) -> tuple[TuntapPort, MemoryIOSystem, Any]:
    system = MemoryIOSystem()
    system.registerSpecialDevice(Tunnel._DEVICE_NAME, Tunnel)
    clock = reactor or Reactor()
    return TuntapPort(b"tun0", protocol, reactor=clock, system=system), system, clock


def named(events: list[Event], key: str) -> list[str]:
    return [event[key] for event in events if key in event]


def test_a_port_calls_its_system_and_not_the_device_behind_it() -> None:
    def program() -> None:
        port, _, _ = port_of(Packets())
        port.startListening()
        port.write(b"x")

    events, recorder = recorded(program)
    assert recorder.faults == []
    assert named(events, "io") == ["io-1.open", "io-1.ioctl", "io-1.write"]
    assert not any("tunnel-" in str(event) for event in events)


def test_a_subclass_of_a_layer_is_the_applications() -> None:
    class Mine(EthernetProtocol):
        pass

    def program() -> None:
        Mine().addProto(1, "silliness")

    with pytest.raises(TypeError):
        recorded(program)
    events, _ = recorded(lambda: Mine() and None)
    assert events == []


def test_what_a_protocol_does_inside_a_callback_is_inside_it() -> None:
    def program() -> None:
        protocol = Packets(lambda: port.write(b"answer"))
        port, system, _ = port_of(protocol)
        port.startListening()
        system.getTunnel(port).readBuffer.append(b"question")
        port.doRead()

    events, recorder = recorded(program)
    assert recorder.faults == []
    back = next(event for event in events if str(event.get("back", "")).endswith("datagramReceived"))
    write = next(event for event in events if str(event.get("call", "")).endswith(".write"))
    inner = next(event for event in events if event.get("io") == "io-1.write")
    assert write["in"] == back["n"] and inner["in"] == write["n"]


def test_what_the_application_put_on_a_deferred_is_inside_its_firing() -> None:
    def program() -> None:
        port, _, clock = port_of(Packets())
        port.startListening()
        port.stopListening().addCallback(lambda ignored: port.getHost())
        clock.advance(0)

    events, recorder = recorded(program)
    assert recorder.faults == []
    fired = next(event for event in events if event.get("back") == "deferred-1.callback")
    asked = next(event for event in events if event.get("call") == "tunnelport-1.getHost")
    assert asked["in"] == fired["n"]
    ends = [event["end"] for event in events if "end" in event]
    assert ends.index(fired["n"]) < ends.index(fired["in"])


def test_an_error_of_the_applications_remembers_where_it_was_raised() -> None:
    def program() -> None:
        port, system, _ = port_of(Packets(lambda: 1 // 0))
        port.startListening()
        system.getTunnel(port).readBuffer.append(b"x")
        port.doRead()

    events, _ = recorded(program)
    back = next(event for event in events if "raises" in event and "back" in event)
    (line,) = [event["log"] for event in events if event.get("log", {}).get("what") == "unhandled"]
    assert back["raises"] == {"error": "application", "class": "ZeroDivisionError", "raised": back["n"]}
    assert line["error"] == back["raises"]
    assert line["member"] == "datagramReceived" and line["class"].endswith("Packets")


def test_an_address_compared_with_what_is_none_is_unequal() -> None:
    def program() -> None:
        address = TunnelAddress(TunnelFlags.IFF_TUN, b"x")
        assert address != Packets and not address == Packets  # noqa: SIM201

    events, _ = recorded(program)
    assert [event["gives"] for event in events[1:]] == [True, False]


def test_what_has_no_word_in_the_vocabulary_is_told() -> None:
    _, recorder = recorded(lambda: port_of(Packets())[0].pauseProducing())
    assert recorder.faults[0] == "tunnelport.pauseProducing: the vocabulary has no such member"


def test_a_program_that_is_not_recorded_runs_as_ever() -> None:
    port, system, clock = port_of(Packets())
    port.startListening()
    assert system.getTunnel(port).closeOnExec
    stopped = port.stopListening()
    clock.advance(0)
    assert stopped.called and port.fileno() == -1


def real() -> RealSystem:
    return RealSystem(lambda port: None, lambda opened: None)


def test_a_replay_opens_no_file_but_the_tunnels(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"mine")
    with pytest.raises(Refused):
        real().open(str(path).encode(), os.O_RDWR)
    with pytest.raises(FileNotFoundError):
        real().open(b"/dev/there-is-no-such-device-ever", os.O_RDWR)
    with pytest.raises(Refused):
        real().open(str(tmp_path / "new").encode(), os.O_RDWR | os.O_CREAT)
    assert path.read_bytes() == b"mine"
    assert os.listdir(tmp_path) == ["file"]


def test_a_replay_touches_no_descriptor_but_a_tunnels(tmp_path: Path) -> None:
    with open(tmp_path / "file", "wb") as file:
        for deed in (
            lambda: real().close(file.fileno()),
            lambda: real().write(file.fileno(), b"x"),
            lambda: real().read(file.fileno(), 1),
            lambda: real().ioctl(file.fileno(), 1, b"x"),
        ):
            with pytest.raises(Refused):
                deed()
        file.write(b"still open")


def test_a_trace_in_the_corpus_says_what_it_is_of() -> None:
    from .corpus import PATHS

    for path in PATHS:
        header = read(path).header
        assert header["features"] == ["pair"]
        assert header["profile"] == "twisted-compatible"
        assert header["producer"]["byteorder"] in ("little", "big")
