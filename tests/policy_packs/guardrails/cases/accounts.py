"""Providers, regions, tags."""

from mesh_guardrails.resource import UNKNOWN

from tests.policy_packs.guardrails.building import TAGS, Case, accepted, facts, provider, refused, resource

STACK = "pulumi:pulumi:Stack"
PROVIDER = "pulumi:providers:aws"
QUEUE = "aws:sqs/queue:Queue"
TABLE = "aws:dynamodb/table:Table"
UNTAGGED = provider(defaultTags=None)

CASES: dict[str, list[Case]] = {
    "organisation": [
        accepted("a stack of an account", resource(STACK)),
        accepted("a pilot light", resource(STACK), facts=facts("sales-prod-recovery")),
        refused("a stack of nobody's", resource(STACK), "unknown-account", facts=facts("billing-prod")),
        refused("a stack with a free name", resource(STACK), "unknown-account", facts=facts("test")),
        refused("no organisation", resource(STACK), "not-configured", facts=type(facts())(stack="sales-prod")),
    ],
    "provider-account": [
        accepted("pinned", resource(PROVIDER, {"allowedAccountIds": ["222222222222"]})),
        accepted(
            "pinned, with a role of the account",
            resource(
                PROVIDER,
                {
                    "allowedAccountIds": ["222222222222"],
                    "assumeRoles": [{"roleArn": "arn:aws:iam::222222222222:role/deploy"}],
                },
            ),
        ),
        accepted("pinned by number", resource(PROVIDER, {"allowedAccountIds": [222222222222]})),
        refused("not pinned", resource(PROVIDER, {"region": "eu-west-1"}), "account-ids"),
        refused("another account", resource(PROVIDER, {"allowedAccountIds": ["111111111111"]}), "account-ids"),
        refused(
            "one account too many",
            resource(PROVIDER, {"allowedAccountIds": ["222222222222", "111111111111"]}),
            "account-ids",
        ),
        refused(
            "a role of another account",
            resource(
                PROVIDER,
                {
                    "allowedAccountIds": ["222222222222"],
                    "assumeRoles": [{"roleArn": "arn:aws:iam::111111111111:role/deploy"}],
                },
            ),
            "assumed-role",
        ),
        refused("not known yet", resource(PROVIDER, {"allowedAccountIds": UNKNOWN}), "account-ids", undetermined=True),
    ],
    "provider-region": [
        accepted("the primary region", resource(PROVIDER, {"region": "eu-west-1"})),
        accepted("global services", resource(PROVIDER, {"region": "us-east-1"})),
        accepted("recovery", resource(PROVIDER, {"region": "eu-central-1"}), facts=facts("sales-prod-recovery")),
        refused(
            "a pilot light at home",
            resource(PROVIDER, {"region": "eu-west-1"}),
            "region",
            facts=facts("sales-prod-recovery"),
        ),
        refused("far away", resource(PROVIDER, {"region": "ap-south-1"}), "region"),
    ],
    "provider-explicit": [
        accepted("the account's provider", resource(QUEUE)),
        accepted(
            "one that somebody named so",
            resource(QUEUE, provider=type(provider())(PROVIDER, "default-eu", "", {})),
        ),
        accepted("a component has none", resource("mesh:foundation:Queue", provider=None)),
        refused(
            "the default provider",
            resource(QUEUE, provider=type(provider())(PROVIDER, "default_7_51_1", "", {})),
            "default-provider",
        ),
    ],
    "region-allowed": [
        accepted("the provider's region", resource(QUEUE)),
        accepted("the recovery region", resource(QUEUE, {"region": "eu-central-1"})),
        accepted("certificates of CloudFront", resource("aws:acm/certificate:Certificate", {"region": "us-east-1"})),
        refused("elsewhere", resource(QUEUE, {"region": "ap-south-1"}), "region"),
    ],
    "required-tags": [
        accepted("from the provider", resource(QUEUE)),
        accepted("its own", resource(QUEUE, {"tags": TAGS}, provider=UNTAGGED)),
        accepted("set but not known yet", resource(QUEUE, {"tags": {"Owner": UNKNOWN}})),
        accepted("takes no tags", resource("aws:sqs/queuePolicy:QueuePolicy", provider=UNTAGGED)),
        refused("none", resource(QUEUE, provider=UNTAGGED), "Owner"),
        refused("emptied", resource(QUEUE, {"tags": {"Owner": ""}}), "Owner"),
        refused("all unknown", resource(QUEUE, {"tags": UNKNOWN}), "tags", undetermined=True),
    ],
    "data-classified": [
        accepted("internal", resource(TABLE, {"tags": {"Classification": "internal"}})),
        accepted("set but not known yet", resource(TABLE, {"tags": {"Classification": UNKNOWN}})),
        refused("not said", resource(TABLE), "Classification"),
        refused("not a classification", resource(TABLE, {"tags": {"Classification": "secret"}}), "Classification"),
    ],
}
