// The echo server on libuv, as its users write a fast one: one buffer for all reads, `uv_try_write` first, and a request
// with a copy only for what the socket does not take at once.
//
// Prints the port that the system chose, then serves until it is killed. With the argument `once` it closes each connection
// when it has echoed what came first.
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { BUFFER = 65536 };

struct pending {
  uv_write_t request;
  char bytes[];
};

static char buffer[BUFFER];
static bool once;

static void check(int status, const char *what) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  exit(1);
}

static void closed(uv_handle_t *handle) { free(handle); }

static void drop(uv_stream_t *stream) {
  if (!uv_is_closing((uv_handle_t *)stream)) uv_close((uv_handle_t *)stream, closed);
}

static void lend(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  (void)handle, (void)suggested;
  *out = uv_buf_init(buffer, sizeof buffer);
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *data);

static void written(uv_write_t *request, int status) {
  uv_stream_t *stream = request->handle;
  free(request);
  if (status < 0 || once)
    drop(stream);
  else
    check(uv_read_start(stream, lend, received), "uv_read_start");
}

static void received(uv_stream_t *stream, ssize_t count, const uv_buf_t *data) {
  if (count == 0) return;
  if (count < 0) {
    drop(stream);
    return;
  }
  uv_buf_t reply = uv_buf_init(data->base, (unsigned)count);
  int sent = uv_try_write(stream, &reply, 1);
  if (sent == count) {
    if (once) drop(stream);
    return;
  }
  if (sent < 0) {
    if (sent != UV_EAGAIN) {
      drop(stream);
      return;
    }
    sent = 0;
  }
  size_t rest = (size_t)(count - sent);
  struct pending *p = malloc(sizeof *p + rest);
  if (!p) check(UV_ENOMEM, "malloc");
  memcpy(p->bytes, data->base + sent, rest);
  reply = uv_buf_init(p->bytes, (unsigned)rest);
  check(uv_read_stop(stream), "uv_read_stop");
  check(uv_write(&p->request, stream, &reply, 1, written), "uv_write");
}

static void connected(uv_stream_t *listener, int status) {
  check(status, "accept");
  uv_tcp_t *client = malloc(sizeof *client);
  if (!client) check(UV_ENOMEM, "malloc");
  check(uv_tcp_init(listener->loop, client), "uv_tcp_init");
  check(uv_accept(listener, (uv_stream_t *)client), "uv_accept");
  check(uv_tcp_nodelay(client, 1), "uv_tcp_nodelay");
  check(uv_read_start((uv_stream_t *)client, lend, received), "uv_read_start");
}

int main(int argc, char **argv) {
  once = argc > 1 && strcmp(argv[1], "once") == 0;
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
