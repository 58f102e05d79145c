"""DynamoDB tables: encrypted under the account's key, recoverable to any second, protected from deletion."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.foundation import grants as grant
from components.foundation.account import Account
from components.foundation.grants import Grant
from components.foundation.keys import Key
from components.foundation.naming import Names
from components.foundation.tags import data_tags

AttributeType = Literal["S", "N", "B"]


@dataclass(frozen=True)
class Attribute:
    """A key attribute: its name and DynamoDB type (string, number, binary)."""

    name: str
    type: AttributeType = "S"


@dataclass(frozen=True, kw_only=True)
class Index:
    """A global secondary index that projects every attribute."""

    name: str
    partition_key: Attribute
    sort_key: Attribute | None = None


@dataclass(frozen=True, kw_only=True)
class TableArgs:
    account: Account
    what: str
    key: Key
    partition_key: Attribute
    sort_key: Attribute | None = None
    indexes: Sequence[Index] = ()
    expiry_attribute: str = ""
    """Items vanish some time after the Unix time in this attribute."""
    stream: bool = False
    """Whether changes can be followed, as old and new images."""
    replica_key_arn: pulumi.Input[str] | None = None
    """The key in the recovery region; given, the table is replicated there, which needs the stream as well."""
    data_product: str = ""
    protect: bool = True
    """Against deletion, by Pulumi and by DynamoDB."""


class Table(pulumi.ComponentResource):
    """An on-demand table. `arn` and `name` are known at preview; `resource` carries the outputs."""

    name: str
    arn: str
    resource: aws.dynamodb.Table

    def __init__(self, name: str, args: TableArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:Table", name, None, opts)
        names = Names(args.account)
        self._account, self._alias = args.account, args.key.alias
        self.name = names.table(args.what)
        self.arn = names.arns.table(self.name)
        streaming = args.stream or args.replica_key_arn is not None
        self.resource = aws.dynamodb.Table(
            name,
            name=self.name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=args.partition_key.name,
            range_key=args.sort_key.name if args.sort_key else None,
            attributes=[{"name": each.name, "type": each.type} for each in key_attributes(args)],
            global_secondary_indexes=[_index(each) for each in args.indexes] or None,
            server_side_encryption={"enabled": True, "kms_key_arn": args.key.arn},
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=args.protect,
            ttl={"enabled": True, "attribute_name": args.expiry_attribute} if args.expiry_attribute else None,
            stream_enabled=streaming or None,
            stream_view_type="NEW_AND_OLD_IMAGES" if streaming else None,
            replicas=_replicas(args),
            tags=data_tags(args.key.classification, args.data_product),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.register_outputs({"arn": self.arn})

    def reading(self) -> Grant:
        """Get and query items, of the indexes too."""
        return grant.table_reading(self._account, self.name, alias=self._alias)

    def scanning(self) -> Grant:
        """Read everything."""
        return grant.table_scanning(self._account, self.name, alias=self._alias)

    def writing(self) -> Grant:
        """Put, update and delete items."""
        return grant.table_writing(self._account, self.name, alias=self._alias)

    def following(self) -> Grant:
        """Read the change stream."""
        return grant.table_stream_reading(self._account, self.name, alias=self._alias)


def key_attributes(args: TableArgs) -> tuple[Attribute, ...]:
    """The attributes that DynamoDB must be told of: those of keys, each once. ValueError when one has two types."""
    keys = [args.partition_key, args.sort_key]
    for index in args.indexes:
        keys += [index.partition_key, index.sort_key]
    found: dict[str, Attribute] = {}
    for each in keys:
        if each and found.setdefault(each.name, each) != each:
            raise ValueError(f"indexes: attribute {each.name!r} has two types")
    return tuple(found[name] for name in sorted(found))


def _index(index: Index) -> aws.dynamodb.TableGlobalSecondaryIndexArgsDict:
    keyed: aws.dynamodb.TableGlobalSecondaryIndexArgsDict = {
        "name": index.name,
        "hash_key": index.partition_key.name,
        "projection_type": "ALL",
    }
    if index.sort_key:
        keyed["range_key"] = index.sort_key.name
    return keyed


def _replicas(args: TableArgs) -> list[aws.dynamodb.TableReplicaArgsDict] | None:
    if args.replica_key_arn is None:
        return None
    return [
        {
            "region_name": args.account.recovery_region,
            "kms_key_arn": args.replica_key_arn,
            "point_in_time_recovery": True,
            "deletion_protection_enabled": args.protect,
            "propagate_tags": True,
        }
    ]
