"""Servers recorded while clients outside their process talk to them: the peers are derived, and the trace replays."""

from __future__ import annotations

import signal
import socket
import struct
from pathlib import Path

import pytest

from skeintrace.format import read, validate
from skeintrace.judge import compare, report
from skeintrace.judge.load import load
from skeintrace.replay.driver import Driver, reactor_class

from .wild import PROGRAMS, Client, agrees, connected, hears, record, steps

TRACES = Path(__file__).parents[4] / "Traces"


def closes(port: int) -> None:
    with connected(port, b"hello\n") as end:
        end.sendall(b"one\n")
        hears(end, b"ONE\n")


def is_closed(port: int) -> None:
    with connected(port, b"hello\n") as end:
        end.sendall(b"bye\n")
        hears(end, b"bye\n")
        assert end.recv(1) == b""


def resets(port: int) -> None:
    with connected(port, b"hello\n") as end:
        end.sendall(b"one\n")
        hears(end, b"ONE\n")
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def is_reset(port: int) -> None:
    with connected(port, b"ready\n") as end:
        end.sendall(b"reset\n")
        with pytest.raises(ConnectionResetError):
            end.recv(1)


def half_closes(port: int) -> None:
    with connected(port, b"ready\n") as end:
        end.sendall(b"words")
        end.shutdown(socket.SHUT_WR)
        hears(end, b"5 bytes\n")
        assert end.recv(1) == b""


def says_nothing(port: int) -> None:
    with connected(port, b"ready\n") as end:
        hears(end, b"you say nothing\n")
        assert end.recv(1) == b""


def downloads(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as end:
        end.sendall(b"GET\n")
        hears(end, b"".join(bytes(range(48 + k, 112 + k)) * 192 for k in range(4)))
        assert end.recv(1) == b""


def uploads(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as end:
        end.sendall(b"PUT 300000\n")
        hears(end, b"go\n")
        end.sendall(b"x" * 300_000)
        hears(end, b"took 300000\n")


def breaks_off(port: int) -> None:
    """A download of which the client reads a little."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as end:
        end.sendall(b"GET\n")
        hears(end, bytes(range(48, 112)))


CASES: dict[str, tuple[str, Client, list[str]]] = {
    "the client closes": ("line_server.py", closes, ["connect", "receive", "send", "receive", "close"]),
    "the server closes": ("line_server.py", is_closed, ["connect", "receive", "send", "receive", "receive", "close"]),
    "the client resets": ("line_server.py", resets, ["connect", "receive", "send", "receive", "reset"]),
    "the server resets": ("endings_server.py", is_reset, ["connect", "receive", "send", "close"]),
    "half-close": ("endings_server.py", half_closes, ["connect", "receive", "send", "shutdown", "receive", "receive", "close"]),
    "silence": ("endings_server.py", says_nothing, ["connect", "receive", "receive", "close"]),
    "a download": ("transfer_server.py", downloads, ["connect", "send", "receive", "receive", "close"]),
    "an upload": ("transfer_server.py", uploads, ["connect", "send", "receive", "send", "receive", "close"]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_peer_is_derived_from_what_the_server_saw(name: str, tmp_path: Path) -> None:
    server, client, expected = CASES[name]
    path = record(tmp_path, server, client)
    validate(path)
    trace = read(path)
    assert trace.header["peers"] == "derived"
    assert steps(trace) == {"peer-1": expected}
    agrees(path)


def test_a_download_that_is_broken_off_has_the_peer_read_no_more_than_was_surely_sent(tmp_path: Path) -> None:
    path = record(tmp_path, "transfer_server.py", breaks_off)
    validate(path)
    agrees(path)


def two_at_once(port: int) -> None:
    with connected(port, b"hello\n") as one, connected(port, b"hello\n") as other:
        one.sendall(b"all together\n")
        hears(other, b"together\n")
        hears(one, b"together\n")
        other.sendall(b"who\n")
        hears(other, b"2 here\n")
        one.sendall(b"stop\n")
        assert one.recv(1) == other.recv(1) == b""


def test_two_clients_at_once_are_two_peers(tmp_path: Path) -> None:
    path = record(tmp_path, "line_server.py", two_at_once, stop=False)
    validate(path)
    assert set(steps(read(path))) == {"peer-1", "peer-2"}
    agrees(path)


def test_two_recordings_of_one_server_compare_equal(tmp_path: Path) -> None:
    first, second = (load(record(tmp_path / name, "line_server.py", two_at_once, stop=False)) for name in "ab")
    verdict = compare(first, second)
    assert verdict.agrees, report(verdict, first)


def test_what_ends_a_server_from_outside_is_in_its_trace(tmp_path: Path) -> None:
    ends: list[socket.socket] = []

    def stays(port: int) -> None:
        ends.append(socket.create_connection(("127.0.0.1", port), timeout=10))
        hears(ends[0], b"hello\n")

    path = record(tmp_path, "line_server.py", stays, lost=False)
    ends[0].close()
    trace = read(path)
    assert [event["args"] for event in trace.events if event.get("call") == "reactor-1.callFromThread"] == [
        {"callable": {"method": ["reactor-1", "stop"]}}
    ]
    assert steps(trace) == {"peer-1": ["connect", "receive", "close"]}
    agrees(path)


def test_a_server_that_ends_by_its_signal_as_twist_does_leaves_a_whole_trace(tmp_path: Path) -> None:
    program = (PROGRAMS / "line_server.py").read_text()
    ending = "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_DFL)\nos.kill(os.getpid(), signal.SIGTERM)\n"
    (tmp_path / "as_twist.py").write_text(program + ending)
    path = record(tmp_path / "traces", str(tmp_path / "as_twist.py"), closes, status=-signal.SIGTERM)
    validate(path)
    assert steps(read(path)) == {"peer-1": ["connect", "receive", "send", "receive", "close"]}
    agrees(path)


def test_other_bytes_than_the_server_wrote_diverge(tmp_path: Path) -> None:
    path = record(tmp_path, "line_server.py", closes)
    text = path.read_text()
    # "ONE\n" as the peer receives it, and nowhere else.
    place = text.rindex("T05FCg==")
    path.write_text(text[:place] + "T05GCg==" + text[place + 8 :])
    driver = Driver(load(path), reactor_class("epoll"))
    verdict = driver.run(5.0)
    assert verdict.divergence is not None
    assert (verdict.divergence.rule, driver.recording.events[verdict.divergence.expected or 0].member) == ("outcome", "peer-1.receive")


@pytest.mark.parametrize("path", sorted(TRACES.glob("*/wild/*.yaml")), ids=lambda path: path.stem)
def test_the_committed_servers_agree_with_twisted(path: Path) -> None:
    validate(path)
    assert read(path).header["peers"] == "derived"
    agrees(path, (None,))


def test_there_are_committed_servers() -> None:
    assert {path.stem for path in TRACES.glob("*/wild/*.yaml")} == {"endings_server", "http_server", "line_server", "transfer_server"}
