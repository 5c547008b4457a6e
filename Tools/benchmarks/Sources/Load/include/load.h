#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What the load generators share. Each is called
///
///     NAME CONNECTIONS SIZE PORT...
///
/// connects to every port, and prints `ready`. After that, each line `INDEX SECONDS` on standard input loads that server for a
/// slice of that many seconds, and prints one line,
///
///     COUNTED NANOSECONDS TOTAL
///
/// what was done inside the slice, its real length, and all that was done: with that of the moment before, which lets both
/// sides come up to speed, and of the moment after, in which what is under way is awaited. So a server idles whenever it is
/// not its turn. Inside a slice a generator never sleeps unless it says so.

static const int64_t second = 1000000000, settling = 20000000, patience = 10000000000;

/// What a slice counted.
struct counted {
  uint64_t inside, all;
  int64_t nanoseconds;
};

/// Ends the program: a server did something wrong.
_Noreturn void fail(int port, const char *what);
/// Ends the program: a call failed, as errno says.
_Noreturn void fail_errno(const char *what);
/// The time, in nanoseconds of a clock that only goes forward.
int64_t now(void);
/// The number in an argument; ends the program when it is none, or out of its range.
long number(const char *text, const char *name, long low, long high);
/// Sees to it that so many descriptors may be open.
void raise_descriptor_limit(size_t needed);
/// Byte number `i` of every message and stream; it repeats after 256.
char pattern(size_t i);
/// A connection to a port of this machine that waits at most for `patience` for what it waits for.
int connect_to(int port);
/// Prints what a slice counted.
void print_counted(struct counted counted);
/// Prints `ready` and serves standard input to its end; `more`, if there is one, may understand other lines.
/// Returns the program's status.
int serve(int servers, struct counted (*slice)(int index, int64_t nanoseconds), bool (*more)(int index, const char *line));

#endif
