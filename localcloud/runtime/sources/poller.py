"""Looking after all event source mappings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping
from moto.events.exceptions import InvalidEventPatternException

from localcloud.runtime import deployed, filters
from localcloud.runtime.arns import Arn
from localcloud.runtime.sources import dynamodb, kinesis, sqs
from localcloud.runtime.sources.consumer import Consumer, Feed
from localcloud.runtime.sources.dynamodb import TableShard
from localcloud.runtime.sources.kinesis import KinesisShard
from localcloud.runtime.sources.sqs import QueueFeed
from localcloud.runtime.sources.streams import ShardFeed

_SHARDS: Mapping[str, Callable[[EventSourceMapping], Sequence[KinesisShard | TableShard]]] = {
    "kinesis": kinesis.shards,
    "dynamodb": dynamodb.shards,
}

_log = logging.getLogger(__name__)


class SourceError(LambdaClientError):
    """A mapping that cannot be: its source does not exist, or what it asks for is not run here."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidParameterValueException", message)


class Poller:
    """Finds the feeds of all enabled mappings and lets each work on `executor`, one batch at a time."""

    def __init__(self, consumer: Consumer, executor: Executor) -> None:
        self._consumer = consumer
        self._executor = executor
        self._feeds: dict[tuple[str, str], Feed] = {}
        self._new: set[str] = set()
        self._opened: set[str] = set()
        self._busy: set[tuple[str, str]] = set()
        self._lock = threading.RLock()

    def created(self, mapping: EventSourceMapping) -> None:
        """Take the mapping's starting positions, before it is deployed: with LATEST, what comes then is not missed.

        Raises:
            SourceError: there can be no such mapping.
        """
        check(mapping)
        with self._lock:
            self._new.add(mapping.uuid)
            if not self._open(mapping):
                self._new.discard(mapping.uuid)
                raise SourceError(f"event source {mapping.event_source_arn} does not exist")

    def poll(self, now: float) -> None:
        """Start what is ready at `now` (Unix time). One failing mapping keeps no other from its work."""
        mappings = deployed.event_source_mappings()
        self._forget_all_but({mapping.uuid for mapping in mappings})
        for mapping in mappings:
            if not mapping.enabled:
                continue
            try:
                for key, feed in self._open(mapping).items():
                    if key not in self._busy and feed.ready(now):
                        self._start(key, feed)
            except Exception:
                _log.exception("event source mapping %s of %s", mapping.uuid, mapping.event_source_arn)

    def backlog(self) -> dict[str, int]:
        """By feed of an enabled mapping: records that are not done with."""
        enabled = {mapping.uuid for mapping in deployed.event_source_mappings() if mapping.enabled}
        with self._lock:
            feeds = [feed for (uuid, _), feed in self._feeds.items() if uuid in enabled]
        counts: dict[str, int] = {}
        for feed in feeds:
            counts[feed.name] = counts.get(feed.name, 0) + feed.backlog()
        return {name: count for name, count in counts.items() if count}

    def _start(self, key: tuple[str, str], feed: Feed) -> None:
        with self._lock:
            self._busy.add(key)
        self._executor.submit(self._work, key, feed)

    def _work(self, key: tuple[str, str], feed: Feed) -> None:
        try:
            feed.work()
        except Exception:
            _log.exception("%s", feed.name)
        finally:
            with self._lock:
                self._busy.discard(key)

    def _open(self, mapping: EventSourceMapping) -> Mapping[tuple[str, str], Feed]:
        """The mapping's feeds; none when its source does not exist. Shards that come later are read from the start."""
        arn = Arn.parse(mapping.event_source_arn)
        found: dict[tuple[str, str], Feed] = {}
        with self._lock:
            later = mapping.uuid in self._opened
            position = "TRIM_HORIZON" if later else mapping.starting_position or "TRIM_HORIZON"
            if sqs.queue(mapping) is not None:
                found[mapping.uuid, ""] = self._feeds.get((mapping.uuid, "")) or QueueFeed(mapping, self._consumer)
            for shard in _SHARDS[arn.service](mapping) if arn.service in _SHARDS else ():
                key = (mapping.uuid, shard.id)
                found[key] = self._feeds.get(key) or ShardFeed(mapping, shard, shard.start(position), self._consumer)
            self._feeds.update(found)
            self._opened.add(mapping.uuid)
        return found

    def _forget_all_but(self, deployed_uuids: set[str]) -> None:
        with self._lock:
            self._new -= deployed_uuids
            kept = deployed_uuids | self._new
            self._opened &= kept
            self._feeds = {key: feed for key, feed in self._feeds.items() if key[0] in kept}


def check(mapping: EventSourceMapping) -> None:
    """
    Raises:
        SourceError: the mapping wants what is not run here, or a message would come again while it is worked on.
    """
    if mapping.tumbling_window:
        raise SourceError("TumblingWindowInSeconds: the local cloud keeps no state between batches")
    try:
        filters.check(mapping.filter_criteria)
    except InvalidEventPatternException as error:
        raise SourceError(f"invalid filter pattern: {error.message}") from error
    queue = sqs.queue(mapping)
    timeout = deployed.function(mapping.function_arn).timeout
    if queue is not None and sqs.visibility_seconds(queue) < timeout:
        # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig
        seconds = sqs.visibility_seconds(queue)
        raise SourceError(f"the queue's visibility timeout ({seconds} s) is less than the function's ({timeout} s)")
