"""Functions: handler code from this repository, with everything that operating it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.foundation import grants as grant
from components.foundation import trust
from components.foundation.account import Account
from components.foundation.alarms import Metric, Severity, alarm
from components.foundation.grants import Grant
from components.foundation.keys import Key
from components.foundation.logs import DEFAULT_RETENTION_DAYS, log_group
from components.foundation.naming import Names
from components.foundation.policy import Statement
from components.foundation.queues import Queue, QueueArgs
from components.foundation.resource_policies import service_use
from components.foundation.roles import Role, RoleArgs
from components.foundation.tags import data_tags

RUNTIME = "python3.12"
ARCHITECTURE = "x86_64"
# Lambda developer guide, "Lambda quotas" and "Configure Lambda function memory".
_TIMEOUT_LIMIT_SECONDS = 900
_MEMORY_MB = range(128, 10_241)
_SLOW_SHARE_OF_TIMEOUT = 0.8


@dataclass(frozen=True)
class Layer:
    """A public layer: its publisher's account, name and version."""

    publisher: str
    name: str
    version: int

    def arn(self, account: Account) -> str:
        return f"arn:{account.partition}:lambda:{account.region}:{self.publisher}:layer:{self.name}:{self.version}"


POWERTOOLS = Layer("017000801446", "AWSLambdaPowertoolsPythonV3-python312-x86_64", 28)
"""Powertools for AWS Lambda with pydantic and the X-Ray SDK: docs.aws.amazon.com/powertools/python, "Lambda Layer"."""
PANDAS = Layer("336392948345", "AWSSDKPandas-Python312", 26)
"""pyarrow, numpy and pandas (3.16.1): aws-sdk-pandas.readthedocs.io, "AWS Lambda Managed Layers"."""


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where in a network a function runs."""

    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_ids: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    account: Account
    what: str
    """The function's part of its name, e.g. "orders-ingest"."""
    handler: str
    """Dotted path, e.g. "handlers.files.ingest.handler"."""
    key: Key
    """Encrypts its environment, its logs and what it failed on."""
    grants: Sequence[Grant] = ()
    """What it may do, beside logging, tracing and reporting its own failures."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    files: Mapping[str, pulumi.Asset] = field(default_factory=dict)
    """More files for the code archive, by path from its root, e.g. {"contract.json": StringAsset(...)}."""
    timeout_seconds: int = 60
    memory_mb: int = 512
    """Also sets the share of processor: 1,769 MB is one (Lambda developer guide)."""
    storage_mb: int | None = None
    """Size of /tmp; None for Lambda's own 512."""
    concurrency: int | None = None
    """Reserved concurrent executions; None shares the account's."""
    retries: int = 2
    """Of an asynchronous invocation, before its event goes to the failures queue."""
    layers: Sequence[Layer] = (POWERTOOLS,)
    placement: Placement | None = None
    log_retention_days: int = DEFAULT_RETENTION_DAYS
    data_product: str = ""
    error_severity: Severity = Severity.WARNING


