"""A server on this machine that speaks as much of the OpenAI chat protocol as a judge needs, with the faults of real ones."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ITEM = re.compile(r"The item:\n<item>(.*?)</item>", re.DOTALL)


class ChatServer:
    """Answers "yes" to items with "money" in them; `faults` gives the fault of an item, once or for ever."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.bodies: list[dict] = []
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.reached = threading.Event()
        self.notice_at = -1
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.serve(self, body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler: BaseHTTPRequestHandler, body: dict) -> None:
        content = body["messages"][1]["content"]
        text = content if isinstance(content, str) else content[0]["text"]
        item = ITEM.search(text)[1]
        with self.lock:
            self.asked[item] += 1
            self.bodies.append(body)
            first = self.asked[item] == 1
            if sum(self.asked.values()) == self.notice_at:
                self.reached.set()
        fault = self.faults.get(item, "")
        once = fault.endswith(" once")
        if fault == "slow":
            self.stop.wait(0.2)
        elif fault and not (once and not first):
            self.fail(handler, fault.removesuffix(" once"), body)
            return
        pair = "Second label" in text
        answer = ("first" if pair else "yes") if "money" in item else ("second" if pair else "no")
        self.reply(handler, 200, self.chat({"content": json.dumps({"reason": "it says so", "answer": answer})}))

    def fail(self, handler: BaseHTTPRequestHandler, fault: str, body: dict) -> None:
        if fault == "busy":
            self.reply(handler, 429, {"error": {"message": "slow down"}}, {"Retry-After": "0"})
        elif fault == "broken":
            self.reply(handler, 500, {"error": {"message": "out of memory"}})
        elif fault == "malformed":
            self.reply(handler, 200, self.chat({"content": '{"answer": "ye'}))
        elif fault == "not json":
            self.reply(handler, 200, b"<html>gateway</html>")
        elif fault == "refusal":
            self.reply(handler, 200, self.chat({"content": None, "refusal": "I do not read this"}))
        elif fault == "key":
            self.reply(handler, 401, {"error": {"message": "wrong key"}})
        elif fault == "plain":
            known = "response_format" not in body
            told = self.chat({"content": 'Sure: {"answer": "Yes"}'}) if known else {"error": {"message": "response_format is not known"}}
            self.reply(handler, 200 if known else 400, told)
        elif fault == "hang":
            self.stop.wait(30)  # ends with the test

    @staticmethod
    def chat(message: dict) -> dict:
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}
        usage = {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100}
        return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}

    @staticmethod
    def reply(handler: BaseHTTPRequestHandler, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(data)))
            for name, value in (headers or {}).items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):  # whoever asked has been killed
            pass
