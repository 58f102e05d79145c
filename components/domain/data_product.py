"""A data product as deployed: its table in the hub's catalog, its quality rules, and the functions that fill it."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import DataProduct as CompiledProduct
from components.contracts import GlueTable
from components.domain.data_domain import DataDomain
from components.foundation import grants as grant
from components.foundation.account import Account
from components.foundation.buckets import Delivery
from components.foundation.functions import PANDAS, POWERTOOLS, Function, FunctionArgs, Placement
from components.foundation.grants import Grant
from components.foundation.naming import Names
from components.foundation.triggers import on_bucket
from components.governance.ledger import BUS

CONTRACT_FILE = "contract.json"
"""Where a function's code archive has the compiled contract."""
# Parquet as Athena, Glue and Redshift Spectrum read it: Athena user guide, "Parquet SerDe".
_PARQUET = {
    "input_format": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "output_format": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "serializer": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
}
_INGEST_TIMEOUT_SECONDS = 900
_INGEST_MEMORY_MB = 1_769  # one processor: Lambda developer guide, "Configure Lambda function memory"


@dataclass(frozen=True, kw_only=True)
class DataProductArgs:
    account: Account
    product: CompiledProduct
    domain: DataDomain
    placement: Placement
    """Where in the network the functions run."""
    protect: bool = True
    """Its table in the catalog; a product that may be removed has to let go of it first."""


