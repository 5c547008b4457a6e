#define _GNU_SOURCE

#include "CLinux.h"

int clinux_accept(int descriptor, struct sockaddr *address, socklen_t *length) {
  return accept4(descriptor, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_open_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
