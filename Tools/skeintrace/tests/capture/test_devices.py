"""What passes a trace's devices is in their captures, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from skeintrace.capture import Capture, captures
from skeintrace.capture.capture import ETHERNET, RAW
from skeintrace.format import read

from .traces import binary, write_trace

TUN = binary(b"/dev/net/tun")


def made(tmp_path: Path, flags: str, *events: str) -> list[Capture]:
    device = [
        "call: pair.MemoryIOSystem, gives: {new: io-1}",
        f"call: io-1.open, args: {{filename: {TUN}}}, gives: {{fd: fd-1}}",
        f"call: io-1.ioctl, args: {{fd: {{fd: fd-1}}, opt: {{constant: TUNSETIFF}}}}, gives: {{ifreq: {{name: {binary(b'x')}, flags: [{flags}]}}}}",
    ]
    return captures(read(write_trace(tmp_path / "case.yaml", [*device, *events], "pair")))


def read_event(data: bytes) -> str:
    return f"call: io-1.read, args: {{fd: {{fd: fd-1}}, limit: 9}}, gives: {binary(data)}"


def write_event(data: bytes, outcome: str) -> str:
    return f"io: io-1.write, args: {{fd: {{fd: fd-1}}, data: {binary(data)}}}, {outcome}"


@pytest.mark.parametrize(("mode", "name", "link"), [("IFF_TAP", "tap0", ETHERNET), ("IFF_TUN", "tun0", RAW)])
def test_frames_stand_in_order_with_their_direction(tmp_path: Path, mode: str, name: str, link: int) -> None:
    capture, = made(tmp_path, f"{mode}, IFF_NO_PI", read_event(b"in"), write_event(b"out", "gives: 3"))
    assert (capture.name, capture.link, capture.suffix) == (name, link, f".{name}.pcap")
    assert [(p.data, p.outbound, p.events) for p in capture.packets] == [(b"in", False, (4,)), (b"out", True, (5,))]


def test_packet_information_is_not_part_of_the_frame(tmp_path: Path) -> None:
    capture, = made(tmp_path, "IFF_TAP", read_event(b"\0\0\x08\0frame"), write_event(b"\0\0\x08\0sent", "gives: 8"))
    assert [packet.data for packet in capture.packets] == [b"frame", b"sent"]


def test_what_failed_is_no_packet(tmp_path: Path) -> None:
    failed = write_event(b"out", "raises: {error: os-error, errno: EINTR}")
    assert made(tmp_path, "IFF_TUN, IFF_NO_PI", failed, write_event(b"", "gives: 0")) == []


def test_each_device_has_its_own_file(tmp_path: Path) -> None:
    second = [
        f"call: io-1.open, args: {{filename: {TUN}}}, gives: {{fd: fd-2}}",
        "call: io-1.ioctl, args: {fd: {fd: fd-2}, opt: {constant: TUNSETIFF}}, gives: {ifreq: {flags: [IFF_TUN, IFF_NO_PI]}}",
        read_event(b"second").replace("fd-1", "fd-2"),
    ]
    found = made(tmp_path, "IFF_TUN, IFF_NO_PI", read_event(b"first"), *second)
    assert [(capture.name, capture.packets[0].data) for capture in found] == [("tun0", b"first"), ("tun1", b"second")]
