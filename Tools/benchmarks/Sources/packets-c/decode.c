// The yardstick: plain C that makes the same checks and finds the same fields as Skein's decoder.
#include "decode.h"

#include <string.h>

static inline uint16_t get16(const uint8_t *bytes) {
  uint16_t value;
  memcpy(&value, bytes, 2);
  return __builtin_bswap16(value);
}

static inline uint32_t get32(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, 4);
  return __builtin_bswap32(value);
}

// The sum of 16-bit words as they lie in memory, taken 32 bits at a time into 64-bit sums, which compilers make vectors of.
static uint64_t sum(const uint8_t *bytes, size_t count) {
  uint64_t total = 0;
  size_t offset = 0;
  for (; offset + 4 <= count; offset += 4) {
    uint32_t word;
    memcpy(&word, bytes + offset, 4);
    total += word;
  }
  if (offset + 2 <= count) {
    uint16_t word;
    memcpy(&word, bytes + offset, 2);
    total += word;
    offset += 2;
  }
  if (offset < count) total += bytes[offset];
  return total;
}

static inline uint16_t fold(uint64_t total) {
  total = (total & 0xFFFFFFFF) + (total >> 32);
  total = (total & 0xFFFF) + (total >> 16);
  total = (total & 0xFFFF) + (total >> 16);
  return (uint16_t)((total & 0xFFFF) + (total >> 16));
}

bool decode(const uint8_t *bytes, size_t count, bool verify, struct fields *fields) {
  if (count < 14) return false;
  memcpy(fields->destination, bytes, 6);
  memcpy(fields->source, bytes + 6, 6);
  fields->type = get16(bytes + 12);
  if (fields->type != 0x0800) return false;
  const uint8_t *packet = bytes + 14;
  size_t found = count - 14;
  if (found < 20 || packet[0] >> 4 != 4) return false;
  size_t header = (packet[0] & 15) * 4;
  size_t total = get16(packet + 2);
  if (header < 20 || total < header || total > found) return false;
  if (verify && fold(sum(packet, header)) != 0xFFFF) return false;
  fields->total_length = (uint16_t)total;
  fields->identification = get16(packet + 4);
  if (get16(packet + 6) & 0x3FFF) return false;
  fields->time_to_live = packet[8];
  fields->protocol = packet[9];
  fields->from = get32(packet + 12);
  fields->to = get32(packet + 16);
  if (fields->protocol != 17) return false;
  const uint8_t *datagram = packet + header;
  size_t left = total - header;
  if (left < 8) return false;
  size_t length = get16(datagram + 4);
  if (length < 8 || length > left) return false;
  fields->source_port = get16(datagram);
  fields->destination_port = get16(datagram + 2);
  fields->length = (uint16_t)length;
  if (verify && get16(datagram + 6) != 0) {
    uint64_t pseudo = sum(packet + 12, 8) + __builtin_bswap16(17) + __builtin_bswap16((uint16_t)length);
    if (fold(pseudo + sum(datagram, length)) != 0xFFFF) return false;
  }
  fields->payload = datagram + 8;
  fields->payload_count = length - 8;
  return true;
}
