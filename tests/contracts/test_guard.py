"""The tests reach this machine only, in this process and in those that it starts; the guard itself is tested here."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
import this_machine_only

ELSEWHERE = "192.0.2.1"  # kept for documentation: nobody has it
TRY = "import socket\ntry:\n    {}\nexcept OSError as error:\n    print(error)"
CONNECT = f"socket.create_connection(({ELSEWHERE!r}, 80), timeout=5)"
WAYS = {
    "connect": CONNECT,
    "a datagram": f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ({ELSEWHERE!r}, 53))",
    "a name": "socket.getaddrinfo('example.invalid', 80)",
}


@pytest.mark.parametrize("way", WAYS)
def test_another_machine_is_refused_and_noted_here_and_in_what_is_started(attempts, way):
    with pytest.raises(ConnectionRefusedError, match="this machine only"):
        exec(WAYS[way], {"socket": socket})  # noqa: S102 - the same words as in the other process
    assert len(attempts.read_text().splitlines()) == 1
    done = subprocess.run([sys.executable, "-c", TRY.format(WAYS[way])], capture_output=True, text=True, check=True)
    assert "this machine only" in done.stdout
    assert len(attempts.read_text().splitlines()) == 2
    attempts.unlink()


def test_who_looks_for_an_own_address_sends_nothing_and_is_no_failure(attempts):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as looking, pytest.raises(ConnectionRefusedError, match="this machine only"):
        looking.connect((ELSEWHERE, 80))  # as Dask does
    assert not attempts.exists()


def test_this_machine_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as there:
        assert there.getpeername() == server.getsockname()
    assert this_machine_only.is_here("127.0.0.1")
    assert this_machine_only.is_here("::1")
    assert this_machine_only.is_here("localhost")
    assert not this_machine_only.is_here(ELSEWHERE)
    assert not this_machine_only.is_here("example.invalid")
    assert os.environ["PYTHONPATH"].split(os.pathsep)[0].endswith("guard")
