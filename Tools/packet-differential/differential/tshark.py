"""What tshark reads in a capture: each packet's layers, and the fields of each as numbers, addresses or bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .errors import CannotRun

PROTOCOLS = """eth ethertype vlan ieee8021ad arp ip ipv6 ipv6.hopopts ipv6.routing ipv6.fraghdr ipv6.dstopts ah icmp icmpv6 udp
tcp data frame""".split()
"""All that is dissected: what stands above UDP and TCP, and what else could claim a payload, is not."""

PREFERENCES = {
    "ip.check_checksum": "TRUE", "udp.check_checksum": "TRUE", "tcp.check_checksum": "TRUE",
    "ip.defragment": "FALSE", "ipv6.defragment": "FALSE", "tcp.analyze_sequence_numbers": "FALSE",
    "tcp.relative_sequence_numbers": "FALSE", "tcp.desegment_tcp_streams": "FALSE",
    "ip.use_geoip": "FALSE", "ipv6.use_geoip": "FALSE", "ip.decode_tos_as_diffserv": "TRUE",
}

FIELDS = """frame.protocols _ws.malformed _ws.short _ws.expert.message
eth.dst eth.src eth.type eth.len vlan.priority vlan.dei vlan.id vlan.etype vlan.len
ieee8021ad.priority ieee8021ad.dei ieee8021ad.id ieee8021ah.etype
arp.hw.type arp.proto.type arp.hw.size arp.proto.size arp.opcode arp.src.hw arp.src.hw_mac arp.src.proto arp.src.proto_ipv4
arp.dst.hw arp.dst.hw_mac arp.dst.proto arp.dst.proto_ipv4
ip.version ip.hdr_len ip.dsfield ip.len ip.id ip.flags.rb ip.flags.df ip.flags.mf ip.frag_offset ip.ttl ip.proto
ip.checksum ip.checksum.status ip.src ip.dst ip.opt.type ip.opt.len
ipv6.version ipv6.tclass ipv6.flow ipv6.plen ipv6.nxt ipv6.hlim ipv6.src ipv6.dst
ipv6.hopopts.nxt ipv6.hopopts.len ipv6.dstopts.nxt ipv6.dstopts.len ipv6.opt.type ipv6.opt.length
ipv6.routing.nxt ipv6.routing.len ipv6.routing.type ipv6.routing.segleft
ipv6.fraghdr.nxt ipv6.fraghdr.offset ipv6.fraghdr.more ipv6.fraghdr.ident ah.next_header ah.length ah.spi ah.sequence ah.icv
icmp.type icmp.code icmp.checksum icmp.checksum.status icmp.ident icmp.seq icmp.mtu icmp.redir_gw icmp.pointer
icmp.originate_timestamp icmp.receive_timestamp icmp.transmit_timestamp
icmpv6.type icmpv6.code icmpv6.checksum icmpv6.checksum.status icmpv6.echo.identifier icmpv6.echo.sequence_number icmpv6.mtu
icmpv6.pointer icmpv6.nd.ra.cur_hop_limit icmpv6.nd.ra.flag icmpv6.nd.ra.router_lifetime icmpv6.nd.ra.reachable_time
icmpv6.nd.ra.retrans_timer icmpv6.nd.ns.target_address icmpv6.nd.na.target_address icmpv6.nd.na.flag.r
icmpv6.nd.na.flag.s icmpv6.nd.na.flag.o icmpv6.nd.rd.target_address icmpv6.rd.na.destination_address
icmpv6.opt.type icmpv6.opt.length icmpv6.opt.linkaddr icmpv6.opt.prefix icmpv6.opt.prefix.length icmpv6.opt.prefix.flag
icmpv6.opt.prefix.valid_lifetime icmpv6.opt.prefix.preferred_lifetime icmpv6.opt.mtu
icmpv6.mld.maximum_response_delay icmpv6.mld.maximum_response_code icmpv6.mld.multicast_address icmpv6.mld.nb_sources
icmpv6.mld.flag icmpv6.mld.qqi icmpv6.mld.source_address
udp.srcport udp.dstport udp.length udp.checksum udp.checksum.status
tcp.srcport tcp.dstport tcp.seq_raw tcp.ack_raw tcp.hdr_len tcp.flags tcp.window_size_value tcp.checksum tcp.checksum.status
tcp.urgent_pointer tcp.options tcp.option_kind tcp.option_len tcp.options.mss_val tcp.options.wscale.shift
tcp.options.timestamp.tsval tcp.options.timestamp.tsecr tcp.options.sack_le tcp.options.sack_re
data.data""".split()

EXTRA_PROTOCOLS = ("ip.options.", "tcp.options.", "ipv6.routing.", "_ws.")
"""Parts of protocols that tshark counts as protocols of their own."""


@dataclass
class Dissection:
    """A packet as tshark sees it."""

    layers: list[str]
    """The protocols in their order, without those that an ICMP error quotes."""
    fields: dict[str, list[str]] = field(default_factory=dict)
    """All values of each field that is there, those of quoted packets among them, behind the packet's own."""

    def first(self, name: str) -> str | None:
        """The packet's own value of a field."""
        values = self.fields.get(name)
        return values[0] if values else None

    def number(self, name: str) -> int | None:
        """The packet's own value, as a number."""
        value = self.first(name)
        return None if value is None else number(value)

    def numbers(self, name: str) -> list[int]:
        """All values, as numbers."""
        return [number(value) for value in self.fields.get(name, [])]


