"""Exits with 0 if an engine of the Docker API answers at the given unix:// or tcp:// address.

Not every machine has curl or Docker's own client; each that gets this far has Python.
"""

import socket
import sys
from urllib.parse import urlsplit

_TLS_PORT = 2376


def answers(host: str) -> bool:
    """Ask for /_ping; of a port that speaks TLS, ask no more than that it listens."""
    url = urlsplit(host)
    if url.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(5)
        connection.connect(url.path)
    else:
        connection = socket.create_connection((url.hostname, url.port or 2375), timeout=5)
    with connection:
        if url.port == _TLS_PORT:
            return True
        connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
        return b" 200 " in connection.recv(64)


if __name__ == "__main__":
    try:
        sys.exit(0 if answers(sys.argv[1]) else 1)
    except OSError:
        sys.exit(1)
