"""A moto server with the trigger runtime beside it, in this process, and functions deployed into it by boto3."""

from __future__ import annotations

import io
import json
import textwrap
import time
import urllib.request
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from localcloud import runtime
from localcloud.cloud import quirks
from localcloud.cloud.target import Target

ACCOUNT = "222222222222"
HUB = "111111111111"
REGION = "eu-west-1"
PATIENCE_SECONDS = 60.0

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

PRELUDE = """
import json, os, time

def tell(what):
    with open(os.environ["WITNESS"], "a") as file:
        file.write(json.dumps(what) + "\\n")
"""
"""What the tests' handlers share: telling the test, by a file, what they were given."""


@dataclass(frozen=True)
class Function:
    """A deployed function, and what it told."""

    name: str
    arn: str
    witness: Path

    def told(self) -> list[Any]:
        return [json.loads(line) for line in self.witness.read_text().splitlines()] if self.witness.exists() else []


@dataclass(frozen=True)
class Cloud:
    """The local cloud of these tests."""

    endpoint: str
    home: Path
    runtime: runtime.Runtime

    def client(self, service: str, account: str = ACCOUNT, region: str = REGION) -> Any:
        return Target(self.endpoint, account, region).client(service)

    def role(self, account: str = ACCOUNT, trust: dict[str, Any] = TRUST) -> str:
        name = f"role-{uuid.uuid4().hex[:8]}"
        iam = self.client("iam", account)
        return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"])

    def function(
        self,
        source: str,
        *,
        account: str = ACCOUNT,
        region: str = REGION,
        environment: dict[str, str] | None = None,
        **settings: Any,
    ) -> Function:
        """Deploy a module whose `handler` is the function; it may use what PRELUDE defines."""
        name = f"function-{uuid.uuid4().hex[:8]}"
        witness = self.home / f"{name}.jsonl"
        arn = self.client("lambda", account, region).create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=self.role(account),
            Handler="code_under_test.handler",
            Code={"ZipFile": archive(source)},
            Environment={"Variables": {"WITNESS": str(witness), **(environment or {})}},
            **{"Timeout": 30, **settings},
        )["FunctionArn"]
        return Function(name, arn, witness)

    def queue(self, account: str = ACCOUNT, region: str = REGION, **attributes: Any) -> tuple[str, str]:
        """A new queue's URL and ARN."""
        sqs = self.client("sqs", account, region)
        name = f"queue-{uuid.uuid4().hex[:8]}" + (".fifo" if attributes.get("FifoQueue") else "")
        url = sqs.create_queue(QueueName=name, Attributes={key: str(value) for key, value in attributes.items()})[
            "QueueUrl"
        ]
        return url, f"arn:aws:sqs:{region}:{account}:{name}"

    def received(self, queue_url: str, count: int = 1, account: str = ACCOUNT) -> list[dict[str, Any]]:
        """The messages of a queue, once there are `count`."""
        messages: list[dict[str, Any]] = []

        def enough() -> bool:
            answer = self.client("sqs", account).receive_message(
                QueueUrl=queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            messages.extend(answer.get("Messages", []))
            return len(messages) >= count

        eventually(enough)
        return messages

    def settle(self) -> None:
        """Wait until nothing is under way."""
        eventually(lambda: self.runtime.activity()["idle"])

    def get(
        self, path: str, *, headers: dict[str, str] | None = None, data: bytes | None = None
    ) -> tuple[int, bytes, Any]:
        """Status, body and headers of a request to the runtime's HTTP server."""
        request = urllib.request.Request(f"{self.runtime.api_endpoint}{path}", headers=headers or {}, data=data)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, response.read(), response.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers


def archive(source: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("code_under_test.py", PRELUDE + textwrap.dedent(source))
    return data.getvalue()


def eventually(condition: Callable[[], Any]) -> Any:
    """The condition's first true value."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    quirks.install()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    home = tmp_path_factory.mktemp("home")
    timing = runtime.Timing(scale=1 / 1000, schedule_scale=1 / 600)
    running = runtime.start(endpoint, home, timing)
    yield Cloud(endpoint, home, running)
    running.stop()
    server.stop()
