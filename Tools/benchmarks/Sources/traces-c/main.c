// A trace read by libyaml's parser, event by event, or written by its emitter, as many times over as each line of the standard
// input says; answers each line with the nanoseconds it took and how many documents there were.
//   traces-c read|write FILE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

static yaml_event_t *kept;
static size_t count, written;

static void fail(const char *what) {
  fprintf(stderr, "traces-c: %s\n", what);
  exit(1);
}

static size_t read_all(const char *path, int keep) {
  FILE *file = fopen(path, "rb");
  yaml_parser_t parser;
  if (!file || !yaml_parser_initialize(&parser)) fail(path);
  yaml_parser_set_input_file(&parser, file);
  size_t documents = 0, room = 0;
  for (int done = 0; !done;) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) fail(parser.problem);
    documents += event.type == YAML_DOCUMENT_START_EVENT;
    done = event.type == YAML_STREAM_END_EVENT;
    if (keep) {
      if (count == room && !(kept = realloc(kept, (room = 2 * room + 64) * sizeof *kept))) fail("no memory");
      kept[count++] = event;
    } else {
      yaml_event_delete(&event);
    }
  }
  yaml_parser_delete(&parser);
  fclose(file);
  return documents - 1;
}

static int take(void *data, unsigned char *bytes, size_t size) {
  (void)data, (void)bytes;
  written += size;
  return 1;
}

// The emitter takes an event and deletes it: each gets a copy.
static yaml_event_t copy(const yaml_event_t *event) {
  yaml_event_t made;
  int good = 1;
  switch (event->type) {
    case YAML_STREAM_START_EVENT:
      good = yaml_stream_start_event_initialize(&made, YAML_UTF8_ENCODING);
      break;
    case YAML_STREAM_END_EVENT:
      good = yaml_stream_end_event_initialize(&made);
      break;
    case YAML_DOCUMENT_START_EVENT:
      good = yaml_document_start_event_initialize(&made, NULL, NULL, NULL, event->data.document_start.implicit);
      break;
    case YAML_DOCUMENT_END_EVENT:
      good = yaml_document_end_event_initialize(&made, 1);
      break;
    case YAML_SCALAR_EVENT:
      good = yaml_scalar_event_initialize(&made, NULL, event->data.scalar.tag, event->data.scalar.value,
                                          (int)event->data.scalar.length, event->data.scalar.plain_implicit,
                                          event->data.scalar.quoted_implicit, event->data.scalar.style);
      break;
    case YAML_SEQUENCE_START_EVENT:
      good = yaml_sequence_start_event_initialize(&made, NULL, NULL, 1, event->data.sequence_start.style);
      break;
    case YAML_SEQUENCE_END_EVENT:
      good = yaml_sequence_end_event_initialize(&made);
      break;
    case YAML_MAPPING_START_EVENT:
      good = yaml_mapping_start_event_initialize(&made, NULL, NULL, 1, event->data.mapping_start.style);
      break;
    case YAML_MAPPING_END_EVENT:
      good = yaml_mapping_end_event_initialize(&made);
      break;
    default:
      good = 0;
  }
  if (!good) fail("an event that cannot be copied");
  return made;
}

static size_t write_all(void) {
  yaml_emitter_t emitter;
  if (!yaml_emitter_initialize(&emitter)) fail("no emitter");
  yaml_emitter_set_output(&emitter, take, NULL);
  yaml_emitter_set_width(&emitter, -1);
  size_t documents = 0;
  for (size_t index = 0; index < count; index++) {
    yaml_event_t event = copy(&kept[index]);
    documents += event.type == YAML_DOCUMENT_START_EVENT;
    if (!yaml_emitter_emit(&emitter, &event)) fail(emitter.problem);
  }
  yaml_emitter_delete(&emitter);
  return documents - 1;
}

int main(int argc, char **argv) {
  if (argc != 3) fail("expected: read|write FILE");
  int writes = strcmp(argv[1], "write") == 0;
  if (writes) read_all(argv[2], 1);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    struct timespec began, ended;
    size_t documents = 0;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (long passes = atol(line); passes > 0; passes--) documents = writes ? write_all() : read_all(argv[2], 0);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    int64_t nanoseconds = (int64_t)(ended.tv_sec - began.tv_sec) * 1000000000 + ended.tv_nsec - began.tv_nsec;
    printf("%" PRId64 " %zu\n", nanoseconds, documents);
    fflush(stdout);
  }
}
