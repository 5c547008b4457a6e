"""A long download, and two long uploads over one connection: transfer_clients.py PORT"""

from __future__ import annotations

import socket
import sys

LENGTH = 4 * 12_288


def client() -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def read(end: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        data = end.recv(count - len(found))
        if not data:
            break
        found += data
    return found


with client() as end:
    end.sendall(b"GET\n")
    assert len(read(end, LENGTH + 1)) == LENGTH

with client() as end:
    for length in (200_000, 70_000):
        end.sendall(b"PUT %d\n" % length)
        assert read(end, 3) == b"go\n"
        end.sendall(b"x" * length)
        assert read(end, len(b"took %d\n" % length)) == b"took %d\n" % length
