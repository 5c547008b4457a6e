"""One client for each way in which a connection ends: endings_clients.py PORT"""

from __future__ import annotations

import socket
import struct
import sys


def client(*words: bytes) -> socket.socket:
    end = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    assert end.recv(100) == b"ready\n"
    for word in words:
        end.sendall(word)
    return end


def rest(end: socket.socket) -> bytes:
    found = b""
    while data := end.recv(1000):
        found += data
    return found


# The client has said its all and still listens.
with client(b"some words\n") as end:
    end.shutdown(socket.SHUT_WR)
    assert rest(end) == b"11 bytes\n"
# The server closes.
with client(b"quit\n") as end:
    assert rest(end) == b"bye\n"
# The server resets.
with client(b"reset\n") as end:
    try:
        raise AssertionError(rest(end))
    except ConnectionResetError:
        pass
# The client resets.
with client() as end:
    end.sendall(b"words")
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
# The client says nothing.
with client() as end:
    assert rest(end) == b"you say nothing\n"
