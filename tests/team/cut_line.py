"""A line to a server that is cut when a decision is committed: before the server hears of it, or before its answer comes back."""

from __future__ import annotations

import contextlib
import socket
import threading


class Line:
    """Passes on what client and server say, on a port of its own.

    Parameters
    ----------
    port : int
        Of the server on this machine.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._cut: str | None = None
        self._open: list[socket.socket] = []
        self._last_answer: set[socket.socket] = set()

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()
        self._hang_up(*self._open)

    def cut_at_commit(self, when: str) -> None:
        """Cut the line once, at the end of the next transaction that inserts something.

        Parameters
        ----------
        when : {"before", "within", "after", "for good"}
            Before the server hears that it shall commit, before its answer comes back, right after that answer, or then and for good.
        """
        self._cut = when

    @property
    def is_cut(self) -> bool:
        return self._cut is None

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                self._open += [client, server]
                threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, asks: bool) -> None:
        with contextlib.suppress(OSError):
            inserted = False
            while said := source.recv(1 << 16):
                inserted = inserted or b"INSERT" in said
                if asks and self._cut and inserted and b"COMMIT" in said:
                    when, self._cut = self._cut, None
                    if when == "for good":
                        self._listener.shutdown(socket.SHUT_RDWR)
                        self._listener.close()
                    if when in ("after", "for good"):
                        self._last_answer.add(target)
                        target.sendall(said)
                        continue
                    self._hang_up(source)  # first, so that no answer comes through
                    if when == "within":
                        target.sendall(said)
                    break
                inserted = inserted and b"COMMIT" not in said
                target.sendall(said)
                if not asks and source in self._last_answer:
                    break
        if asks:
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_WR)  # the server reads to the end of what was said
        else:
            self._hang_up(source, target)

    @staticmethod
    def _hang_up(*sockets: socket.socket) -> None:
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
