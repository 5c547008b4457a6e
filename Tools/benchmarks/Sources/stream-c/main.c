// The yardstick of streams: a plain C server on epoll that sends on each connection as much as it takes.
//
// Its argument is how many bytes it sends at a time, a multiple of 256. Prints the port that the system chose, then serves until
// it is killed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 1024, MOST = 1 << 20, SENDS = 16 };  // a connection sends so often before it is another's turn

struct connection {
  int fd;
  size_t offset;  // what is sent of the chunk
};

static int epoll;
static char chunk[MOST];
static size_t size;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return;
      fail("accept4");
    }
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) fail("TCP_NODELAY");
    struct connection *c = calloc(1, sizeof *c);
    if (!c) fail("calloc");
    c->fd = fd;
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
  }
}

static void flow(struct connection *c) {
  for (int i = 0; i < SENDS; i++) {
    size_t rest = size - c->offset;
    ssize_t sent = send(c->fd, chunk + c->offset, rest, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      close(c->fd);
      free(c);
      return;
    }
    c->offset = (c->offset + (size_t)sent) % size;
    if ((size_t)sent < rest) return;
  }
}

int main(int argc, char **argv) {
  size = argc > 1 ? (size_t)atol(argv[1]) : 0;
  if (size == 0 || size > MOST || size % 256 != 0) {
    fprintf(stderr, "usage: stream-c BYTES\n");
    return 2;
  }
  for (size_t i = 0; i < size; i++) chunk[i] = (char)(i * 7 + 1);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) < 0) fail("bind");
  if (listen(listener, 50) < 0) fail("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length) < 0) fail("getsockname");

  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll_create1");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) fail("epoll_ctl");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);

  static struct epoll_event events[BATCH];
  for (;;) {
    int count = epoll_wait(epoll, events, BATCH, -1);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr)
        flow(events[i].data.ptr);
      else
        accept_all(listener);
    }
  }
}