def number(text: str) -> int:
    """A number as tshark prints it: decimal, hexadecimal or a truth value."""
    return {"True": 1, "False": 0}.get(text) if text in ("True", "False") else int(text, 0)


def need_tshark() -> None:
    """Stop with advice when tshark is missing."""
    if not shutil.which("tshark"):
        raise CannotRun("tshark is missing: sudo apt-get install tshark")


def _configuration(folder: Path) -> dict[str, str]:
    """An environment in which tshark knows the wanted protocols alone, and no one's own settings."""
    report = subprocess.run(["tshark", "-G", "protocols"], capture_output=True, text=True, check=True).stdout
    known = [line.split("\t")[2] for line in report.splitlines()]
    unwanted = [name for name in known if name not in PROTOCOLS and not name.startswith(EXTRA_PROTOCOLS)]
    settings = folder / "wireshark"
    settings.mkdir()
    (settings / "disabled_protos").write_text("\n".join(unwanted) + "\n")
    return {**os.environ, "XDG_CONFIG_HOME": str(folder), "HOME": str(folder), "LC_ALL": "C.UTF-8"}


def dissect(capture: Path) -> Iterator[Dissection]:
    """Each packet of a capture, in order."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["tshark", "-n", "-r", str(capture), "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a",
                   "-E", "aggregator=|"]
        for name, value in PREFERENCES.items():
            command += ["-o", f"{name}:{value}"]
        for name in FIELDS:
            command += ["-e", name]
        with (Path(folder) / "errors").open("w+") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True,
                                       env=_configuration(Path(folder)))
            assert process.stdout
            for line in process.stdout:
                values = line.rstrip("\n").split("\t")
                found = {name: value.split("|") for name, value in zip(FIELDS, values) if value}
                yield Dissection(_own_layers(found.pop("frame.protocols", [""])[0]), found)
            if process.wait() != 0:
                errors.seek(0)
                raise CannotRun(f"tshark failed: {errors.read().strip()}")


def _own_layers(protocols: str) -> list[str]:
    layers = protocols.split(":")
    for place, name in enumerate(layers):
        if name in ("icmp", "icmpv6"):
            return layers[: place + 1]
    return layers


def version() -> str:
    """What is compared with."""
    return subprocess.run(["tshark", "--version"], capture_output=True, text=True).stdout.split(" (Git")[0].split("\n")[0]
