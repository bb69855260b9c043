"""The app in a page of its own, on an Explorer in this process: what a person does in it, without JupyterLab around it.

Requests go to the kernel's side and replies come back through two functions of the page, so that a click is answered in
milliseconds and nothing but the app is under test.
"""

from __future__ import annotations

import base64
import queue
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from labelscope.widgets.explorer import Explorer

PLACE = "http://127.0.0.1/played"  # nobody is asked: a page of an address has a storage, which an empty one has not
SHOWN: WeakKeyDictionary[Any, Played] = WeakKeyDictionary()
PUMP = """
async ({ code, css, traits }) => {
    document.body.style.margin = '0';
    const style = document.createElement('style');
    style.textContent = css;
    document.head.append(style);
    const listeners = new Set();
    const written = buffer => btoa(Array.from(new Uint8Array(buffer), byte => String.fromCharCode(byte)).join(''));
    const read = text => new DataView(Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer);
    const model = {
        get: name => name === '_poster' ? new DataView(new ArrayBuffer(0)) : traits[name],
        on: (_, listener) => listeners.add(listener),
        off: (_, listener) => listeners.delete(listener),
        send: (content, _, buffers = []) => void window.ask(content, buffers.map(written)),
    };
    const pump = async () => {
        for (const [message, buffers] of await window.news())
            listeners.forEach(listener => listener(message, buffers.map(read)));
        setTimeout(pump, 15);
    };
    const module = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    module.default.render({ model, el: document.body });
    void pump();
}
"""


class Played(Explorer):
    """An Explorer whose messages are kept until the page asks for them."""

    def send(self, content: Any, buffers: Any = None) -> None:
        if content.get("kind") in {"reply", "state"}:  # what else is sent is of the widget machinery
            self.sent.put((content, [base64.b64encode(bytes(buffer)).decode() for buffer in buffers or ()]))

    @property
    def sent(self) -> queue.SimpleQueue:
        return self.__dict__.setdefault("_sent", queue.SimpleQueue())

    def hear(self, content: Any, buffers: list[str]) -> None:
        """A message of the page, as the kernel gives it to the widget."""
        message = {"content": {"data": {"method": "custom", "content": content}}}
        self.comm.handle_msg({**message, "buffers": [memoryview(base64.b64decode(buffer)) for buffer in buffers]})

    def take_map(self, found: Any) -> None:
        """Show another map, as when a stage is done."""
        self._explored.take_map(found, "again")

    def news(self) -> list[Any]:
        """What was sent since the last call."""
        out = []
        while not self.sent.empty():
            out.append(self.sent.get())
        return out


def play(page: Any, session: Any, **options: Any) -> Any:
    """Show a session in a page, which is the app's alone; returns the app once its list is there."""
    return show(page, Played(session, **options))


def show(page: Any, explorer: Played, *, listed: bool = True) -> Any:
    """Show an Explorer that the test keeps, also one after the other in the same page; as :func:`play`.

    `listed`: there is something in the list, to wait for.
    """
    explorer.wait(600)
    if page not in SHOWN:
        page.expose_function("ask", partial(_hear, page))
        page.expose_function("news", partial(_news, page))
        page.route(PLACE, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    SHOWN[page] = explorer
    page.goto(PLACE)
    synced = explorer.get_state(["_title", "_esm", "_css"])
    traits = {"_title": synced["_title"], "_height": page.viewport_size["height"], "_summary": [], "_poster": ""}
    page.evaluate(PUMP, {"code": synced["_esm"], "css": synced["_css"], "traits": traits})
    app = page.get_by_role("application", name="Labelscope explorer")
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    if listed:
        app.get_by_role("listitem").first.wait_for()
    return app


def _hear(page: Any, content: Any, buffers: list[str]) -> None:
    SHOWN[page].hear(content, buffers)


def _news(page: Any) -> list[Any]:
    return SHOWN[page].news()
