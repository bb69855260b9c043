"""Sockets reach this machine only: any other address is refused, and noted in the file that the environment names.

An audit hook sees what every library in the process connects to, and cannot be taken away. Chromium and PostgreSQL are no
Python: the pages of the browser tests look after their own requests.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys

__all__ = ["ATTEMPTS", "is_here"]

ATTEMPTS = "LABELSCOPE_TEST_ATTEMPTS"  # names the file
INTERNET = (socket.AF_INET, socket.AF_INET6)
TO_ADDRESS = {"socket.connect", "socket.sendto", "socket.sendmsg"}  # socket, address
TO_NAME = {"socket.getaddrinfo", "socket.gethostbyname"}  # name, ...


def is_here(host: str) -> bool:
    """Whether an address or a name is one of this machine's. Names are not looked up: that would ask another machine."""
    address = _address(host)
    if address is None:
        return host in {"", "localhost", socket.gethostname()}
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:  # only an own address can be bound
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """What a host is as an address; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _stands_guard(event: str, arguments: tuple) -> None:
    asks = True
    if event in TO_ADDRESS:
        connecting, address = arguments
        asks = event != "socket.connect" or connecting.type != socket.SOCK_DGRAM  # a datagram's socket sends nothing yet
        host = address[0] if connecting.family in INTERNET and address else ""
    elif event in TO_NAME:
        host = arguments[0] or ""
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if is_here(host) or (event in TO_NAME and _address(host)):  # an address is not looked up
        return
    attempt = f"{event} to {host!r} by {' '.join(sys.argv)[:200]}"
    if asks and ATTEMPTS in os.environ:
        with open(os.environ[ATTEMPTS], "a", encoding="utf-8") as noted:  # noqa: PTH123 - loaded at every start: it stays light
            noted.write(f"{attempt}\n")
    raise ConnectionRefusedError(f"the tests reach this machine only: {attempt}")


sys.addaudithook(_stands_guard)
