"""The files: classic pcap and pcapng, the commands that write them, and disks that are full."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import pytest

from skeintrace.capture import Capture, Packet, captures
from skeintrace.capture.capture import RAW
from skeintrace.capture.pcap import SNAPSHOT, write_pcap
from skeintrace.cli import EXIT_AGREES, EXIT_NOT_RUN, EXIT_UNREADABLE, EXIT_USAGE, main
from skeintrace.format import read

from .traces import binary, connected, received, write_trace, written

CASE = [*connected(), written(4, "transport-2", b"hello"), received(4, "protocol-1", b"hello"), "end: 4"]


def written_out(capture: Capture) -> bytes:
    file = io.BytesIO()
    write_pcap(file, capture)
    return file.getvalue()


def test_the_file_is_nanosecond_little_endian_and_raw() -> None:
    data = written_out(Capture("", RAW, 1000, [Packet(2_000_000_003, b"abc", (1,), "x", True)]))
    assert data[:24] == bytes.fromhex("4d3cb2a1 0200 0400 00000000 00000000 00000400 65000000".replace(" ", ""))
    assert struct.unpack("<IIII", data[24:40]) == (1002, 3, 3, 3)
    assert data[40:] == b"abc"


def test_a_packet_longer_than_the_snapshot_is_cut_and_keeps_its_length() -> None:
    data = written_out(Capture("", RAW, 0, [Packet(0, bytes(SNAPSHOT + 5), (1,), "x", True)]))
    assert struct.unpack("<II", data[32:40]) == (SNAPSHOT, SNAPSHOT + 5)
    assert len(data) == 40 + SNAPSHOT


def test_the_times_count_from_started_and_from_zero_where_the_clock_is_virtual(tmp_path: Path) -> None:
    path = write_trace(tmp_path / "case.yaml", CASE)
    assert captures(read(path))[0].epoch == 1795231200
    path.write_text(path.read_text().replace("started:", "clock: virtual\nstarted:"))
    assert captures(read(path))[0].epoch == 0


def test_pcap_writes_beside_the_trace_or_mirrors_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    write_trace(tmp_path / "in" / "deep" / "case.yaml", CASE)
    assert main(["pcap", str(tmp_path / "in"), "-o", str(tmp_path / "out")]) == EXIT_AGREES
    mirrored = tmp_path / "out" / "deep" / "case.pcap"
    assert main(["pcap", str(tmp_path / "in"), "--beside", "-q"]) == EXIT_AGREES
    assert (tmp_path / "in" / "deep" / "case.pcap").read_bytes() == mirrored.read_bytes()
    lines = capsys.readouterr().out.splitlines()
    assert lines == [str(mirrored), *[f"1 captures of 1 traces, {mirrored.stat().st_size} bytes"] * 2]


@pytest.mark.parametrize("command", ["pcap", "export"])
def test_a_full_disk_is_one_line_and_leaves_nothing(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = write_trace(tmp_path / "case.yaml", CASE)
    out = tmp_path / "out"
    out.mkdir()
    (out / "case.pcap.part").symlink_to("/dev/full")
    arguments = {"pcap": ["pcap", str(trace), "-o", str(out)], "export": ["export", "--pcapng", str(trace), "-o", str(out / "case.pcap")]}
    assert main(arguments[command]) == EXIT_NOT_RUN
    assert capsys.readouterr().err == f"{out / 'case.pcap'}: cannot be written: No space left on device\n"
    assert list(out.iterdir()) == []


def test_the_bytes_are_those_that_the_swift_tests_compare(tmp_path: Path) -> None:
    root = Path(__file__).parents[4]
    fixtures = root / "Tests/ConformanceTests/Fixtures/capture"
    trace = str(root / "Traces/twisted-26.10.0/programs/line_echo.yaml")
    assert main(["pcap", trace, "-q", "-o", str(tmp_path / "case.pcap")]) == EXIT_AGREES
    assert main(["export", "--pcapng", trace, "-o", str(tmp_path / "case.pcapng")]) == EXIT_AGREES
    assert (tmp_path / "case.pcap").read_bytes() == (fixtures / "line_echo.pcap").read_bytes()
    assert (tmp_path / "case.pcapng").read_bytes() == (fixtures / "line_echo.pcapng").read_bytes()


def test_a_name_that_ends_in_pcap_is_that_of_one_traces_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = write_trace(tmp_path / "case.yaml", CASE)
    assert main(["pcap", str(trace), "-q", "-o", str(tmp_path / "other.pcap")]) == EXIT_AGREES
    assert main(["pcap", str(trace), "-q", "--beside"]) == EXIT_AGREES
    assert (tmp_path / "other.pcap").read_bytes() == (tmp_path / "case.pcap").read_bytes()
    assert main(["pcap", str(tmp_path), "-q", "-o", str(tmp_path / "other.pcap")]) == EXIT_USAGE
    assert "expected one trace" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["pcap", "--beside", "-q"], ["export", "-o", "/dev/null", "--pcapng"]])
def test_a_time_that_pcap_has_no_room_for_is_one_line(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = write_trace(tmp_path / "case.yaml", CASE)
    text = trace.read_text()
    assert "n: 3, at: 2000," in text
    trace.write_text(text.replace("n: 3, at: 2000,", f"n: 3, at: {2**62},"))
    assert main([*command, str(trace)]) == EXIT_UNREADABLE
    assert "not between 1970 and 2106" in capsys.readouterr().err


def test_a_device_is_written_straight_to_and_stays_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = write_trace(tmp_path / "case.yaml", CASE)
    assert main(["export", "--pcapng", str(trace), "-o", "/dev/full"]) == EXIT_NOT_RUN
    assert capsys.readouterr().err == "/dev/full: cannot be written: No space left on device\n"
    assert Path("/dev/full").is_char_device()


def test_a_trace_that_is_cut_off_is_captured_as_far_as_it_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = write_trace(tmp_path / "case.yaml", CASE)
    lines = trace.read_text().splitlines(keepends=True)
    trace.write_text("".join(lines[:-1]))
    assert main(["pcap", str(trace), "--beside", "-q"]) == EXIT_UNREADABLE
    assert "cut off" in capsys.readouterr().err
    assert (tmp_path / "case.pcap").stat().st_size > 24


def test_a_trace_that_breaks_the_format_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = write_trace(tmp_path / "case.yaml", CASE)
    text = trace.read_text()
    assert "after: [3]" in text
    trace.write_text(text.replace("after: [3]", "after: [[3]]", 1))
    assert main(["pcap", str(trace), "--beside", "-q"]) == EXIT_UNREADABLE
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "case.pcap").exists()


def test_a_trace_of_which_no_capture_can_be_made_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = [*connected(), received(4, "protocol-1", b"hellO"), "end: 4"]
    events.insert(8, written(4, "transport-2", b"hello"))
    trace = write_trace(tmp_path / "case.yaml", events)
    assert main(["pcap", str(trace), "--beside", "-q"]) == EXIT_UNREADABLE
    assert capsys.readouterr().err.startswith(f"{trace}: event 9: byte 4 of what it sends")


def test_a_frame_without_bytes_is_exported(tmp_path: Path) -> None:
    events = [
        "call: pair.MemoryIOSystem, gives: {new: io-1}",
        f"call: io-1.open, args: {{filename: {binary(b'/dev/net/tun')}}}, gives: {{fd: fd-1}}",
        "call: io-1.ioctl, args: {fd: {fd: fd-1}}, gives: {ifreq: {name: !!binary \"dGFwMA==\", flags: [IFF_TAP]}}",
        f"call: io-1.write, args: {{fd: {{fd: fd-1}}, data: {binary(bytes(4))}}}, gives: 4",
    ]
    trace = write_trace(tmp_path / "case.yaml", events, "pair")
    file = tmp_path / "case.pcapng"
    assert main(["export", "--pcapng", str(trace), "-o", str(file)]) == EXIT_AGREES
    arguments = ["-T", "fields", "-e", "frame.len", "-e", "frame.comment"]
    shown = subprocess.run(["tshark", "-r", str(file), *arguments], capture_output=True, text=True, check=True)
    assert shown.stdout == "0\tevent 4 io-1.write\n"


def test_every_packet_of_the_export_says_its_events(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "case.yaml", CASE)
    file = tmp_path / "case.pcapng"
    assert main(["export", "--pcapng", str(trace), "-o", str(file)]) == EXIT_AGREES
    fields = ["frame.interface_name", "frame.comment", "frame.packet_flags_direction", "frame.packet_id", "frame.time_relative"]
    arguments = [argument for name in fields for argument in ("-e", name)]
    shown = subprocess.run(
        ["tshark", "-r", str(file), "-T", "fields", *arguments], capture_output=True, text=True, check=True
    )
    lines = [line.split("\t") for line in shown.stdout.splitlines()]
    assert lines[0] == ["transport-2", "event 3 reactor-1.connectTCP", "0x00000002", "1", "0.000000000"]
    data = "event 10 in 4 protocol-1.dataReceived,event 9 in 4 transport-2.write"
    assert lines[3] == ["transport-2", data, "0x00000002", "4", "0.000007000"]
    assert lines[4] == ["transport-2", "event 10 in 4 protocol-1.dataReceived", "0x00000001", "5", "0.000007000"]
