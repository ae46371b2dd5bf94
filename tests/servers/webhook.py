"""A webhook on loopback that keeps what alerts tell it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook:
    """Takes Alertmanager's webhook body; `close` it at the end."""

    def __init__(self) -> None:
        self.told: list[dict] = []
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            """Remembers what is posted."""

            def do_POST(self) -> None:
                """Take one notice."""
                told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def of(self, rule: str) -> list[tuple[str, list[str]]]:
        """What was told of a rule: its state and the services, in order."""
        return [
            (body["status"], sorted({alert["labels"]["service"] for alert in body["alerts"]}))
            for body in self.told
            if body["groupLabels"].get("alertname") == rule
        ]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
