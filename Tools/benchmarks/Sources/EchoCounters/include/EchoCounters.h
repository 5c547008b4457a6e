#ifndef ECHO_COUNTERS_H
#define ECHO_COUNTERS_H

#include <stdint.h>

/// What a process under `LD_PRELOAD` of this library has called in libc so far, at the start of the file that
/// `ECHO_COUNTERS` names; and a gate, for whoever loads it in lock step.
///
/// While the gate is shut, a poll that may wait is counted and then stands in front of it until it is opened, once for each
/// poll: so a load can see to it that a poll finds all that was sent, however fast either of them is.
struct echo_counters {
  uint64_t reads;          // read, readv, recv, recvfrom, recvmsg
  uint64_t writes;         // write, writev, send, sendto, sendmsg
  uint64_t polls;          // epoll_wait, epoll_pwait, poll, ppoll
  uint64_t registrations;  // epoll_ctl
  uint64_t allocations;    // malloc, calloc, realloc, and the aligned ones
  uint32_t shut;           // whether the gate is shut
  uint32_t arrived;        // how many polls have come to it
  uint32_t opened;         // how many may have passed it: a futex
  uint32_t unused;
};

#endif
