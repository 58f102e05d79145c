"""Where moto pushes events itself, it hands them to the runtime instead.

moto 5.2.5 runs functions in Docker, synchronously, inside the call that caused them, one record at a time. With these
hooks its backends stay what is deployed; running it is the runtime's.
"""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction
from moto.events.models import Rule
from moto.events.utils import EventMessageType
from moto.s3 import notifications as s3_notifications
from moto.s3.models import S3Backend
from moto.s3.notifications import S3NotificationEvent
from moto.s3.responses import S3Response
from moto.sns.models import Subscription

from localcloud.runtime.execution import Outcome
from localcloud.runtime.invoke_api import invoked
from localcloud.runtime.moto_corrections import CORRECTIONS


class Triggers(Protocol):
    """What the hooks need of the runtime."""

    def invoke(self, function: LambdaFunction, payload: str) -> Outcome: ...
    def invoke_later(self, function_arn: str, payload: str, *, trigger: str) -> str: ...
    def mapping_created(self, mapping: EventSourceMapping) -> None: ...
    def object_changed(self, account: str, event: str, bucket: Any, key: Any) -> None: ...
    def event_put(self, rule: Rule, event: EventMessageType) -> None: ...
    def message_published(self, subscription: Subscription, message: Mapping[str, Any]) -> None: ...


class MappingExistsError(LambdaClientError):
    """A second mapping of one source to one function."""

    code = 409

    def __init__(self, mapping: EventSourceMapping) -> None:
        message = f"{mapping.event_source_arn} is mapped to {mapping.function_arn} already: UUID {mapping.uuid}"
        super().__init__("ResourceConflictException", message)


def install(triggers: Triggers) -> Callable[[], None]:
    """Hand moto's events to `triggers` until the returned function is called."""
    originals: list[tuple[Any, str, Any]] = []

    def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        original = getattr(owner, name)
        originals.append((owner, name, original))
        setattr(owner, name, make(original))

    for owner, name, make in CORRECTIONS:
        replace(owner, name, make)
    replace(LambdaFunction, "invoke", lambda _: _invoke(triggers))
    replace(LambdaBackend, "create_event_source_mapping", lambda _: _create_event_source_mapping(triggers))
    replace(LambdaBackend, "send_log_event", lambda original: _send_log_event(triggers))
    replace(s3_notifications, "send_event", lambda _: _object_changed(triggers))
    replace(S3Response, "put_object_tagging", _muting())
    replace(S3Backend, "complete_multipart_upload", _muting(_PUT, _TAGGED))
    replace(S3Backend, "_set_delete_marker", lambda original: _set_delete_marker(triggers, original))
    replace(Rule, "send_to_targets", lambda original: _send_to_targets(triggers, original))
    replace(Subscription, "publish", lambda original: _publish(triggers, original))

    def uninstall() -> None:
        for owner, name, original in reversed(originals):
            setattr(owner, name, original)

    return uninstall


def _invoke(triggers: Triggers) -> Callable[..., bytes]:
    def invoke(self: LambdaFunction, body: Any, request_headers: Any, response_headers: dict[str, Any]) -> bytes:
        return invoked(triggers, self, body, request_headers, response_headers)

    return invoke


def _create_event_source_mapping(triggers: Triggers) -> Callable[..., EventSourceMapping]:
    """Keep the mapping, attached to nothing: the runtime polls. The source may belong to another account."""

    def create(self: Any, spec: dict[str, Any]) -> EventSourceMapping:
        for name in ("EventSourceArn", "FunctionName"):
            if not spec.get(name):
                raise LambdaClientError("InvalidParameterValueException", f"Missing {name}")
        function = self._lambdas.get_function_by_name_or_arn_with_qualifier(spec["FunctionName"])
        for existing in self._event_source_mappings.values():
            if (existing.event_source_arn, existing.function_arn) == (spec["EventSourceArn"], function.function_arn):
                raise MappingExistsError(existing)
        mapping = EventSourceMapping(  # type: ignore[abstract]
            {
                **spec,
                "RegionName": self.region_name,
                "AccountId": self.account_id,
                "FunctionArn": function.function_arn,
            }
        )
        triggers.mapping_created(mapping)
        self._event_source_mappings[mapping.uuid] = mapping
        return mapping

    return create


def _send_log_event(triggers: Triggers) -> Callable[..., None]:
    """A log subscription's batch: base64 of gzipped JSON.

    https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html
    """

    def send(
        self: Any, function_arn: str, filter_name: str, log_group_name: str, log_stream_name: str, log_events: Any
    ) -> None:
        batch = {
            "messageType": "DATA_MESSAGE",
            "owner": self.account_id,
            "logGroup": log_group_name,
            "logStream": log_stream_name,
            "subscriptionFilters": [filter_name],
            "logEvents": log_events,
        }
        data = base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()
        group = f"arn:aws:logs:{self.region_name}:{self.account_id}:log-group:{log_group_name}"
        triggers.invoke_later(function_arn, json.dumps({"awslogs": {"data": data}}), trigger=group)

    return send


_MUTED = threading.local()
_TAGGED = S3NotificationEvent.OBJECT_TAGGING_PUT_EVENT
_PUT = S3NotificationEvent.OBJECT_CREATED_PUT_EVENT


def _muting(*events: S3NotificationEvent) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """moto makes a request from several others, whose events S3 does not send: mute them while it lasts."""

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        def muted(*args: Any, **kwargs: Any) -> Any:
            _MUTED.events = events
            try:
                return original(*args, **kwargs)
            finally:
                del _MUTED.events

        return muted

    return wrap


def _object_changed(triggers: Triggers) -> Callable[..., None]:
    """Tags that come with a new object are no event of their own."""

    def send_event(account: str, event: S3NotificationEvent, bucket: Any, key: Any) -> None:
        if event not in getattr(_MUTED, "events", (_TAGGED,)):
            triggers.object_changed(account, event.value, bucket, key)

    return send_event


def _set_delete_marker(triggers: Triggers, original: Callable[..., Any]) -> Callable[..., Any]:
    """moto tells nobody of a delete marker."""

    def set_delete_marker(self: Any, bucket_name: str, key_name: str) -> Any:
        deleted = self.get_bucket(bucket_name).keys.get(key_name)
        marker = original(self, bucket_name, key_name)
        if deleted is not None:
            event = S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
            triggers.object_changed(self.account_id, event.value, self.get_bucket(bucket_name), deleted)
        return marker

    return set_delete_marker


def _send_to_targets(triggers: Triggers, original: Callable[..., None]) -> Callable[..., None]:
    """Archives stay moto's; every other target is reached by the runtime."""

    def send_to_targets(self: Any, original_event: EventMessageType, transform_input: bool = True) -> None:
        if self.managed_by:
            original(self, original_event, transform_input)
        else:
            triggers.event_put(self, original_event)

    return send_to_targets


def _publish(triggers: Triggers, original: Callable[..., None]) -> Callable[..., None]:
    """Functions get SNS's own event, asynchronously; other protocols stay moto's."""

    def publish(self: Any, message: str, message_id: str, **options: Any) -> None:
        if self.protocol != "lambda":
            original(self, message, message_id, **options)
            return
        attributes = options.get("message_attributes")
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        if options.get("message_structure") == "json":
            message = self._parse_message_structure(message, self.protocol)
        triggers.message_published(
            self,
            {"id": message_id, "text": message, "subject": options.get("subject"), "attributes": attributes or {}},
        )

    return publish
