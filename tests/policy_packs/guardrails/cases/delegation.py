"""On whose behalf IAM documents let others act: services, partners, identity providers, networks."""

from __future__ import annotations

from tests.policy_packs.guardrails.building import Case, accepted, facts, refused
from tests.policy_packs.guardrails.statements import (
    GITHUB,
    KEY,
    OBJECTS,
    PARTNER,
    VPC_ENDPOINT,
    allow,
    deny,
    document,
    endpoint,
    github,
    shared,
    trust,
    when,
)

CASES: dict[str, list[Case]] = {
    "iam-pass-role": [
        accepted(
            "one role to one service",
            document(
                allow(
                    "iam:PassRole",
                    "arn:aws:iam::222222222222:role/acme-x",
                    **when("StringEquals", iam__PassedToService="lambda.amazonaws.com"),
                )
            ),
        ),
        accepted(
            "roles of a prefix",
            document(
                allow(
                    "iam:PassRole",
                    "arn:aws:iam::*:role/acme-*",
                    **when("StringEquals", iam__PassedToService="lambda.amazonaws.com"),
                )
            ),
        ),
        accepted("a ceiling", document(allow("iam:PassRole", "arn:aws:iam::*:role/acme-*"), name="acme-boundary")),
        refused(
            "to every service",
            document(allow("iam:PassRole", "arn:aws:iam::222222222222:role/acme-x")),
            "policy/1:service",
        ),
        refused(
            "by a wildcard", document(allow("iam:Pass*", "arn:aws:iam::222222222222:role/acme-x")), "policy/1:service"
        ),
        refused(
            "every role",
            document(allow("iam:PassRole", **when("StringEquals", iam__PassedToService="lambda.amazonaws.com"))),
            "policy/1:role",
        ),
        accepted(
            "one role, and all buckets by another action",
            document(
                allow(
                    ["iam:PassRole", "s3:ListBucket"],
                    ["arn:aws:iam::222222222222:role/acme-x", "arn:aws:s3:::*"],
                    **when("StringEquals", iam__PassedToService="lambda.amazonaws.com"),
                )
            ),
        ),
        refused(
            "to every service but one",
            document(
                allow(
                    "iam:PassRole",
                    "arn:aws:iam::222222222222:role/acme-x",
                    **when("StringNotEquals", iam__PassedToService="ec2.amazonaws.com"),
                )
            ),
            "policy/1:service",
        ),
    ],
    "iam-confused-deputy": [
        accepted(
            "for this account",
            trust({"Service": "lambda.amazonaws.com"}, **when("StringEquals", aws__SourceAccount="222222222222")),
        ),
        accepted(
            "for the organisation",
            shared({"Service": "cloudtrail.amazonaws.com"}, **when("StringEquals", aws__SourceOrgID="o-acme000001")),
        ),
        accepted(
            "for an ARN of this account",
            shared(
                {"Service": "cloudfront.amazonaws.com"},
                **when("ArnLike", aws__SourceArn="arn:aws:cloudfront::222222222222:distribution/E1"),
            ),
        ),
        accepted(
            "for the resource's own account",
            shared(
                {"Service": "sns.amazonaws.com"}, **when("StringEquals", aws__SourceAccount="${aws:ResourceAccount}")
            ),
        ),
        accepted("replication, which says not for whom", trust({"Service": "s3.amazonaws.com"})),
        accepted("instances, which say not for whom", trust({"Service": "ec2.amazonaws.com"})),
        accepted(
            "log groups of this account",
            document(
                {
                    **allow("kms:Decrypt"),
                    "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
                    "Condition": {
                        "ArnLike": {
                            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:222222222222:log-group:*"
                        }
                    },
                },
                type_=KEY,
            ),
        ),
        accepted(
            "by a Deny to services of others",
            shared(
                {"Service": "cloudtrail.amazonaws.com"},
                "s3:PutObject",
                {
                    **deny("s3:*", OBJECTS),
                    "Principal": "*",
                    "Condition": {
                        "Bool": {"aws:PrincipalIsAWSService": "true"},
                        "StringNotEquals": {"aws:SourceOrgID": "o-acme000001"},
                    },
                },
            ),
        ),
        refused("for anybody", trust({"Service": "lambda.amazonaws.com"}), "assumeRolePolicy/1"),
        refused("a bucket for anybody's trail", shared({"Service": "cloudtrail.amazonaws.com"}), "policy/1"),
        refused(
            "for a stranger",
            shared({"Service": "sns.amazonaws.com"}, **when("StringEquals", aws__SourceAccount=PARTNER)),
            "policy/1",
        ),
        refused(
            "for a bucket, whose ARN names no account",
            shared({"Service": "sns.amazonaws.com"}, **when("ArnLike", aws__SourceArn="arn:aws:s3:::b")),
            "policy/1",
        ),
        refused(
            "by a key that services do not send",
            shared({"Service": "sns.amazonaws.com"}, **when("StringEquals", aws__PrincipalOrgID="o-acme000001")),
            "policy/1",
        ),
        refused(
            "a Deny that spares services",
            shared(
                {"Service": "cloudtrail.amazonaws.com"},
                "s3:PutObject",
                {
                    **deny("s3:*", OBJECTS),
                    "Principal": "*",
                    "Condition": {
                        "Bool": {"aws:PrincipalIsAWSService": "false"},
                        "StringNotEquals": {"aws:SourceOrgID": "o-acme000001"},
                    },
                },
            ),
            "policy/1",
        ),
    ],
    "iam-external-id": [
        accepted("a member", trust({"AWS": "arn:aws:iam::111111111111:root"})),
        accepted(
            "a partner with an id",
            trust({"AWS": PARTNER}, **when("StringEquals", sts__ExternalId="4711")),
            facts=facts(settings={"cross-account": {"trustedAccounts": [PARTNER]}}),
        ),
        refused(
            "a partner without",
            trust({"AWS": f"arn:aws:iam::{PARTNER}:role/scanner"}),
            "assumeRolePolicy/1",
            facts=facts(settings={"cross-account": {"trustedAccounts": [PARTNER]}}),
        ),
    ],
    "iam-federation": [
        accepted("a branch", github("repo:acme/mesh:ref:refs/heads/main", "StringEquals")),
        accepted("a repository", github("repo:acme/mesh:*")),
        accepted(
            "a service account",
            trust(
                {"Federated": "arn:aws:iam::222222222222:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A1"},
                "sts:AssumeRoleWithWebIdentity",
                Condition={
                    "StringLike": {
                        "oidc.eks.eu-west-1.amazonaws.com/id/A1:aud": "sts.amazonaws.com",
                        "oidc.eks.eu-west-1.amazonaws.com/id/A1:sub": "system:serviceaccount:sales:*",
                    }
                },
            ),
        ),
        accepted(
            "people through SAML",
            trust(
                {"Federated": "arn:aws:iam::222222222222:saml-provider/idp"},
                "sts:AssumeRoleWithSAML",
                **when("StringEquals", SAML__aud="https://signin.aws.amazon.com/saml"),
            ),
        ),
        refused("no claims", trust({"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity"), "assumeRolePolicy/1:sub"),
        refused("every repository of GitHub", github("repo:*"), "assumeRolePolicy/1:sub"),
        refused("every repository of the owner", github("repo:acme/*"), "assumeRolePolicy/1:sub"),
        refused("owners that begin alike", github("repo:acme*/mesh:ref:refs/heads/main"), "assumeRolePolicy/1:sub"),
        refused("repositories that begin alike", github("repo:acme/mesh*"), "assumeRolePolicy/1:sub"),
        refused("any subject", github("*"), "assumeRolePolicy/1:sub"),
        refused(
            "SAML for anything",
            trust({"Federated": "arn:aws:iam::222222222222:saml-provider/idp"}, "sts:AssumeRoleWithSAML"),
            "assumeRolePolicy/1:saml:aud",
        ),
    ],
    "iam-endpoint-perimeter": [
        accepted(
            "the organisation's resources",
            endpoint(allow("s3:*", **when("StringEquals", aws__ResourceOrgID="o-acme000001"))),
        ),
        accepted(
            "the organisation's people",
            endpoint(allow("s3:*", **when("StringEquals", aws__PrincipalOrgID="o-acme000001"))),
        ),
        accepted(
            "one bucket of AWS", endpoint(allow("s3:GetObject", "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"))
        ),
        accepted(
            "by a Deny",
            endpoint(allow("s3:*"), deny("*", **when("StringNotEquals", aws__ResourceOrgID="o-acme000001"))),
        ),
        accepted(
            "a role of the organisation",
            document(
                {**allow("s3:*"), "Principal": {"AWS": "arn:aws:iam::222222222222:role/acme-x"}}, type_=VPC_ENDPOINT
            ),
        ),
        accepted(
            "resources of trusted accounts",
            endpoint(allow("s3:*", **when("StringEquals", aws__ResourceAccount=["222222222222", PARTNER]))),
            facts=facts(settings={"cross-account": {"trustedAccounts": [PARTNER]}}),
        ),
        refused(
            "resources of a stranger too",
            endpoint(allow("s3:*", **when("StringEquals", aws__ResourceAccount=["222222222222", PARTNER]))),
            "policy/1",
        ),
        refused(
            "another organisation's resources",
            endpoint(allow("s3:*", **when("StringEquals", aws__ResourceOrgID="o-other00001"))),
            "policy/1",
        ),
        refused(
            "a stranger's role among ours",
            document(
                {**allow("s3:*"), "Principal": {"AWS": ["222222222222", f"arn:aws:iam::{PARTNER}:role/x"]}},
                type_=VPC_ENDPOINT,
            ),
            "policy/1",
        ),
        refused(
            "whatever resource",
            document({"Effect": "Allow", "Principal": "*", "Action": "s3:*"}, type_=VPC_ENDPOINT),
            "policy/1",
        ),
        refused("everything", endpoint(allow("*")), "policy/1"),
        refused("every bucket", endpoint(allow("s3:*", "arn:aws:s3:::*", Sid="All")), "policy/All"),
        refused(
            "another organisation's",
            endpoint(allow("s3:*", **when("StringEquals", aws__PrincipalOrgID="o-other00001"))),
            "policy/1",
        ),
    ],
}
