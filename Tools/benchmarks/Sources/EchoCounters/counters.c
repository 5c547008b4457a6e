// Counts a process's system calls and allocations from inside, so that a loaded server is hardly slowed and its batches
// stay what they are: preloaded, it stands in front of libc's functions, adds one to a counter in a shared file, and calls
// on. Polls pass a gate first, which who loads it can shut.
//
// For glibc, whose allocator can be called by its inner names: looking the outer ones up would itself allocate.
#define _GNU_SOURCE
#include "EchoCounters.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct echo_counters unread;
static struct echo_counters *counters = &unread;

#define COUNT(what) __atomic_fetch_add(&counters->what, 1, __ATOMIC_RELAXED)

__attribute__((constructor)) static void share(void) {
  const char *path = getenv("ECHO_COUNTERS");
  if (!path) return;
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void *shared = MAP_FAILED;
  if (fd >= 0 && ftruncate(fd, sizeof *counters) == 0)
    shared = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared == MAP_FAILED) {
    perror(path);
    _exit(1);
  }
  close(fd);
  counters = shared;
}

// Waits in front of the gate, as `EchoCounters.h` says; looks now and then whether it is still shut.
static void pass_gate(void) {
  static const struct timespec while_shut = {.tv_sec = 1};
  if (!__atomic_load_n(&counters->shut, __ATOMIC_ACQUIRE)) return;
  uint32_t number = __atomic_add_fetch(&counters->arrived, 1, __ATOMIC_ACQ_REL);
  while (__atomic_load_n(&counters->shut, __ATOMIC_ACQUIRE)) {
    uint32_t opened = __atomic_load_n(&counters->opened, __ATOMIC_ACQUIRE);
    if (opened >= number) return;
    syscall(SYS_futex, &counters->opened, FUTEX_WAIT, opened, &while_shut, NULL, 0);
  }
}

static bool may_wait(const struct timespec *timeout) { return !timeout || timeout->tv_sec || timeout->tv_nsec; }

// One function of libc: its name, its type, what it counts as, its parameters, and their names to pass on.
#define COUNTED(type, name, what, parameters, arguments) COUNTED_AT_GATE(type, name, what, false, parameters, arguments)

// The same of a function that passes the gate first if it may wait.
#define COUNTED_AT_GATE(type, name, what, waits, parameters, arguments) \
  type name parameters {                                                \
    static type(*next) parameters;                                      \
    if (!next) next = (type(*) parameters)dlsym(RTLD_NEXT, #name);      \
    COUNT(what);                                                        \
    if (waits) pass_gate();                                             \
    return next arguments;                                              \
  }

COUNTED(ssize_t, read, reads, (int fd, void *bytes, size_t n), (fd, bytes, n))
COUNTED(ssize_t, readv, reads, (int fd, const struct iovec *v, int n), (fd, v, n))
COUNTED(ssize_t, recv, reads, (int fd, void *bytes, size_t n, int flags), (fd, bytes, n, flags))
COUNTED(ssize_t, recvfrom, reads,
        (int fd, void *restrict bytes, size_t n, int flags, struct sockaddr *restrict from, socklen_t *restrict length),
        (fd, bytes, n, flags, from, length))
COUNTED(ssize_t, recvmsg, reads, (int fd, struct msghdr *message, int flags), (fd, message, flags))

COUNTED(ssize_t, write, writes, (int fd, const void *bytes, size_t n), (fd, bytes, n))
COUNTED(ssize_t, writev, writes, (int fd, const struct iovec *v, int n), (fd, v, n))
COUNTED(ssize_t, send, writes, (int fd, const void *bytes, size_t n, int flags), (fd, bytes, n, flags))
COUNTED(ssize_t, sendto, writes,
        (int fd, const void *bytes, size_t n, int flags, const struct sockaddr *to, socklen_t length),
        (fd, bytes, n, flags, to, length))
COUNTED(ssize_t, sendmsg, writes, (int fd, const struct msghdr *message, int flags), (fd, message, flags))

COUNTED_AT_GATE(int, epoll_wait, polls, timeout != 0,
                (int epoll, struct epoll_event *events, int n, int timeout), (epoll, events, n, timeout))
COUNTED_AT_GATE(int, epoll_pwait, polls, timeout != 0,
                (int epoll, struct epoll_event *events, int n, int timeout, const sigset_t *mask),
                (epoll, events, n, timeout, mask))
COUNTED_AT_GATE(int, poll, polls, timeout != 0, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout))
COUNTED_AT_GATE(int, ppoll, polls, may_wait(timeout),
                (struct pollfd * fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask),
                (fds, n, timeout, mask))
COUNTED(int, epoll_ctl, registrations, (int epoll, int what, int fd, struct epoll_event *event),
        (epoll, what, fd, event))

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  COUNT(allocations);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  COUNT(allocations);
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  COUNT(allocations);
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  COUNT(allocations);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **out, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1))) return EINVAL;
  void *made = memalign(alignment, size);
  if (!made && size) return ENOMEM;
  *out = made;
  return 0;
}
