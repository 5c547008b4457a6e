#ifndef ECHO_COUNTERS_H
#define ECHO_COUNTERS_H

#include <stdint.h>

/// What a process under `LD_PRELOAD` of this library has called in libc so far, at the start of the file that
/// `ECHO_COUNTERS` names.
struct echo_counters {
  uint64_t reads;          // read, readv, recv, recvfrom, recvmsg
  uint64_t writes;         // write, writev, send, sendto, sendmsg
  uint64_t polls;          // epoll_wait, epoll_pwait, poll, ppoll
  uint64_t registrations;  // epoll_ctl
  uint64_t allocations;    // malloc, calloc, realloc, and the aligned ones
};

#endif
