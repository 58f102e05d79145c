"""Queues, topics, streams, buses, mail: data on the move."""

from mesh_guardrails.encryption.rows import at_rest, customer_key, row

ROWS = (
    row(
        "aws:sqs/queue:Queue",
        "SQS queues",
        at_rest("sqsManagedSseEnabled", default=True, unless=("kmsMasterKeyId",)),
        customer_key("kmsMasterKeyId"),
    ),
    row("aws:sns/topic:Topic", "SNS topics", customer_key("kmsMasterKeyId")),
    row(
        "aws:kinesis/stream:Stream",
        "Kinesis data streams",
        at_rest("encryptionType", "KMS"),
        customer_key("kmsKeyId"),
    ),
)
