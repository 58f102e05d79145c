"""DynamoDB streams: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import StreamRecord, StreamShard

from localcloud.runtime.arns import Arn
from localcloud.runtime.sources.streams import Entry


class TableShard:
    """The one shard that moto gives a table's stream; its records are numbered from a fixed start."""

    failure_info = "DDBStreamBatchInfo"

    def __init__(self, shard: StreamShard, mapping: EventSourceMapping) -> None:
        self.id: str = shard.id
        self._shard = shard
        self._mapping = mapping

    def latest(self) -> int:
        return self._before_first + len(self._shard.items)

    def after(self, sequence: int, limit: int) -> Sequence[Entry]:
        first = max(0, sequence - self._before_first)
        return [self._entry(item) for item in self._shard.items[first : first + limit]]

    def start(self, position: str) -> int:
        """After which record a mapping begins; a table's stream knows no AT_TIMESTAMP."""
        return self.latest() if position == "LATEST" else self._before_first

    @property
    def _before_first(self) -> int:
        return self._shard.starting_sequence_number - 1

    def _entry(self, item: StreamRecord) -> Entry:
        record: dict[str, Any] = item.to_json()
        arrived = record["dynamodb"]["ApproximateCreationDateTime"].timestamp()
        return Entry(
            int(record["dynamodb"]["SequenceNumber"]),
            arrived,
            {
                **record,
                "awsRegion": self._mapping.region,
                "dynamodb": {**record["dynamodb"], "ApproximateCreationDateTime": float(int(arrived))},
                "eventSourceARN": self._mapping.event_source_arn,
            },
        )


def shards(mapping: EventSourceMapping) -> list[TableShard]:
    """The shards of the stream now; none when the table is gone or has another stream by now."""
    arn = Arn.parse(mapping.event_source_arn)
    name, _, label = arn.name.partition("/stream/")
    table = dynamodb_backends[arn.account][arn.region].tables.get(name)
    if table is None or table.stream_shard is None or table.latest_stream_label != label:
        return []
    return [TableShard(table.stream_shard, mapping)]
