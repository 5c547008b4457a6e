#ifndef DECODE_H
#define DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a UDP datagram over IPv4 over Ethernet says.
struct fields {
  uint8_t destination[6], source[6];
  uint16_t type;
  uint32_t from, to;
  uint16_t total_length, identification;
  uint8_t time_to_live, protocol;
  uint16_t source_port, destination_port, length;
  const uint8_t *payload;
  size_t payload_count;
};

/// Reads a frame, with every check that its lengths and versions need; false when it is anything but a whole datagram.
/// With `verify` the checksums of IPv4 and UDP have to fit.
bool decode(const uint8_t *bytes, size_t count, bool verify, struct fields *fields);

#endif
