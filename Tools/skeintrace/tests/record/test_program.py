"""Any Twisted program, recorded from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from skeintrace.cli import main
from skeintrace.format import read, validate

PROGRAMS = Path(__file__).with_name("programs")


def start(folder: Path, *words: str, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(
        [sys.executable, "-m", "skeintrace", "record", "-o", "traces", *options, "--", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def record(folder: Path, *words: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
    process = start(folder, *words, options=options)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def write(folder: Path, text: str) -> str:
    (folder / "program.py").write_text(text)
    return "program.py"


def test_a_program_with_half_close_timers_and_threads(tmp_path: Path) -> None:
    status, out, err = record(tmp_path, str(PROGRAMS / "line_echo.py"))
    assert (status, out, err) == (0, "hello SHOUT goodbye\n", "")
    path = tmp_path / "traces" / "line_echo.yaml"
    validate(path)
    trace = read(path)
    members = {str(event.get("call") or event.get("back")).partition(".")[2] for event in trace.events}
    assert {"readConnectionLost", "writeConnectionLost", "callFromThread", "callInThreadWithCallback", "callLater"} <= members
    threads = {event["thread"] for event in trace.events if "thread" in event}
    assert threads == {"t-1", "t-2"}
    assert trace.eof is not None and trace.eof["open"] == 0
    assert trace.header["command"] == ["line_echo.py"]


def test_the_captures_stand_beside_the_trace(tmp_path: Path) -> None:
    status, _, err = record(tmp_path, str(PROGRAMS / "line_echo.py"), options=("--pcap",))
    assert (status, err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "traces").iterdir()) == ["line_echo.pcap", "line_echo.yaml"]
    written = (tmp_path / "traces/line_echo.pcap").read_bytes()
    assert main(["pcap", "-q", str(tmp_path / "traces/line_echo.yaml"), "-o", str(tmp_path / "again.pcap")]) == 0
    assert written == (tmp_path / "again.pcap").read_bytes()
    assert b"hello" in written


def test_the_programs_exit_status_and_arguments_are_its_own(tmp_path: Path) -> None:
    text = "import sys\nfrom twisted.internet import reactor\nreactor.callLater(1, print).cancel()\nsys.exit(int(sys.argv[1]))\n"
    status, _, err = record(tmp_path, write(tmp_path, text), "7")
    assert (status, err) == (7, "")
    assert [event["call"] for event in read(tmp_path / "traces/program.yaml").events] == [
        "reactor-1.callLater",
        "timer-1.cancel",
    ]


def test_a_module_is_recorded_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, "from twisted.internet import reactor\nreactor.callLater(0, reactor.stop)\nreactor.run()\n")
    status, _, err = record(tmp_path, "-m", "program")
    assert (status, err) == (0, "")
    assert len(read(tmp_path / "traces/program.yaml").events) == 3


def test_an_error_of_the_programs_comes_out_with_its_own_frames(tmp_path: Path) -> None:
    text = "from twisted.internet import reactor\nreactor.getDelayedCalls()\n1 / 0\n"
    status, _, err = record(tmp_path, write(tmp_path, text))
    assert status == 1 and "ZeroDivisionError" in err
    trace = read(tmp_path / "traces/program.yaml")
    assert len(trace.events) == 1 and not trace.truncated


def test_a_program_that_leaves_without_a_word_has_its_last_crossing_in_the_file(tmp_path: Path) -> None:
    text = "import os\nfrom twisted.internet import reactor\nreactor.callWhenRunning(os._exit, 3)\nreactor.run()\n"
    status, _, _ = record(tmp_path, write(tmp_path, text))
    trace = read(tmp_path / "traces/program.yaml", allow_truncated=True)
    assert status == 3 and trace.truncated
    assert trace.events[-1]["back"] == "function-1.call" and "gives" not in trace.events[-1]


def test_a_program_that_is_killed_inside_a_callback_has_it_in_the_file(tmp_path: Path) -> None:
    text = (
        "import time\nfrom twisted.internet import reactor\n"
        "def hang():\n    print('here', flush=True)\n    time.sleep(60)\n"
        "reactor.callWhenRunning(hang)\nreactor.run()\n"
    )
    process = start(tmp_path, write(tmp_path, text))
    assert process.stdout is not None and process.stdout.readline() == "here\n"
    path = tmp_path / "traces/program.yaml"
    ending = time.monotonic() + 20
    while "function-1.call" not in path.read_text() and time.monotonic() < ending:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    trace = read(path, allow_truncated=True)
    assert trace.truncated and trace.events[-1]["back"] == "function-1.call"


def test_a_program_without_a_reactor_says_so(tmp_path: Path) -> None:
    status, _, err = record(tmp_path, write(tmp_path, "print('nothing')\n"))
    assert status == 4 and "made no reactor" in err
    assert not (tmp_path / "traces").exists()


def test_a_full_disk_ends_the_recording_and_not_the_program(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    os.symlink("/dev/full", tmp_path / "traces" / "program.yaml")
    text = "from twisted.internet import reactor\nreactor.callLater(0, reactor.stop)\nreactor.run()\nprint('done')\n"
    status, out, err = record(tmp_path, write(tmp_path, text))
    assert (status, out) == (0, "done\n")
    assert err.startswith("skeintrace: recording stopped:")


def test_a_recording_that_no_longer_fits_says_what_it_lost(tmp_path: Path) -> None:
    text = (
        "import resource\nfrom twisted.internet import reactor\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
        "left = 100\n"
        "def tick():\n    global left\n    left -= 1\n"
        "    reactor.callLater(0, tick) if left else reactor.stop()\n"
        "reactor.callLater(0, tick)\nreactor.run()\nprint('done')\n"
    )
    status, out, err = record(tmp_path, write(tmp_path, text))
    assert (status, out) == (0, "done\n")
    assert err.splitlines()[0].startswith("skeintrace: recording stopped:")
    path = tmp_path / "traces/program.yaml"
    assert path.stat().st_size <= 4000
    validate(path)
    trace = read(path)
    assert trace.eof is not None
    kept = len(trace.events) - 1 - sum("end" in event for event in trace.events)
    assert trace.eof["lost"] == trace.events[-1]["lost"] == 202 - kept
