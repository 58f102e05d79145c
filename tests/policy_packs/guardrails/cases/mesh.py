"""Products, domains, the hub and the pilot light."""

from __future__ import annotations

from typing import Any

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import Case, accepted, facts, policy, refused, resource

PRODUCT = "mesh:domain:DataProduct"
PUBLISHED = "mesh:domain:PublishedContracts"
TABLE = "aws:glue/catalogTable:CatalogTable"
TAGS = "aws:lakeformation/resourceLfTags:ResourceLfTags"
RULES = "aws:glue/dataQualityRuleset:DataQualityRuleset"
BUCKET = "aws:s3/bucket:Bucket"
DYNAMO = "aws:dynamodb/table:Table"
KEY = "aws:kms/key:Key"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROOT = "pulumi:pulumi:Stack"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"

GOVERNANCE = facts("governance-prod")
RECOVERY = facts("sales-prod-recovery")
CONSUMER = facts("marketing-prod")
PRODUCT_RESOURCE = resource(PRODUCT, provider=None)


def aggregate() -> Any:
    base = facts()
    assert base.organisation
    kinds = type(base.organisation)(
        id=base.organisation.id,
        accounts=base.organisation.accounts,
        hub="governance",
        primary_region="eu-west-1",
        recovery_region="eu-central-1",
        domain_types={"sales": "aggregate"},
    )
    return type(base)(stack="sales-prod", organisation=kinds)


def child(type_: str, **props: Any) -> Resource:
    return resource(type_, props, within=PRODUCT, parent=PRODUCT_RESOURCE.urn, name="child")


def product(*children: Resource) -> list[Resource]:
    return [PRODUCT_RESOURCE, *children]


def reading(bucket: str, action: str = "s3:GetObject", effect: str = "Allow") -> Resource:
    statement = {"Effect": effect, "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*"}
    return resource(ROLE_POLICY, {"policy": policy(statement)})


def bucket(name: str = "acme-sales-prod-products-222222222222-eu-central-1", **more: Any) -> Resource:
    return resource(BUCKET, {"bucket": name, "arn": f"arn:aws:s3:::{name}"}, **more)


def pilot_light(primary: object, *resources: Resource) -> list[Resource]:
    return [resource(ROOT, {"primary": primary}), *resources]


def replicating(target: object, **more: Any) -> Resource:
    return resource(REPLICATION, {"rules": [{"destination": {"bucket": target}}]}, **more)


LOGS = {"within": "mesh:foundation:LogBucket"}
EXPORTS = {
    "buckets": {"products": "acme-sales-prod-products-222222222222-eu-west-1"},
    "tables": {"lineage": "acme-sales-prod-lineage"},
}
REPLICA = resource(
    "aws:dynamodb/tableReplica:TableReplica",
    {"globalTableArn": "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-sales-prod-lineage"},
)

REFUSAL = {"product": "orders", "path": "schema[0]", "message": "contract.odcs.yaml:9: error: it breaks"}

