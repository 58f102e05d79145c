"""One grant of every kind, for tests that hold for all of them."""

from collections.abc import Mapping

from components.foundation import grants
from components.foundation.classification import Classification
from components.foundation.grants import Grant
from components.foundation.naming import Names
from tests.components.harness import make_account

ACCOUNT = make_account()
NAMES = Names(ACCOUNT)
ALIAS = NAMES.key_alias(Classification.CONFIDENTIAL)
BUCKET = NAMES.bucket("landing")
DATABASE = Names(ACCOUNT.hub).glue_database("sales")

GRANTS: Mapping[str, Grant] = {
    "key_decrypting": grants.key_decrypting(ACCOUNT, ALIAS),
    "key_encrypting": grants.key_encrypting(ACCOUNT, ALIAS, service="s3"),
    "bucket_reading": grants.bucket_reading(ACCOUNT, BUCKET, "orders/", alias=ALIAS),
    "bucket_writing": grants.bucket_writing(ACCOUNT, BUCKET, alias=ALIAS),
    "bucket_deleting": grants.bucket_deleting(ACCOUNT, BUCKET, "orders/"),
    "table_reading": grants.table_reading(ACCOUNT, NAMES.table("lineage"), alias=ALIAS),
    "table_scanning": grants.table_scanning(ACCOUNT, NAMES.table("lineage"), alias=ALIAS),
    "table_writing": grants.table_writing(ACCOUNT, NAMES.table("lineage"), alias=ALIAS),
    "table_stream_reading": grants.table_stream_reading(ACCOUNT, NAMES.table("lineage"), alias=ALIAS),
    "queue_consuming": grants.queue_consuming(ACCOUNT, NAMES.queue("orders"), alias=ALIAS),
    "queue_sending": grants.queue_sending(ACCOUNT, NAMES.queue("orders"), alias=ALIAS),
    "topic_publishing": grants.topic_publishing(ACCOUNT, NAMES.topic("orders"), alias=ALIAS),
    "bus_publishing": grants.bus_publishing(ACCOUNT.hub, Names(ACCOUNT.hub).bus("events")),
    "stream_reading": grants.stream_reading(ACCOUNT, NAMES.stream("orders"), alias=ALIAS),
    "stream_writing": grants.stream_writing(ACCOUNT, NAMES.stream("orders"), alias=ALIAS),
    "secret_reading": grants.secret_reading(ACCOUNT, NAMES.secret("db"), alias=ALIAS),
    "parameter_reading": grants.parameter_reading(ACCOUNT, NAMES.parameter("db"), alias=ALIAS),
    "catalog_reading": grants.catalog_reading(ACCOUNT.hub, DATABASE),
    "catalog_partition_writing": grants.catalog_partition_writing(ACCOUNT.hub, DATABASE, "orders"),
    "lake_data_access": grants.lake_data_access(),
    "function_invoking": grants.function_invoking(ACCOUNT, NAMES.function("ingest")),
    "state_machine_starting": grants.state_machine_starting(ACCOUNT, NAMES.state_machine("ingest")),
    "role_passing": grants.role_passing(ACCOUNT, NAMES.role("glue"), "glue.amazonaws.com"),
    "role_assuming": grants.role_assuming(ACCOUNT, NAMES.role("reader")),
    "log_writing": grants.log_writing(ACCOUNT, NAMES.function_log_group(NAMES.function("ingest"))),
    "tracing": grants.tracing(),
    "metrics_writing": grants.metrics_writing("mesh"),
    "network_interfaces": grants.network_interfaces(ACCOUNT, NAMES.function("ingest")),
}
