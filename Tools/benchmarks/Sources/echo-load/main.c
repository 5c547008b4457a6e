// The load generator of echo: N connections to each of several servers, each with one message under way at a time. Every
// echo is compared with what was sent. How it is called stands in `load.h`.
//
// A port may be followed by a colon and the file of the server's counters. A line `INDEX step BATCHES` drives such a server in
// lock step: a batch is one message on each connection; all of them have come before the server may poll, and the next batch
// waits until all echoes are here and the server is about to wait. So what a batch costs the server does not depend on how
// fast anything is. It prints as a slice does.
#define _GNU_SOURCE
#include "EchoCounters.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

enum { MAX_SIZE = 4096, BATCH = 1024 };  // a message always fits into an empty socket
static const int64_t arrival = 500000, stillness = 20000000;  // of a batch, and of a server that waits for more

struct connection {
  int fd;
  uint64_t number;    // of the message under way: its first eight bytes
  size_t received;    // how much of its echo has come
};

struct server {
  int port, epoll;
  struct connection *connections;
  struct echo_counters *counters;  // NULL when they were not named
};

static struct server *servers;
static size_t connections, size;
static char message[MAX_SIZE], reply[MAX_SIZE + 1];

static void ping(struct server *server, struct connection *c) {
  c->number += 1;
  c->received = 0;
  memcpy(message, &c->number, sizeof c->number);
  if (send(c->fd, message, size, MSG_NOSIGNAL) != (ssize_t)size) fail(server->port, "did not take a whole message");
}

/// Takes what has come; true when the echo is complete.
static bool pong(struct server *server, struct connection *c) {
  ssize_t got = recv(c->fd, reply + c->received, size + 1 - c->received, 0);
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return false;
    fail(server->port, strerror(errno));
  }
  if (got == 0) fail(server->port, "closed a connection");
  memcpy(message, &c->number, sizeof c->number);
  size_t end = c->received + (size_t)got;
  if (end > size || memcmp(reply + c->received, message + c->received, (size_t)got) != 0)
    fail(server->port, "echoed something else than it was sent");
  c->received = end;
  return end == size;
}

static void open_all(struct server *server) {
  server->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (server->epoll < 0) fail_errno("epoll_create1");
  server->connections = calloc(connections, sizeof *server->connections);
  if (!server->connections) fail_errno("calloc");
  for (size_t i = 0; i < connections; i++) {
    struct connection *c = &server->connections[i];
    c->fd = connect_to(server->port);
    c->number = (uint64_t)i << 40;
    ping(server, c);
    int64_t deadline = now() + patience;
    while (!pong(server, c))
      if (now() > deadline) fail(server->port, "did not answer");
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0) fail_errno("O_NONBLOCK");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) fail_errno("epoll_ctl");
  }
}

/// Serves what one look at the sockets finds: completes echoes and, if `again`, sends the next messages.
static uint64_t turn(struct server *server, bool again) {
  static struct epoll_event events[BATCH];
  int count = epoll_wait(server->epoll, events, BATCH, 0);
  if (count < 0 && errno != EINTR) fail_errno("epoll_wait");
  uint64_t completed = 0;
  for (int i = 0; i < count; i++) {
    struct connection *c = events[i].data.ptr;
    if (!pong(server, c)) continue;
    completed += 1;
    if (again) ping(server, c);
  }
  return completed;
}

static struct counted slice(int index, int64_t nanoseconds) {
  struct server *server = &servers[index];
  uint64_t before = 0, counted = 0, after = 0;
  for (size_t i = 0; i < connections; i++) ping(server, &server->connections[i]);
  int64_t time = now(), start = time + settling;
  for (; time < start; time = now()) before += turn(server, true);
  start = time;
  int64_t end = start + nanoseconds;
  for (; time < end; time = now()) counted += turn(server, true);
  end = time;
  if (before + counted == 0) fail(server->port, "answered nothing in a whole slice");
  while (after < connections) {
    after += turn(server, false);
    if (now() > end + patience) fail(server->port, "stopped answering");
  }
  return (struct counted){counted, before + counted + after, end - start};
}

/// Sleeps until a time, whatever else happens.
static void sleep_until(int64_t time) {
  struct timespec t = {.tv_sec = time / second, .tv_nsec = time % second};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) continue;
}

static bool is_at_gate(const struct server *server) {
  return __atomic_load_n(&server->counters->arrived, __ATOMIC_ACQUIRE) !=
         __atomic_load_n(&server->counters->opened, __ATOMIC_ACQUIRE);
}

/// Lets the poll that stands at the gate through, if one does.
static void open_gate(const struct server *server) {
  uint32_t arrived = __atomic_load_n(&server->counters->arrived, __ATOMIC_ACQUIRE);
  __atomic_store_n(&server->counters->opened, arrived, __ATOMIC_RELEASE);
  syscall(SYS_futex, &server->counters->opened, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void batch(struct server *server) {
  bool waits = is_at_gate(server);  // not yet at the first one: it has been in the poll since before the gate was shut
  for (size_t i = 0; i < connections; i++) ping(server, &server->connections[i]);
  // On loopback a message has come when `send` returns, unless the kernel has put that off for a moment.
  sleep_until(now() + arrival);
  if (waits) open_gate(server);
  int64_t start = now(), progress = start;
  for (uint64_t completed = 0;;) {
    bool stands = is_at_gate(server);
    int64_t time = now();
    uint64_t more = turn(server, false);
    completed += more;
    if (more > 0) progress = now();
    bool still = more == 0 && time > progress + stillness;
    if (completed == connections) {
      // A server that does not come to the gate has passed it once too often, and waits behind it for the next batch.
      if (stands || still) return;
    } else if (stands && still) {
      // One that wants to wait before it has answered has not seen all of the batch: it may look again.
      open_gate(server);
      progress = now();
    }
    if (time > start + patience + (int64_t)connections * stillness) fail(server->port, "stopped answering in lock step");
  }
}

static bool step(int index, const char *line) {
  struct server *server = &servers[index];
  long batches;
  if (!server->counters || sscanf(line, "%*d step %ld", &batches) != 1 || batches < 1) return false;
  __atomic_store_n(&server->counters->shut, 1, __ATOMIC_RELEASE);
  int64_t start = now();
  for (long i = 0; i < batches; i++) batch(server);
  uint64_t total = (uint64_t)batches * connections;
  print_counted((struct counted){total, total, now() - start});
  return true;
}

static struct echo_counters *map_counters(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) fail_errno(path);
  void *shared = mmap(NULL, sizeof(struct echo_counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared == MAP_FAILED) fail_errno(path);
  close(fd);
  return shared;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: echo-load CONNECTIONS SIZE PORT[:COUNTERS]...\n");
    return 2;
  }
  connections = (size_t)number(argv[1], "CONNECTIONS", 1, 10000);
  size = (size_t)number(argv[2], "SIZE", sizeof(uint64_t), MAX_SIZE);
  int count = argc - 3;
  raise_descriptor_limit((connections + 1) * (size_t)count + 16);
  for (size_t i = 0; i < size; i++) message[i] = pattern(i);
  servers = calloc((size_t)count, sizeof *servers);
  if (!servers) fail_errno("calloc");
  for (int i = 0; i < count; i++) {
    char *counters = strchr(argv[3 + i], ':');
    if (counters) {
      *counters = 0;
      servers[i].counters = map_counters(counters + 1);
    }
    servers[i].port = (int)number(argv[3 + i], "PORT", 1, 65535);
    open_all(&servers[i]);
  }
  return serve(count, slice, step);
}
