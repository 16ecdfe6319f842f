"""A page for a browser in a machine without edged, as a program: says on its output what was asked for.

    python3 small_site.py PORT

`/kiosk` tells that its script ran, and then tries to leave.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

PAGE = b"""<!doctype html><meta charset="utf-8"><title>kiosk</title><script>
(async () => {
  await fetch("/alive");
  const heard = new AudioContext();
  await fetch(`/sound-${heard.state}`);
  await fetch("/leaves");
  open("/popup");
  location.href = "/elsewhere";
})();
</script>"""


class Site(BaseHTTPRequestHandler):
    """Answers everything; writes down each path."""

    def do_GET(self) -> None:
        print(self.path, flush=True)
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(
            PAGE if self.path == "/kiosk" else b"<script>fetch('/script-of-' + location.pathname)</script>"
        )

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as the base class has it
        """Nothing more."""


if __name__ == "__main__":
    HTTPServer(("", int(sys.argv[1])), Site).serve_forever()
