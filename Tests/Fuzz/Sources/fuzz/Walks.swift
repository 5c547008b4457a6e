import Addresses
import Pair

// Reads all that a view shows.

func walk(_ view: borrowing EthernetView) {
  use(view.destination)
  use(view.source)
  use(view.type.description)
  var tags = view.vlans
  let announced = tags.count
  var found = 0
  while let tag = tags.next() {
    use((tag.vlan, tag.priority, tag.isDropEligible))
    found += 1
  }
  check(found == announced && found <= EthernetHeader.maximumTags, "a wrong number of tags")
  read(view.payload)
}

func walk(_ view: borrowing ARPView) {
  use((view.hardwareType, view.protocolType, view.operation))
  read(view.senderHardware)
  read(view.senderProtocol)
  read(view.targetHardware)
  read(view.targetProtocol)
}

func walk(_ view: borrowing IPv4View) {
  use((view.dscp, view.ecn, view.identification, view.timeToLive, view.protocolNumber.description))
  use((view.reservedFlag, view.dontFragment, view.moreFragments, view.fragmentOffset, view.isFragment))
  use((view.source, view.destination))
  var options = view.options
  while let option = try? options.next() { read(option.data) }
  read(view.optionBytes)
  read(view.payload)
}

func walk(_ view: borrowing IPv6View) {
  use((view.trafficClass, view.flowLabel, view.hopLimit, view.nextHeader.description, view.source, view.destination))
  read(view.payload)
  var extensions = view.extensions
  var count = 0
  while let next = try? extensions.next() {
    count += next.bytes.byteCount
    if let routing = next.routing {
      use((routing.routingType, routing.segmentsLeft))
      read(routing.data)
    }
    if let authentication = next.authentication {
      use((authentication.securityParametersIndex, authentication.sequenceNumber))
      read(authentication.integrityCheckValue)
    }
    if let fragment = next.fragment { use((fragment.fragmentOffset, fragment.moreFragments, fragment.identification)) }
    if var options = next.options { while let option = try? options.next() { use(IPv6Option(option)) } }
  }
  check(count + extensions.rest.byteCount == view.payload.byteCount, "extension headers lose bytes")
  if let upper = try? view.upperLayer() { read(upper.bytes) }
}

func walk(_ view: borrowing UDPView) {
  use((view.sourcePort, view.destinationPort, view.checksum))
  check(view.payload.byteCount == Int(view.length) - UDPHeader.byteCount, "a datagram's length")
  read(view.payload)
}

func walk(_ view: borrowing TCPView) {
  use((view.sourcePort, view.destinationPort, view.sequenceNumber, view.acknowledgmentNumber))
  use((view.flags.description, view.window, view.checksum, view.urgentPointer))
  var options = view.options
  while let option = try? options.next() { use(TCPOption(option)) }
  read(view.optionBytes)
  read(view.payload)
}

func walk(_ view: borrowing ICMPv4View) {
  use(view.message)
  read(view.payload)
  if let quoted = view.quotedPacket { read(quoted) }
}

func walk(_ view: borrowing ICMPv6View) {
  use(view.message)
  read(view.payload)
  if let quoted = view.quotedPacket { read(quoted) }
  if var options = view.options { while let option = try? options.next() { use(NeighborDiscoveryOption(option)) } }
  if var sources = view.sources { while let source = (try? sources.next()) { use(source) } }
  if var records = view.multicastRecords {
    while let record = try? records.next() {
      use((record.type, record.group))
      read(record.auxiliaryData)
    }
  }
}
