"""The mesh's catalog: a Glue database per domain, governed by Lake Formation, over data that stays with the domains."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts.tags import CLASSIFICATION, DOMAIN, PRODUCT
from components.foundation import trust
from components.foundation.account import Account
from components.foundation.classification import Classification
from components.foundation.grants import Grant, bucket_reading, key_decrypting
from components.foundation.naming import Names
from components.foundation.roles import Role, RoleArgs
from components.governance.lake_settings import lake_settings

LOCATION_ROLE = "lake-location"
# Lake Formation API reference, LFTag: values per tag key.
LF_TAG_VALUES_LIMIT = 1_000


@dataclass(frozen=True, kw_only=True)
class DomainRegistration:
    """What the hub knows of a domain: enough to make room for it before it is deployed."""

    account: Account
    products: Sequence[str] = ()
    """Names of its data products, without the domain."""
    classifications: Collection[Classification] = (Classification.INTERNAL,)
    """Of its products: they name the keys of what is in the domain's buckets."""

    @property
    def reading(self) -> Grant:
        """Read what the domain publishes, under whichever of its keys it is."""
        first, *others = (Names(self.account).key_alias(each) for each in sorted(self.classifications))
        grant = bucket_reading(self.account, self.bucket, alias=first)
        for alias in others:
            grant += key_decrypting(self.account, alias, service="s3")
        return grant

    @property
    def bucket(self) -> str:
        """The bucket in the domain's account that holds its products."""
        return Names(self.account).bucket("products")


@dataclass(frozen=True, kw_only=True)
class CatalogArgs:
    account: Account
    domains: Mapping[str, DomainRegistration]
    """By domain name."""


class Catalog(pulumi.ComponentResource):
    """Lake Formation settings, LF-Tags, and per domain a database, a registered location and the right to fill them.

    Domains create their tables here from their own stacks; nothing but the tags they are given and the grants that the
    hub makes decides who reads them.
    """

    databases: dict[str, str]
    """Domain to database name."""

    def __init__(self, name: str, args: CatalogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:governance:Catalog", name, None, opts)
        names = Names(args.account)
        self._name, self._account = name, args.account
        self.databases = {domain: names.glue_database(domain) for domain in args.domains}
        tags = lf_tags(args.domains)
        self._settings = lake_settings(name, args.account, self)
        self._tags = {
            key: aws.lakeformation.LfTag(
                f"{name}-{key}", key=key, values=list(values), opts=self._after(self._settings)
            )
            for key, values in tags.items()
        }
        role = Role(
            f"{name}-location",
            RoleArgs(
                account=args.account,
                what=LOCATION_ROLE,
                trust=[trust.by_service(args.account, "lakeformation.amazonaws.com")],
                grants=[one.reading for one in args.domains.values()],
                description="Lends Lake Formation the domains' buckets, to read what its grants allow",
            ),
            pulumi.ResourceOptions(parent=self),
        )
        for domain, registration in args.domains.items():
            self._register(domain, registration, role)
        self.register_outputs({"databases": self.databases})

    def _register(self, domain: str, registration: DomainRegistration, role: Role) -> None:
        name, owner = f"{self._name}-{domain}", registration.account.account_id
        database = aws.glue.CatalogDatabase(
            name,
            name=self.databases[domain],
            description=f"Data products of the domain {domain}",
            location_uri=f"s3://{registration.bucket}/",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._settings], protect=True),
        )
        aws.lakeformation.ResourceLfTags(
            name,
            database={"name": database.name},
            lf_tags=[{"key": DOMAIN, "value": domain}],
            opts=self._after(*self._tags.values()),
        )
        location = aws.lakeformation.Resource(
            name,
            arn=Names(registration.account).arns.bucket(registration.bucket),
            role_arn=role.resource.arn,
            opts=self._after(self._settings, *role.permissions),
        )
        aws.lakeformation.Permissions(
            f"{name}-location",
            principal=owner,
            permissions=["DATA_LOCATION_ACCESS"],
            permissions_with_grant_options=["DATA_LOCATION_ACCESS"],
            data_location={"arn": location.arn},
            opts=self._after(self._settings),
        )
        aws.lakeformation.Permissions(
            f"{name}-database",
            principal=owner,
            permissions=["CREATE_TABLE", "DESCRIBE"],
            permissions_with_grant_options=["CREATE_TABLE", "DESCRIBE"],
            database={"name": database.name},
            opts=self._after(self._settings),
        )
        for key, values in domain_tag_values(domain, registration).items():
            aws.lakeformation.Permissions(
                f"{name}-{key}",
                principal=owner,
                permissions=["ASSOCIATE", "DESCRIBE"],
                permissions_with_grant_options=["ASSOCIATE", "DESCRIBE"],
                lf_tag={"key": self._tags[key].key, "values": list(values)},
                opts=self._after(self._settings),
            )

    def _after(self, *resources: pulumi.Resource) -> pulumi.ResourceOptions:
        # Lake Formation adds grants and tags up, so to revoke the old after the new would take away what both name.
        return pulumi.ResourceOptions(parent=self, depends_on=list(resources), delete_before_replace=True)


def domain_tag_values(domain: str, registration: DomainRegistration) -> dict[str, tuple[str, ...]]:
    """LF-Tag key to the values that a domain may give to its own tables."""
    values = {
        DOMAIN: (domain,),
        CLASSIFICATION: tuple(c.value for c in Classification),
        PRODUCT: tuple(sorted(registration.products)),
    }
    return {key: some for key, some in values.items() if some}


def lf_tags(domains: Mapping[str, DomainRegistration]) -> dict[str, tuple[str, ...]]:
    """Every LF-Tag of the mesh: key to values.

    Raises:
        ValueError: more products than an LF-Tag can have values; access by product needs a second key then.
    """
    merged: dict[str, dict[str, None]] = {}
    for domain, registration in domains.items():
        for key, values in domain_tag_values(domain, registration).items():
            merged.setdefault(key, {}).update(dict.fromkeys(values))
    for key, found in merged.items():
        if len(found) > LF_TAG_VALUES_LIMIT:
            raise ValueError(
                f"domains: {len(found)} values of LF-Tag {key!r}, Lake Formation takes {LF_TAG_VALUES_LIMIT}"
            )
    return {key: tuple(found) for key, found in merged.items()}
