"""The check of captures finds what is wrong with them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from skeintrace.capture import write_captures
from skeintrace.capture.check import Checked, check, main
from skeintrace.capture.packets import checksum
from skeintrace.cli import EXIT_AGREES, EXIT_DIFFERS
from skeintrace.format import read

from .traces import connected, lost, received, write_trace, written

Records = list[bytearray]


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    events = [*connected(), written(4, "transport-2", b"hello"), received(4, "protocol-1", b"hello")]
    events += [received(4, "protocol-2", b"good day"), lost(4, "protocol-2", "done"), lost(4, "protocol-1", "done")]
    path = write_trace(tmp_path / "case.yaml", [*events, "end: 4"])
    write_captures(read(path), tmp_path / path.stem)
    return path


def alter(path: Path, change: Callable[[Records], None]) -> None:
    """Changes the records of a capture file, each with its header of 16 bytes."""
    data = path.read_bytes()
    records, at = [], 24
    while at < len(data):
        end = at + 16 + struct.unpack_from("<I", data, at + 8)[0]
        records.append(bytearray(data[at:end]))
        at = end
    change(records)
    path.write_bytes(data[:24] + b"".join(records))


def wrong_checksum(records: Records) -> None:
    records[3][16 + 20 + 16] ^= 0xFF


def dropped_ack(records: Records) -> None:
    del records[4]


def changed_byte(records: Records) -> None:
    """One that the checksum has been made to fit, as a writer would."""
    packet = records[3]
    packet[-1] ^= 1
    packet[52:54] = b"\0\0"
    segment = bytes(packet[36:])
    packet[52:54] = struct.pack("!H", checksum(bytes(packet[28:36]) + struct.pack("!HH", 6, len(segment)) + segment))


def another_stream(records: Records) -> None:
    """A SYN of a connection that the trace does not have, from another port."""
    packet = bytearray(records[0])
    packet[36:38] = struct.pack("!H", 1234)
    segment = bytes(packet[36:52]) + b"\0\0" + bytes(packet[54:])
    packet[52:54] = struct.pack("!H", checksum(bytes(packet[28:36]) + struct.pack("!HH", 6, len(segment)) + segment))
    records.append(packet)


def test_good_captures_pass(trace: Path) -> None:
    assert check(trace, trace.parent) == Checked(streams=1)
    assert main([str(trace.parent), str(trace.parent)]) == EXIT_AGREES


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (wrong_checksum, "packet 4: tshark flags it"),
        (dropped_ack, "packet 4: not acknowledged by the next one"),
        (changed_byte, "stream 0: what the client sent differs from the trace at byte 4"),
        (another_stream, "2 streams, not 1"),
    ],
)
def test_a_fault_in_a_capture_is_found(trace: Path, change: Callable[[Records], None], found: str) -> None:
    alter(trace.with_suffix(".pcap"), change)
    wrong = check(trace, trace.parent).wrong
    assert any(found in line for line in wrong), wrong
    assert main([str(trace.parent), str(trace.parent)]) == EXIT_DIFFERS


def test_a_changed_byte_is_the_only_thing_wrong(trace: Path) -> None:
    alter(trace.with_suffix(".pcap"), changed_byte)
    assert len(check(trace, trace.parent).wrong) == 1


def test_a_capture_that_is_missing_or_too_many_is_found(trace: Path) -> None:
    file = trace.with_suffix(".pcap")
    file.rename(trace.with_suffix(".tun0.pcap"))
    assert check(trace, trace.parent).wrong == [f"{trace.with_suffix('.tun0.pcap')}: not expected", f"{file}: missing"]


def test_a_frame_that_differs_is_found(tmp_path: Path) -> None:
    from .traces import binary

    events = [
        "call: pair.MemoryIOSystem, gives: {new: io-1}",
        f"call: io-1.open, args: {{filename: {binary(b'/dev/net/tun')}}}, gives: {{fd: fd-1}}",
        "call: io-1.ioctl, args: {fd: {fd: fd-1}}, gives: {ifreq: {flags: [IFF_TAP, IFF_NO_PI]}}",
        f"call: io-1.read, args: {{fd: {{fd: fd-1}}, limit: 9}}, gives: {binary(b'a frame that is long enough')}",
    ]
    path = write_trace(tmp_path / "case.yaml", events, "pair")
    write_captures(read(path), tmp_path / path.stem)
    assert check(path, tmp_path) == Checked(frames=1)

    def change(records: Records) -> None:
        records[0][18] ^= 1

    alter(path.with_suffix(".tap0.pcap"), change)
    assert check(path, tmp_path).wrong == [f"{path.with_suffix('.tap0.pcap')}: packet 1: differs from the trace at byte 2; 27 bytes, not 27"]


def test_a_frame_that_is_no_packet_is_counted_by_its_cause(tmp_path: Path) -> None:
    from .traces import binary

    events = [
        "call: pair.MemoryIOSystem, gives: {new: io-1}",
        f"call: io-1.open, args: {{filename: {binary(b'/dev/net/tun')}}}, gives: {{fd: fd-1}}",
        "call: io-1.ioctl, args: {fd: {fd: fd-1}}, gives: {ifreq: {flags: [IFF_TAP, IFF_NO_PI]}}",
        f"call: io-1.read, args: {{fd: {{fd: fd-1}}, limit: 9}}, gives: {binary(b'ping')}",
    ]
    path = write_trace(tmp_path / "case.yaml", events, "pair")
    write_captures(read(path), tmp_path / path.stem)
    checked = check(path, tmp_path)
    assert (checked.frames, checked.wrong) == (1, [])
    assert len(checked.malformed) == 1 and "Malformed Packet" in checked.malformed[0]
