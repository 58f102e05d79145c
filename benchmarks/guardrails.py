"""What the policy pack costs, against Pulumi's own policy SDK in the same run.

Throughput: 500 resources through every control, resource by resource and then as a stack, against the SDK running as
many policies that do nothing. Start-up: from starting the process, as an engine does, to the list of policies, against
a pack of the SDK with one policy.

    python -m benchmarks.guardrails
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import ResourceValidationPolicy, StackValidationPolicy
from pulumi_policy.policy import EnforcementLevel, Policy, _PolicyAnalyzerServicer

_PACK = Path(__file__).parents[1] / "policy_packs" / "guardrails"
sys.path.insert(0, str(_PACK))  # the pack is a root of its own, as the engine starts it

from mesh_guardrails.analyzer import Analyzer  # noqa: E402
from mesh_guardrails.control import StackControl  # noqa: E402
from mesh_guardrails.controls import CONTROLS  # noqa: E402
from mesh_guardrails.evaluation import Controls  # noqa: E402

THROUGHPUT_TARGET = 0.5
START_TARGET = 1.5
RESOURCES = 500
_ROUNDS = 3
_STARTS = 9
_CONTEXT: Any = None  # neither side looks at the call's context when nothing is wrong

_KEY = "arn:aws:kms:eu-west-1:222222222222:key/mrk-1"
_TAGS = {"Owner": "sales", "CostCentre": "CC", "BusinessUnit": "sales", "Environment": "prod"}
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "222222222222"}},
            }
        ],
    }
)
_DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::b-222222222222", "arn:aws:s3:::b-222222222222/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
)
_GRANT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::b-222222222222/*",
            },
            {
                "Effect": "Allow",
                "Action": ["sqs:SendMessage", "dynamodb:PutItem", "dynamodb:Query"],
                "Resource": ["arn:aws:sqs:eu-west-1:222222222222:q", "arn:aws:dynamodb:eu-west-1:222222222222:table/t"],
            },
        ],
    }
)
_MIX: list[tuple[str, dict[str, Any]]] = [
    ("aws:s3/bucket:Bucket", {"bucket": "b", "tags": {"Classification": "internal"}}),
    ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "b", "policy": _DENY}),
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {
            "bucket": "b",
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": _KEY},
                    "bucketKeyEnabled": True,
                }
            ],
        },
    ),
    ("aws:iam/rolePolicy:RolePolicy", {"role": "r", "policy": _GRANT}),
    ("aws:iam/role:Role", {"name": "r", "assumeRolePolicy": _TRUST, "permissionsBoundary": "arn:aws:iam::2:policy/b"}),
    (
        "aws:lambda/function:Function",
        {
            "name": "f",
            "runtime": "python3.12",
            "kmsKeyArn": _KEY,
            "environment": {"variables": {"A": "1", "B": "2"}},
            "tracingConfig": {"mode": "Active"},
            "vpcConfig": {"subnetIds": ["a", "b", "c"], "securityGroupIds": ["sg"]},
        },
    ),
    ("aws:cloudwatch/logGroup:LogGroup", {"name": "/aws/lambda/f", "kmsKeyId": _KEY, "retentionInDays": 365}),
    ("aws:sqs/queue:Queue", {"name": "q", "kmsMasterKeyId": _KEY, "redrivePolicy": "{}"}),
    (
        "aws:dynamodb/table:Table",
        {
            "name": "t",
            "attributes": [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}],
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": _KEY},
            "pointInTimeRecovery": {"enabled": True},
            "deletionProtectionEnabled": True,
        },
    ),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", {"dimensions": {"FunctionName": "f"}, "alarmActions": ["arn:t"]}),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {"ingress": [{"fromPort": 443, "toPort": 443, "protocol": "tcp", "cidrBlocks": ["10.0.0.0/8"]}]},
    ),
]


@dataclass(frozen=True)
class Cost:
    """Seconds of the pack and of the SDK for the same work."""

    what: str
    pack: float
    sdk: float
    target: float

    @property
    def ratio(self) -> float:
        return self.pack / self.sdk

    def __str__(self) -> str:
        return (
            f"{self.what}: {self.pack * 1000:.0f} ms, SDK {self.sdk * 1000:.0f} ms, "
            f"{self.ratio:.2f}x (target {self.target}x)"
        )


def _requests() -> list[analyzer_pb2.AnalyzeRequest]:
    requests = []
    for number in range(RESOURCES):
        type_, props = _MIX[number % len(_MIX)]
        urn = f"urn:pulumi:sales-prod::mesh::mesh:foundation:Thing${type_}::r{number}"
        message = analyzer_pb2.AnalyzeRequest(type=type_, urn=urn, name=f"r{number}")
        # No two resources have the same document, as in a stack: analysing one twice would cost nothing.
        own = {
            key: v.replace("222222222222", f"2{number:011d}") if isinstance(v, str) else v for key, v in props.items()
        }
        message.properties.update({**own, "description": f"resource {number}"})
        message.provider.type = "pulumi:providers:aws"
        message.provider.properties.update(
            {"allowedAccountIds": '["222222222222"]', "defaultTags": json.dumps({"tags": _TAGS})}
        )
        requests.append(message)
    return requests


def _as_stack(requests: list[analyzer_pb2.AnalyzeRequest]) -> analyzer_pb2.AnalyzeStackRequest:
    return analyzer_pb2.AnalyzeStackRequest(
        resources=[
            analyzer_pb2.AnalyzerResource(
                type=r.type, urn=r.urn, name=r.name, properties=r.properties, provider=r.provider
            )
            for r in requests
        ]
    )


def _pack() -> Analyzer:
    return Analyzer(Controls(CONTROLS), waivers=_PACK / "waivers.yaml")


def _sdk() -> _PolicyAnalyzerServicer:
    def nothing(args: Any, report: Any) -> None:
        return None

    policies: list[Policy] = [
        StackValidationPolicy(name=control.id, description="nothing", validate=nothing)
        if isinstance(control, StackControl)
        else ResourceValidationPolicy(name=control.id, description="nothing", validate=nothing)
        for control in CONTROLS
    ]
    return _PolicyAnalyzerServicer("nothing", "0.0.1", policies, EnforcementLevel.ADVISORY)


def _timed(make: Callable[[], Any], requests: list[analyzer_pb2.AnalyzeRequest], stack: Any) -> float:
    analyzer = make()
    started = time.perf_counter()
    for request in requests:
        analyzer.Analyze(request, _CONTEXT)
    analyzer.AnalyzeStack(stack, _CONTEXT)
    return time.perf_counter() - started


def throughput() -> Cost:
    """Both sides in turns; the fastest round of each, as only that is without disturbance."""
    requests = _requests()
    stack = _as_stack(requests)
    pack, sdk = [], []
    for _ in range(_ROUNDS):
        pack.append(_timed(_pack, requests, stack))
        sdk.append(_timed(_sdk, requests, stack))
    return Cost(f"{RESOURCES} resources through {len(CONTROLS)} controls", min(pack), min(sdk), THROUGHPUT_TARGET)


_EMPTY = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy
PolicyPack(name="empty", policies=[ResourceValidationPolicy(name="p", description="d", validate=lambda a, r: None)])
"""


def _started(pack: Path) -> float:
    """Seconds from starting a pack to its list of policies."""
    began = time.perf_counter()
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(pack)]
    # Without compiled modules, what is measured is the compiler: the SDK's came compiled with its installation.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, cwd=pack, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                analyzer_pb2_grpc.AnalyzerStub(channel).GetAnalyzerInfo(empty_pb2.Empty())
            return time.perf_counter() - began
        finally:
            process.kill()


def start() -> Cost:
    """Both in turns; the fastest start of each, which has its caches filled and is disturbed least."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        (empty / "__main__.py").write_text(_EMPTY)
        (empty / "PulumiPolicy.yaml").write_text("runtime: python\n")
        ours, theirs = [], []
        for _ in range(_STARTS):
            ours.append(_started(_PACK))
            theirs.append(_started(empty))
    return Cost("start of the pack", min(ours), min(theirs), START_TARGET)


def main() -> None:
    for cost in (throughput(), start()):
        print(cost)


if __name__ == "__main__":
    main()
