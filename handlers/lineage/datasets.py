"""The names of datasets, as OpenLineage's naming specification has them (openlineage.io, "Naming", for S3 and Glue)."""

from __future__ import annotations

from handlers.contracts.spec import Table


def product_dataset(table: Table, region: str) -> tuple[str, str]:
    """The namespace and name of a table in the Glue catalog of the hub."""
    return f"arn:aws:glue:{region}:{table.catalog_id}", f"table/{table.database}/{table.name}"


def object_dataset(bucket: str, key: str) -> tuple[str, str]:
    """The namespace and name of an object or folder in S3."""
    return f"s3://{bucket}", key
