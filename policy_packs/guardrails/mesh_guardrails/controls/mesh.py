"""What makes it a mesh: products with their promises, domains true to their type, a hub without data, a pilot light."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceControl, Severity, StackControl
from mesh_guardrails.controls.companions import BUCKETS, LOG_COMPONENTS
from mesh_guardrails.data.stores import DATA_STORES
from mesh_guardrails.documents import Kind, documents, statements, strings
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource, Stack
from mesh_guardrails.tags import effective_tags

PRODUCT: Final = "mesh:domain:DataProduct"
_TABLE: Final = "aws:glue/catalogTable:CatalogTable"
_TAGS: Final = "aws:lakeformation/resourceLfTags:ResourceLfTags"
_RULES: Final = "aws:glue/dataQualityRuleset:DataQualityRuleset"
_LINKS: Final = (
    "aws:glue/catalogDatabase:CatalogDatabase targetDatabase",
    "aws:glue/catalogTable:CatalogTable targetTable",
)


def _under_component(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if not any(type_.startswith("mesh:") for type_ in resource.ancestry):
        yield Finding("the store is not part of a component of the mesh", "no-component")


def _hub_without_data(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if not facts.is_hub:
        return
    tags = effective_tags(resource)
    if isinstance(tags, Mapping) and tags.get("DataProduct"):
        yield Finding("a store of the hub is tagged as part of a data product", "product")
    if not any(t.startswith("mesh:governance:") or t in LOG_COMPONENTS for t in resource.ancestry):
        yield Finding("the hub holds metadata and logs only, in components of governance", "data")


def _children(stack: Stack, product: Resource, type_: str) -> list[Resource]:
    return [resource for resource in stack.of(type_) if resource.parent == product.urn]


def _products(
    told: str, key: str, has: Callable[[Stack, Resource], bool]
) -> Callable[[Stack, Facts], Iterator[Finding]]:
    def check(stack: Stack, facts: Facts) -> Iterator[Finding]:
        for product in stack.of(PRODUCT):
            if not has(stack, product):
                yield Finding(told, key, urn=product.urn)

    return check


def _known(value: Any) -> bool:
    return bool(value)  # UNKNOWN is a value that is set


def _has_owner(stack: Stack, product: Resource) -> bool:
    return any(_known(table.props.get("owner")) for table in _children(stack, product, _TABLE))


def _has_contract(stack: Stack, product: Resource) -> bool:
    parameters = [table.props.get("parameters") for table in _children(stack, product, _TABLE)]
    return any(
        value is UNKNOWN or (isinstance(value, Mapping) and value.get("contract.id") and value.get("contract.version"))
        for value in parameters
    )


def _is_classified(stack: Stack, product: Resource) -> bool:
    tags = [tag for each in _children(stack, product, _TAGS) for _, tag in each.values("lfTags[]")]
    return any(
        tag is UNKNOWN
        or (isinstance(tag, Mapping) and str(tag.get("key")).lower() == "classification" and tag.get("value"))
        for tag in tags
    )


def _has_rules(stack: Stack, product: Resource) -> bool:
    return any(_known(rules.props.get("ruleset")) for rules in _children(stack, product, _RULES))


def _source_reads(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if _type_of(facts) != "sourceAligned":
        return
    for link in _LINKS:
        type_, path = link.split(" ")
        if resource.type == type_ and resource.get(path) is not None:
            yield Finding("a source-aligned domain links to another domain's product", "link")
    for document in documents(resource):
        if document.kind is Kind.IDENTITY and isinstance(document.content, Mapping):
            for statement in statements(document.content):
                yield from _foreign_products(statement, facts)


def _foreign_products(statement: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
    """Buckets of products of other accounts, by the mesh's naming: `<org>-<account>-<environment>-products-…`."""
    if statement.get("Effect") != "Allow" or not any(a.startswith("s3:Get") for a in strings(statement.get("Action"))):
        return
    own = facts.account
    for name in strings(statement.get("Resource")):
        parts = name.rpartition(":::")[2].split("/")[0].split("-")
        if len(parts) > 3 and parts[3] == "products" and parts[1] != own:
            yield Finding(f"a source-aligned domain reads the products of {parts[1]}", f"reads:{parts[1]}")


