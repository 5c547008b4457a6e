"""What the synthetic packets of connections are."""

from __future__ import annotations

from pathlib import Path

import pytest

from skeintrace.capture import CaptureError, Packet, captures, packets_of_events
from skeintrace.format import read

from .segments import segment, story
from .traces import accepted, back, connected, lost, received, write_trace, written

HANDSHAKE = ["> S", "< SA", "> A"]


def packets(tmp_path: Path, events: list[str]) -> list[Packet]:
    made = captures(read(write_trace(tmp_path / "case.yaml", events)))
    return made[0].packets if made else []


def test_both_ends_in_one_trace_are_one_stream(tmp_path: Path) -> None:
    events = [*connected(), written(4, "transport-2", b"hello"), received(4, "protocol-1", b"hello")]
    events += [written(4, "transport-1", b"good day"), received(4, "protocol-2", b"good day"), "end: 4"]
    found = packets(tmp_path, events)
    assert story(found) == [*HANDSHAKE, "> PA 5", "< A", "< PA 8", "> A"]
    assert [segment(packet).data for packet in found if segment(packet).data] == [b"hello", b"good day"]


def test_sequence_numbers_begin_with_the_connection_and_acknowledge_every_byte(tmp_path: Path) -> None:
    found = [segment(p) for p in packets(tmp_path, [*connected(), received(4, "protocol-1", b"hello"), "end: 4"])]
    assert [(s.seq - 2**24, s.ack and s.ack - 2**24) for s in found] == [(0, 0), (0, 1), (1, 1), (1, 1), (1, 6)]


def test_placeholders_have_fixed_numbers(tmp_path: Path) -> None:
    syn = segment(packets(tmp_path, [*connected(), "end: 4"])[0])
    assert (syn.source, syn.destination) == (("127.0.0.1", 49153), ("127.0.0.1", 49152))


def test_literal_addresses_stand_as_they_are(tmp_path: Path) -> None:
    syn = segment(packets(tmp_path, [*accepted(), "end: 2"])[0])
    assert (syn.source, syn.destination) == (("198.51.100.7", 50000), ("192.0.2.80", 8080))


def test_ends_without_an_address_get_one_by_the_connection(tmp_path: Path) -> None:
    events = [
        'call: reactor-1.connectUNIX, args: {address: "/tmp/s", factory: {new: factory-1}}, gives: {new: connector-1}',
        "call: reactor-1.run",
        'in: 2, turn: 1, phase: io, after: [1], back: factory-1.buildProtocol, args: {addr: {unix: "/tmp/s"}}, gives: {new: protocol-1}',
        "in: 2, turn: 1, phase: io, back: protocol-1.makeConnection, args: {transport: {new: transport-1}}",
        "end: 2",
    ]
    syn = segment(packets(tmp_path, events)[0])
    assert (syn.source, syn.destination) == (("fd73::1:2", 2), ("fd73::1:1", 1))


@pytest.mark.parametrize(("family", "most"), [(4, 65495), (6, 65515)])
def test_what_does_not_fit_a_packet_is_several_segments(tmp_path: Path, family: int, most: int) -> None:
    found = packets(tmp_path, [*connected(family), received(4, "protocol-1", b"x" * (2 * most + 1)), "end: 4"])
    assert story(found) == [*HANDSHAKE, f"> PA {most}", "< A", f"> PA {most}", "< A", "> PA 1", "< A"]


def test_bytes_that_never_arrived_are_not_sent(tmp_path: Path) -> None:
    events = [*connected(), written(4, "transport-2", b"hello world"), received(4, "protocol-1", b"hello"), "end: 4"]
    assert story(packets(tmp_path, events)) == [*HANDSHAKE, "> PA 5", "< A"]


def test_bytes_written_to_an_end_elsewhere_are_sent(tmp_path: Path) -> None:
    events = [*accepted(), written(2, "transport-1", b"hello"), received(2, "protocol-1", b"bye"), "end: 2"]
    assert story(packets(tmp_path, events)) == [*HANDSHAKE, "< PA 5", "> A", "> PA 3", "< A"]


def test_bytes_that_differ_from_those_written_are_an_error(tmp_path: Path) -> None:
    events = [*connected(), written(4, "transport-2", b"hello"), received(4, "protocol-1", b"hellO"), "end: 4"]
    with pytest.raises(CaptureError, match="event 9: byte 4 "):
        packets(tmp_path, events)


def test_a_lost_connection_is_a_FIN_of_each_end(tmp_path: Path) -> None:
    events = [*connected(), "in: 4, call: transport-2.loseConnection"]
    events += [lost(4, "protocol-2", "done"), lost(4, "protocol-1", "done"), "end: 4"]
    assert story(packets(tmp_path, events)) == [*HANDSHAKE, "> FA", "< A", "< FA", "> A"]


def test_a_half_close_is_a_FIN_and_the_other_direction_goes_on(tmp_path: Path) -> None:
    events = [*connected(), "in: 4, call: transport-2.loseWriteConnection", back(4, "protocol-1.readConnectionLost")]
    events += [received(4, "protocol-2", b"late"), "end: 4"]
    assert story(packets(tmp_path, events)) == [*HANDSHAKE, "> FA", "< A", "< PA 4", "> A"]


def test_a_FIN_waits_for_the_bytes_that_arrive_after_the_close(tmp_path: Path) -> None:
    events = [*connected(), lost(4, "protocol-2", "done"), received(4, "protocol-1", b"late"), "end: 4"]
    found = packets(tmp_path, events)
    assert story(found) == [*HANDSHAKE, "> PA 4", "< A", "> FA", "< A"]
    assert [packet.events for packet in found[3:]] == [(10,), (10,), (9,), (9,)]


