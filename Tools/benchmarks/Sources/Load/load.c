#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

void fail(int port, const char *what) {
  fprintf(stderr, "load: the server on port %d %s\n", port, what);
  exit(1);
}

void fail_errno(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * second + t.tv_nsec;
}

long number(const char *text, const char *name, long low, long high) {
  char *end;
  long value = strtol(text, &end, 10);
  if (*text && !*end && value >= low && value <= high) return value;
  fprintf(stderr, "load: %s: expected a number from %ld to %ld, found '%s'\n", name, low, high, text);
  exit(2);
}

void raise_descriptor_limit(size_t needed) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail_errno("getrlimit");
  if (limit.rlim_max < needed) {
    fprintf(stderr, "load: %zu descriptors are needed, the limit is %llu\n", needed, (unsigned long long)limit.rlim_max);
    exit(1);
  }
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail_errno("setrlimit");
}

char pattern(size_t i) { return (char)(i * 7 + 1); }

int connect_to(int port) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail_errno("socket");
  struct timeval limit = {.tv_sec = patience / second};
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0) fail_errno("SO_RCVTIMEO");
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) fail_errno("TCP_NODELAY");
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail(port, strerror(errno));
  return fd;
}

void print_counted(struct counted counted) {
  printf("%llu %lld %llu\n", (unsigned long long)counted.inside, (long long)counted.nanoseconds,
         (unsigned long long)counted.all);
  fflush(stdout);
}

int serve(int servers, struct counted (*slice)(int, int64_t), bool (*more)(int, const char *)) {
  printf("ready\n");
  fflush(stdout);
  char line[128];
  while (fgets(line, sizeof line, stdin)) {
    int index;
    double seconds;
    bool known = sscanf(line, "%d", &index) == 1 && index >= 0 && index < servers;
    if (known && more && more(index, line)) continue;
    if (!known || sscanf(line, "%*d %lf", &seconds) != 1 || !(seconds > 0 && seconds < 3600)) {
      fprintf(stderr, "load: expected 'INDEX SECONDS', found '%s'\n", line);
      return 2;
    }
    print_counted(slice(index, (int64_t)(seconds * (double)second)));
  }
  return 0;
}
