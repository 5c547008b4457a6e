"""What a kernel chooses in a frame of its own making: the fields that two runs cannot have in common, which must be right instead."""

from __future__ import annotations

from dataclasses import dataclass

_ETHERNET, _IP, _UDP = 14, 20, 8
_IPV4, _UDP_NUMBER = b"\x08\x00", 17
_INFORMATION = 4


@dataclass(frozen=True)
class Frame:
    """The parts of a UDP datagram in a frame from a tap, by their places."""

    data: bytes
    start: int
    """Where the IP header starts."""

    @property
    def source_port(self) -> int:
        """The port that the datagram is from."""
        return int.from_bytes(self.data[self.start + _IP : self.start + _IP + 2], "big")

    def masked(self) -> bytes:
        """The frame without the packet's number, both checksums and the source port, which are the kernel's to choose."""
        data = bytearray(self.data)
        for place in (self.start + 4, self.start + 10, self.start + _IP, self.start + _IP + 6):
            data[place : place + 2] = b"\0\0"
        return bytes(data)

    def is_right(self) -> bool:
        """Whether both checksums are."""
        header = self.data[self.start : self.start + _IP]
        datagram = self.data[self.start + _IP :]
        pseudo = header[12:20] + bytes([0, _UDP_NUMBER]) + len(datagram).to_bytes(2, "big")
        return _sum(header) == 0xFFFF and _sum(pseudo + datagram) == 0xFFFF


def frame_of(data: bytes, information: bool) -> Frame | None:
    """The frame, if it is a whole UDP datagram over IPv4 without options; None for any other."""
    link = _INFORMATION if information else 0
    start = link + _ETHERNET
    if len(data) < start + _IP + _UDP or data[start - 2 : start] != _IPV4:
        return None
    if data[start] != 0x45 or data[start + 9] != _UDP_NUMBER:
        return None
    if int.from_bytes(data[start + 2 : start + 4], "big") != len(data) - start:
        return None
    return Frame(data, start)


def _sum(data: bytes) -> int:
    """The Internet's sum of 16-bit words, with the carries added in."""
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total
