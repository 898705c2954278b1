"""Ports for servers that must be told theirs before they listen."""

import random
import socket

BELOW_DIALLED = range(15_000, 32_000)
"""Out of these no system takes the near end of a connection, so that nobody but a server can take one."""


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    for port in random.SystemRandom().sample(BELOW_DIALLED, 100):
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("A hundred ports of this machine were taken.")
