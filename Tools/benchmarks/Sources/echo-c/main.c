// The yardstick: a plain echo server on epoll. One thread, level-triggered, one read and one write a message; what the
// socket does not take at once is kept, and the connection is read again only when it has left.
//
// Prints the port that the system chose, then serves until it is killed. With the argument `once` it closes each connection
// when it has echoed what came first.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 1024, BUFFER = 65536 };

struct connection {
  int fd;
  char *pending;  // NULL when nothing waits
  size_t offset, length;
};

static int epoll;
static bool once;
static char buffer[BUFFER];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void wait_for(struct connection *c, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event) < 0) fail("epoll_ctl");
}

static void drop(struct connection *c) {
  close(c->fd);
  free(c->pending);
  free(c);
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
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
  }
}

static void echo(struct connection *c) {
  ssize_t got = recv(c->fd, buffer, sizeof buffer, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    drop(c);
    return;
  }
  ssize_t sent = send(c->fd, buffer, (size_t)got, MSG_NOSIGNAL);
  if (sent == got) {
    if (once) drop(c);
    return;
  }
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) {
      drop(c);
      return;
    }
    sent = 0;
  }
  c->offset = 0;
  c->length = (size_t)(got - sent);
  c->pending = malloc(c->length);
  if (!c->pending) fail("malloc");
  memcpy(c->pending, buffer + sent, c->length);
  wait_for(c, EPOLLOUT);
}

static void flush(struct connection *c) {
  ssize_t sent = send(c->fd, c->pending + c->offset, c->length - c->offset, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) drop(c);
    return;
  }
  c->offset += (size_t)sent;
  if (c->offset < c->length) return;
  free(c->pending);
  c->pending = NULL;
  if (once)
    drop(c);
  else
    wait_for(c, EPOLLIN);
}

int main(int argc, char **argv) {
  once = argc > 1 && strcmp(argv[1], "once") == 0;
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
      struct connection *c = events[i].data.ptr;
      if (!c)
        accept_all(listener);
      else if (c->pending)
        flush(c);
      else
        echo(c);
    }
  }
}
