"""Requests, replies and pushed states between the Explorer in the browser and the kernel.

A request ``{id, kind, body}`` with binary buffers gets exactly one reply ``{id, kind: "reply", ok, body | error,
version}``, errors included, so that the view never waits for ever. States are pushed as ``{kind: "state", version,
body}``: complete, numbered, at most about 15 a second with the last one always sent, because a flood of widget
messages is dropped on the way without a trace. Every reply carries the number of the newest state, so that a view
that missed the last one notices and asks for it (request "state").

One thread pushes for as long as the channel is open: the kernel keeps a socket for every thread that ever sent
something, and with it whatever that thread holds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from labelscope.errors import DataError, LabelscopeError, UnknownName
from labelscope.explorer.replies.reply import Reply, as_json
from labelscope.explorer.replies.state import NumberedState, State
from labelscope.explorer.requests.request import Request

__all__ = ["Channel"]

logger = logging.getLogger(__name__)


Send = Callable[[dict[str, Any], Sequence[bytes | memoryview]], None]


class Channel:
    """Answers requests and pushes states through one `send` function.

    Parameters
    ----------
    send : callable
        ``send(message, buffers)``; called from the kernel's thread, from workers and from the timer, one at a time.
    handlers : mapping of kind to callable
        Each takes a :class:`Request` and returns a :class:`Reply`, or raises.
    snapshot : callable
        The complete state to push, made when it is sent.
    interval : float
        Seconds between two pushed states at least.
    background : collection of str
        Kinds that are answered in threads, so that a decision does not wait for them.
    pause : float
        Seconds between a change and its push at least: the reply to the request that made it goes first.
    """

    def __init__(
        self,
        send: Send,
        handlers: Mapping[str, Callable[[Request], Reply]],
        snapshot: Callable[[], State],
        *,
        interval: float = 1 / 15,
        background: Collection[str] = (),
        pause: float = 0.02,
    ) -> None:
        self._send = send
        self._handlers = {**handlers, "state": self._on_state}
        self._snapshot = snapshot
        self._interval, self._pause = interval, pause
        self._version = self._pushed = 0
        self._news = threading.Condition()  # guards the versions, the pushing thread and closing
        self._pusher: threading.Thread | None = None
        self._sending = threading.Lock()  # one message at a time, and states in their order
        self._closed = False
        self._background = frozenset(background)
        self._answers = ThreadPoolExecutor(2, thread_name_prefix="labelscope-answers")  # no thread before the first request

    @property
    def version(self) -> int:
        """Number of the newest state."""
        return self._version

    def receive(self, content: Any, buffers: Sequence[memoryview] = ()) -> None:
        """Answer one message with one reply, whatever it holds; some kinds later, from a thread."""
        if not self._closed and isinstance(content, Mapping) and content.get("kind") in self._background:
            self._answers.submit(self._respond, content, buffers)
        else:
            self._respond(content, buffers)

    def _respond(self, content: Any, buffers: Sequence[memoryview]) -> None:
        request_id = content.get("id") if isinstance(content, Mapping) else None
        message: dict[str, Any] = {"id": request_id, "kind": "reply"}
        out: Sequence[bytes | memoryview] = ()
        try:
            reply = self._answer(content, buffers)
            message |= {"ok": True, "body": reply.body}
            out = reply.buffers
        except LabelscopeError as error:
            remedies = [list(one) for one in error.remedies] if isinstance(error, UnknownName) else []
            message |= {"ok": False, "error": {"kind": type(error).__name__, "message": _one_line(error), "remedies": remedies}}
        except (Exception, KeyboardInterrupt) as error:  # the view must hear of whatever went wrong
            logger.exception("request %r failed", content.get("kind") if isinstance(content, Mapping) else content)
            message |= {"ok": False, "error": {"kind": type(error).__name__, "message": f"{type(error).__name__}: {_one_line(error)}"}}
        message["version"] = self._version
        with self._sending:
            self._send(message, out)

    def _answer(self, content: Any, buffers: Sequence[memoryview]) -> Reply:
        if not isinstance(content, Mapping) or not isinstance(content.get("id"), str) or not isinstance(content.get("body", {}), Mapping):
            raise DataError("request: expected {id, kind, body}; reload the view")
        handler = self._handlers.get(str(content.get("kind")))
        if handler is None:
            raise DataError(f"request: expected one of {', '.join(sorted(self._handlers))}, got {content.get('kind')!r}; reload the view")
        return handler(Request(content["id"], str(content["kind"]), content.get("body", {}), tuple(buffers or ())))

    def _on_state(self, _: Request) -> Reply:
        return Reply(self.state())

    def changed(self) -> None:
        """The state is another one: push it soon, at once if the last push is long enough ago."""
        with self._news:
            self._version += 1
            if self._closed:
                return
            if self._pusher is None:
                self._pusher = threading.Thread(target=self._push, name="labelscope-states", daemon=True)
                self._pusher.start()
            self._news.notify()

    def state(self) -> NumberedState:
        """The newest state and its number. The number is read first: a state is never taken for newer than it is."""
        return NumberedState(self._version, self._snapshot())

    def close(self) -> None:
        """Push nothing any more."""
        with self._news:
            self._closed = True
            self._news.notify()
        self._answers.shutdown(wait=False, cancel_futures=True)

    def _push(self) -> None:
        """Send the newest state whenever it is another one, until the channel is closed."""
        while True:
            with self._news:
                self._news.wait_for(lambda: self._closed or self._pushed < self._version)
            time.sleep(self._pause)
            with self._sending:
                if self._closed:
                    return
                self._pushed = self._version
                self._send_state()
            with self._news:
                self._news.wait_for(lambda: self._closed, max(0.0, self._interval - self._pause))

    def _send_state(self) -> None:
        try:
            self._send({"kind": "state", **as_json(self.state())}, ())
        except Exception:  # a push that fails must not end the thread: the view resyncs
            logger.exception("state %d could not be sent", self._version)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 500 else f"{text[:499]}…"
