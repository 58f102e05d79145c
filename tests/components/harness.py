"""Mocks for component tests: every registration is kept with its inputs and options, and everything is awaited."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, settings
from pulumi.runtime.proto import resource_pb2

from components.foundation.account import Account

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands for an unknown value on the wire: pulumi sdk, `runtime/rpc`."""


@dataclass(frozen=True)
class Registration:
    """One resource as the engine got it."""

    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    protect: bool
    retain: bool
    delete_first: bool
    """Whether a replacement waits until this one is gone."""
    dependencies: tuple[str, ...]
    provider: str
    urn: str

    @property
    def kind(self) -> str:
        """Module and class of the type token, e.g. "sqs.Queue"."""
        _, module, name = self.type.split(":")
        return f"{module.split('/')[0]}.{name}"

    def document(self, name: str) -> Any:
        """A JSON input, parsed."""
        return json.loads(self.inputs[name])


@dataclass
class Program:
    """What a program registered. The order is the engine's, not the program's: registrations run side by side."""

    registrations: list[Registration] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, kind: str) -> list[Registration]:
        """All of a kind by name: "sqs.Queue" for aws:sqs/queue:Queue, "foundation.Queue" for the component."""
        return sorted((each for each in self.registrations if each.kind == kind), key=lambda each: each.name)

    def one(self, kind: str, name: str | None = None) -> Registration:
        """The only one of a kind, or of a kind and logical name."""
        found = [each for each in self.of(kind) if name in (None, each.name)]
        assert len(found) == 1, f"{len(found)} of {kind} {name or ''}: {[each.name for each in self.of(kind)]}"
        return found[0]


class _Answers(mocks.Mocks):
    """Outputs like AWS's: the inputs, an id, an ARN with a random part, and what a few types add. A stack reference
    gives what `references` has for its stack, by the stack's own name."""

    def __init__(self, references: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._references = references or {}

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        if args.token == "aws:index/getAvailabilityZones:getAvailabilityZones":
            return {"names": ["eu-west-1a", "eu-west-1b", "eu-west-1c"]}
        return {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            stack = args.inputs["name"].split("/")[-1]
            return stack, {**args.inputs, "outputs": self._references[stack]}
        if not args.custom:
            return None, _component_outputs(args)
        physical = f"{args.name}-id"
        return physical, {"arn": f"arn:aws:mock:::{args.typ}/{args.name}", **_outputs(args), **args.inputs}


def _outputs(args: mocks.MockResourceArgs) -> dict[str, Any]:
    return {
        "aws:kms/key:Key": {
            "keyId": f"mrk-{args.name}",
            "arn": f"arn:aws:kms:eu-west-1:222222222222:key/mrk-{args.name}",
        },
        "aws:kms/replicaKey:ReplicaKey": {"keyId": f"mrk-{args.name}"},
        "aws:sqs/queue:Queue": {"url": f"https://sqs.eu-west-1.amazonaws.com/222222222222/{args.inputs.get('name')}"},
        "aws:dynamodb/table:Table": {"streamArn": f"arn:aws:mock:::stream/{args.name}"},
        "aws:ec2/vpcEndpoint:VpcEndpoint": {"prefixListId": f"pl-{args.name}"},
    }.get(args.typ, {})


def _component_outputs(args: mocks.MockResourceArgs) -> dict[str, Any]:
    if args.typ != "awsx:ec2:Vpc":
        return {}
    zones = range(int(args.inputs["numberOfAvailabilityZones"]))
    return {
        "vpcId": "vpc-1",
        "privateSubnetIds": [f"subnet-private-{zone}" for zone in zones],
        "isolatedSubnetIds": [f"subnet-isolated-{zone}" for zone in zones],
        "routeTables": [],
    }


class _Monitor(mocks.MockMonitor):
    """Keeps the options that MockResourceArgs does not show; in preview, answers as an engine does before anything
    exists: inputs come back, everything else is unknown."""

    def __init__(self, program: Program, preview: bool, answers: _Answers) -> None:
        super().__init__(answers)
        self._program, self._preview = program, preview

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the protocol's name)
        response = super().RegisterResource(request)
        if request.type == "pulumi:pulumi:Stack":
            return response
        self._program.registrations.append(
            Registration(
                type=request.type,
                name=request.name,
                inputs=_plain(request.object),
                parent=request.parent,
                protect=request.protect,
                retain=request.retainOnDelete,
                delete_first=request.deleteBeforeReplace,
                dependencies=tuple(sorted(request.dependencies)),
                provider=request.provider,
                urn=response.urn,
            )
        )
        if not self._preview or not request.custom:
            return response
        return resource_pb2.RegisterResourceResponse(urn=response.urn, id="", object=request.object)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._program.outputs[request.urn] = _plain(request.outputs)
        return super().RegisterResourceOutputs(request)


def _plain(struct: Any) -> dict[str, Any]:
    return dict(MessageToDict(struct))


def run(
    program: Callable[[], object],
    *,
    preview: bool = False,
    stack: str = "sales-prod",
    references: Mapping[str, Mapping[str, Any]] | None = None,
) -> Program:
    """Run a program under mocks until every output and registration has settled."""
    recorded, answers = Program(), _Answers(references)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        mocks.set_mocks(
            answers, project="mesh", stack=stack, preview=preview, monitor=_Monitor(recorded, preview, answers)
        )

        @pulumi.runtime.test
        def settled() -> None:
            program()

        settled()
    finally:
        settings.reset_options()
        loop.close()
    return recorded


def make_account(**changes: Any) -> Account:
    """The example organisation's sales account."""
    fields: dict[str, Any] = {
        "organisation": "acme",
        "organisation_id": "o-acme000001",
        "name": "sales",
        "environment": "prod",
        "account_id": "222222222222",
        "region": "eu-west-1",
        "primary_region": "eu-west-1",
        "recovery_region": "eu-central-1",
        "hub_account_id": "111111111111",
        "owner": "sales-data@acme.example",
        "cost_centre": "4711",
        "business_unit": "sales",
    }
    return Account(**(fields | changes))
