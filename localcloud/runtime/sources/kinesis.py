"""Kinesis data streams: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.kinesis.models import Record, Shard, Stream, kinesis_backends

from localcloud.runtime import deployed
from localcloud.runtime.arns import Arn
from localcloud.runtime.sources.streams import Entry


class KinesisShard:
    """One shard of a data stream. moto numbers a shard's records 1, 2, 3…"""

    failure_info = "KinesisBatchInfo"

    def __init__(self, shard: Shard, mapping: EventSourceMapping) -> None:
        self.id: str = shard.shard_id
        self._shard = shard
        self._mapping = mapping

    def latest(self) -> int:
        return next(reversed(self._shard.records), 0)

    def after(self, sequence: int, limit: int) -> Sequence[Entry]:
        role = deployed.role(self._mapping.function_arn)
        last = min(self.latest(), sequence + limit)
        records = [self._shard.records[number] for number in range(sequence + 1, last + 1)]
        return [Entry(found.sequence_number, found.created_at, self._event_record(found, role)) for found in records]

    def start(self, position: str) -> int:
        """After which record a mapping begins: none for TRIM_HORIZON, the latest for LATEST."""
        if position == "LATEST":
            return self.latest()
        if position == "AT_TIMESTAMP":
            return self._shard.get_sequence_number_at(float(self._mapping.starting_position_timestamp or 0))
        return 0

    def _event_record(self, record: Record, role: str) -> dict[str, Any]:
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record.partition_key,
                "sequenceNumber": str(record.sequence_number),
                "data": record.data,
                "approximateArrivalTimestamp": round(record.created_at, 3),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{self.id}:{record.sequence_number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": role,
            "awsRegion": self._mapping.region,
            "eventSourceARN": self._mapping.event_source_arn,
        }


def shards(mapping: EventSourceMapping) -> list[KinesisShard]:
    """The shards of the mapping's stream now; none when it is gone. A consumer's ARN stands for its stream."""
    arn = Arn.parse(mapping.event_source_arn.partition("/consumer/")[0])
    streams: dict[str, Stream] = kinesis_backends[arn.account][arn.region].streams
    stream = streams.get(arn.name)
    return [KinesisShard(shard, mapping) for shard in list(stream.shards.values())] if stream is not None else []
