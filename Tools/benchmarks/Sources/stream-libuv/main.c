// Streams on libuv, as its users write a fast one: `uv_try_write` as long as the socket takes whole chunks, and a request for
// what it did not take, whose callback goes on.
//
// Its argument is how many bytes it writes at a time, a multiple of 256. Prints the port that the system chose, then serves
// until it is killed.
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum { MOST = 1 << 20, WRITES = 16 };  // a connection writes so often before it is another's turn

struct connection {
  uv_tcp_t stream;
  uv_write_t request;
};

static char chunk[MOST];
static size_t size;

static void check(int status, const char *what) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  exit(1);
}

static void closed(uv_handle_t *handle) { free(handle); }

static void flow(uv_write_t *request, int status);

static void write_rest(struct connection *c, size_t offset) {
  uv_buf_t rest = uv_buf_init(chunk + offset, (unsigned)(size - offset));
  check(uv_write(&c->request, (uv_stream_t *)&c->stream, &rest, 1, flow), "uv_write");
}

static void flow(uv_write_t *request, int status) {
  struct connection *c = request->data;
  for (int i = 1; status >= 0 && i < WRITES; i++) {
    uv_buf_t whole = uv_buf_init(chunk, (unsigned)size);
    status = uv_try_write((uv_stream_t *)&c->stream, &whole, 1);
    if (status == UV_EAGAIN) status = 0;
    if (status >= 0 && (size_t)status < size) {
      write_rest(c, (size_t)status);
      return;
    }
  }
  if (status < 0)
    uv_close((uv_handle_t *)&c->stream, closed);
  else
    write_rest(c, 0);
}

static void connected(uv_stream_t *listener, int status) {
  check(status, "accept");
  struct connection *c = malloc(sizeof *c);
  if (!c) check(UV_ENOMEM, "malloc");
  c->request.data = c;
  check(uv_tcp_init(listener->loop, &c->stream), "uv_tcp_init");
  check(uv_accept(listener, (uv_stream_t *)&c->stream), "uv_accept");
  check(uv_tcp_nodelay(&c->stream, 1), "uv_tcp_nodelay");
  flow(&c->request, 0);
}

int main(int argc, char **argv) {
  size = argc > 1 ? (size_t)atol(argv[1]) : 0;
  if (size == 0 || size > MOST || size % 256 != 0) {
    fprintf(stderr, "usage: stream-libuv BYTES\n");
    return 2;
  }
  for (size_t i = 0; i < size; i++) chunk[i] = (char)(i * 7 + 1);
  signal(SIGPIPE, SIG_IGN);  // libuv leaves it to its user
  uv_loop_t *loop = uv_default_loop();
  uv_tcp_t listener;
  struct sockaddr_in address;
  int length = sizeof address;
  check(uv_tcp_init(loop, &listener), "uv_tcp_init");
  check(uv_ip4_addr("127.0.0.1", 0, &address), "uv_ip4_addr");
  check(uv_tcp_bind(&listener, (struct sockaddr *)&address, 0), "uv_tcp_bind");
  check(uv_listen((uv_stream_t *)&listener, 50, connected), "uv_listen");
  check(uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length), "uv_tcp_getsockname");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return uv_run(loop, UV_RUN_DEFAULT);
}
