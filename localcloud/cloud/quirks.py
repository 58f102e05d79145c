"""Corrections of moto 5.2.5 where it answers otherwise than AWS and deployed handlers would notice.

Each function names the quirk it ends. What this server does *not* do, and says nothing about when asked:

- evaluate IAM: a role may do everything; service control policies, permissions boundaries, key policies and the
  resource policies of queues, topics, functions, buses, secrets and keys are kept and returned, never applied. Whether
  they are right is for the policy pack and for AWS to say.
- apply bucket policies, beyond Deny statements without a condition for everybody. Every caller counts as using TLS.
- check whether an assumed role exists, or trusts its caller.
- execute S3 replication and lifecycle rules, DynamoDB TTL and replicas, alarms, metric filters, rotation, KMS key
  state.
"""

import json
import threading
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.core.exceptions import JsonRESTError
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models.table import StreamRecord
from moto.dynamodb.responses import DynamoHandler
from moto.events.models import EventsBackend, events_backends
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.kinesis.models import KinesisBackend
from moto.kms.models import KmsBackend
from moto.lakeformation.models import LakeFormationBackend, PermissionCatalog
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse
from moto.s3.models import FakeBucket
from moto.sns.models import Subscription
from moto.transfer.responses import TransferResponse

from localcloud.cloud import ownership

_installed = False


def install() -> None:
    """Put every correction into this process's moto; once."""
    global _installed
    if _installed:
        return
    _installed = True
    ownership.install()
    for correct in (
        serialise_dynamodb_requests,
        name_the_region_of_stream_records,
        ignore_conditional_bucket_policy_statements,
        accept_layers_of_other_accounts,
        let_log_groups_change_their_key,
        let_transfer_servers_and_users_change,
        add_lake_formation_tags_to_those_there_are,
        keep_lake_formation_grants_findable,
        give_key_replicas_their_own_aliases,
        read_the_policies_of_log_buckets,
        resolve_iterators_by_stream_arn,
        put_events_to_buses_of_other_accounts,
        deliver_to_endpoints_of_other_accounts,
    ):
        correct()


