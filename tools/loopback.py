"""Brings loopback up in a fresh network namespace, then becomes the command given.

Source: netdevice(7), SIOCGIFFLAGS and SIOCSIFFLAGS.
In place of `ip link set lo up`, which many machines lack.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh", b"lo", 0).ljust(40, b"\0")
        (flags,) = struct.unpack_from("h", fcntl.ioctl(control, SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP).ljust(40, b"\0"))
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