CASES: dict[str, list[Case]] = {
    "contract-compatible": [
        accepted("nothing refused", resource(PUBLISHED, {"versions": {"orders": "1.0.0"}, "refused": []})),
        accepted("compared with the deployed", resource(PRODUCT, within=PUBLISHED)),
        refused("a breaking change", resource(PUBLISHED, {"refused": [REFUSAL]}), "orders:schema[0]"),
        refused(
            "each change counts",
            resource(PUBLISHED, {"refused": [REFUSAL, REFUSAL | {"path": "version"}]}),
            "orders:version",
        ),
        refused(
            "what is deployed is unknown", resource(PUBLISHED, {"refused": UNKNOWN}), "deployed", undetermined=True
        ),
        refused("one refusal is unknown", resource(PUBLISHED, {"refused": [UNKNOWN]}), "deployed", undetermined=True),
        refused("no comparison", resource(PUBLISHED, {}), "not-compared"),
        refused("a product by itself", PRODUCT_RESOURCE, "not-compared"),
    ],
    "store-under-component": [
        accepted("in a component", resource(DYNAMO, within="mesh:foundation:Table")),
        accepted("deep in one", resource(BUCKET, within="mesh:domain:DataDomain$mesh:foundation:Bucket")),
        refused("on its own", resource(DYNAMO), "no-component"),
        refused("in somebody else's component", resource(DYNAMO, within="acme:app:Store"), "no-component"),
    ],
    "hub-without-data": [
        accepted("metadata", resource(DYNAMO, within="mesh:governance:Ledger$mesh:foundation:Table"), facts=GOVERNANCE),
        accepted("logs", resource(BUCKET, **LOGS), facts=GOVERNANCE),
        accepted("a domain", resource(BUCKET, within="mesh:domain:DataDomain")),
        refused("a domain's data", resource(BUCKET, within="mesh:domain:DataDomain"), "data", facts=GOVERNANCE),
        refused(
            "tagged as a product's",
            resource(DYNAMO, {"tags": {"DataProduct": "sales/orders"}}, within="mesh:governance:Ledger"),
            "product",
            facts=GOVERNANCE,
        ),
    ],
    "product-contract": [
        accepted("named", product(child(TABLE, parameters={"contract.id": "c", "contract.version": "1.0.0"}))),
        accepted("not known yet", product(child(TABLE, parameters=UNKNOWN))),
        refused("no version", product(child(TABLE, parameters={"contract.id": "c"})), "contract"),
        refused("no table", product(), "contract"),
    ],
    "product-owner": [
        accepted("named", product(child(TABLE, owner="sales-data"))),
        refused("nobody", product(child(TABLE)), "owner"),
        refused("another product's table", [*product(), resource(TABLE, {"owner": "x"})], "owner"),
    ],
    "product-classified": [
        accepted("tagged", product(child(TAGS, lfTags=[{"key": "classification", "value": "internal"}]))),
        accepted("not known yet", product(child(TAGS, lfTags=UNKNOWN))),
        refused("other tags", product(child(TAGS, lfTags=[{"key": "domain", "value": "sales"}])), "classification"),
    ],
    "product-quality": [
        accepted("rules", product(child(RULES, ruleset="Rules = [RowCount > 0]"))),
        refused("none", product(), "quality"),
    ],
    "domain-source": [
        accepted("its own products", reading("acme-sales-prod-products-222222222222-eu-west-1")),
        accepted("forbidden to read", reading("acme-marketing-prod-products-333333333333-eu-west-1", effect="Deny")),
        accepted(
            "another domain of another type", reading("acme-sales-prod-products-222222222222-eu-west-1"), facts=CONSUMER
        ),
        accepted("a database of its own", resource("aws:glue/catalogDatabase:CatalogDatabase", {"name": "d"})),
        refused(
            "another's products", reading("acme-marketing-prod-products-333333333333-eu-west-1"), "reads:marketing"
        ),
        refused(
            "a link to another's",
            resource("aws:glue/catalogDatabase:CatalogDatabase", {"targetDatabase": {"databaseName": "d"}}),
            "link",
        ),
    ],
    "domain-aggregate": [
        accepted("products", reading("acme-sales-prod-products-222222222222-eu-west-1"), facts=aggregate()),
        accepted("a source takes files in", resource("mesh:ingestion:FileTransfer", provider=None)),
        refused("files", resource("mesh:ingestion:FileTransfer", provider=None), "ingestion", facts=aggregate()),
        refused("part of it", resource(BUCKET, within="mesh:ingestion:FileTransfer"), "ingestion", facts=aggregate()),
    ],
    "domain-consumer": [
        accepted("a source publishes", PRODUCT_RESOURCE),
        accepted(
            "says so",
            PRODUCT_RESOURCE,
            facts=facts("marketing-prod", {"domain-consumer": {"publishers": ["marketing"]}}),
        ),
        refused("does not say so", PRODUCT_RESOURCE, "product", facts=CONSUMER),
    ],
    "pilot-light-keys": [
        accepted("multi-region", resource(KEY, {"multiRegion": True})),
        accepted("for signing", resource(KEY, {"keyUsage": "SIGN_VERIFY"})),
        accepted("in a key store of one's own", resource(KEY, {"customKeyStoreId": "cks-1"})),
        accepted("in the pilot light", resource(KEY), facts=RECOVERY),
        refused("one region", resource(KEY), "multiRegion"),
    ],
    "pilot-light-complete": [
        accepted("both are here", pilot_light(EXPORTS, bucket(), REPLICA), facts=RECOVERY),
        accepted("a primary", pilot_light(EXPORTS)),
        accepted(
            "in exported state",
            [
                resource(ROOT, {}),
                resource("pulumi:pulumi:StackReference", {"name": "o/mesh/sales-prod", "outputs": EXPORTS}),
                bucket(),
                REPLICA,
            ],
            facts=RECOVERY,
        ),
        refused("no bucket", pilot_light(EXPORTS, REPLICA), "bucket:products", facts=RECOVERY),
        refused("no table", pilot_light(EXPORTS, bucket()), "table:lineage", facts=RECOVERY),
        refused("not told", [resource(ROOT, {}), bucket()], "exports", facts=RECOVERY, undetermined=True),
        refused("not known yet", pilot_light(UNKNOWN, bucket()), "exports", facts=RECOVERY, undetermined=True),
    ],
    "pilot-light-replicated": [
        accepted(
            "by ARN",
            [bucket(), replicating("arn:aws:s3:::acme-sales-prod-products-222222222222-eu-central-1")],
            facts=RECOVERY,
        ),
        accepted(
            "by dependency",
            [bucket(), replicating("x", property_dependencies={"rules": (bucket().urn,)})],
            facts=RECOVERY,
        ),
        accepted("logs", [bucket(**LOGS)], facts=RECOVERY),
        accepted("a primary", [bucket()]),
        refused("nothing", [bucket()], "replication", facts=RECOVERY),
        refused("into another", [bucket(), replicating("arn:aws:s3:::another")], "replication", facts=RECOVERY),
    ],
    "store-protected": [
        accepted("protected", [resource(DYNAMO, protect=True)]),
        accepted("holds nothing", [resource("aws:sqs/queue:Queue")]),
        refused("not protected", [resource(DYNAMO)], "protect"),
    ],
}
