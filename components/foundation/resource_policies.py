"""Resource policies: each owner's resource admits its own account through grants, and strangers not at all. Pure.

Every document is built from names alone, so it is known at preview.
"""

from collections.abc import Iterable, Sequence

from components.foundation.account import Account
from components.foundation.naming import Arns
from components.foundation.policy import Condition, Principals, Statement, document
from components.foundation.trust import accounts_of, only_roles

_EVERYONE = Principals(everyone=True)
# S3 user guide, "Bucket policies using condition keys": s3:TlsVersion.
_MINIMUM_TLS = "1.2"
# Services that encrypt or decrypt on their own behalf: S3 and SNS into encrypted queues, CloudWatch alarms into
# encrypted topics, EventBridge buses, archives and targets, log delivery
# (SQS developer guide, "Configure KMS permissions for AWS services"; EventBridge user guide, "Encrypting event buses").
_KEY_SERVICES = (
    "cloudwatch.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "events.amazonaws.com",
    "s3.amazonaws.com",
    "sns.amazonaws.com",
)
_KEY_USE = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
)


def service_use(
    account: Account, service: str, actions: Sequence[str], resource: str, source_arns: Iterable[str], sid: str
) -> Statement:
    """A service may act on `resource` for the given sources in this account: "s3.amazonaws.com" sending to a queue."""
    conditions = (
        Condition.of("ArnLike", "aws:SourceArn", *source_arns),
        Condition.of("StringEquals", "aws:SourceAccount", account.account_id),
    )
    return Statement(
        sid=sid,
        actions=tuple(actions),
        resources=(resource,),
        principals=Principals(service=(service,)),
        conditions=conditions,
    )


def role_use(
    account: Account, role_arns: Sequence[str], actions: Sequence[str], resources: Sequence[str], sid: str
) -> Statement:
    """Named roles of the organisation, in other accounts as well, may act on `resources`. They need not exist yet."""
    return Statement(
        sid=sid,
        actions=tuple(actions),
        resources=tuple(resources),
        principals=accounts_of(role_arns),
        conditions=only_roles(account, role_arns),
    )


def tls_only(action: str, *resources: str) -> Statement:
    """Deny whatever arrives without TLS."""
    return Statement(
        sid="DenyPlainText",
        effect="Deny",
        actions=(action,),
        resources=resources,
        principals=_EVERYONE,
        conditions=(Condition.of("Bool", "aws:SecureTransport", "false"),),
    )