def test_an_abort_is_an_RST_and_the_end_of_the_stream(tmp_path: Path) -> None:
    events = [*connected(), lost(4, "protocol-2", "aborted"), lost(4, "protocol-1", "lost"), "end: 4"]
    assert story(packets(tmp_path, events)) == [*HANDSHAKE, "> RA"]


def test_a_reset_from_an_end_elsewhere_is_an_RST(tmp_path: Path) -> None:
    assert story(packets(tmp_path, [*accepted(), lost(2, "protocol-1", "lost"), "end: 2"])) == [*HANDSHAKE, "> RA"]


def test_an_end_elsewhere_closes_when_this_one_sees_it(tmp_path: Path) -> None:
    events = [*accepted(), lost(2, "protocol-1", "done"), "end: 2"]
    assert story(packets(tmp_path, events)) == [*HANDSHAKE, "> FA", "< A", "< FA", "> A"]


def test_a_refused_attempt_is_answered_with_an_RST(tmp_path: Path) -> None:
    events = [
        'call: reactor-1.connectTCP, args: {host: "127.0.0.1", port: {port: free-1}, factory: {new: factory-1}}, gives: {new: connector-1}',
        "call: reactor-1.run",
        back(2, "factory-1.clientConnectionFailed, args: {connector: {ref: connector-1}, reason: {error: refused, errno: ECONNREFUSED}}"),
        "end: 2",
    ]
    assert story(packets(tmp_path, events)) == ["> S", "< RA"]


def test_an_attempt_that_failed_before_the_network_has_no_packets(tmp_path: Path) -> None:
    events = [
        'call: reactor-1.connectTCP, args: {host: "x.invalid", port: 80, factory: {new: factory-1}}, gives: {new: connector-1}',
        "call: reactor-1.run",
        back(2, "factory-1.clientConnectionFailed, args: {connector: {ref: connector-1}, reason: {error: dns}}"),
        "end: 2",
    ]
    assert packets(tmp_path, events) == []


def test_a_connector_that_connects_again_begins_another_stream(tmp_path: Path) -> None:
    events = [*connected(), "in: 4, call: connector-1.connect"]
    failed = "factory-2.clientConnectionFailed, args: {connector: {ref: connector-1}, reason: {error: refused, errno: ECONNREFUSED}}"
    found = packets(tmp_path, [*events, back(4, failed), "end: 4"])
    assert story(found)[:3] == HANDSHAKE
    assert [segment(packet).seq for packet in found[3:]] == [2 * 2**24, 0]


def test_repeated_deliveries_are_in_the_stream_that_often(tmp_path: Path) -> None:
    repeated = received(4, "protocol-1", b"ab") + ", repeat: {times: 3}"
    found = packets(tmp_path, [*connected(), repeated, "end: 4"])
    assert [segment(packet).data for packet in found[3:]] == [b"ababab", b""]


def test_an_event_names_its_packets_and_a_packet_its_events(tmp_path: Path) -> None:
    events = [*connected(), written(4, "transport-2", b"hel"), written(4, "transport-2", b"lo")]
    path = write_trace(tmp_path / "case.yaml", [*events, received(4, "protocol-1", b"hello"), "end: 4"])
    made = captures(read(path))
    assert [packet.events for packet in made[0].packets[3:]] == [(11, 9, 10), (11,)]
    assert packets_of_events(made) == {3: {"": [1]}, 5: {"": [2, 3]}, 9: {"": [4]}, 10: {"": [4]}, 11: {"": [4, 5]}}


def test_the_direction_is_that_of_the_object(tmp_path: Path) -> None:
    found = packets(tmp_path, [*accepted(), received(2, "protocol-1", b"in"), "end: 2"])
    assert {packet.object for packet in found} == {"transport-1"}
    assert [packet.outbound for packet in found] == [False, True, False, False, True]


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("after: [3]", 'after: ["x", {ref: port-1}, 3]'),
        ("at: 2000", "at: []"),
        ("port: {port: p-1}", "port: {port: []}"),
        ("port: {port: p-1}", "port: {port: p-0}"),
        ('host: "127.0.0.1"', "host: {host: x-99999999999}"),
        ("gives: {new: protocol-1}", "gives: {new: [1]}"),
        ("{transport: {new: transport-1}}", "{transport: []}"),
        ("repeat: {times: 3}", "repeat: {times: true}"),
    ],
)
def test_what_a_stranger_writes_in_place_of_a_value_is_passed_over(tmp_path: Path, text: str, instead: str) -> None:
    repeated = received(4, "protocol-1", b"ab") + ", repeat: {times: 3}"
    path = write_trace(tmp_path / "case.yaml", [*connected(), repeated, "end: 4"])
    assert text in path.read_text()
    path.write_text(path.read_text().replace(text, instead))
    (capture,) = captures(read(path))
    assert story(capture.packets)[:3] == HANDSHAKE


def test_a_cause_that_is_no_list_ties_nothing(tmp_path: Path) -> None:
    path = write_trace(tmp_path / "case.yaml", [*connected(), "end: 4"])
    path.write_text(path.read_text().replace("after: [3]", "after: 3"))
    (capture,) = captures(read(path))
    assert story(capture.packets).count("> S") == 1
    assert len({segment(packet).source for packet in capture.packets}) == 3  # the two clients and their server


def test_streams_that_would_fill_the_memory_are_an_error(tmp_path: Path) -> None:
    flood = received(4, "protocol-1", b"x" * 1024) + ", repeat: {times: 999999999}"
    with pytest.raises(CaptureError, match="event 9: more than 268435456 bytes"):
        packets(tmp_path, [*connected(), flood, "end: 4"])
