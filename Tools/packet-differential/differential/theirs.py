"""tshark's dissection in common terms: one name a field, numbers as numbers."""

from __future__ import annotations

from .tshark import Dissection, number

Fields = dict[str, object]
"""What a packet says, by the common names; a name that is not there was not found in the packet."""

LAYERS = {"eth": "ethernet", "arp": "arp", "ip": "ipv4", "ipv6": "ipv6", "udp": "udp", "tcp": "tcp", "icmp": "icmpv4",
          "icmpv6": "icmpv6"}
"""The layers that both sides know, by tshark's names."""

EXTENSIONS = {"ipv6.hopopts": 0, "ipv6.routing": 43, "ipv6.fraghdr": 44, "ah": 51, "ipv6.dstopts": 60}
"""Extension headers by tshark's names."""

NUMBERS = {
    "arp.hardwareType": "arp.hw.type", "arp.protocolType": "arp.proto.type", "arp.hardwareLength": "arp.hw.size",
    "arp.protocolLength": "arp.proto.size", "arp.operation": "arp.opcode",
    "ipv4.headerLength": "ip.hdr_len", "ipv4.totalLength": "ip.len", "ipv4.identification": "ip.id",
    "ipv4.reservedFlag": "ip.flags.rb", "ipv4.dontFragment": "ip.flags.df", "ipv4.moreFragments": "ip.flags.mf",
    "ipv4.timeToLive": "ip.ttl", "ipv4.protocol": "ip.proto", "ipv4.checksum": "ip.checksum",
    "ipv6.trafficClass": "ipv6.tclass", "ipv6.flowLabel": "ipv6.flow", "ipv6.payloadLength": "ipv6.plen",
    "ipv6.nextHeader": "ipv6.nxt", "ipv6.hopLimit": "ipv6.hlim",
    "udp.sourcePort": "udp.srcport", "udp.destinationPort": "udp.dstport", "udp.length": "udp.length",
    "udp.checksum": "udp.checksum",
    "tcp.sourcePort": "tcp.srcport", "tcp.destinationPort": "tcp.dstport", "tcp.sequenceNumber": "tcp.seq_raw",
    "tcp.acknowledgmentNumber": "tcp.ack_raw", "tcp.headerLength": "tcp.hdr_len", "tcp.flags": "tcp.flags",
    "tcp.window": "tcp.window_size_value", "tcp.checksum": "tcp.checksum", "tcp.urgentPointer": "tcp.urgent_pointer",
    "icmpv4.type": "icmp.type", "icmpv4.code": "icmp.code", "icmpv4.checksum": "icmp.checksum",
    "icmpv4.identifier": "icmp.ident", "icmpv4.sequenceNumber": "icmp.seq", "icmpv4.nextHopMTU": "icmp.mtu",
    "icmpv4.pointer": "icmp.pointer", "icmpv4.originate": "icmp.originate_timestamp",
    "icmpv4.receive": "icmp.receive_timestamp", "icmpv4.transmit": "icmp.transmit_timestamp",
    "icmpv6.type": "icmpv6.type", "icmpv6.code": "icmpv6.code", "icmpv6.checksum": "icmpv6.checksum",
    "icmpv6.identifier": "icmpv6.echo.identifier", "icmpv6.sequenceNumber": "icmpv6.echo.sequence_number",
    "icmpv6.mtu": "icmpv6.mtu", "icmpv6.pointer": "icmpv6.pointer",
    "icmpv6.currentHopLimit": "icmpv6.nd.ra.cur_hop_limit", "icmpv6.flags": "icmpv6.nd.ra.flag",
    "icmpv6.routerLifetime": "icmpv6.nd.ra.router_lifetime", "icmpv6.reachableTime": "icmpv6.nd.ra.reachable_time",
    "icmpv6.retransmitTimer": "icmpv6.nd.ra.retrans_timer", "icmpv6.router": "icmpv6.nd.na.flag.r",
    "icmpv6.solicited": "icmpv6.nd.na.flag.s", "icmpv6.override": "icmpv6.nd.na.flag.o",
    "icmpv6.maximumResponseCode": "icmpv6.mld.maximum_response_code", "icmpv6.queryFlags": "icmpv6.mld.flag",
    "icmpv6.queryIntervalCode": "icmpv6.mld.qqi", "icmpv6.sourceCount": "icmpv6.mld.nb_sources",
}
"""Fields that are one number."""

TEXTS = {
    "ethernet.destination": ("eth.dst",), "ethernet.source": ("eth.src",),
    "ipv4.source": ("ip.src",), "ipv4.destination": ("ip.dst",),
    "ipv6.source": ("ipv6.src",), "ipv6.destination": ("ipv6.dst",), "icmpv4.gateway": ("icmp.redir_gw",),
    "icmpv6.target": ("icmpv6.nd.ns.target_address", "icmpv6.nd.na.target_address", "icmpv6.nd.rd.target_address"),
    "icmpv6.destination": ("icmpv6.rd.na.destination_address",), "icmpv6.group": ("icmpv6.mld.multicast_address",),
}
"""Fields that are one address, under one of several names."""

ARP_ADDRESSES = {
    "arp.senderHardware": ("arp.src.hw_mac", "arp.src.hw"), "arp.senderProtocol": ("arp.src.proto_ipv4", "arp.src.proto"),
    "arp.targetHardware": ("arp.dst.hw_mac", "arp.dst.hw"), "arp.targetProtocol": ("arp.dst.proto_ipv4", "arp.dst.proto"),
}

CHECKSUMS = {"ipv4": "ip", "udp": "udp", "tcp": "tcp", "icmpv4": "icmp", "icmpv6": "icmpv6"}
BAD = 0
"""tshark's status of a checksum that does not fit."""


