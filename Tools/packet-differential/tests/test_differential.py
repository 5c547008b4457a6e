"""The generator gives what it says, and the comparison notices what differs."""

import struct
import unittest

from differential.compare import Tally
from differential.faults import FAULTS, packets
from differential.ours import Decoding
from differential.packets import Packet
from differential.theirs import NUMBERS, fields
from differential.tshark import Dissection
from differential.wire import checksum, pseudo_header


class Generated(unittest.TestCase):
    def test_the_same_seed_gives_the_same_packets_and_another_gives_others(self) -> None:
        frames = [[packet.frame for packet in packets(seed, 300, 0.05)] for seed in (1, 1, 2)]
        self.assertEqual(frames[0], frames[1])
        self.assertNotEqual(frames[0], frames[2])

    def test_a_small_run_has_every_fault(self) -> None:
        self.assertEqual({packet.fault for packet in packets(1, 2000, 0.05)},
                         {"", *(fault.__name__ for fault in FAULTS)})

    def test_well_formed_frames_have_sizes_that_ethernet_allows(self) -> None:
        sizes = {len(packet.frame) for packet in packets(1, 3000, 0)}
        self.assertEqual(min(sizes), 60)
        self.assertLessEqual(max(sizes), 1518)

    def test_every_protocol_comes_with_and_without_tags(self) -> None:
        kinds = {packet.kind for packet in packets(1, 3000, 0)}
        for tags in ("", "802.1Q ", "QinQ "):
            for kind in ("arp", "802.3", "ipv4 udp", "ipv4 tcp", "ipv4 icmp", "ipv4 fragment", "ipv6 udp", "ipv6 tcp",
                         "ipv6 icmpv6", "ipv6 fragment with extensions"):
                self.assertIn(tags + kind, kinds)


class Checksums(unittest.TestCase):
    def test_the_example_of_rfc_1071(self) -> None:
        self.assertEqual(checksum(bytes.fromhex("0001f203f4f5f6f7")), 0xFFFF - 0xDDF2)

    def test_a_datagram_with_its_checksum_sums_up_to_zero(self) -> None:
        packet = next(packet for packet in packets(1, 300, 0) if packet.kind == "ipv6 udp")
        pseudo = pseudo_header(packet.network[8:24], packet.network[24:40], 17, len(packet.transport))
        self.assertEqual(checksum(pseudo, packet.transport), 0)
        self.assertNotEqual(checksum(pseudo, packet.transport[:-1] + bytes([packet.transport[-1] ^ 1])), 0)

    def test_an_odd_last_byte_is_padded_with_zero(self) -> None:
        self.assertEqual(checksum(b"\x12"), 0xFFFF - 0x1200)
        self.assertEqual(checksum(struct.pack("!H", 0)), 0xFFFF)


DISSECTION = {
    "eth.dst": ["02:00:00:00:00:01"], "eth.src": ["02:00:00:00:00:02"], "eth.type": ["0x0800"], "ip.hdr_len": ["20"],
    "ip.len": ["32"], "ip.id": ["0x0007"], "ip.ttl": ["64"], "ip.proto": ["17"], "ip.src": ["10.0.0.1"],
    "ip.dst": ["10.0.0.2"], "udp.srcport": ["9"], "udp.dstport": ["7"], "udp.length": ["12"], "udp.checksum": ["0x1234"],
    "data.data": ["61626364"],
}


class Compared(unittest.TestCase):
    def unexplained(self, change: dict[str, object], failure: str = "") -> Tally:
        """What is left to explain when Skein says what tshark says, but for a change."""
        dissection = Dissection("eth:ethertype:ip:udp:data".split(":"), DISSECTION)
        found = {name: value for name, value in (fields(dissection) | change).items() if value is not None}
        tally = Tally()
        tally.add(1, Packet(b"", b"", b"", "ipv4 udp"), dissection, Decoding(found, failure, ""))
        return tally

    def test_equal_fields_leave_nothing_to_explain(self) -> None:
        tally = self.unexplained({})
        self.assertEqual((tally.unexplained, tally.equal), ([], tally.fields))
        self.assertGreater(tally.fields, 15)

    def test_every_other_value_is_noticed(self) -> None:
        names = [name for name, theirs in NUMBERS.items() if theirs in DISSECTION] + ["ipv4.source", "payload", "layer udp"]
        for name in names:
            with self.subTest(name):
                self.assertEqual(len(self.unexplained({name: "other"}).unexplained), 1)

    def test_a_missing_layer_and_an_additional_field_are_noticed(self) -> None:
        self.assertEqual(len(self.unexplained({"layer udp": None}).unexplained), 1)
        self.assertEqual(len(self.unexplained({"ipv4.options": [7]}).unexplained), 1)

    def test_a_failure_that_tshark_does_not_see_is_noticed(self) -> None:
        self.assertEqual(len(self.unexplained({}, failure="UDP: 20 bytes are needed, 12 are there").unexplained), 1)

    def test_a_known_difference_that_does_not_happen_is_told(self) -> None:
        tally = self.unexplained({})
        tally.packets = 2000
        self.assertIn("cut short", tally.silent_causes())


if __name__ == "__main__":
    unittest.main()