class DataProduct(pulumi.ComponentResource):
    """Everything that the two files of a product compile to.

    The table is in the hub's catalog, tagged for access; the hub registered the bucket below it. A product with a file
    port has two functions: `ingest` reads delivered files, `replay` takes quarantined rows up again.
    """

    product: CompiledProduct
    table: aws.glue.CatalogTable
    ingest: Function | None = None
    replay: Function | None = None

    def __init__(self, name: str, args: DataProductArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:domain:DataProduct", name, None, opts)
        self._name, self._args, self.product = name, args, args.product
        self.table = self._table()
        self._tags()
        self._quality()
        if args.product.validator["file"] is not None:
            self.ingest = self._function("ingest", timeout=_INGEST_TIMEOUT_SECONDS)
            self.replay = self._function("replay", timeout=_INGEST_TIMEOUT_SECONDS)
        self.register_outputs({"table": self.table.name, "location": args.product.location})

    def delivery(self) -> Delivery | None:
        """The wish to be told of files in the product's landing folder; None for a product that takes no files."""
        if self.ingest is None:
            return None
        return on_bucket(self._name, self.ingest, self._args.domain.landing, prefix=self.landing_prefix)

    @property
    def landing_prefix(self) -> str:
        """The folder of the landing bucket that partners deliver this product's files to."""
        return f"{self.product.name}/"

    def _table(self) -> aws.glue.CatalogTable:
        account, place = self._args.account, self.product.validator["table"]
        return aws.glue.CatalogTable(
            self._name,
            catalog_id=account.hub_account_id,
            database_name=place["database"],
            name=self.product.table.name,
            description=self.product.table.description,
            owner=self.product.owner,
            table_type="EXTERNAL_TABLE",
            parameters=dict(self.product.table.parameters),
            partition_keys=[
                {"name": each.name, "type": each.type, "comment": each.comment}
                for each in self.product.table.partition_keys
            ],
            storage_descriptor=storage(self.product.table, self.product.location),
            opts=pulumi.ResourceOptions(
                parent=self, protect=self._args.protect, depends_on=self._args.domain.may_make_tables
            ),
        )

    def _tags(self) -> None:
        hub, after = self._args.account.hub_account_id, self._after(self.table)
        database = self.table.database_name
        aws.lakeformation.ResourceLfTags(
            self._name,
            catalog_id=hub,
            table={"catalog_id": hub, "database_name": database, "name": self.table.name},
            lf_tags=[{"key": key, "value": value} for key, value in self.product.lf_tags.items()],
            opts=after,
        )
        for tags, columns in columns_by_tags(self.product.column_lf_tags).items():
            aws.lakeformation.ResourceLfTags(
                "-".join([self._name, *(value for _, value in tags)]),
                catalog_id=hub,
                table_with_columns={
                    "catalog_id": hub,
                    "database_name": database,
                    "name": self.table.name,
                    "column_names": list(columns),
                },
                lf_tags=[{"key": key, "value": value} for key, value in tags],
                opts=after,
            )

    def _quality(self) -> None:
        if not self.product.ruleset:
            return
        aws.glue.DataQualityRuleset(
            self._name,
            name=Names(self._args.account).name(f"{self.product.name}-quality"),
            description=f"What the contract of {self.product.domain}/{self.product.name} promises",
            ruleset=self.product.ruleset,
            target_table={
                "catalog_id": self._args.account.hub_account_id,
                "database_name": self.table.database_name,
                "table_name": self.table.name,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _function(self, verb: str, timeout: int) -> Function:
        args, product = self._args, self.product
        hub = Names(args.account.hub)
        function = Function(
            f"{self._name}-{verb}",
            FunctionArgs(
                account=args.account,
                what=f"{product.name}-{verb}",
                handler=f"handlers.files.{verb}.handler",
                key=args.domain.key,
                grants=product_grants(args, self.landing_prefix),
                environment={
                    "MESH_CONTRACT": CONTRACT_FILE,
                    "MESH_QUARANTINE_BUCKET": args.domain.quarantine.name,
                    "MESH_HUB_BUS_ARN": hub.arns.bus(hub.bus(BUS)),
                },
                files={CONTRACT_FILE: pulumi.StringAsset(json.dumps(product.validator, indent=1, sort_keys=True))},
                timeout_seconds=timeout,
                memory_mb=_INGEST_MEMORY_MB,
                layers=(POWERTOOLS, PANDAS),
                placement=args.placement,
                data_product=f"{product.domain}/{product.name}",
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self._let_add_partitions(f"{self._name}-{verb}", function)
        return function

    def _let_add_partitions(self, name: str, function: Function) -> None:
        """Hand on to a function what the hub granted to the account: the table, and the location below it (Lake
        Formation developer guide, "Underlying data access control")."""
        hub, domain = self._args.account.hub_account_id, self._args.domain
        after = self._after(domain.lake_settings)
        aws.lakeformation.Permissions(
            name,
            catalog_id=hub,
            principal=function.role.resource.arn,
            permissions=["ALTER", "DESCRIBE", "INSERT"],
            table={"catalog_id": hub, "database_name": self.table.database_name, "name": self.table.name},
            opts=after,
        )
        aws.lakeformation.Permissions(
            f"{name}-location",
            catalog_id=hub,
            principal=function.role.resource.arn,
            permissions=["DATA_LOCATION_ACCESS"],
            data_location={"catalog_id": hub, "arn": domain.products.arn},
            opts=after,
        )

    def _after(self, resource: pulumi.Resource) -> pulumi.ResourceOptions:
        # As in the catalog: what Lake Formation takes away must go before what takes its place.
        return pulumi.ResourceOptions(parent=self, depends_on=[resource], delete_before_replace=True)


def product_grants(args: DataProductArgs, landing_prefix: str) -> Sequence[Grant]:
    """What a product's functions may do: read its deliveries, write its files and its rejects, add its partitions, and
    tell the hub."""
    place, domain, hub = args.product.validator["table"], args.domain, args.account.hub
    rejects = f"{args.product.name}/"
    return (
        *(key.decrypting("s3") for key in domain.keys),
        domain.landing.reading(landing_prefix),
        domain.products.reading(place["prefix"]),
        domain.products.writing(place["prefix"]),
        domain.products.deleting(place["prefix"]),
        domain.quarantine.reading(rejects),
        domain.quarantine.writing(rejects),
        grant.catalog_partition_writing(hub, place["database"], place["name"]),
        grant.bus_publishing(hub, Names(hub).bus(BUS)),
    )


def storage(table: GlueTable, location: str) -> aws.glue.CatalogTableStorageDescriptorArgsDict:
    """Where a table's Parquet files are and what is in them."""
    return {
        "location": location,
        "input_format": _PARQUET["input_format"],
        "output_format": _PARQUET["output_format"],
        "ser_de_info": {
            "serialization_library": _PARQUET["serializer"],
            "parameters": {"serialization.format": "1"},
        },
        "columns": [{"name": each.name, "type": each.type, "comment": each.comment} for each in table.columns],
    }


def columns_by_tags(tags: Mapping[str, Mapping[str, str]]) -> dict[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Columns that differ from their table in the same tags, together: one request to Lake Formation for each group."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for column, own in tags.items():
        groups[tuple(sorted(own.items()))].append(column)
    return {key: tuple(sorted(columns)) for key, columns in sorted(groups.items())}
