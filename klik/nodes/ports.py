"""TCP ports on 127.0.0.1: which are free, and who answers."""

import secrets
import socket

LOWEST_PORT, HIGHEST_PORT = 12_000, 32_000

_given_ports: set[int] = set()


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on; never the same twice in one process.

    From below the range of outgoing connections: there, a client that reconnects to a node
    which is down can take the node's port, or even connect to itself.
    """
    for _ in range(1000):
        port = LOWEST_PORT + secrets.randbelow(HIGHEST_PORT - LOWEST_PORT)
        if port not in _given_ports and port_is_free(port):
            _given_ports.add(port)
            return port
    raise RuntimeError(f"no free TCP port from {LOWEST_PORT} to {HIGHEST_PORT} on 127.0.0.1")


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port now; what it left in TIME_WAIT is no bar."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def accepts(port: int) -> bool:
    """Whether somebody accepts connections on this TCP port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
