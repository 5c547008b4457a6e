// The load generator of streams: N connections to a server, which sends on each as much as flow control lets it. What is
// counted is bytes. How it is called stands in `load.h`; SIZE is what the server writes at a time, and of no use here.
//
// What comes in the moment before a slice is compared byte for byte with what should come; inside the slice the kernel drops
// the bytes and counts them, so that it is the server that sets the pace. The connections are a slice's own: one that nobody
// reads from for a while takes its time to come up to speed again.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum { PORTION = 1 << 18, PERIOD = 256, BATCH = 64 };

struct connection {
  int fd;
  size_t position;  // of the next byte in the stream, within a period
};

static int ports[64], epoll;
static size_t connections;
static struct connection *open_ones;
static char expected[PORTION + PERIOD], bytes[PORTION];

static void open_all(int port) {
  for (size_t i = 0; i < connections; i++) {
    struct connection *c = &open_ones[i];
    *c = (struct connection){.fd = connect_to(port)};
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0) fail_errno("O_NONBLOCK");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) fail_errno("epoll_ctl");
  }
}

/// Reads each connection once that has something; gives the bytes.
static uint64_t turn(int port, bool compares) {
  struct epoll_event events[BATCH];
  int count = epoll_wait(epoll, events, BATCH, 0);
  if (count < 0 && errno != EINTR) fail_errno("epoll_wait");
  uint64_t read = 0;
  for (int i = 0; i < count; i++) {
    struct connection *c = events[i].data.ptr;
    ssize_t got = recv(c->fd, bytes, sizeof bytes, compares ? 0 : MSG_TRUNC);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) fail(port, strerror(errno));
    if (got == 0) fail(port, "closed a connection");
    if (compares && memcmp(bytes, expected + c->position, (size_t)got) != 0)
      fail(port, "sent something else than it should");
    c->position = (c->position + (size_t)got) % PERIOD;
    read += (uint64_t)got;
  }
  return read;
}

static struct counted slice(int index, int64_t nanoseconds) {
  int port = ports[index];
  uint64_t before = 0, counted = 0;
  open_all(port);
  int64_t time = now(), start = time + settling, latest = time + patience;
  for (; time < start || (before == 0 && time < latest); time = now()) before += turn(port, true);
  start = time;
  int64_t end = start + nanoseconds;
  for (; time < end; time = now()) counted += turn(port, false);
  if (before == 0 || counted == 0) fail(port, "sent nothing");
  for (size_t i = 0; i < connections; i++) close(open_ones[i].fd);
  return (struct counted){counted, before + counted, time - start};
}

int main(int argc, char **argv) {
  if (argc < 4 || argc > 3 + (int)(sizeof ports / sizeof *ports)) {
    fprintf(stderr, "usage: stream-load CONNECTIONS SIZE PORT...\n");
    return 2;
  }
  connections = (size_t)number(argv[1], "CONNECTIONS", 1, 10000);
  raise_descriptor_limit(connections + 16);
  for (size_t i = 0; i < sizeof expected; i++) expected[i] = pattern(i);
  for (int i = 0; i < argc - 3; i++) ports[i] = (int)number(argv[3 + i], "PORT", 1, 65535);
  open_ones = calloc(connections, sizeof *open_ones);
  if (!open_ones) fail_errno("calloc");
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail_errno("epoll_create1");
  return serve(argc - 3, slice, NULL);
}
