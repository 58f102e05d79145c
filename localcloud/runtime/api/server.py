"""The HTTP server behind `Runtime.api_endpoint`: the deployed APIs, and what the runtime tells about itself.

- `GET /_localcloud/idle`: see `Runtime.activity`
- `GET /_localcloud/invocations?function=NAME&since=UNIX_TIME&failed=1`: a list of `localcloud.runtime.journal.Entry`
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from localcloud.runtime.api.gateway import Gateway
from localcloud.runtime.api.payload import Request, Response
from localcloud.runtime.functions import Functions
from localcloud.runtime.journal import Journal

OWN = "/_localcloud/"

_log = logging.getLogger(__name__)


class HttpApis:
    """Serves on a free port of 127.0.0.1 until stopped."""

    def __init__(self, functions: Functions, journal: Journal, activity: Callable[[], dict[str, Any]]) -> None:
        gateway = Gateway(functions)

        def answer(request: Request) -> Response:
            if not request.path.startswith(OWN):
                return gateway.answer(request)
            return own(request, journal, activity)

        class Handler(_Handler):
            respond = staticmethod(answer)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="apis", daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def own(request: Request, journal: Journal, activity: Callable[[], dict[str, Any]]) -> Response:
    """The runtime's answer about itself."""
    found: Any
    query = {name: values[-1] for name, values in parse_qs(request.query).items()}
    match request.path.removeprefix(OWN):
        case "idle":
            found = activity()
        case "invocations":
            try:
                since = float(query.get("since", 0))
            except ValueError:
                return Response.message(400, "since: a Unix time is expected")
            entries = journal.entries(function=query.get("function"), since=since, failed="failed" in query)
            found = [asdict(entry) for entry in entries]
        case _:
            return Response.message(404, "Not Found")
    return Response(200, [("content-type", "application/json")], json.dumps(found).encode())


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    respond: Callable[[Request], Response]

    def _serve(self) -> None:
        if self.headers.get("transfer-encoding"):
            self.close_connection = True  # where the next request begins is not known
            self._send(Response.message(411, "the local cloud wants a Content-Length"))
            return
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("content-length") or 0)
        request = Request(
            method=self.command,
            path=path,
            query=query,
            headers=list(self.headers.items()),
            body=self.rfile.read(length),
            source_ip=self.client_address[0],
        )
        try:
            response = self.respond(request)
        except Exception:
            _log.exception("%s %s", self.command, path)
            response = Response.message(500, "Internal Server Error")
        self._send(response)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write no line for each request; the journal has the invocations."""
