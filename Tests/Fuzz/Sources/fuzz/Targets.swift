/// All targets by name.
///
/// Each takes any bytes, and ends the process where Skein is wrong about them.
let targets: [String: @Sendable (RawSpan) -> Void] = [
  "ethernet": fuzzEthernet,
  "arp": fuzzARP,
  "ipv4": fuzzIPv4,
  "ipv6": fuzzIPv6,
  "icmpv4": fuzzICMPv4,
  "icmpv6": fuzzICMPv6,
  "udp": fuzzUDP,
  "tcp": fuzzTCP,
  "decoder": fuzzDecoder,
  "fragments": fuzzFragments,
  "reassembler": fuzzReassembler,
  "capture": fuzzCapture,
  "trace-scanner": fuzzScanner,
  "trace-reader": fuzzReader,
  "trace-validator": fuzzValidator,
  "trace-replay": fuzzReplay,
  "trace-judge": fuzzJudge,
]
