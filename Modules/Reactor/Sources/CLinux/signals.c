#include "CLinux.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

enum { SIGNALS = 65 };

// Read by the handler, on any thread: the descriptor that it writes to, or -1 (kept one up, so that 0 is "nowhere").
static atomic_int targets[SIGNALS];
static atomic_uint counts[SIGNALS];
static atomic_int handlers_writing;

// Touched only under the lock, never by the handler.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction before[SIGNALS];
static bool has_before[SIGNALS];

static void handle(int signal) {
  int saved = errno;
  atomic_fetch_add(&handlers_writing, 1);
  atomic_fetch_add(&counts[signal], 1);
  int target = atomic_load(&targets[signal]) - 1;
  if (target >= 0) {
    uint64_t one = 1;
    ssize_t ignored = write(target, &one, sizeof one);
    (void)ignored;
  }
  atomic_fetch_sub(&handlers_writing, 1);
  errno = saved;
}

static bool known(int signal) { return signal > 0 && signal < SIGNALS; }

static bool is_ours(const struct sigaction *action) {
  return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == handle;
}

static bool stands(int signal) {
  struct sigaction now;
  return sigaction(signal, NULL, &now) == 0 && is_ours(&now);
}

// The handler runs to its end on whichever thread it came to; none is inside `write` with an old target after this.
static void wait_for_handlers(void) {
  while (atomic_load(&handlers_writing) != 0) sched_yield();
}

enum clinux_disposition clinux_signal_disposition(int signal) {
  struct sigaction now;
  if (!known(signal) || sigaction(signal, NULL, &now) != 0) return CLINUX_FOREIGN;
  if (is_ours(&now)) return CLINUX_OURS;
  if (now.sa_flags & SA_SIGINFO) return CLINUX_FOREIGN;
  if (now.sa_handler == SIG_DFL) return CLINUX_DEFAULT;
  if (now.sa_handler == SIG_IGN) return CLINUX_IGNORED;
  return CLINUX_FOREIGN;
}

int clinux_signal_install(int signal, int eventfd) {
  if (!known(signal)) {
    errno = EINVAL;
    return -1;
  }
  pthread_mutex_lock(&lock);
  // What came for another reactor is not this one's; what came for this one since its last run is.
  if (atomic_exchange(&targets[signal], eventfd + 1) != eventfd + 1) atomic_store(&counts[signal], 0);
  wait_for_handlers();
  struct sigaction ours = {.sa_handler = handle, .sa_flags = SA_RESTART};
  struct sigaction was;
  int result = sigaction(signal, &ours, &was);
  int error = errno;
  if (result == 0 && !is_ours(&was)) {
    before[signal] = was;
    has_before[signal] = true;
  }
  if (result != 0) atomic_store(&targets[signal], 0);
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

void clinux_signal_silence(int signal, int eventfd) {
  if (!known(signal)) return;
  pthread_mutex_lock(&lock);
  int expected = eventfd + 1;
  atomic_compare_exchange_strong(&targets[signal], &expected, 0);
  wait_for_handlers();
  pthread_mutex_unlock(&lock);
}

void clinux_signal_restore(int signal) {
  if (!known(signal)) return;
  pthread_mutex_lock(&lock);
  if (atomic_load(&targets[signal]) == 0 && has_before[signal]) {
    if (stands(signal)) sigaction(signal, &before[signal], NULL);
    has_before[signal] = false;
  }
  pthread_mutex_unlock(&lock);
}

void clinux_signal_default(int signal, int eventfd) {
  if (!known(signal)) return;
  pthread_mutex_lock(&lock);
  int expected = eventfd + 1;
  if (atomic_compare_exchange_strong(&targets[signal], &expected, 0)) {
    wait_for_handlers();
    struct sigaction fallback = {.sa_handler = SIG_DFL};
    if (stands(signal)) sigaction(signal, &fallback, NULL);
    has_before[signal] = false;
  }
  pthread_mutex_unlock(&lock);
}

unsigned clinux_signal_take(int signal, int eventfd) {
  if (!known(signal) || atomic_load(&targets[signal]) != eventfd + 1) return 0;
  return atomic_exchange(&counts[signal], 0);
}