def fields(packet: Dissection) -> Fields:
    """The fields of a packet that both sides know."""
    layers = {LAYERS[name] for name in packet.layers if name in LAYERS}
    found: Fields = {f"layer {name}": True for name in layers}
    for name, theirs in NUMBERS.items():
        value = packet.number(theirs)
        if value is not None and name.split(".")[0] in layers:
            found[name] = value & 0x1FF if name == "tcp.flags" else value
    for name, several in {**TEXTS, **ARP_ADDRESSES}.items():
        if name.split(".")[0] in layers:
            value = next((text for text in map(packet.first, several) if text), None)
            if value is not None:
                found[name] = value & 0x1FF if name == "tcp.flags" else value
    for layer, theirs in CHECKSUMS.items():
        if layer in layers and packet.number(f"{theirs}.checksum.status") == BAD:
            found[f"{layer} checksum is wrong"] = True
    _ethernet(packet, found)
    _options(packet, layers, found)
    _payload(packet, found)
    return found


def _ethernet(packet: Dissection, found: Fields) -> None:
    types = packet.numbers("eth.type") or packet.numbers("eth.len")
    tags = []
    counts = {"vlan": 0, "ieee8021ad": 0}
    follow = {"vlan": "vlan.etype", "ieee8021ad": "ieee8021ah.etype"}
    for name in packet.layers:
        if name not in counts:
            continue
        place = counts[name]
        counts[name] += 1
        values = [packet.numbers(f"{name}.{part}")[place:] for part in ("id", "priority", "dei")]
        tags.append((types[-1], *(value[0] if value else None for value in values)))
        types += packet.numbers(follow[name])[place : place + 1] or packet.numbers("vlan.len")[:1]
    if tags:
        found["ethernet.tags"] = tags
    if types:
        found["ethernet.type"] = types[-1]


def _until_end(kinds: list[int]) -> list[int]:
    """The options up to the first that ends the list, which stands for nothing itself."""
    return kinds[: kinds.index(0)] if 0 in kinds else kinds


def _options(packet: Dissection, layers: set[str], found: Fields) -> None:
    if "ipv4" in layers:
        place = packet.number("ip.frag_offset")
        if place is not None:
            found["ipv4.fragmentOffset"] = 8 * place
        service = packet.number("ip.dsfield")
        if service is not None:
            found["ipv4.dscp"], found["ipv4.ecn"] = service >> 2, service & 3
        kinds = _until_end(packet.numbers("ip.opt.type"))
        if kinds:
            found["ipv4.options"] = kinds
    if "ipv6" in layers:
        headers = [EXTENSIONS[name] for name in packet.layers if name in EXTENSIONS]
        if headers:
            found["ipv6.extensions"] = headers
        kinds = packet.numbers("ipv6.opt.type")
        if kinds:
            found["ipv6.options"] = kinds
            found["ipv6.optionLengths"] = packet.numbers("ipv6.opt.length")
        for name, theirs in {"routingType": "ipv6.routing.type", "segmentsLeft": "ipv6.routing.segleft",
                             "fragmentIdentification": "ipv6.fraghdr.ident", "moreFragments": "ipv6.fraghdr.more",
                             "securityParametersIndex": "ah.spi", "authenticationSequence": "ah.sequence"}.items():
            value = packet.number(theirs)
            if value is not None:
                found[f"ipv6.{name}"] = value
        place = packet.number("ipv6.fraghdr.offset")
        if place is not None:
            found["ipv6.fragmentOffset"] = 8 * place
        value = packet.first("ah.icv")
        if value is not None:
            found["ipv6.integrityCheckValue"] = value
    if "tcp" in layers:
        kinds = _until_end(packet.numbers("tcp.option_kind"))
        if kinds:
            found["tcp.options"] = kinds
        for name, theirs in {"maximumSegmentSize": "tcp.options.mss_val", "windowScale": "tcp.options.wscale.shift",
                             "timestampValue": "tcp.options.timestamp.tsval",
                             "timestampEcho": "tcp.options.timestamp.tsecr", "sackLeft": "tcp.options.sack_le",
                             "sackRight": "tcp.options.sack_re"}.items():
            values = packet.numbers(theirs)
            if values:
                found[f"tcp.{name}"] = values
    if "icmpv6" in layers:
        for name, theirs in {"options": "icmpv6.opt.type", "prefixLength": "icmpv6.opt.prefix.length",
                             "prefixFlags": "icmpv6.opt.prefix.flag", "validLifetime": "icmpv6.opt.prefix.valid_lifetime",
                             "preferredLifetime": "icmpv6.opt.prefix.preferred_lifetime",
                             "optionMTU": "icmpv6.opt.mtu"}.items():
            values = packet.numbers(theirs)
            if values:
                found[f"icmpv6.{name}"] = values
        for name, theirs in {"linkAddress": "icmpv6.opt.linkaddr", "prefix": "icmpv6.opt.prefix",
                             "sources": "icmpv6.mld.source_address"}.items():
            if theirs in packet.fields:
                found[f"icmpv6.{name}"] = packet.fields[theirs]


def _payload(packet: Dissection, found: Fields) -> None:
    """The payload, where tshark leaves it alone: behind UDP, TCP, an echo, or what is not dissected."""
    last = packet.layers[-1] if packet.layers else ""
    echo = found.get("icmpv4.type") in (0, 8) or found.get("icmpv6.type") in (128, 129)
    if last == "data" or echo:
        found["payload"] = (packet.first("data.data") or "").replace(":", "")
    elif last in ("udp", "tcp", "ip", "ipv6", *EXTENSIONS):
        found["payload"] = ""


__all__ = ["Fields", "fields", "number"]
