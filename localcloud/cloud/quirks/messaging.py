"""Quirks of EventBridge and SNS."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.models import EventBus, EventsBackend, events_backends
from moto.sns.models import Subscription

from localcloud.cloud.quirks.patching import replace


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

    replace(EventsBackend, "put_events", routed)


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

    replace(Subscription, "publish", addressed)


def keep_bus_policies_as_they_are_put() -> None:
    """PutPermission failed on statements without a `Sid`, and kept those that a new policy left out."""

    def add_policy(self: Any, policy: dict[str, Any]) -> None:
        self._statements.clear()
        for place, statement in enumerate(policy["Statement"]):
            kept = SimpleNamespace(principal=statement.get("Principal"), describe=lambda said=statement: said)
            self._statements[statement.get("Sid", f"statement-{place}")] = kept

    replace(EventBus, "add_policy", lambda _: add_policy)
