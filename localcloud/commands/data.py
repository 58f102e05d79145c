"""`send` and `query`: a file goes in where a partner would put it, published products come out as SQL tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow.fs import S3FileSystem

from localcloud.cloud.process import Cloud
from localcloud.commands.functions import settle
from localcloud.commands.status import statuses
from localcloud.console import complain, say
from localcloud.plan import planned_stacks
from localcloud.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class DeployedProduct:
    """A data product of a deployed domain stack."""

    domain: str
    name: str
    account: str
    region: str
    exports: dict[str, Any]
    """The stack's export for it: database, table, location, landing, partners..."""


def deployed_products(workspace: Workspace) -> dict[str, DeployedProduct]:
    """Every deployed product by "domain/product"."""
    names = {stack.name: stack.account_name for stack in planned_stacks(workspace.root)}
    return {
        f"{names[row.stack]}/{name}": DeployedProduct(
            domain=names[row.stack], name=name, account=row.account, region=row.region, exports=exports
        )
        for row in statuses(workspace)
        for name, exports in row.outputs.get("products", {}).items()
    }


def send(workspace: Workspace, target: str, file: Path) -> int:
    """Deliver a file as the product's partner does: under the role of its SFTP user, into its landing folder."""
    cloud = workspace.cloud()
    if cloud is None:
        complain("the local cloud is not running; start it with `make up`")
        return 1
    products = deployed_products(workspace)
    if target not in products:
        complain(f"unknown product {target}; deployed are: {', '.join(products) or 'none'}")
        return 1
    if not file.is_file():
        complain(f"{file}: no such file")
        return 1
    product = products[target]
    if not product.exports["partners"]:
        complain(f"{target} has no partner; name one under mesh:fileTransfer in the domain's stack file")
        return 1
    deliver(cloud, product, file)
    say(f"delivered {file.name} to {product.exports['landing']}{file.name}")
    if not settle(cloud):
        complain(f"it was not read in time; `python -m localcloud logs {product.exports['ingest']}` says why")
        return 1
    return 0


def deliver(cloud: Cloud, product: DeployedProduct, file: Path) -> None:
    """Put the file into the landing folder, under the role of the product's first partner."""
    bucket, prefix = location(product.exports["landing"])
    role = next(iter(product.exports["partners"].values()))
    credentials = cloud.client("sts", product.account, product.region).assume_role(
        RoleArn=role, RoleSessionName="partner"
    )["Credentials"]
    partner = boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"], product.region
    )
    partner.client("s3", endpoint_url=cloud.endpoint).upload_file(str(file), bucket, f"{prefix}{file.name}")


def query(workspace: Workspace, sql: str) -> int:
    """Run SQL over the published products, each a table `domain.product`, and print the rows."""
    cloud = workspace.cloud()
    if cloud is None:
        complain("the local cloud is not running; start it with `make up`")
        return 1
    try:
        result = connection(cloud, deployed_products(workspace).values()).sql(sql)
    except duckdb.Error as error:
        complain(str(error))
        return 1
    if result is not None:
        result.show(max_rows=1000)
    return 0


def connection(cloud: Cloud, products: Iterable[DeployedProduct]) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with a view `domain.product` of each product's published partitions."""
    database = duckdb.connect()
    for product in products:
        database.execute(f'CREATE SCHEMA IF NOT EXISTS "{product.domain}"')
        relation = f"{product.domain}__{product.name}"
        database.register(relation, published(cloud, product))
        database.execute(f'CREATE VIEW "{product.domain}"."{product.name}" AS SELECT * FROM "{relation}"')
    return database


def published(cloud: Cloud, product: DeployedProduct) -> ds.Dataset:
    """The product as the catalog describes it: its table's columns over its registered partitions."""
    exports = product.exports
    glue = cloud.client("glue", exports["catalogId"], product.region)
    where = {"DatabaseName": exports["database"], "TableName": exports["table"]}
    table = glue.get_table(DatabaseName=exports["database"], Name=exports["table"])["Table"]
    pages = glue.get_paginator("get_partitions").paginate(**where)
    places = [p["StorageDescriptor"]["Location"] for page in pages for p in page["Partitions"]]
    keys = pa.schema([(column["Name"], pa.string()) for column in table["PartitionKeys"]])
    found = cloud.session(product.account, product.region).get_credentials()
    assert found is not None, "a session of the local cloud always has credentials"
    credentials = found.get_frozen_credentials()
    files = S3FileSystem(
        access_key=credentials.access_key,
        secret_key=credentials.secret_key,
        session_token=credentials.token,
        endpoint_override=cloud.endpoint,
        region=product.region,
    )
    base = "/".join(location(exports["location"])).rstrip("/")
    s3 = cloud.client("s3", product.account, product.region)
    paths = [path for place in places for path in _objects(s3, place)]
    return ds.dataset(
        paths,
        filesystem=files,
        format="parquet",
        partitioning=ds.partitioning(keys, flavor="hive"),
        partition_base_dir=base,
    )


def location(url: str) -> tuple[str, str]:
    """Bucket and key prefix of an s3:// URL."""
    parts = urlsplit(url)
    return parts.netloc, parts.path.lstrip("/")


def _objects(s3: Any, place: str) -> Iterator[str]:
    bucket, prefix = location(place)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix.rstrip("/") + "/"):
        for item in page.get("Contents", []):
            yield f"{bucket}/{item['Key']}"
