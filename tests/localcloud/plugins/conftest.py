"""A provider to call as an engine calls it: by protocol messages, in this process or in a plugin of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as messages
from pulumi.runtime.proto import provider_pb2_grpc

from localcloud.engine.values import Props, decode_struct, encode_struct
from localcloud.plugins import install
from localcloud.plugins.aws import Aws

ACCOUNT, REGION = "222222222222", "eu-west-1"
CONFIGURATION: Props = {
    "region": REGION,
    "assumeRoles": '[{"roleArn": "arn:aws:iam::222222222222:role/deploy"}]',
    "allowedAccountIds": f'["{ACCOUNT}"]',
    "defaultTags": '{"tags": {"owner": "sales"}}',
}


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:prod::mesh::{token}::{name}"


@dataclass
class FakeQueues:
    """A kind that keeps queues in memory and notes where they were made."""

    queues: dict[str, Props] = field(default_factory=dict)
    targets: list[Any] = field(default_factory=list)
    refusal: Exception | None = None

    def create(self, target: Any, inputs: Props, /) -> tuple[str, Props]:
        self.targets.append(target)
        if self.refusal is not None:
            raise self.refusal
        self.queues[inputs["name"]] = dict(inputs)
        return inputs["name"], {"arn": f"arn:made:{inputs['name']}"}

    def read(self, target: Any, physical_id: str, inputs: Props, /) -> Props | None:
        found = self.queues.get(physical_id)
        return None if found is None else {name: found.get(name) for name in inputs}

    def update(self, target: Any, physical_id: str, olds: Props, news: Props, /) -> Props:
        self.queues[physical_id] = dict(news)
        return {"arn": f"arn:changed:{physical_id}"}

    def delete(self, target: Any, physical_id: str, inputs: Props, /) -> None:
        self.targets.append(target)
        self.queues.pop(physical_id, None)


@dataclass
class FakeCloud:
    """A local cloud in which queues are materialised and nothing else is."""

    queues: FakeQueues = field(default_factory=FakeQueues)

    def kind(self, token: str) -> FakeQueues | None:
        return self.queues if token == "aws:sqs/queue:Queue" else None

    def target(self, account: str, region: str) -> tuple[str, str]:
        return account, region


class Client:
    """Speaks the provider protocol; what is refused raises `grpc.RpcError`."""

    def __init__(self, port: int) -> None:
        self.stub = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{port}"))

    def configure(self, configuration: Props = CONFIGURATION) -> None:
        self.stub.Configure(messages.ConfigureRequest(args=encode_struct(configuration)))

    def check(
        self, token: str, news: Props, olds: Props | None = None, seed: bytes = b"seed", name: str = "orders"
    ) -> tuple[Props, list[str]]:
        answer = self.stub.Check(
            messages.CheckRequest(
                urn=urn(token, name),
                name=name,
                type=token,
                news=encode_struct(news),
                olds=None if olds is None else encode_struct(olds),
                randomSeed=seed,
            )
        )
        return decode_struct(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, token: str, olds: Props, news: Props, ignore: tuple[str, ...] = ()) -> Any:
        return self.stub.Diff(
            messages.DiffRequest(
                urn=urn(token, "orders"),
                type=token,
                old_inputs=encode_struct(olds),
                olds=encode_struct({**olds, "arn": "arn:reported"}),
                news=encode_struct(news),
                ignoreChanges=ignore,
            )
        )

    def create(self, token: str, inputs: Props, preview: bool = False) -> tuple[str, Props]:
        answer = self.stub.Create(
            messages.CreateRequest(
                urn=urn(token, "orders"), type=token, name="orders", properties=encode_struct(inputs), preview=preview
            )
        )
        return answer.id, decode_struct(answer.properties)

    def update(self, token: str, physical_id: str, olds: Props, old_inputs: Props, news: Props) -> Props:
        answer = self.stub.Update(
            messages.UpdateRequest(
                urn=urn(token, "orders"),
                type=token,
                id=physical_id,
                olds=encode_struct(olds),
                old_inputs=encode_struct(old_inputs),
                news=encode_struct(news),
            )
        )
        return decode_struct(answer.properties)

    def read(
        self, token: str, physical_id: str, inputs: Props | None = None, outputs: Props | None = None
    ) -> tuple[str, Props, Props]:
        answer = self.stub.Read(
            messages.ReadRequest(
                urn=urn(token, "orders"),
                type=token,
                id=physical_id,
                inputs=None if inputs is None else encode_struct(inputs),
                properties=None if outputs is None else encode_struct(outputs),
            )
        )
        return answer.id, decode_struct(answer.inputs), decode_struct(answer.properties)

    def delete(self, token: str, physical_id: str, inputs: Props) -> None:
        values = encode_struct(inputs)
        self.stub.Delete(
            messages.DeleteRequest(
                urn=urn(token, "orders"), type=token, id=physical_id, properties=values, old_inputs=values
            )
        )

    def invoke(self, token: str, args: Props) -> Props:
        answer = self.stub.Invoke(messages.InvokeRequest(tok=token, args=encode_struct(args)))
        return decode_struct(getattr(answer, "return"))


@pytest.fixture
def cloud() -> FakeCloud:
    return FakeCloud()


@pytest.fixture
def unconfigured(cloud: FakeCloud) -> Iterator[Client]:
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Aws("7.51.1", cloud), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield Client(port)
    server.stop(grace=None)


@pytest.fixture
def provider(unconfigured: Client) -> Client:
    unconfigured.configure()
    return unconfigured


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("plugins")
    install(directory)
    return directory
