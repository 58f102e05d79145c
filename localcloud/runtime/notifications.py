"""S3's event notifications: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html"""

from __future__ import annotations

import hashlib
import json
import logging
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

from localcloud.runtime.arns import Arn
from localcloud.runtime.destinations import Invoke, Message, UndeliverableError, send
from localcloud.runtime.timestamps import timestamp

DETAIL_TYPES = {
    "ObjectCreated": "Object Created",
    "ObjectRemoved": "Object Deleted",
    "ObjectRestore": "Object Restore Completed",
    "ObjectTagging": "Object Tags Added",
    "ObjectAcl": "Object ACL Updated",
}
"""S3's events as EventBridge names them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html"""

_log = logging.getLogger(__name__)


def notify(account: str, event_name: str, bucket: Any, key: Any, invoke: Invoke) -> None:
    """Tell whomever the bucket's configuration names of one change to one object.

    Delivery is S3's own affair: the call that changed the object succeeds whatever happens here.

    Args:
        event_name: such as `s3:ObjectCreated:Put`.
        bucket, key: moto's.
    """
    configuration = bucket.notification_configuration
    if configuration is None:
        return
    # S3's sequencer orders the events of one key; a clock in hexadecimal does.
    sequencer = f"{time.time_ns():018X}"
    for notification in matching(configuration, event_name, key.name):
        event = s3_event(account, event_name, bucket, key, notification.id, sequencer)
        _deliver(Message(body=json.dumps(event), source=bucket.arn), notification.arn, invoke)
    if configuration.event_bridge is not None:
        bus = f"arn:{Arn.parse(bucket.arn).partition}:events:{bucket.region_name}:{account}:event-bus/default"
        entry = bus_entry(account, event_name, bucket, key, sequencer)
        _deliver(Message(body=entry["Detail"], source=bucket.arn, event=entry), bus, invoke)


def matching(configuration: Any, event_name: str, key: str) -> Iterator[Any]:
    """The notifications for an event on a key: by event name or wildcard, and by prefix and suffix of the key."""
    for notification in (*configuration.cloud_function, *configuration.queue, *configuration.topic):
        if any(_same_event(wanted, event_name) for wanted in notification.events) and key_matches(
            notification.filters, key
        ):
            yield notification


def _same_event(wanted: str, event_name: str) -> bool:
    return event_name.startswith(wanted[:-1]) if wanted.endswith("*") else event_name == wanted


def key_matches(filters: dict[str, Any] | None, key: str) -> bool:
    """Whether a key has the prefix and the suffix that a notification asks for; the names' case does not matter."""
    rules = ((filters or {}).get("S3Key") or {}).get("FilterRule") or []
    for rule in rules:
        value = rule["Value"] or ""
        matches = key.startswith(value) if rule["Name"].lower() == "prefix" else key.endswith(value)
        if not matches:
            return False
    return True


def s3_event(
    account: str, event_name: str, bucket: Any, key: Any, configuration: str, sequencer: str
) -> dict[str, Any]:
    """The event, version 2.1; the key is encoded as in a URL's query.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    changed: dict[str, Any] = {"key": quote_plus(key.name, safe="/*"), "sequencer": sequencer}
    if not event_name.startswith("s3:ObjectRemoved:"):
        changed |= {"size": key.size, "eTag": key.etag.strip('"')}
    if bucket.is_versioned:
        changed["versionId"] = key.version_id
    principal = {"principalId": f"AWS:{account}"}
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": bucket.region_name,
                "eventTime": timestamp(time.time()),
                "eventName": event_name.removeprefix("s3:"),
                "userIdentity": principal,
                "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                "responseElements": {
                    "x-amz-request-id": uuid.uuid4().hex[:16].upper(),
                    "x-amz-id-2": hashlib.sha256(sequencer.encode()).hexdigest(),
                },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": configuration,
                    "bucket": {"name": bucket.name, "ownerIdentity": principal, "arn": bucket.arn},
                    "object": changed,
                },
            }
        ]
    }


def bus_entry(account: str, event_name: str, bucket: Any, key: Any, sequencer: str) -> dict[str, Any]:
    """The PutEvents entry of the same change; here the key is not encoded.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    kind, _, how = event_name.removeprefix("s3:").partition(":")
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": {"key": key.name, "sequencer": sequencer},
        "request-id": uuid.uuid4().hex[:16].upper(),
        "requester": account,
        "source-ip-address": "127.0.0.1",
    }
    if kind == "ObjectRemoved":
        detail["reason"] = "DeleteObject"
        detail["deletion-type"] = "Delete Marker Created" if how == "DeleteMarkerCreated" else "Permanently Deleted"
    else:
        detail["reason"] = {"Put": "PutObject", "Post": "POST Object", "Copy": "CopyObject"}.get(how, how)
        detail["object"] |= {"size": key.size, "etag": key.etag.strip('"')}
    if bucket.is_versioned:
        detail["object"]["version-id"] = key.version_id
    return {
        "Source": "aws.s3",
        "DetailType": DETAIL_TYPES.get(kind, kind),
        "Resources": [bucket.arn],
        "Detail": json.dumps(detail),
    }


def _deliver(message: Message, target: str, invoke: Invoke) -> None:
    try:
        send(message, target, invoke)
    except UndeliverableError as error:
        _log.warning("a notification of %s was not delivered: %s", message.source, error)
