"""Two accounts in moto: a domain (222222222222) whose functions run, and the hub (111111111111) that they tell."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.loaders import create_loader
from botocore.session import Session
from moto import mock_aws

from handlers import aws
from handlers.contracts.spec import Contract

DOMAIN, HUB = "222222222222", "111111111111"
LANDING, PRODUCTS, QUARANTINE = "landing", "products", "quarantine"

ORDERS = [
    {"name": "customer_id", "source": "customer_id", "type": "string", "required": True, "pattern": "^[0-9]{5}$"},
    {"name": "order_date", "source": "date", "type": "date", "format": "%Y%m%d", "required": True},
    {"name": "quantity", "source": "number_of_cds", "type": "int32", "required": True, "minimum": 1, "maximum": 1000},
    {
        "name": "amount",
        "source": "dollar_value",
        "type": "decimal",
        "precision": 10,
        "scale": 2,
        "required": True,
        "minimum": 0,
    },
]


def validator(**changes: Any) -> dict[str, Any]:
    """The orders product's validator, with some parts replaced."""
    return {
        "format": 1,
        "product": {
            "domain": "sales",
            "name": "orders",
            "version": "1.0.0",
            "owner": "sales-data-team",
            "classification": "confidential",
        },
        "contract": {"id": "sales.orders", "version": "1.0.0"},
        "file": {"format": "delimited", "whitespace": True},
        "table": {
            "catalogId": HUB,
            "database": "acme_prod_sales",
            "name": "orders",
            "bucket": PRODUCTS,
            "prefix": "orders/v1/",
        },
        "fields": ORDERS,
        "partitions": [{"name": "order_month", "field": "order_date", "transform": "month"}],
        "rules": [{"name": "not_empty", "type": "rowCount", "mustBeGreaterThan": 0, "severity": "error"}],
        **changes,
    }


@pytest.fixture(scope="session")
def document() -> Callable[..., dict[str, Any]]:
    return validator


@pytest.fixture(scope="session")
def contract() -> Callable[..., Contract]:
    return lambda **changes: Contract.model_validate(validator(**changes))


