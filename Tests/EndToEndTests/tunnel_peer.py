"""The kernel as the peer of tunnel-echo, in a network namespace of this process's own; prints what it saw as JSON.

Usage: unshare --net -- python3 tunnel_peer.py PROGRAM MODE REACTOR
"""

import json
import signal
import socket
import struct
import subprocess
import sys

program, mode, reactor = sys.argv[1:]
DEVICE, KERNEL, SKEIN = "skein0", "10.9.0.1", "10.9.0.2"
seen = {}


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def ping(*options):
    """The exit code of ping, and how many answers it counted."""
    done = subprocess.run(["ping", "-n", "-W", "5", *options, SKEIN], capture_output=True, text=True)
    words = done.stdout.partition(" received")[0].split()
    return [done.returncode, int(words[-1]) if words else done.stderr]


def echo(data, *, options=b""):
    """Sends a datagram; whether the next that comes back is the same, and what it is if not."""
    kernel.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, options)
    kernel.sendto(data, (SKEIN, 7))
    answer, sender = kernel.recvfrom(65536)
    return True if (answer, sender) == (data, (SKEIN, 7)) else [answer.hex(), *sender]


# Whoever started this may block signals, and children inherit that.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
# An exception, so that what was started is ended too.
signal.signal(signal.SIGALRM, lambda *_: sys.exit("not done within a minute"))
signal.alarm(60)
kernel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
kernel.bind(("", 5000))
kernel.settimeout(10)
command = [program, "--mode", mode, "--interface", DEVICE, "--address", SKEIN, "--reactor", reactor]
skein = subprocess.Popen(
    [*command, "--send", f"{KERNEL}:5000", "from Skein"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
)
try:
    seen["listening"] = skein.stdout.readline().strip()
    ip("address", "add", f"{KERNEL}/24", "dev", DEVICE)
    ip("link", "set", DEVICE, "up")

    datagram, sender = kernel.recvfrom(65536)
    seen["datagram"] = [datagram.decode(), *sender]
    seen["sent"] = skein.stdout.readline().strip()
    kernel.sendto(b"from the kernel", (SKEIN, sender[1]))
    seen["received"] = skein.stdout.readline().strip()

    # The kernel has to ask for the station again.
    ip("neigh", "flush", "dev", DEVICE)
    seen["ping"] = ping("-c", "3", "-i", "0.2")
    seen["fragmented ping"] = ping("-c", "1", "-s", "3000")
    seen["ping with record route"] = ping("-c", "1", "-R")
    seen["echo"] = echo(b"hello")
    seen["empty echo"] = echo(b"")
    seen["echo of every byte"] = echo(bytes(range(256)))
    seen["fragmented echo"] = echo(bytes(range(256)) * 200)
    seen["echo behind IP options"] = echo(b"options", options=b"\x01\x01\x01\x00")

    # What is broken is not answered: the next answer is to what comes next.
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        raw.sendto(struct.pack("!HHHH", 5000, 7, 13, 0xDEAD) + b"wrong", (SKEIN, 0))
    seen["echo after a wrong UDP checksum"] = echo(b"right")
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
        raw.settimeout(10)
        # Identifier 1 with a wrong checksum, then 2 with the right one.
        raw.sendto(struct.pack("!BBHHH", 8, 0, 0xDEAD, 1, 1), (SKEIN, 0))
        raw.sendto(struct.pack("!BBHHH", 8, 0, 0xF7FC, 2, 1), (SKEIN, 0))
        seen["answer after a wrong ICMP checksum"] = struct.unpack("!BBHHH", raw.recv(65536)[20:])[3]

    seen["neighbour"] = ip("neigh", "show", "to", SKEIN).partition("lladdr ")[2][:17]
    skein.send_signal(signal.SIGTERM)
    seen["exit"] = skein.wait()
    seen["devices left"] = DEVICE in ip("link", "show")
    seen["complaints"] = [line.strip().partition(" Unhandled ")[2] for line in skein.stderr if "Unhandled" in line]
finally:
    skein.kill()
    skein.wait()
    print(json.dumps(seen, indent=1))
