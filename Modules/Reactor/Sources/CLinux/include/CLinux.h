// What C says better than Swift, or what Swift's Glibc module leaves out: epoll's packed event with its data union, accept4,
// eventfd, and a signal handler.

#ifndef CLINUX_H
#define CLINUX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Calls accept4 for a descriptor that does not block and is closed on exec. The descriptor, or -1 with errno.
int clinux_accept(int descriptor, struct sockaddr *address, socklen_t *length);

// Opens an eventfd that does not block and is closed on exec. The descriptor, or -1 with errno.
int clinux_open_eventfd(void);

// Calls epoll_ctl with an event that carries a descriptor and a registration number. 0, or -1 with errno.
int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint32_t registration);

// What an epoll event carries.
static inline uint32_t clinux_epoll_events(const struct epoll_event *event) { return event->events; }
static inline int32_t clinux_epoll_descriptor(const struct epoll_event *event) { return (int32_t)(uint32_t)event->data.u64; }
static inline uint32_t clinux_epoll_registration(const struct epoll_event *event) { return (uint32_t)(event->data.u64 >> 32); }

// What stands as the handler of a signal.
enum clinux_disposition {
  CLINUX_DEFAULT = 0,
  CLINUX_IGNORED = 1,
  CLINUX_OURS = 2,
  CLINUX_FOREIGN = 3,
};
enum clinux_disposition clinux_signal_disposition(int signal);

// Installs the handler, which counts the signal and writes to `eventfd`; system calls are restarted after it.
// What stood there before is kept, unless it was this same handler. 0, or -1 with errno.
int clinux_signal_install(int signal, int eventfd);

// Lets the handler count, but write nowhere, if it writes to `eventfd` now; returns when no handler is still writing.
void clinux_signal_silence(int signal, int eventfd);

// Puts back what stood before the handler, if the handler still stands and writes nowhere.
void clinux_signal_restore(int signal);

// Puts the default disposition in place of the handler, if the handler still stands and writes to `eventfd`.
void clinux_signal_default(int signal, int eventfd);

// How often the handler was called since the last question; 0 unless it writes to `eventfd`.
unsigned clinux_signal_take(int signal, int eventfd);

// Moves the calling thread into a network namespace of its own, and with `with_user` into a user namespace too, in which
// it may furnish the network without being the superuser; that needs a process with one thread. 0, or -1 with errno.
int clinux_unshare_network(bool with_user);

#endif