class Function(pulumi.ComponentResource):
    """A Lambda function with a role of its own, its log group, a failures queue and alarms.

    `name` and `arn` are known at preview; `resource.arn` waits for the function. Raises ValueError for settings Lambda
    would refuse and for a handler that is not in the repository.
    """

    name: str
    arn: str
    account: Account
    role: Role
    failures: Queue
    resource: aws.lambda_.Function

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:Function", name, None, opts)
        validate(args)
        names = Names(args.account)
        self.account = args.account
        self.name = names.function(args.what)
        self.arn = names.arns.function(self.name)
        child = pulumi.ResourceOptions(parent=self)
        group = names.function_log_group(self.name)
        logs = log_group(name, group=group, key=args.key, retention_days=args.log_retention_days, parent=self)
        self.failures = Queue(
            f"{name}-failures",
            QueueArgs(
                account=args.account,
                what=f"{args.what}-failures",
                key=args.key,
                dead_letters_after=None,
                senders=[_rules_fail_here(args.account, names.queue(f"{args.what}-failures"))],
                data_product=args.data_product,
            ),
            child,
        )
        self._grants = (*args.grants, *self._own_grants(args, group))
        self.role = Role(
            name,
            RoleArgs(
                account=args.account,
                what=args.what,
                trust=[trust.by_service(args.account, "lambda.amazonaws.com")],
                grants=self._grants,
                description=f"Runs {args.handler}",
            ),
            child,
        )
        self.resource = aws.lambda_.Function(
            name,
            name=self.name,
            role=self.role.resource.arn,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=args.handler,
            code=code_archive(args.files),
            layers=[layer.arn(args.account) for layer in args.layers],
            timeout=args.timeout_seconds,
            memory_size=args.memory_mb,
            ephemeral_storage={"size": args.storage_mb} if args.storage_mb else None,
            reserved_concurrent_executions=args.concurrency,
            kms_key_arn=args.key.arn,
            environment={"variables": {"POWERTOOLS_SERVICE_NAME": args.what, **args.environment}},
            tracing_config={"mode": "Active"},
            logging_config={"log_format": "JSON", "log_group": logs.name},
            vpc_config=_vpc_config(args.placement),
            tags=data_tags(args.key.classification, args.data_product),
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.role.permissions),
        )
        aws.lambda_.FunctionEventInvokeConfig(
            name,
            function_name=self.resource.name,
            maximum_retry_attempts=args.retries,
            destination_config={"on_failure": {"destination": self.failures.resource.arn}},
            opts=child,
        )
        self._alarms(name, args)
        self.register_outputs({"arn": self.arn, "name": self.name})

    def invoking(self) -> Grant:
        """Invoke the function."""
        return grant.function_invoking(self.account, self.name)

    def may(self, action: str, resource: str) -> bool:
        """Whether the grants name this action on exactly this resource; triggers ask before they connect."""
        statements = (statement for one in self._grants for statement in one.statements)
        return any(
            action in statement.actions and resource in statement.resources and statement.effect == "Allow"
            for statement in statements
        )

    def _own_grants(self, args: FunctionArgs, group: str) -> list[Grant]:
        own = [
            grant.log_writing(args.account, group),
            grant.tracing(),
            self.failures.sending(),
            args.key.decrypting("lambda"),
        ]
        if args.placement:
            own.append(grant.network_interfaces(args.account, self.name))
        return own

    def _alarms(self, name: str, args: FunctionArgs) -> None:
        function = {"FunctionName": self.name}
        slow = args.timeout_seconds * 1000 * _SLOW_SHARE_OF_TIMEOUT
        duration = Metric(namespace="AWS/Lambda", name="Duration", dimensions=function, statistic="Maximum")
        errors = Metric(namespace="AWS/Lambda", name="Errors", dimensions=function)
        throttles = Metric(namespace="AWS/Lambda", name="Throttles", dimensions=function)
        for kind, severity, metric, threshold, description in (
            ("errors", args.error_severity, errors, 0.0, "invocations fail"),
            ("throttles", Severity.WARNING, throttles, 0.0, "invocations wait for concurrency"),
            ("slow", Severity.INFO, duration, slow, f"an invocation took over {slow:.0f} ms of its timeout"),
        ):
            alarm(
                f"{name}-{kind}",
                account=args.account,
                what=f"{args.what}-{kind}",
                severity=severity,
                metric=metric,
                threshold=threshold,
                description=f"{self.name}: {description}",
                parent=self,
            )


def validate(args: FunctionArgs) -> None:
    """ValueError for what Lambda would refuse, and for a handler whose module is not in the repository."""
    if not 1 <= args.timeout_seconds <= _TIMEOUT_LIMIT_SECONDS:
        raise ValueError(f"timeout_seconds: {args.timeout_seconds} is not within 1 to {_TIMEOUT_LIMIT_SECONDS}")
    if args.memory_mb not in _MEMORY_MB:
        raise ValueError(f"memory_mb: {args.memory_mb} is not within {_MEMORY_MB.start} to {_MEMORY_MB.stop - 1}")
    if not 0 <= args.retries <= 2:
        raise ValueError(f"retries: {args.retries} is not within 0 to 2")
    module, _, _ = args.handler.rpartition(".")
    if not (repository() / f"{module.replace('.', '/')}.py").is_file():
        raise ValueError(f"handler: {args.handler!r} is not a function of a module in this repository")


def code_archive(files: Mapping[str, pulumi.Asset]) -> pulumi.AssetArchive:
    """The handlers and what a function adds to them. Source files one by one, so that byte code written by a test run
    does not change the archive."""
    assets: dict[str, pulumi.Asset | pulumi.Archive] = {**_handlers(), **files}
    return pulumi.AssetArchive(assets)


def repository() -> Path:
    """The root of the repository, whose `handlers` directory is deployed."""
    return Path(__file__).resolve().parents[2]


@lru_cache
def _handlers() -> Mapping[str, pulumi.FileAsset]:
    root = repository()
    sources = sorted((root / "handlers").rglob("*.py"))
    # Relative to the program's directory, as Pulumi records asset paths: the same on every machine.
    return {str(path.relative_to(root)): pulumi.FileAsset(str(path.relative_to(root))) for path in sources}


def _vpc_config(placement: Placement | None) -> aws.lambda_.FunctionVpcConfigArgsDict | None:
    if placement is None:
        return None
    return {"subnet_ids": placement.subnet_ids, "security_group_ids": list(placement.security_group_ids)}


def _rules_fail_here(account: Account, queue: str) -> Statement:
    """The account's event rules may leave here what they could not deliver."""
    names = Names(account)
    rules = [names.arns.rule(f"{names.prefix}-*"), names.arns.rule(f"{names.prefix}-*", bus="*")]
    return service_use(
        account, "events.amazonaws.com", ("sqs:SendMessage",), names.arns.queue(queue), rules, "RulesFailHere"
    )
