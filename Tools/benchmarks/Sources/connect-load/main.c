// The load generator of short connections: N of them are under way at a time, each of which sends one message, takes its
// echo and then the end. What is counted is connections. How it is called stands in `load.h`.
//
// The server closes first. The client answers with a reset, so that no connection stays behind and ports do not run out. The
// generator waits for the oldest connection each time, and sleeps when that is not answered yet.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum { MAX_SIZE = 4096, MAX_CONNECTIONS = 2000 };

static int ports[64];
static size_t connections, size;
static char message[MAX_SIZE], reply[MAX_SIZE + 1];
static int open_ones[MAX_CONNECTIONS];

static int begin(int port) {
  int fd = connect_to(port);
  if (send(fd, message, size, MSG_NOSIGNAL) != (ssize_t)size) fail(port, "did not take a whole message");
  return fd;
}

static void finish(int port, int fd) {
  ssize_t got = recv(fd, reply, size + 1, MSG_WAITALL);
  if (got < 0) fail(port, strerror(errno));
  if (got != (ssize_t)size || memcmp(reply, message, size) != 0) fail(port, "echoed something else than it was sent");
  struct linger reset = {.l_onoff = 1};
  if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) < 0) fail_errno("SO_LINGER");
  close(fd);
}

static struct counted slice(int index, int64_t nanoseconds) {
  int port = ports[index];
  uint64_t before = 0, counted = 0;
  for (size_t i = 0; i < connections; i++) open_ones[i] = begin(port);
  size_t oldest = 0;
  int64_t time = now(), start = time + settling, end = start + nanoseconds;
  bool inside = false;
  for (; time < end; time = now()) {
    if (!inside && time >= start) {
      inside = true;
      start = time;
      end = start + nanoseconds;
    }
    finish(port, open_ones[oldest]);
    open_ones[oldest] = begin(port);
    oldest = (oldest + 1) % connections;
    *(inside ? &counted : &before) += 1;
  }
  for (size_t i = 0; i < connections; i++) finish(port, open_ones[i]);
  return (struct counted){counted, before + counted + connections, time - start};
}

int main(int argc, char **argv) {
  if (argc < 4 || argc > 3 + (int)(sizeof ports / sizeof *ports)) {
    fprintf(stderr, "usage: connect-load CONNECTIONS SIZE PORT...\n");
    return 2;
  }
  connections = (size_t)number(argv[1], "CONNECTIONS", 1, MAX_CONNECTIONS);
  size = (size_t)number(argv[2], "SIZE", 1, MAX_SIZE);
  raise_descriptor_limit(connections + 16);
  for (size_t i = 0; i < size; i++) message[i] = pattern(i);
  for (int i = 0; i < argc - 3; i++) {
    ports[i] = (int)number(argv[3 + i], "PORT", 1, 65535);
    finish(ports[i], begin(ports[i]));
  }
  return serve(argc - 3, slice, NULL);
}
