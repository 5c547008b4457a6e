// Timers on libuv; what it is asked for stands in `timers-c`. After cancelling, the loop makes the turn that frees the handles.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { TOGETHER = 1000 };

static unsigned long fired;
static uv_timer_t *timers[TOGETHER];

static void closed(uv_handle_t *handle) { free(handle); }

static void count_fired(uv_timer_t *timer) {
  fired += 1;
  uv_close((uv_handle_t *)timer, closed);
}

int main(int argc, char **argv) {
  int cancels = argc > 1 && strcmp(argv[1], "cancel") == 0;
  if (!cancels && (argc < 2 || strcmp(argv[1], "fire") != 0)) {
    fprintf(stderr, "usage: timers-libuv cancel|fire\n");
    return 2;
  }
  printf("ready\n");
  fflush(stdout);
  uv_loop_t *loop = uv_default_loop();
  for (unsigned long n; scanf("%lu", &n) == 1;) {
    uint64_t start = uv_hrtime();
    uint32_t random = 1;
    fired = 0;
    for (unsigned long done = 0; done < n; done += TOGETHER) {
      uv_update_time(loop);
      for (int i = 0; i < TOGETHER; i++) {
        random = random * 1664525 + 1013904223;
        uint64_t delay = cancels ? 100000 + (uint64_t)(random >> 16) * 10 : 0;
        timers[i] = malloc(sizeof *timers[i]);
        if (!timers[i]) abort();
        uv_timer_init(loop, timers[i]);
        uv_timer_start(timers[i], count_fired, delay, 0);
      }
      for (int i = 0; cancels && i < TOGETHER; i++) {
        uv_timer_stop(timers[i]);
        uv_close((uv_handle_t *)timers[i], closed);
      }
      uv_run(loop, UV_RUN_DEFAULT);
    }
    if (!cancels && fired < n) abort();
    printf("%lu %llu %lu\n", n, (unsigned long long)(uv_hrtime() - start), n);
    fflush(stdout);
  }
  return 0;
}
