"""What a kernel chooses in a frame may differ, but has to be right; nothing else may differ."""

from __future__ import annotations

import pytest

from skeintrace.pair.compare import Comparer
from skeintrace.pair.kernel import frame_of
from skeintrace.pair.script import Script, Step
from skeintrace.pair.typed import ifreq_form

LINK = bytes.fromhex("deadbeefcafe0200000000010800")
ONE = LINK + bytes.fromhex("4500003c5b42400040118764ac100001ac100002ebeb303900286b54") + b"hello world:14089154938208861744"
PORT = 0xEBEB


def frame(number: int, port: int, payload: bytes = ONE[42:]) -> bytes:
    """A frame with right checksums."""
    header = bytearray(ONE[14:34])
    header[4:6] = number.to_bytes(2, "big")
    header[10:12] = b"\0\0"
    header[10:12] = checksum(bytes(header))
    datagram = bytearray(port.to_bytes(2, "big") + ONE[36:40] + b"\0\0" + payload)
    pseudo = bytes(header[12:20]) + bytes([0, 17]) + len(datagram).to_bytes(2, "big")
    datagram[6:8] = checksum(pseudo + bytes(datagram))
    return LINK + bytes(header) + bytes(datagram)


def checksum(data: bytes) -> bytes:
    total = sum(int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return (total ^ 0xFFFF).to_bytes(2, "big")


def judged(found: bytes, expected: bytes = frame(1, PORT), real: bool = True, bound: int = 50000) -> bool:
    """Whether a read that gave this frame passes for one that gave another."""
    header = {"producer": {"io": "real" if real else "memory"}, "needs": {"pi": False}}
    read = Step(1, None, "call", {"call": "io-1.read"}, {"gives": expected})
    comparer = Comparer(Script(header, [read]))
    comparer.source_ports.add(bound)
    comparer.begun({"n": 1, "call": "io-1.read"})
    comparer.ended(1, {"gives": found})
    assert comparer.relaxed["kernel-frame"] == int(comparer.divergence is None and found != expected)
    return comparer.divergence is None


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_the_number_the_source_port_and_the_checksums_are_the_kernels() -> None:
    assert judged(frame(2, 50000))


def test_in_memory_nothing_is() -> None:
    assert not judged(frame(2, 50000), real=False)


def test_the_source_port_is_the_one_that_was_sent_from() -> None:
    assert not judged(frame(2, 50001))


@pytest.mark.parametrize("place", range(len(frame(2, 50000))))
def test_no_byte_may_be_wrong(place: int) -> None:
    assert not judged(flipped(frame(2, 50000), place))


@pytest.mark.parametrize("payload", [ONE[42:-1], ONE[42:] + b"x", b""], ids=["shorter", "longer", "empty"])
def test_the_payload_is_the_same(payload: bytes) -> None:
    assert not judged(frame(2, 50000, payload))


@pytest.mark.parametrize("size", range(0, 43))
def test_what_is_cut_is_no_frame(size: int) -> None:
    assert frame_of(frame(1, PORT)[:size], information=False) is None
    assert frame_of(bytes(4) + frame(1, PORT)[:size], information=True) is None


def test_packet_information_stands_before_the_frame() -> None:
    found = frame_of(b"\0\0\x08\0" + frame(1, PORT), information=True)
    assert found is not None and found.source_port == PORT and found.is_right()
    assert ifreq_form(b"") == b""
