"""Loads a trace with PyYAML's C loader, as many times over as each line of the standard input says; answers each with the
nanoseconds it took and how many events there were."""

import sys
import time

import yaml


def main() -> None:
    """Answer each line."""
    for line in sys.stdin:
        began, count = time.monotonic_ns(), 0
        for _ in range(int(line)):
            with open(sys.argv[2], "rb") as file:
                count = sum(1 for _ in yaml.load_all(file, Loader=yaml.CSafeLoader)) - 1
        print(time.monotonic_ns() - began, count, flush=True)


main()
