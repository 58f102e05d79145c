"""A data domain: where its data lands, where its products are published, and where rejected rows wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation.account import Account
from components.foundation.buckets import Bucket, BucketArgs, Delivery, Lifecycle
from components.foundation.classification import Classification
from components.foundation.keys import Key
from components.foundation.naming import Names
from components.foundation.resource_policies import role_use
from components.governance.catalog import LOCATION_ROLE
from components.governance.lake_settings import lake_settings


@dataclass(frozen=True, kw_only=True)
class DataDomainArgs:
    account: Account
    keys: Mapping[Classification, Key]
    """Of every classification among the domain's products. The highest one's encrypts what is written; objects from
    before a more sensitive product came stay under their own."""
    landing_days: int = 30
    """How long delivered files are kept after they were read."""
    quarantine_days: int = 90
    """How long rejected rows and files wait for a replay."""
    protect: bool = True


class DataDomain(pulumi.ComponentResource):
    """The domain's three buckets. Data never leaves them: the hub's catalog points at `products`, and the hub's Lake
    Formation role may read there on behalf of those it granted access to."""

    key: Key
    """Encrypts what is written to the buckets."""
    keys: Sequence[Key]
    """Whatever the buckets' objects can be encrypted under."""
    lake_settings: aws.lakeformation.DataLakeSettings
    """They let the domain hand on what the hub granted to its account."""
    may_make_tables: Sequence[aws.lakeformation.Permissions]
    """What the deploy role has to be granted before it makes a table in the hub's catalog."""
    landing: Bucket
    products: Bucket
    quarantine: Bucket

    def __init__(self, name: str, args: DataDomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:domain:DataDomain", name, None, opts)
        if not args.keys:
            raise ValueError("keys: a domain needs the key of at least one classification")
        self.key, self.keys = args.keys[max(args.keys)], tuple(args.keys[each] for each in sorted(args.keys))
        child = pulumi.ResourceOptions(parent=self)
        self.lake_settings = lake_settings(name, args.account, self)
        self.landing = Bucket(
            f"{name}-landing",
            BucketArgs(
                account=args.account,
                what="landing",
                key=self.key,
                lifecycle=[Lifecycle(expire_after_days=args.landing_days)],
                noncurrent_days=args.landing_days,
                protect=args.protect,
            ),
            child,
        )
        bucket = Names(args.account).bucket("products")
        arn = Names(args.account).arns.bucket(bucket)
        self.products = Bucket(
            f"{name}-products",
            BucketArgs(
                account=args.account,
                what="products",
                key=self.key,
                shared=[
                    role_use(
                        args.account,
                        [location_role_arn(args.account)],
                        ("s3:GetObject", "s3:ListBucket"),
                        (arn, f"{arn}/*"),
                        "LakeFormationReads",
                    )
                ],
                protect=args.protect,
            ),
            child,
        )
        self.quarantine = Bucket(
            f"{name}-quarantine",
            BucketArgs(
                account=args.account,
                what="quarantine",
                key=self.key,
                lifecycle=[Lifecycle(expire_after_days=args.quarantine_days)],
                protect=args.protect,
            ),
            child,
        )
        self.may_make_tables = self._may_make_tables(name, args.account)
        self.register_outputs({each.name: each.arn for each in (self.landing, self.products, self.quarantine)})

    @property
    def buckets(self) -> dict[str, Bucket]:
        """The buckets by purpose."""
        return {"landing": self.landing, "products": self.products, "quarantine": self.quarantine}

    def _may_make_tables(self, name: str, account: Account) -> Sequence[aws.lakeformation.Permissions]:
        """An administrator hands on what another account shared with its own, but has none of it until it is granted
        (Lake Formation developer guide, "Granting permissions on a database or table shared with your account")."""
        names, hub = Names(account), account.hub_account_id
        administrator = names.arns.role(names.deploy_role())
        after = pulumi.ResourceOptions(parent=self, depends_on=[self.lake_settings], delete_before_replace=True)
        database = aws.lakeformation.Permissions(
            f"{name}-tables",
            catalog_id=hub,
            principal=administrator,
            permissions=["CREATE_TABLE", "DESCRIBE"],
            database={"catalog_id": hub, "name": Names(account.hub).glue_database(account.name)},
            opts=after,
        )
        location = aws.lakeformation.Permissions(
            f"{name}-location",
            catalog_id=hub,
            principal=administrator,
            permissions=["DATA_LOCATION_ACCESS"],
            data_location={"catalog_id": hub, "arn": self.products.arn},
            opts=after,
        )
        return (database, location)

    def deliver(self, *deliveries: Delivery) -> None:
        """Start products' functions for the files that arrive in `landing`; call once, with all of them."""
        if deliveries:
            self.landing.notify(*deliveries)


def location_role_arn(account: Account) -> str:
    """The hub's role that Lake Formation reads the domain's products with."""
    hub = Names(account.hub.in_region(account.primary_region))
    return hub.arns.role(hub.role(LOCATION_ROLE))
