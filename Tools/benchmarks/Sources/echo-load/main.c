// The load generator: N connections to each of several echo servers, each with one message under way at a time.
//
//     echo-load CONNECTIONS SIZE PORT[:COUNTERS]...
//
// Connects to every port, sends one message over each connection and checks its echo, then prints `ready`. After that,
// each line `INDEX SECONDS` on standard input loads that server for a slice of that many seconds and prints one line,
//
//     COUNTED NANOSECONDS TOTAL
//
// the round trips that ended inside the slice, its real length, and all round trips: with those of the moment before,
// which lets both sides come up to speed, and of the moment after, in which what is under way is awaited. So a server
// idles whenever it is not its turn. Every echo is compared with what was sent. Inside a slice the generator never sleeps.
//
// A line `INDEX step BATCHES` drives a server whose counters' file was named in lock step instead: a batch is one message on
// each connection; all of them have come before the server may poll, and the next batch waits until all echoes are here and
// the server is about to wait. So what a batch costs the server does not depend on how fast anything is. It prints as above.
#define _GNU_SOURCE
#include "EchoCounters.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SIZE = 4096, BATCH = 1024 };  // a message always fits into an empty socket
static const int64_t second = 1000000000, settling = 20000000, patience = 10000000000;
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

static size_t connections, size;
static char message[MAX_SIZE], reply[MAX_SIZE + 1];

static void fail(const struct server *server, const char *what) {
  fprintf(stderr, "echo-load: the server on port %d %s\n", server->port, what);
  exit(1);
}

static void fail_errno(const char *what) {
  fprintf(stderr, "echo-load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * second + t.tv_nsec;
}

static void ping(struct server *server, struct connection *c) {
  c->number += 1;
  c->received = 0;
  memcpy(message, &c->number, sizeof c->number);
  if (send(c->fd, message, size, MSG_NOSIGNAL) != (ssize_t)size) fail(server, "did not take a whole message");
}

/// Takes what has come; true when the echo is complete.
static bool pong(struct server *server, struct connection *c) {
  ssize_t got = recv(c->fd, reply + c->received, size + 1 - c->received, 0);
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return false;
    fail(server, strerror(errno));
  }
  if (got == 0) fail(server, "closed a connection");
  memcpy(message, &c->number, sizeof c->number);
  size_t end = c->received + (size_t)got;
  if (end > size || memcmp(reply + c->received, message + c->received, (size_t)got) != 0)
    fail(server, "echoed something else than it was sent");
  c->received = end;
  return end == size;
}

static void open_all(struct server *server) {
  server->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (server->epoll < 0) fail_errno("epoll_create1");
  server->connections = calloc(connections, sizeof *server->connections);
  if (!server->connections) fail_errno("calloc");
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)server->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (size_t i = 0; i < connections; i++) {
    struct connection *c = &server->connections[i];
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) fail_errno("socket");
    struct timeval limit = {.tv_sec = patience / second};
    int on = 1;
    if (setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0) fail_errno("SO_RCVTIMEO");
    if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) fail_errno("TCP_NODELAY");
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) fail(server, strerror(errno));
    c->number = (uint64_t)i << 40;
    ping(server, c);
    int64_t deadline = now() + patience;
    while (!pong(server, c))
      if (now() > deadline) fail(server, "did not answer");
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

static void slice(struct server *server, double seconds) {
  uint64_t before = 0, counted = 0, after = 0;
  for (size_t i = 0; i < connections; i++) ping(server, &server->connections[i]);
  int64_t time = now(), start = time + settling;
  for (; time < start; time = now()) before += turn(server, true);
  start = time;
  int64_t end = start + (int64_t)(seconds * (double)second);
  for (; time < end; time = now()) counted += turn(server, true);
  end = time;
  if (before + counted == 0) fail(server, "answered nothing in a whole slice");
  while (after < connections) {
    after += turn(server, false);
    if (now() > end + patience) fail(server, "stopped answering");
  }
  printf("%llu %lld %llu\n", (unsigned long long)counted, (long long)(end - start),
         (unsigned long long)(before + counted + after));
  fflush(stdout);
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
    if (time > start + patience + (int64_t)connections * stillness) fail(server, "stopped answering in lock step");
  }
}

static void step(struct server *server, long batches) {
  __atomic_store_n(&server->counters->shut, 1, __ATOMIC_RELEASE);
  int64_t start = now();
  for (long i = 0; i < batches; i++) batch(server);
  unsigned long long total = (unsigned long long)batches * connections;
  printf("%llu %lld %llu\n", total, (long long)(now() - start), total);
  fflush(stdout);
}

static struct echo_counters *map_counters(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) fail_errno(path);
  void *shared = mmap(NULL, sizeof(struct echo_counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared == MAP_FAILED) fail_errno(path);
  close(fd);
  return shared;
}

static long number(const char *text, const char *name, long low, long high) {
  char *end;
  long value = strtol(text, &end, 10);
  if (*text && !*end && value >= low && value <= high) return value;
  fprintf(stderr, "echo-load: %s: expected a number from %ld to %ld, found '%s'\n", name, low, high, text);
  exit(2);
}

static void raise_descriptor_limit(size_t needed) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail_errno("getrlimit");
  if (limit.rlim_max < needed) {
    fprintf(stderr, "echo-load: %zu descriptors are needed, the limit is %llu\n", needed,
            (unsigned long long)limit.rlim_max);
    exit(1);
  }
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail_errno("setrlimit");
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
  for (size_t i = 0; i < size; i++) message[i] = (char)(i * 7 + 1);
  struct server *servers = calloc((size_t)count, sizeof *servers);
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
  printf("ready\n");
  fflush(stdout);

  char line[128];
  while (fgets(line, sizeof line, stdin)) {
    int index;
    long batches;
    double seconds;
    bool known = sscanf(line, "%d", &index) == 1 && index >= 0 && index < count;
    if (known && sscanf(line, "%*d step %ld", &batches) == 1 && batches > 0 && servers[index].counters) {
      step(&servers[index], batches);
    } else if (known && sscanf(line, "%*d %lf", &seconds) == 1 && seconds > 0 && seconds < 3600) {
      slice(&servers[index], seconds);
    } else {
      fprintf(stderr, "echo-load: expected 'INDEX SECONDS' or, with counters, 'INDEX step BATCHES', found '%s'\n", line);
      return 2;
    }
  }
  return 0;
}