def _aggregate_sources(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if _type_of(facts) == "aggregate" and any(
        t.startswith("mesh:ingestion:") for t in (*resource.ancestry, resource.type)
    ):
        yield Finding("an aggregate domain takes in raw data", "ingestion")


def _consumer_products(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if _type_of(facts) != "consumerAligned" or facts.account in facts.setting("domain-consumer", "publishers", ()):
        return
    yield Finding("a consumer-aligned domain publishes a product that others could build on", "product")


def _type_of(facts: Facts) -> str:
    return facts.organisation.domain_types.get(facts.account, "") if facts.organisation else ""


def _replicable_key(resource: Resource, facts: Facts) -> Iterator[Finding]:
    symmetric = resource.props.get("keyUsage") in (None, "ENCRYPT_DECRYPT", UNKNOWN)
    if resource.props.get("customKeyStoreId"):
        return  # KMS developer guide, "Multi-Region keys": there are none in custom key stores
    if symmetric and not facts.recovery and resource.props.get("multiRegion") not in (True, UNKNOWN):
        yield Finding("multiRegion has to be true", "multiRegion")


def _counterparts(stack: Stack, facts: Facts) -> Iterator[Finding]:
    """Compares the buckets and tables that the primary stack exports, by purpose, with those of this pilot light."""
    organisation = facts.organisation
    if not facts.recovery or organisation is None:
        return
    primary = facts.stack.removesuffix("-recovery")
    exports = _exports(stack, primary)
    if not isinstance(exports, Mapping):
        yield Finding(f"what {primary} holds is not known here", "exports", undetermined=True)
        return
    here = [bucket.props.get("bucket") for bucket in stack.of(*BUCKETS)]
    for purpose, name in _mapping(exports.get("buckets")).items():
        expected = str(name).replace(organisation.primary_region, organisation.recovery_region)
        if UNKNOWN not in here and expected not in here:
            yield Finding(f"the bucket {purpose} of {primary} has no counterpart", f"bucket:{purpose}")
    replicas = [r.props.get("globalTableArn") for r in stack.of("aws:dynamodb/tableReplica:TableReplica")]
    for purpose, name in _mapping(exports.get("tables")).items():
        if not any(arn is UNKNOWN or str(arn).endswith(f":table/{name}") for arn in replicas):
            yield Finding(f"the table {purpose} of {primary} has no replica", f"table:{purpose}")


def _exports(stack: Stack, primary: str) -> Any:
    """What the primary stack exports: as this stack exports it again under `primary`, for an engine shows a policy pack
    no stack reference; in exported state, as the stack reference itself."""
    for root in stack.of("pulumi:pulumi:Stack"):
        if "primary" in root.props:
            return root.props["primary"]
    for reference in stack.of("pulumi:pulumi:StackReference"):
        if str(reference.props.get("name")).rpartition("/")[2] == primary:
            return reference.props.get("outputs")
    return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _replicated(stack: Stack, facts: Facts) -> Iterator[Finding]:
    if not facts.recovery:
        return
    targets = [
        (config, value)
        for config in stack.of("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
        for _, value in config.values("rules[].destination.bucket")
    ]
    for bucket in stack.of(*BUCKETS):
        if any(type_ in LOG_COMPONENTS for type_ in bucket.ancestry):
            continue
        named = any(
            value is UNKNOWN
            or value == bucket.props.get("arn")
            or str(value).endswith(f":::{bucket.props.get('bucket')}")
            for _, value in targets
        )
        depended = any(bucket.urn in config.property_dependencies.get("rules", ()) for config, _ in targets)
        if not named and not depended:
            yield Finding(
                "nothing replicates into the bucket, so it would be empty after a failover",
                "replication",
                urn=bucket.urn,
            )


def _protected(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for type_ in sorted(DATA_STORES & stack.by_type.keys()):
        for store in stack.of(type_):
            if not store.protect:
                yield Finding(
                    "the store is not protected, so a replacement would delete its data", "protect", urn=store.urn
                )


_STORES = tuple(sorted(DATA_STORES))

CONTROLS = (
    ResourceControl(
        id="store-under-component",
        title="Data stores are made by the mesh's components",
        severity=Severity.HIGH,
        rationale="The components bring the key, the policy, the logs and the backups that a raw store forgets.",
        remediation="Use the component of the mesh, and pass parent=self inside your own.",
        family="mesh",
        types=_STORES,
        check=_under_component,
    ),
    ResourceControl(
        id="hub-without-data",
        title="The hub holds metadata and logs, never data",
        severity=Severity.HIGH,
        rationale="Everybody trusts the hub; with data in it, it would be the one place worth breaking into.",
        remediation="Put the store into the domain's account.",
        family="mesh",
        types=_STORES,
        check=_hub_without_data,
    ),
    StackControl(
        id="product-contract",
        title="Every data product has a contract",
        severity=Severity.HIGH,
        rationale="Without one, nobody who builds on the product knows what may change.",
        remediation="Add contract.odcs.yaml; the product's table then carries contract.id and contract.version.",
        family="mesh",
        check=_products("no table of the product names its contract and version", "contract", _has_contract),
    ),
    StackControl(
        id="product-owner",
        title="Every data product has an owner",
        severity=Severity.HIGH,
        rationale="Questions, access requests and faults need somebody to go to.",
        remediation="Name the team in product.odps.yaml; the product's table then carries the owner.",
        family="mesh",
        check=_products("no table of the product names its owner", "owner", _has_owner),
    ),
    StackControl(
        id="product-classified",
        title="Every data product is classified",
        severity=Severity.HIGH,
        rationale="Access follows the classification; without it nobody, or everybody, gets in.",
        remediation="State the classification in the contract; the table then carries the LF-Tag.",
        family="mesh",
        check=_products("no LF-Tag of the product says how sensitive it is", "classification", _is_classified),
    ),
    StackControl(
        id="product-quality",
        title="Every data product has quality rules",
        severity=Severity.MEDIUM,
        rationale="A promise that nothing checks is broken unnoticed.",
        remediation="Add quality rules to the contract; they compile to a ruleset.",
        family="mesh",
        check=_products("no ruleset checks the product", "quality", _has_rules),
    ),
    ResourceControl(
        id="domain-source",
        title="Source-aligned domains read no other domain's products",
        severity=Severity.HIGH,
        rationale="A source that depends on others is no source; circles between domains start here.",
        remediation="Make it an aggregate domain, or drop the dependency.",
        family="mesh",
        check=_source_reads,
    ),
    ResourceControl(
        id="domain-aggregate",
        title="Aggregate domains take in products, no raw data",
        severity=Severity.HIGH,
        rationale="Raw data has its own domain, whose contract others can rely on too.",
        remediation="Publish the raw data as a product of a source-aligned domain.",
        family="mesh",
        check=_aggregate_sources,
    ),
    ResourceControl(
        id="domain-consumer",
        title="Consumer-aligned domains publish nothing for others to build on, unless they say so",
        severity=Severity.MEDIUM,
        rationale="What was made for one use changes with that use, under whoever built on it.",
        remediation="Make it an aggregate domain, or list the account in the setting `publishers`.",
        family="mesh",
        types=(PRODUCT,),
        settings={
            "publishers": {
                "type": "array",
                "items": {"type": "string"},
                "description": "consumer-aligned accounts that say they publish",
            }
        },
        check=_consumer_products,
    ),
    ResourceControl(
        id="pilot-light-keys",
        title="Keys can be replicated to the recovery region",
        severity=Severity.HIGH,
        rationale="A replica that cannot be decrypted is none; a key cannot be made multi-region later.",
        remediation="Set multiRegion.",
        family="mesh",
        types=("aws:kms/key:Key",),
        check=_replicable_key,
    ),
    StackControl(
        id="pilot-light-complete",
        title="Every stateful resource of a primary has its counterpart in the pilot light",
        severity=Severity.HIGH,
        rationale="What has none is lost with the region, and nobody notices before.",
        remediation="Add a replica bucket or table for it to the recovery stack.",
        family="mesh",
        check=_counterparts,
    ),
    StackControl(
        id="pilot-light-replicated",
        title="Buckets of the pilot light are replicated into",
        severity=Severity.HIGH,
        rationale="An empty counterpart looks like a backup and is none.",
        remediation="Add a BucketReplicationConfig whose destination is the bucket.",
        family="mesh",
        check=_replicated,
    ),
    StackControl(
        id="store-protected",
        title="Data stores are protected from being deleted or replaced",
        severity=Severity.MEDIUM,
        rationale="A renamed resource or a changed property would otherwise replace the store, and its data.",
        remediation="Pass protect=True in the resource's options.",
        family="durability",
        check=_protected,
    ),
)
