// One task on the packets of a capture, as many times over as each line of the standard input says; answers each line with the
// nanoseconds it took and a digest of what was found.
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "decode.h"

static uint8_t *memory;
static size_t *ends;
static size_t packets;

static void fail(const char *what) {
  fprintf(stderr, "packets-c: %s\n", what);
  exit(1);
}

static pcap_t *open_capture(const char *path) {
  char error[PCAP_ERRBUF_SIZE];
  pcap_t *capture = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
  if (!capture) fail(error);
  return capture;
}

static void load(const char *path) {
  pcap_t *capture = open_capture(path);
  struct pcap_pkthdr *header;
  const u_char *data;
  size_t used = 0, room = 0, rooms = 0;
  while (pcap_next_ex(capture, &header, &data) == 1) {
    if (used + header->caplen > room) memory = realloc(memory, room = 2 * room + header->caplen);
    if (packets == rooms) ends = realloc(ends, (rooms = 2 * rooms + 1) * sizeof *ends);
    memcpy(memory + used, data, header->caplen);
    ends[packets++] = used += header->caplen;
  }
  pcap_close(capture);
}

static uint64_t decode_all(bool verify) {
  uint64_t digest = 0;
  size_t start = 0;
  for (size_t index = 0; index < packets; index++) {
    struct fields found;
    if (decode(memory + start, ends[index] - start, verify, &found))
      digest += found.destination[5] + found.source[5] + found.from + found.to + found.total_length +
                found.identification + found.time_to_live + found.source_port + found.destination_port + found.length +
                found.payload_count;
    start = ends[index];
  }
  return digest;
}

static uint64_t read_all(const char *path) {
  pcap_t *capture = open_capture(path);
  struct pcap_pkthdr *header;
  const u_char *data;
  uint64_t digest = 0;
  struct timeval last = {0};
  while (pcap_next_ex(capture, &header, &data) == 1) {
    digest += header->caplen + header->len + data[0];
    if (timercmp(&last, &header->ts, <)) last = header->ts;
  }
  pcap_close(capture);
  return digest + (uint64_t)last.tv_usec;
}

static uint64_t write_all(const char *path) {
  pcap_t *dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 262144, PCAP_TSTAMP_PRECISION_NANO);
  pcap_dumper_t *dumper = pcap_dump_open(dead, path);
  if (!dumper) fail(pcap_geterr(dead));
  size_t start = 0;
  for (size_t index = 0; index < packets; index++) {
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)(ends[index] - start)};
    header.len = header.caplen;
    header.ts.tv_sec = 1000000000;
    header.ts.tv_usec = (suseconds_t)index;
    pcap_dump((u_char *)dumper, &header, memory + start);
    start = ends[index];
  }
  if (pcap_dump_flush(dumper) != 0) fail("the capture cannot be written");
  pcap_dump_close(dumper);
  pcap_close(dead);
  return packets;
}

int main(int count, char **arguments) {
  if (count != 4) fail("usage: packets-c headers|checksums|read|write CAPTURE OUTPUT");
  const char *task = arguments[1];
  bool reads = !strcmp(task, "read"), writes = !strcmp(task, "write"), verifies = !strcmp(task, "checksums");
  if (!reads) load(arguments[2]);
  unsigned long passes;
  while (scanf("%lu", &passes) == 1) {
    struct timespec began, ended;
    uint64_t digest = 0;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (unsigned long pass = 0; pass < passes; pass++)
      digest += reads ? read_all(arguments[2]) : writes ? write_all(arguments[3]) : decode_all(verifies);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%lld %" PRIu64 "\n", (ended.tv_sec - began.tv_sec) * 1000000000LL + ended.tv_nsec - began.tv_nsec, digest);
    fflush(stdout);
  }
}
