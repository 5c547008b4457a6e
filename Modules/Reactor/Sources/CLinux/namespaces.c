#define _GNU_SOURCE
#include "CLinux.h"

#include <sched.h>

int clinux_unshare_network(bool with_user) { return unshare(CLONE_NEWNET | (with_user ? CLONE_NEWUSER : 0)); }