@dataclass
class Mesh:
    """The domain's buckets and the hub's catalog and bus in one region."""

    region: str
    document: dict[str, Any]
    folder: Path
    queue: str = ""
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, account: str = DOMAIN) -> Any:
        if (service, account) not in self.clients:
            self.clients[service, account] = self._client(service, account)
        return self.clients[service, account]

    def _client(self, service: str, account: str) -> Any:
        if account not in self.keys:
            role = f"arn:aws:iam::{account}:role/test"
            found = boto3.client("sts", region_name=self.region).assume_role(RoleArn=role, RoleSessionName="test")
            self.keys[account] = found["Credentials"]
        keys = self.keys[account]
        return boto3.client(
            service,
            region_name=self.region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    def build(self) -> None:
        place = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
        for bucket in (LANDING, PRODUCTS, QUARANTINE):
            self.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        self.client("s3").put_bucket_versioning(Bucket=LANDING, VersioningConfiguration={"Status": "Enabled"})
        table, glue = self.document["table"], self.client("glue", HUB)
        glue.create_database(DatabaseInput={"Name": table["database"]})
        glue.create_table(
            DatabaseName=table["database"],
            TableInput={
                "Name": table["name"],
                "PartitionKeys": [{"Name": p["name"], "Type": "string"} for p in self.document["partitions"]],
                "StorageDescriptor": {"Location": f"s3://{PRODUCTS}/{table['prefix']}", "Columns": []},
            },
        )
        self._listen()
        self.write_contract()

    def _listen(self) -> None:
        events, sqs = self.client("events", HUB), self.client("sqs", HUB)
        events.create_event_bus(Name="hub")
        self.queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
        events.put_rule(Name="all", EventBusName="hub", EventPattern=json.dumps({"source": [{"prefix": "mesh."}]}))
        target = {"Id": "seen", "Arn": f"arn:aws:sqs:{self.region}:{HUB}:seen"}
        events.put_targets(Rule="all", EventBusName="hub", Targets=[target])

    def write_contract(self) -> None:
        (self.folder / "contract.json").write_text(json.dumps(self.document))

    def deliver(self, body: bytes, key: str = "orders/history.txt", *, encoded: str | None = None) -> dict[str, Any]:
        """Put a file into the landing area; returns the notification that S3 sends of it."""
        version = self.client("s3").put_object(Bucket=LANDING, Key=key, Body=body)["VersionId"]
        return notification(encoded or key, version)

    def keys_in(self, bucket: str, prefix: str = "") -> list[str]:
        found = self.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [each["Key"] for each in found]

    def body(self, bucket: str, key: str) -> bytes:
        found: bytes = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    def parts(self) -> list[str]:
        return [key for key in self.keys_in(PRODUCTS, self.document["table"]["prefix"]) if key.endswith(".parquet")]

    def published(self) -> pa.Table:
        """All rows of the product, with the partition's path in a column `path`."""
        tables = []
        for key in self.parts():
            table = pq.read_table(io.BytesIO(self.body(PRODUCTS, key)))
            path = key.removeprefix(self.document["table"]["prefix"]).rpartition("/")[0]
            tables.append(table.append_column("path", pa.array([path] * table.num_rows, pa.string())))
        return pa.concat_tables(tables) if tables else pa.table({})

    def quarantined(self) -> list[dict[str, Any]]:
        keys = [key for key in self.keys_in(QUARANTINE) if key.endswith("rows.jsonl")]
        return [json.loads(line) for key in keys for line in self.body(QUARANTINE, key).decode().split("\n") if line]

    def summary(self) -> dict[str, Any]:
        (key,) = (key for key in self.keys_in(QUARANTINE) if key.endswith("summary.json"))
        found: dict[str, Any] = json.loads(self.body(QUARANTINE, key))
        return found

    def partitions(self) -> list[dict[str, Any]]:
        table = self.document["table"]
        found = self.client("glue", HUB).get_partitions(DatabaseName=table["database"], TableName=table["name"])
        return list(found["Partitions"])

    def told(self, detail_type: str | None = None) -> list[dict[str, Any]]:
        """Events that reached the hub since the last call, of one type or all."""
        sqs, seen = self.client("sqs", HUB), []
        while found := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                seen.append({**json.loads(message["Body"]), "account": DOMAIN})  # moto leaves the sender out
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [event for event in seen if detail_type in (None, event["detail-type"])]


def notification(key: str, version: str | None) -> dict[str, Any]:
    stored = {"key": key, "versionId": version} if version else {"key": key}
    return {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": LANDING}, "object": stored}}]}


LOADER = create_loader()  # parses each service's model once, not once a test


def _session() -> Session:
    session = Session()
    session.register_component("data_loader", LOADER)
    return session


def _owner(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Which account a call is for when it names another account's catalog or bus: moto looks in the caller's own."""
    buses = [entry.get("EventBusName", "") for entry in params.get("Entries", []) if isinstance(entry, dict)]
    if owner := params.get("CatalogId") or next((bus.split(":")[4] for bus in buses if bus.startswith("arn:")), None):
        context["owner"] = owner


def _routed(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    if owner := context.get("owner"):
        params["headers"]["x-moto-account-id"] = owner


@pytest.fixture(params=["eu-west-1"])
def mesh(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mesh]:
    """A domain and a hub, and the environment of the domain's functions."""
    region = request.param
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, region)
    with mock_aws():
        boto3.setup_default_session(botocore_session=_session())
        built = Mesh(region, validator(), tmp_path)
        built.build()
        environment = {
            "AWS_ACCESS_KEY_ID": built.keys[DOMAIN]["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": built.keys[DOMAIN]["SecretAccessKey"],
            "AWS_SESSION_TOKEN": built.keys[DOMAIN]["SessionToken"],
            "MESH_CONTRACT": "contract.json",
            "MESH_QUARANTINE_BUCKET": QUARANTINE,
            "MESH_HUB_BUS_ARN": f"arn:aws:events:{region}:{HUB}:event-bus/hub",
            "POWERTOOLS_SERVICE_NAME": "orders-ingest",
            "POWERTOOLS_TRACE_DISABLED": "true",
            "LAMBDA_TASK_ROOT": str(tmp_path),
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        boto3.setup_default_session(botocore_session=_session())
        boto3.DEFAULT_SESSION.events.register("before-parameter-build", _owner)
        boto3.DEFAULT_SESSION.events.register("before-call", _routed)
        aws.client.cache_clear()
        yield built
    aws.client.cache_clear()
    boto3.DEFAULT_SESSION = None


@pytest.fixture
def context() -> SimpleNamespace:
    """What Powertools reads of a Lambda context."""
    return SimpleNamespace(
        function_name="acme-sales-prod-orders-ingest",
        function_version="$LATEST",
        memory_limit_in_mb=1024,
        invoked_function_arn=f"arn:aws:lambda:eu-west-1:{DOMAIN}:function:acme-sales-prod-orders-ingest",
        aws_request_id="6f1f7f5e-0000-4000-8000-000000000000",
    )
