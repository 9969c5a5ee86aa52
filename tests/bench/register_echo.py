"""`python -m tests.bench.register_echo ANSWERS`: a register that knows every answer before it is asked."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LIMITS = b'{"rows": 1000000, "bytes": 536870912}'


class Echo(BaseHTTPRequestHandler):
    """Takes a body, gives back the file that its key names."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The limits."""
        self._send(LIMITS, {"Content-Type": "application/json"})

    def do_POST(self) -> None:
        """An answer as it was kept."""
        self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        content = (Path(sys.argv[1]) / f"{key}.ndjson.gz").read_bytes()
        self._send(content, {"Content-Encoding": "gzip", "Idempotency-Key": key})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send(self, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
