// The yardstick of timers: a binary heap in plain C, of timers that are allocated one by one and know their place in it.
//
//     timers-c cancel|fire
//
// Prints `ready`. After that, each line `N` on standard input is one run with that many timers, a thousand at a time, and prints
//
//     N NANOSECONDS N
//
// `cancel`: a thousand timers are set, due in 100 to 760 seconds, and are cancelled in the next turn of the loop, in the order in
// which they were set. `fire`: a thousand timers are set, due at once, and fire in the next turn.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOGETHER = 1000 };

struct timer {
  uint64_t due, number;
  size_t place;
  void (*fire)(struct timer *);
};

static struct timer *heap[TOGETHER], *timers[TOGETHER];
static size_t count;
static uint64_t set, fired;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int precedes(const struct timer *a, const struct timer *b) {
  return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void put(struct timer *timer, size_t place) {
  heap[place] = timer;
  timer->place = place;
}

static void sift_up(struct timer *timer, size_t place) {
  while (place > 0 && precedes(timer, heap[(place - 1) / 2])) {
    put(heap[(place - 1) / 2], place);
    place = (place - 1) / 2;
  }
  put(timer, place);
}

static void sift_down(struct timer *timer, size_t place) {
  for (size_t child; (child = 2 * place + 1) < count; place = child) {
    if (child + 1 < count && precedes(heap[child + 1], heap[child])) child += 1;
    if (!precedes(heap[child], timer)) break;
    put(heap[child], place);
  }
  put(timer, place);
}

static struct timer *schedule(uint64_t due, void (*fire)(struct timer *)) {
  struct timer *timer = malloc(sizeof *timer);
  if (!timer) abort();
  *timer = (struct timer){.due = due, .number = set++, .fire = fire};
  sift_up(timer, count++);
  return timer;
}

static void unlink_timer(struct timer *timer) {
  struct timer *last = heap[--count];
  if (last == timer) return;
  if (timer->place > 0 && precedes(last, heap[(timer->place - 1) / 2]))
    sift_up(last, timer->place);
  else
    sift_down(last, timer->place);
}

static void count_fired(struct timer *timer) {
  (void)timer;
  fired += 1;
}

int main(int argc, char **argv) {
  int cancels = argc > 1 && strcmp(argv[1], "cancel") == 0;
  if (!cancels && (argc < 2 || strcmp(argv[1], "fire") != 0)) {
    fprintf(stderr, "usage: timers-c cancel|fire\n");
    return 2;
  }
  printf("ready\n");
  fflush(stdout);
  for (unsigned long n; scanf("%lu", &n) == 1;) {
    uint64_t start = now();
    uint32_t random = 1;
    fired = 0;
    for (unsigned long done = 0; done < n; done += TOGETHER) {
      for (int i = 0; i < TOGETHER; i++) {
        random = random * 1664525 + 1013904223;
        uint64_t delay = cancels ? 100000 + (uint64_t)(random >> 16) * 10 : 0;
        timers[i] = schedule(now() + delay * 1000000, count_fired);
      }
      for (int i = 0; cancels && i < TOGETHER; i++) {
        unlink_timer(timers[i]);
        free(timers[i]);
      }
      for (uint64_t time = now(); count > 0 && heap[0]->due <= time;) {
        struct timer *first = heap[0];
        unlink_timer(first);
        first->fire(first);
        free(first);
      }
    }
    if (!cancels && fired < n) abort();
    printf("%lu %llu %lu\n", n, (unsigned long long)(now() - start), n);
    fflush(stdout);
  }
  return 0;
}