def key_policy(account: Account, reader_arns: Sequence[str] = ()) -> str:
    """A key's policy: its account administers it and delegates use to IAM; the account's services use it where they
    must; nobody outside of the organisation uses it, whatever IAM says. `reader_arns` are roles elsewhere in the
    organisation that may decrypt."""
    # In a key policy "*" means this key (KMS developer guide, "Key policies in AWS KMS").
    this = ("*",)
    logs = f"{Arns.of(account).log_group('*')}"
    statements = [
        Statement(sid="Administer", actions=("kms:*",), resources=this, principals=Principals(aws=(account.root_arn,))),
        Statement(
            sid="ServicesOfThisAccount",
            actions=("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"),
            resources=this,
            principals=Principals(service=_KEY_SERVICES),
            conditions=(Condition.of("StringEquals", "aws:SourceAccount", account.account_id),),
        ),
        # CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
        Statement(
            sid="LogGroupsOfThisAccount",
            actions=("kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
            resources=this,
            principals=Principals(service=(f"logs.{account.region}.amazonaws.com",)),
            conditions=(Condition.of("ArnLike", "kms:EncryptionContext:aws:logs:arn", logs),),
        ),
        # Use only, not administration: were the account to leave the organisation, its key could still be repaired.
        Statement(
            sid="DenyUseOutsideTheOrganisation",
            effect="Deny",
            actions=_KEY_USE,
            resources=this,
            principals=_EVERYONE,
            conditions=(
                Condition.of("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
                Condition.of("StringNotEquals", "aws:PrincipalOrgID", account.organisation_id),
            ),
        ),
    ]
    if reader_arns:
        statements.append(role_use(account, reader_arns, ("kms:Decrypt", "kms:DescribeKey"), this, "Readers"))
    return document(statements)


def bucket_policy(account: Account, bucket: str, *, key_encrypted: bool, shared: Sequence[Statement] = ()) -> str:
    """A bucket's policy: TLS 1.2 or newer, nobody outside of the organisation, and, for buckets under a key, no object
    under another kind of encryption or under a key of a client or another account. `shared` admits more (role_use,
    service_use)."""
    arns = Arns.of(account)
    everything = (arns.bucket(bucket), f"{arns.bucket(bucket)}/*")
    objects = (f"{arns.bucket(bucket)}/*",)
    statements = [
        tls_only("s3:*", *everything),
        _deny("DenyOldTls", "s3:*", everything, Condition.of("NumericLessThan", "s3:TlsVersion", _MINIMUM_TLS)),
        _deny(
            "DenyOutsideTheOrganisation",
            "s3:*",
            everything,
            Condition.of("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
            Condition.of("StringNotEquals", "aws:PrincipalOrgID", account.organisation_id),
        ),
    ]
    if key_encrypted:
        kind, key = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
        supplied = "s3:x-amz-server-side-encryption-customer-algorithm"
        # A request without the header gets the bucket's default encryption and passes; hence the Null tests.
        statements += [
            _deny(
                "DenyOtherEncryption",
                "s3:PutObject",
                objects,
                Condition.of("Null", kind, "false"),
                Condition.of("StringNotEquals", kind, "aws:kms"),
            ),
            _deny(
                "DenyForeignKeys",
                "s3:PutObject",
                objects,
                Condition.of("ArnNotLike", key, arns.any_key()),
                Condition.of("Null", key, "false"),
            ),
            # Objects under a key that the client keeps (SSE-C) could be read by nobody else, and held to ransom.
            _deny("DenySuppliedKeys", "s3:PutObject", objects, Condition.of("Null", supplied, "false")),
        ]
    return document([*statements, *shared])


def queue_policy(account: Account, queue: str, senders: Sequence[Statement] = ()) -> str:
    """A queue's policy: TLS only; `senders` are service_use or role_use statements for sqs:SendMessage."""
    return document([tls_only("sqs:*", Arns.of(account).queue(queue)), *senders])


def topic_policy(account: Account, topic: str, publishers: Sequence[Statement] = ()) -> str:
    """A topic's policy: TLS only for publishing (the action that sends data, SNS developer guide, "Enforce encryption
    of data in transit"); `publishers` are service_use or role_use statements for sns:Publish."""
    return document([tls_only("sns:Publish", Arns.of(account).topic(topic)), *publishers])


def bus_policy(account: Account, bus: str, publisher_accounts: Sequence[str]) -> str:
    """An event bus's policy: principals of the given accounts, while in the organisation, may put events."""
    roots = tuple(sorted(f"arn:{account.partition}:iam::{each}:root" for each in publisher_accounts))
    return document(
        [
            Statement(
                sid="OrganisationPublishes",
                actions=("events:PutEvents",),
                resources=(Arns.of(account).bus(bus),),
                principals=Principals(aws=roots),
                conditions=(Condition.of("StringEquals", "aws:PrincipalOrgID", account.organisation_id),),
            )
        ]
    )


def endpoint_policy(account: Account, service: str) -> str:
    """A VPC endpoint's policy: the organisation's principals reach the organisation's resources, and nothing else
    passes (AWS whitepaper "Building a data perimeter on AWS")."""
    return document(
        [
            Statement(
                sid="OrganisationOnly",
                actions=(f"{service}:*",),
                resources=("*",),
                principals=_EVERYONE,
                conditions=(
                    Condition.of("StringEquals", "aws:PrincipalOrgID", account.organisation_id),
                    Condition.of("StringEquals", "aws:ResourceOrgID", account.organisation_id),
                ),
            )
        ]
    )


def _deny(sid: str, action: str, resources: tuple[str, ...], *conditions: Condition) -> Statement:
    return Statement(
        sid=sid,
        effect="Deny",
        actions=(action,),
        resources=resources,
        principals=_EVERYONE,
        conditions=conditions,
    )
