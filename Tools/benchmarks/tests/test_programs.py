"""The load generator notices what a bad server does, and the counters count; both are compiled here."""

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from collections.abc import Callable
from pathlib import Path

from bench.counting import COUNTED, broken
from bench.errors import CannotRun
from bench.measure import Programmed
from bench.servers import HERE, Server

COUNTERS = f"-I{HERE / 'Sources' / 'EchoCounters' / 'include'}"
LOAD = [COUNTERS, f"-I{HERE / 'Sources' / 'Load' / 'include'}", str(HERE / "Sources" / "Load" / "load.c")]
COMPILER = shutil.which("clang") or shutil.which("cc") or "clang"


def compiled(folder: str, source: str, *options: str) -> str:
    """A program or library from one C file."""
    target = str(Path(folder) / Path(source).name.replace(".c", ".out"))
    subprocess.run([COMPILER, "-O1", *options, "-o", target, str(HERE / "Sources" / source)], check=True)
    return target


class LoadGenerator(unittest.TestCase):
    program: str

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.program = compiled(folder.name, "echo-load/main.c", *LOAD)

    def loaded(self, answer: Callable[[int, bytes], bytes | None], slices: str) -> subprocess.CompletedProcess[str]:
        """Loads a server that answers the k-th message of a connection as told; `None` closes it."""
        listener = socket.create_server(("127.0.0.1", 0))

        def serve(peer: socket.socket) -> None:
            with peer, contextlib.suppress(ConnectionError):  # the generator has given up
                number = 0
                while message := peer.recv(64, socket.MSG_WAITALL):
                    reply = answer(number, message)
                    if reply is None:
                        return
                    peer.sendall(reply)
                    number += 1

        def accept() -> None:
            for _ in range(2):
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        with listener:
            port = str(listener.getsockname()[1])
            command = [self.program, "2", "64", port]
            return subprocess.run(command, input=slices, capture_output=True, text=True, timeout=60)

    def test_an_honest_server_is_counted(self) -> None:
        done = self.loaded(lambda number, message: message, "0 0.02\n0 0.02\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        ready, *slices = done.stdout.splitlines()
        self.assertEqual((ready, len(slices)), ("ready", 2))
        for line in slices:
            counted, nanoseconds, total = map(int, line.split())
            self.assertGreater(counted, 0)
            self.assertGreaterEqual(nanoseconds, 20_000_000)
            self.assertGreater(total, counted)

    def test_one_wrong_byte_ends_the_run(self) -> None:
        done = self.loaded(lambda number, message: message[:-1] + b"!" if number == 5 else message, "0 1\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("echoed something else than it was sent", done.stderr)

    def test_a_reply_from_the_message_before_ends_the_run(self) -> None:
        first: list[bytes] = []

        def stale(number: int, message: bytes) -> bytes:
            first.append(message)
            return first[0]

        self.assertIn("echoed something else", self.loaded(stale, "0 1\n").stderr)

    def test_a_byte_too_many_ends_the_run(self) -> None:
        done = self.loaded(lambda number, message: message + b"x" if number == 3 else message, "0 1\n")
        self.assertIn("echoed something else", done.stderr)

    def test_a_closed_connection_ends_the_run(self) -> None:
        done = self.loaded(lambda number, message: None if number == 3 else message, "0 1\n")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "closed a connection|reset by peer")

    def test_bad_usage_names_what_was_expected(self) -> None:
        for arguments, expected in [([], "usage:"), (["0", "64", "1"], "CONNECTIONS"), (["1", "7", "1"], "SIZE"),
                                    (["1", "64", "http"], "PORT")]:
            done = subprocess.run([self.program, *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(expected, done.stderr)

    def test_a_line_that_is_no_slice_is_refused(self) -> None:
        for line in ("1 0.1\n", "0\n", "0 -1\n", "0 nan\n", "hello\n", "0 step 1\n"):
            done = self.loaded(lambda number, message: message, line)
            self.assertEqual(done.returncode, 2, line)
            self.assertIn("INDEX SECONDS", done.stderr)


class OtherLoads(unittest.TestCase):
    def loaded(self, load: str, serve: Callable[[socket.socket, int], None]) -> subprocess.CompletedProcess[str]:
        """Has a load generator make one slice with one connection at a time to a server; connections are numbered."""
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:

            def accept() -> None:
                number = 0
                while True:
                    try:
                        peer = listener.accept()[0]
                    except OSError:
                        return
                    with peer, contextlib.suppress(ConnectionError):
                        serve(peer, number)
                    number += 1

            threading.Thread(target=accept, daemon=True).start()
            command = [compiled(folder, f"{load}/main.c", *LOAD), "1", "64", str(listener.getsockname()[1])]
            done = subprocess.run(command, input="0 0.05\n", capture_output=True, text=True, timeout=60)
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            return done

    def assert_counted(self, done: subprocess.CompletedProcess[str]) -> None:
        self.assertEqual(done.returncode, 0, done.stderr)
        ready, line = done.stdout.splitlines()
        counted, nanoseconds, total = map(int, line.split())
        self.assertEqual(ready, "ready")
        self.assertGreater(counted, 0)
        self.assertGreaterEqual(nanoseconds, 50_000_000)
        self.assertGreater(total, counted)

    def test_short_connections_are_counted(self) -> None:
        self.assert_counted(self.loaded("connect-load", lambda peer, number: peer.sendall(peer.recv(64))))

    def test_a_short_connection_has_to_echo_all_and_nothing_else_and_end(self) -> None:
        for reply in (b"", b"x" * 63, b"x" * 64, b"x" * 65):
            done = self.loaded("connect-load", lambda peer, number: peer.sendall(reply if number == 5 else peer.recv(64)))
            self.assertEqual(done.returncode, 1, reply)
            self.assertRegex(done.stderr, "echoed something else|reset by peer")

    def test_streams_are_counted_and_compared(self) -> None:
        right = bytes((i * 7 + 1) & 255 for i in range(256)) * 256

        def flow(peer: socket.socket, number: int) -> None:
            while True:
                peer.sendall(right)

        def go_wrong(peer: socket.socket, number: int) -> None:
            peer.sendall(right[:1000] + b"!")
            flow(peer, number)

        def end(peer: socket.socket, number: int) -> None:
            peer.sendall(right)

        self.assert_counted(self.loaded("stream-load", flow))
        self.assertIn("sent something else", self.loaded("stream-load", go_wrong).stderr)
        self.assertIn("closed a connection", self.loaded("stream-load", end).stderr)


class Programs(unittest.TestCase):
    SCRIPT = "print('ready', flush=True)\nfor line in iter(input, ''): print(line, 2_000_000, line, flush=True)"

    def test_a_run_of_a_program_is_a_slice(self) -> None:
        server = Server("x", [sys.executable, "-c", self.SCRIPT], min(os.sched_getaffinity(0)))
        try:
            with Programmed(1000, [server]) as programs:
                taken = programs.slice(0, 0.4)
        finally:
            server.stop()
        self.assertEqual((taken.rate, taken.total), (500_000.0, 1000))

    def test_a_program_that_ends_is_said(self) -> None:
        server = Server("x", [sys.executable, "-c", "print('ready', flush=True); input()"], min(os.sched_getaffinity(0)))
        try:
            with self.assertRaisesRegex(CannotRun, "the x program ended with status 0"):
                Programmed(1000, [server]).slice(0, 0.4)
        finally:
            server.stop()


class Counters(unittest.TestCase):
    def counted(self, library: str, code: str) -> dict[str, int]:
        """What a Python that runs this code has called."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "counters"
            environment = {**os.environ, "LD_PRELOAD": library, "ECHO_COUNTERS": str(path), "PYTHONHASHSEED": "0"}
            subprocess.run([sys.executable, "-I", "-c", code], env=environment, check=True)
            return dict(zip(COUNTED, struct.unpack_from(f"={len(COUNTED)}Q", path.read_bytes())))

    def test_each_kind_of_call_is_counted_once(self) -> None:
        program = """
import ctypes, os, select, socket
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
a, b = socket.socketpair()
epoll = select.epoll()
for _ in range({n}):
    a.send(b"x"); b.recv(1)
    os.write(a.fileno(), b"y"); os.read(b.fileno(), 1)
    epoll.register(b.fileno(), 1); epoll.unregister(b.fileno())
    epoll.poll(0)
    libc.free(libc.malloc(100_000))
"""
        with tempfile.TemporaryDirectory() as folder:
            library = compiled(folder, "EchoCounters/counters.c", "-shared", "-fPIC", COUNTERS, "-ldl")
            few, many = (self.counted(library, program.format(n=n)) for n in (100, 1100))
        more = {name: many[name] - few[name] for name in COUNTED}
        self.assertEqual((more["reads"], more["writes"]), (2000, 2000))
        self.assertEqual((more["polls"], more["registrations"]), (1000, 2000))
        self.assertGreaterEqual(more["allocations"], 1000)


class LockStep(unittest.TestCase):
    """Two servers that find what is ready in different portions when they may, and all of it in lock step."""

    def polls_of(self, server: str) -> list[int]:
        """The polls of ten batches on eight connections, counted three times."""
        with tempfile.TemporaryDirectory() as folder:
            library = compiled(folder, "EchoCounters/counters.c", "-shared", "-fPIC", COUNTERS, "-ldl")
            load = compiled(folder, "echo-load/main.c", *LOAD)
            shutil.move(load, Path(folder) / "load")
            program = compiled(folder, server)
            file = Path(folder) / "counters"
            environment = {**os.environ, "LD_PRELOAD": library, "ECHO_COUNTERS": str(file)}
            with subprocess.Popen([program], stdout=subprocess.PIPE, text=True, env=environment) as process:
                try:
                    assert process.stdout is not None
                    port = process.stdout.readline().strip()
                    with subprocess.Popen([str(Path(folder) / "load"), "8", "64", f"{port}:{file}"], text=True,
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as loading:
                        assert loading.stdin is not None and loading.stdout is not None
                        self.assertEqual(loading.stdout.readline(), "ready\n")
                        found = []
                        for _ in range(4):
                            loading.stdin.write("0 step 10\n")
                            loading.stdin.flush()
                            self.assertEqual(loading.stdout.readline().split()[::2], ["80", "80"])
                            counters = struct.unpack_from(f"={len(COUNTED)}Q", file.read_bytes())
                            found.append(counters[COUNTED.index("polls")])
                        loading.stdin.close()
                finally:
                    process.kill()
        return [b - a for a, b in zip(found, found[1:])]

    def test_a_poll_finds_the_whole_batch(self) -> None:
        self.assertEqual(self.polls_of("echo-c/main.c"), [10, 10, 10])


class Promises(unittest.TestCase):
    C = {"reads": 1.0, "writes": 1.0, "polls": 0.02, "registrations": 0.0, "allocations": 0.0}

    def broken_by(self, skein: dict[str, float], connections: int) -> list[str]:
        return broken({"c": self.C, "skein": skein}, connections)

    def test_counts_like_c_keep_every_promise(self) -> None:
        self.assertEqual(self.broken_by({**self.C, "polls": 0.04}, 50), [])

    def test_each_count_above_c_breaks_its_promise(self) -> None:
        for counter, promise in [("reads", "as many reads as C"), ("writes", "as many writes as C"),
                                 ("polls", "polls at most C's + 0.1 under load, + 1 else"),
                                 ("registrations", "no registration"), ("allocations", "no allocation")]:
            worse = {**self.C, counter: self.C[counter] + 0.12}
            self.assertEqual(self.broken_by(worse, 50), [promise])

    def test_a_poll_more_is_allowed_where_one_serves_one_connection(self) -> None:
        self.assertEqual(self.broken_by({**self.C, "polls": 1.02}, 1), [])
        self.assertNotEqual(self.broken_by({**self.C, "polls": 1.04}, 1), [])
