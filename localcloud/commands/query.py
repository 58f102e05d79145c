"""`query`: published products come out as SQL tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow.fs import S3FileSystem

from localcloud.cloud.process import Cloud
from localcloud.console import complain
from localcloud.products import DeployedProduct, deployed_products, location
from localcloud.workspace import Workspace


def query(workspace: Workspace, sql: str) -> int:
    """Run SQL over the published products, each a table `domain.product`, and print the rows."""
    cloud = workspace.cloud()
    if cloud is None:
        complain("the local cloud is not running; start it with `make up`")
        return 1
    database = connection(cloud, deployed_products(workspace).values())
    try:
        result = database.sql(sql)
        if result is not None:
            result.show(max_rows=1000)
    except (duckdb.Error, UnicodeError) as error:  # a text that is not UTF-8 cannot be SQL
        complain(str(error))
        return 1
    return 0


def connection(cloud: Cloud, products: Iterable[DeployedProduct]) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with a view `domain.product` of what each product has published."""
    database = duckdb.connect()
    for product in products:
        database.execute(f'CREATE SCHEMA IF NOT EXISTS "{product.domain}"')
        table = _table(cloud, product)
        paths = list(_published(cloud, product, table))
        if paths:
            relation = f"{product.domain}__{product.name}"
            database.register(relation, _dataset(cloud, product, table, paths))
            rows = f'SELECT * FROM "{relation}"'
        else:
            rows = f"SELECT {_columns(table)} WHERE false"
        database.execute(f'CREATE VIEW "{product.domain}"."{product.name}" AS {rows}')
    return database


def _table(cloud: Cloud, product: DeployedProduct) -> dict[str, Any]:
    """The product's table as the hub's catalog has it."""
    glue = cloud.client("glue", product.exports["catalogId"], product.region)
    names = {"DatabaseName": product.exports["database"], "Name": product.exports["table"]}
    table: dict[str, Any] = glue.get_table(**names)["Table"]
    return table


def _published(cloud: Cloud, product: DeployedProduct, table: dict[str, Any]) -> Iterator[str]:
    """The Parquet files of the registered partitions, or of the table when it has none, as bucket/key."""
    places = [table["StorageDescriptor"]["Location"]]
    if table.get("PartitionKeys"):
        glue = cloud.client("glue", product.exports["catalogId"], product.region)
        pages = glue.get_paginator("get_partitions").paginate(
            DatabaseName=product.exports["database"], TableName=product.exports["table"]
        )
        places = [partition["StorageDescriptor"]["Location"] for page in pages for partition in page["Partitions"]]
    s3 = cloud.client("s3", product.account, product.region)
    for place in places:
        bucket, prefix = location(place)
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix.rstrip("/") + "/"):
            yield from (f"{bucket}/{o['Key']}" for o in page.get("Contents", []) if o["Key"].endswith(".parquet"))


def _dataset(cloud: Cloud, product: DeployedProduct, table: dict[str, Any], paths: list[str]) -> ds.Dataset:
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
    keys = pa.schema([(column["Name"], pa.string()) for column in table.get("PartitionKeys", [])])
    return ds.dataset(
        paths,
        filesystem=files,
        format="parquet",
        partitioning=ds.partitioning(keys, flavor="hive"),
        partition_base_dir="/".join(location(product.exports["location"])).rstrip("/"),
    )


def _columns(table: dict[str, Any]) -> str:
    """The columns without rows. Hive calls `string` what DuckDB calls VARCHAR; they agree on the other types."""
    columns = [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", [])]
    types = [(column["Name"], column["Type"].replace("string", "VARCHAR")) for column in columns]
    return ", ".join(f'CAST(NULL AS {type_}) AS "{name}"' for name, type_ in types)