def _replace(owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    setattr(owner, name, make(getattr(owner, name)))


def serialise_dynamodb_requests() -> None:
    """Two conditional writes of one item by two threads both succeeded: moto checks and writes without a lock."""
    lock = threading.RLock()

    def locked(original: Callable[..., Any]) -> Callable[..., Any]:
        def call_action(self: BaseResponse) -> Any:
            with lock:
                return original(self)

        return call_action

    _replace(DynamoHandler, "call_action", locked)


def name_the_region_of_stream_records() -> None:
    """Records of every DynamoDB stream said they came from us-east-1."""

    def regional(original: Callable[..., None]) -> Callable[..., None]:
        def init(self: Any, table: Any, *args: Any, **kwargs: Any) -> None:
            original(self, table, *args, **kwargs)
            self.record["awsRegion"] = table.table_arn.split(":")[3]

        return init

    _replace(StreamRecord, "__init__", regional)


def ignore_conditional_bucket_policy_statements() -> None:
    """A Deny `unless TLS` denied everything: conditions and principals of bucket policies were ignored.

    Only a statement that is about everybody under no condition is applied; see the module's description.
    """

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        statements = json.loads(self.policy)["Statement"]
        applied = [
            statement
            for statement in (statements if isinstance(statements, list) else [statements])
            if "Condition" not in statement and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        ]
        return IAMPolicy(json.dumps({"Statement": applied})).is_action_permitted(action, resource)

    _replace(FakeBucket, "get_permission", lambda _: get_permission)


def resolve_iterators_by_stream_arn() -> None:
    """A Kinesis shard iterator that was asked for by the stream's ARN belonged to no stream."""

    def named(original: Callable[..., str]) -> Callable[..., str]:
        def get_shard_iterator(self: Any, stream_arn: str | None, stream_name: str | None, *rest: Any) -> str:
            stream = self.describe_stream(stream_arn=stream_arn, stream_name=stream_name)
            return original(self, stream_arn, stream.stream_name, *rest)

        return get_shard_iterator

    _replace(KinesisBackend, "get_shard_iterator", named)


def put_events_to_buses_of_other_accounts() -> None:
    """PutEvents to a bus ARN looked for the bus's name in the caller's account and region.

    The event's `account` stays the sender's, as on AWS.
    """

    def routed(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        def put_events(self: Any, events: list[dict[str, Any]]) -> list[Any]:
            if all(_bus_backend(self, event) is self for event in events) or len(events) > 10:
                return original(self, events)
            return [
                result
                for event in events
                for result in original(_Sender(_bus_backend(self, event), self.account_id), [event])
            ]

        return put_events

    _replace(EventsBackend, "put_events", routed)


def _bus_backend(sender: Any, event: dict[str, Any]) -> Any:
    parts = (event.get("EventBusName") or "").split(":")
    if len(parts) < 6:
        return sender
    try:
        return events_backends[parts[4]][parts[3]]
    except KeyError as missing:
        message = f"EventBusName names an unknown account or region: {missing}"
        raise JsonRESTError("ValidationException", message) from None


class _Sender:
    """An events backend as seen by a sender in another account."""

    def __init__(self, backend: Any, account_id: str) -> None:
        self._backend = backend
        self.account_id = account_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


def deliver_to_endpoints_of_other_accounts() -> None:
    """A topic delivered to the queue of that name in its own account, whatever account the ARN said."""

    def addressed(original: Callable[..., None]) -> Callable[..., None]:
        def publish(self: Any, *args: Any, **kwargs: Any) -> None:
            if self.protocol != "sqs":
                return original(self, *args, **kwargs)
            return original(_Sender(self, self.endpoint.split(":")[4]), *args, **kwargs)

        return publish

    _replace(Subscription, "publish", addressed)


def accept_layers_of_other_accounts() -> None:
    """A function could not use a layer that somebody else published, as AWS and Powertools do theirs."""

    def owned(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        def layers_data(self: Any, arns: list[str]) -> list[Any]:
            known = {
                layer["Arn"]: layer for arn in arns if _owner(arn) == self.account_id for layer in original(self, [arn])
            }
            return [known.get(arn, {"Arn": arn, "CodeSize": 0}) for arn in arns]

        return layers_data

    _replace(LambdaFunction, "_get_layers_data", owned)


def _owner(arn: str) -> str:
    return arn.split(":")[4]


def let_log_groups_change_their_key() -> None:
    """AssociateKmsKey and DisassociateKmsKey did not exist."""

    def associate_kms_key(self: Any) -> str:
        return set_key(self, self._get_param("kmsKeyId"))

    def disassociate_kms_key(self: Any) -> str:
        return set_key(self, None)

    def set_key(self: Any, key: str | None) -> str:
        groups = self.logs_backend.groups
        name = self._get_param("logGroupName")
        if name not in groups:
            raise ResourceNotFoundException()
        groups[name].kms_key_id = key
        return ""

    for operation in (associate_kms_key, disassociate_kms_key):
        setattr(LogsResponse, operation.__name__, operation)


def give_key_replicas_their_own_aliases() -> None:
    """A replica key shared its primary's aliases, so that no alias could have the same name in both regions."""

    def separate(original: Callable[..., Any]) -> Callable[..., Any]:
        def replicate_key(self: Any, *args: Any, **kwargs: Any) -> Any:
            replica = original(self, *args, **kwargs)
            replica.aliases = {}
            return replica

        return replicate_key

    _replace(KmsBackend, "replicate_key", separate)


def let_transfer_servers_and_users_change() -> None:
    """UpdateServer and UpdateUser did not exist."""

    def update_server(self: Any) -> str:
        change(self, self.transfer_backend.describe_server(self._get_param("ServerId")))
        return json.dumps({"ServerId": self._get_param("ServerId")})

    def update_user(self: Any) -> str:
        server, name = self._get_param("ServerId"), self._get_param("UserName")
        change(self, self.transfer_backend.describe_user(server, name)[1])
        return json.dumps({"ServerId": server, "UserName": name})

    def change(self: Any, known: Any) -> None:
        for member, value in json.loads(self.body).items():
            attribute = camelcase_to_underscores(member)
            if hasattr(known, attribute):
                setattr(known, attribute, _underscored(value))

    for operation in (update_server, update_user):
        setattr(TransferResponse, operation.__name__, operation)


def _underscored(value: Any) -> Any:
    """A structure as moto's transfer models keep it."""
    if isinstance(value, dict):
        return {camelcase_to_underscores(name): _underscored(item) for name, item in value.items()}
    return [_underscored(item) for item in value] if isinstance(value, list) else value


def add_lake_formation_tags_to_those_there_are() -> None:
    """AddLFTagsToResource replaced every tag that the resource had."""

    def added(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        def add(self: Any, catalog_id: str, resource: dict[str, Any], tags: list[dict[str, Any]]) -> list[Any]:
            database, table, _ = self.get_resource_lf_tags(catalog_id, resource)
            new = {tag["TagKey"] for tag in tags}
            return original(self, catalog_id, resource, [t for t in database + table if t["TagKey"] not in new] + tags)

        return add

    def none_yet(original: Callable[..., Any]) -> Callable[..., Any]:
        def get(self: Any, catalog_id: str, resource: dict[str, Any]) -> Any:
            try:
                return original(self, catalog_id, resource)
            except KeyError:  # no tag yet
                return [], [], []

        return get

    _replace(LakeFormationBackend, "add_lf_tags_to_resource", added)
    _replace(LakeFormationBackend, "get_resource_lf_tags", none_yet)


def keep_lake_formation_grants_findable() -> None:
    """A grant that was added to could never be revoked: it was changed inside a set, which kept its old hash."""

    def add_permission(self: Any, permission: Any) -> None:
        for known in [known for known in self.permissions if permission.equal_principal_and_resouce(known)]:
            self.permissions.remove(known)
            permission.merge(known)
        self.permissions.add(permission)

    _replace(PermissionCatalog, "add_permission", lambda _: add_permission)


def read_the_policies_of_log_buckets() -> None:
    """A log bucket's policy was not understood when a statement was about everybody, or spoke of more than one prefix."""

    def allowed(target_bucket: Any, target_prefix: str | None) -> bool:
        statements = json.loads(target_bucket.policy)["Statement"] if target_bucket.policy else []
        delivered = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}"
        return any(
            statement["Effect"] == "Allow"
            and isinstance(statement.get("Principal"), dict)
            and "logging.s3.amazonaws.com" in _listed(statement["Principal"].get("Service"))
            and any(fnmatchcase("s3:PutObject", action) for action in _listed(statement.get("Action")))
            and any(fnmatchcase(delivered, resource) for resource in _listed(statement.get("Resource")))
            for statement in statements
        )

    _replace(FakeBucket, "_log_permissions_enabled_policy", lambda _: staticmethod(allowed))


def _listed(value: str | list[str] | None) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []
