"""Objects, blocks, files and backups."""

from mesh_guardrails.encryption.rows import at_rest, customer_key, row

ROWS = (
    row(
        "aws:dynamodb/table:Table",
        "DynamoDB tables",
        customer_key("serverSideEncryption.kmsKeyArn"),
        at_rest("serverSideEncryption?.enabled"),
        customer_key("replicas[].kmsKeyArn"),
    ),
)
