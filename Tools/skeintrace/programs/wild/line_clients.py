"""Two people at the line server at once, and a third who only listens: line_clients.py PORT"""

from __future__ import annotations

import socket
import sys


class Person:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.lines = self.socket.makefile("rb")
        self.hears("hello")

    def says(self, line: str) -> None:
        self.socket.sendall(line.encode() + b"\n")

    def hears(self, line: str) -> None:
        heard = self.lines.readline()
        assert heard == line.encode() + b"\n", heard

    def leaves(self) -> None:
        self.lines.close()
        self.socket.close()


def talk(port: int) -> None:
    one = Person(port)
    one.says("one\ntwo")
    one.hears("ONE")
    one.hears("TWO")
    other, listener = Person(port), Person(port)
    other.says("who")
    other.hears("3 here")
    one.says("all together")
    for person in (one, other, listener):
        person.hears("together")
    one.says("bye")
    one.hears("bye")
    assert one.lines.readline() == b""
    one.leaves()
    other.says("all goodbye")
    other.hears("goodbye")
    listener.hears("goodbye")
    other.leaves()
    listener.says("who")
    listener.hears("1 here")
    listener.says("stop")
    assert listener.lines.readline() == b""
    listener.leaves()


talk(int(sys.argv[1]))
