"""Random clients at random servers, all at once: what was recorded replays."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from skeintrace.format import validate

from .wild import agrees, record

WORDS = {
    "line_server.py": [b"one\n", b"two\nthree\n", b"who\n", b"all hello\n", b"part", b"\n", b"bye\n"],
    "endings_server.py": [b"some", b"words\n", b"reset\n", b"quit\n"],
    "transfer_server.py": [b"GET\n", b"PUT 5\nabcde", b"PUT 100000\n", b"x" * 100_000],
}


#: How often a crowd is recorded at most: one that comes and goes at random may race the server's own clock or its end, and then its
#: recording holds a moment that no replay finds again. What is wrong with a replay shows each time.
RECORDINGS = 4


def act(end: socket.socket, words: list[bytes], chance: random.Random) -> None:
    """One thing that a client may do."""
    match chance.randrange(5):
        case 0 | 1:
            end.sendall(chance.choice(words))
        case 2:
            end.recv(chance.choice([1, 10, 1000, 100_000]))
        case 3:
            time.sleep(chance.random() * 0.02)
        case _ if chance.random() < 0.3:
            end.shutdown(socket.SHUT_WR)


def leave(end: socket.socket, chance: random.Random) -> None:
    """One way in which a client may go."""
    match chance.randrange(3):
        case 0:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        case 1:
            while end.recv(100_000):
                pass


def client(port: int, words: list[bytes], seed: float) -> None:
    chance = random.Random(seed)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.2) as end:
            for _ in range(chance.randrange(6)):
                act(end, words, chance)
            leave(end, chance)
    except OSError:
        pass  # a server that ends a connection, or has nothing to say


@pytest.mark.parametrize("server", WORDS)
@pytest.mark.parametrize("seed", range(4))
def test_what_random_clients_did_replays(server: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"{server} {seed}")

    def crowd(port: int) -> None:
        seeds = [chance.random() for _ in range(chance.randrange(1, 8))]
        threads = [threading.Thread(target=client, args=(port, WORDS[server], seed)) for seed in seeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    for attempt in range(RECORDINGS):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        path = record(folder, server, crowd, lost=False, complains=True)
        validate(path)
        try:
            agrees(path, (None, seed + 1))
            return
        except AssertionError:
            if attempt == RECORDINGS - 1:
                raise
