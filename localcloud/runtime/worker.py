"""The process that holds one function's code: Lambda's execution environment.

Started by `localcloud.runtime.process` as `python -P worker.py FD HANDLER`, it talks JSON lines over the inherited
socket FD: it says `{"ready": true}` once the handler's module is imported, then answers each `{"event", "context",
"trace"}` with `{"result": text}` or `{"error": {errorMessage, errorType, stackTrace}}`. What the handler prints goes to
its standard output. It imports nothing of this project and little of the standard library, so that a cold start is the
handler's own.

The shapes of errors and of the context are the Python runtime's:
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import queue
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

Handler = Callable[[Any, "Context"], Any]


class InitError(Exception):
    """The handler cannot be had from the code; `kind` is Lambda's name for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Identity:
    """The caller's Cognito identity: there is none, as when no mobile SDK calls."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    """What a handler is told about its function and invocation."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.function_name: str = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version: str = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb: str = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name: str = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name: str = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.aws_request_id: str = fields["request_id"]
        self.invoked_function_arn: str = fields["function_arn"]
        self.identity = Identity()
        self.client_context = None
        self.tenant_id = None
        self._deadline: float = fields["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this invocation; never negative."""
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: Any) -> None:
        """Write one line to the function's log."""
        print(message, flush=True)


class RequestId(logging.Filter):
    """Gives each log record the request id of the invocation under way."""

    current = ""

    def filter(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = self.current
        return True


REQUEST_ID = RequestId()
"""Of the invocation under way."""

JSON_LOGS = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


class JsonLines(logging.Formatter):
    """Log records as Lambda's JSON format writes them."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": REQUEST_ID.current,
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = described(record.exc_info[1], skipped_frames=0)
            entry |= {"errorType": error["errorType"], "stackTrace": error["stackTrace"]}
        return json.dumps(entry)


def text_lines() -> logging.Formatter:
    """Log records as Lambda's text format writes them."""
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    formatter = logging.Formatter(form, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    return formatter


def log_to_stdout() -> None:
    """Make the root logger write what Lambda's Python runtime writes, from the level that was set for the function."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines() if JSON_LOGS else text_lines())
    handler.addFilter(REQUEST_ID)
    root = logging.getLogger()
    root.addHandler(handler)
    if JSON_LOGS:
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL", "WARN": "WARNING"}.get(level, level))


def load(name: str) -> Handler:
    """The function that a handler setting such as `package.module.function` names."""
    module_name, _, attribute = name.rpartition(".")
    if not module_name:
        raise InitError("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise InitError("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        place = f"{error.filename}, line {error.lineno}"
        message = f"Syntax error in module '{module_name}': {error.msg} ({place})"
        raise InitError("Runtime.UserCodeSyntaxError", message) from error
    found = getattr(module, attribute, None)
    if found is None:
        raise InitError("Runtime.HandlerNotFound", f"Handler '{attribute}' missing on module '{module_name}'")
    return found  # type: ignore[no-any-return]


def described(error: BaseException, skipped_frames: int = 1) -> dict[str, Any]:
    """The error object Lambda returns; the first `skipped_frames` frames are this file's."""
    if isinstance(error, InitError):
        return {"errorMessage": str(error), "errorType": error.kind, "stackTrace": []}
    frames = traceback.extract_tb(error.__traceback__)[skipped_frames:]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_list(frames),
    }


def plain(value: Any) -> Any:
    """What JSON has no form for and the runtime accepts all the same: decimals, as numbers."""
    from decimal import Decimal

    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def answer(handler: Handler, request: dict[str, Any]) -> dict[str, Any]:
    """Run the handler on one request; the message to send back."""
    try:
        result = handler(json.loads(request["event"]), Context(request["context"]))
    except Exception as error:
        return {"error": reported(described(error))}
    try:
        return {"result": json.dumps(result, default=plain)}
    except Exception as error:
        message = f"Unable to marshal response: {error}"
        return {"error": reported({"errorMessage": message, "errorType": "Runtime.MarshalError", "stackTrace": []})}


def reported(error: dict[str, Any]) -> dict[str, Any]:
    """The error, after writing it to the log as the runtime does."""
    if JSON_LOGS:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        print(json.dumps({"timestamp": at, "level": "ERROR", "requestId": REQUEST_ID.current, **error}))
        return error
    print(f"[ERROR] {error['errorType']}: {error['errorMessage']}")
    if error["stackTrace"]:
        print("Traceback (most recent call last):")
        print("".join(error["stackTrace"]), end="")
    return error


class Channel:
    """JSON lines to and from the local cloud. When the other end is gone, so is this process and what it started."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                self._requests.put(json.loads(line))
        os.killpg(0, signal.SIGKILL)

    def receive(self) -> dict[str, Any]:
        return self._requests.get()

    def send(self, message: dict[str, Any]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self._socket.sendall(json.dumps(message).encode() + b"\n")


def main(descriptor: int, handler_name: str) -> NoReturn:
    """Import the handler and answer requests for as long as the local cloud lives."""
    channel = Channel(descriptor)
    log_to_stdout()
    try:
        handler = load(handler_name)
    except Exception as error:
        channel.send({"error": reported(described(error))})
        sys.exit(1)
    channel.send({"ready": True})
    while True:
        request = channel.receive()
        REQUEST_ID.current = request["context"]["request_id"]
        os.environ["_X_AMZN_TRACE_ID"] = request["trace"]
        channel.send(answer(handler, request))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
