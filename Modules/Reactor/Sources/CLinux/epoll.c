#include "CLinux.h"

int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint32_t registration) {
  struct epoll_event event = {.events = events};
  event.data.u64 = ((uint64_t)registration << 32) | (uint32_t)descriptor;
  return epoll_ctl(epoll, operation, descriptor, &event);
}
