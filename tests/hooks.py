"""A receiver of webhooks on this machine that answers as it is told, and keeps what it got."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STALL = "stall"
FINE = 200


class Receiver:
    """Answers in turn: a status, (status, headers, body), None cuts the connection, STALL says nothing at all."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.got: list[tuple[str, dict[str, str], Any]] = []
        self.url = ""
        self.over = threading.Event()

    @property
    def bodies(self) -> list[Any]:
        return [body for _, _, body in self.got]


@contextmanager
def receiving(*answers: Any, path: str = "/services/T0/B0/hush-hush") -> Iterator[Receiver]:
    """One that listens until the end."""
    receiver = Receiver(*(answers or (FINE,)))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            receiver.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            told = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            if told == STALL:
                receiver.over.wait(30)
                return
            if told is None:
                self.connection.close()
                return
            status, headers, text = told if isinstance(told, tuple) else (told, {}, "ok")
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", "Content-Length": str(len(text)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError, ValueError):
                super().handle()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_port}{path}"
        try:
            yield receiver
        finally:
            receiver.over.set()
            server.shutdown()
            thread.join()
