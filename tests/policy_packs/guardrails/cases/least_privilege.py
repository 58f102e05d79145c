"""What IAM documents grant."""

from __future__ import annotations

from tests.policy_packs.guardrails.building import Case, accepted, policy, refused, resource
from tests.policy_packs.guardrails.statements import (
    ANY_KEY,
    BUCKET,
    KEY,
    NETWORK,
    OBJECTS,
    PERMISSION_SET,
    POLICY,
    ROLE,
    SCP,
    allow,
    deny,
    document,
    shared,
    trust,
    when,
)

CASES: dict[str, list[Case]] = {
    "iam-grammar": [
        accepted("a policy", document(allow("s3:GetObject", OBJECTS, Sid="Read"))),
        accepted(
            "without a version, and without variables",
            resource(BUCKET, {"policy": '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}}'}),
        ),
        accepted("a Sid with blanks, where AWS takes it", shared({"AWS": "222222222222"}, Sid="may write")),
        accepted("an object instead of a text", resource(POLICY, {"policy": {"Statement": [allow("s3:GetObject")]}})),
        accepted("a tag policy, which is no IAM policy", resource(SCP, {"type": "TAG_POLICY", "content": "{}"})),
        accepted("a wildcard for everybody, in a list", shared({"AWS": ["*"]})),
        accepted(
            "keys in any case", document(allow("s3:GetObject", OBJECTS, **when("stringEQUALS", AWS__ResourceTag="x")))
        ),
        refused("a wildcard in a principal", shared({"AWS": "arn:aws:iam::222222222222:role/acme-*"}), "policy/1"),
        refused("every service", shared({"Service": "*"}), "policy/1"),
        refused(
            "one key in two cases, of which one is lost",
            document(
                allow("s3:GetObject", Condition={"StringEquals": {"aws:ResourceOrgID": "a", "aws:resourceOrgId": "b"}})
            ),
            "policy/1",
        ),
        refused(
            "one operator in two cases",
            document(allow("s3:GetObject", Condition={"StringEquals": {"a:b": "c"}, "stringequals": {"a:d": "e"}})),
            "policy/1",
        ),
        refused("Null with IfExists", document(allow("s3:GetObject", **when("NullIfExists", a__b="true"))), "policy/1"),
        refused("true and false", document(allow("s3:GetObject", **when("Bool", a__b=["true", "false"]))), "policy/1"),
        refused("a letter that looks like another", document(allow("\u212ams:Decrypt", ANY_KEY)), "policy/1"),
        refused("no Effect", document({"Action": "s3:GetObject", "Resource": OBJECTS}), "policy/1"),
        refused("a misspelt element", document(allow("s3:GetObject", OBJECTS, Conditions={})), "policy/1"),
        refused("a misspelt operator", document(allow("s3:GetObject", **when("StringEqual", a__b="c"))), "policy/1"),
        refused("both Action and NotAction", document(allow("s3:GetObject", NotAction="s3:*")), "policy/1"),
        refused("a principal in an identity policy", document(allow("s3:GetObject", Principal="*")), "policy/1"),
        refused("no principal in a bucket's policy", document(allow("s3:GetObject"), type_=BUCKET), "policy/1"),
        refused("a resource that is no ARN", document(allow("s3:GetObject", "acme-bucket/*")), "policy/1"),
        refused("one Sid twice", document(deny("s3:*", Sid="A"), deny("sqs:*", Sid="A")), "policy/A"),
        refused(
            "one name twice, of which AWS would keep one",
            resource(POLICY, {"policy": '{"Statement": [{"Effect": "Deny", "Effect": "Allow", "Action": "s3:*"}]}'}),
            "policy/json",
        ),
        refused(
            "variables in the language of 2008",
            resource(POLICY, {"policy": '{"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "${a}"}]}'}),
            "policy/version",
        ),
    ],
    "iam-action-spelling": [
        accepted("as AWS writes it", document(allow(["s3:GetObject", "s3:ListAllMyBuckets"], OBJECTS))),
        accepted("in other case", document(allow("S3:getobject", OBJECTS))),
        accepted("a wildcard that stands for some", document(deny("iam:*Boundary*"))),
        accepted("newer than the table", document(allow(["s3:FoldObject", "newservice:Do", "s3:Fold*"], OBJECTS))),
        refused("one letter more", document(allow("s3:GetObjects", OBJECTS)), "policy/1:s3:GetObjects"),
        refused("two letters that changed places", document(allow("s3:GetObejct")), "policy/1:s3:GetObejct"),
        refused("an operation that is no action", document(allow("s3:ListObjectsV2")), "policy/1:s3:ListObjectsV2"),
        refused("another service", document(deny("kmss:*")), "policy/1:kmss:*"),
        refused(
            "a guardrail that guards nothing",
            document(deny("s3:DeleteBuckets"), type_=SCP, property_="content"),
            "content/1:s3:DeleteBuckets",
        ),
    ],
    "iam-size": [
        accepted("short", document(allow("s3:GetObject", OBJECTS))),
        accepted("long with white space only", resource(POLICY, {"policy": policy(deny("s3:*")) + " " * 9000})),
        refused("long", document(*(deny("s3:*", f"arn:aws:s3:::{n:060d}") for n in range(60))), "policy"),
        refused(
            "a long trust policy",
            trust({"AWS": [f"arn:aws:iam::222222222222:role/{n:040d}" for n in range(40)]}),
            "assumeRolePolicy",
        ),
    ],
    "iam-administrator": [
        accepted("one action on everything", document(allow("s3:ListAllMyBuckets"))),
        accepted("forbidding everything", document(deny("*"))),
        accepted("a ceiling", document(allow("*"), name="acme-boundary")),
        refused("everything", document(allow("*")), "policy/1:*"),
        accepted("services of a prefix, which are another control's", document(deny("*"), allow("s3*:*"))),
        refused("everything in other words", document(allow("*:*", Sid="All")), "policy/All:*:*"),
        refused(
            "in a list, in a role",
            resource(ROLE, {"inlinePolicies": [{"policy": policy(allow(["s3:GetObject", "*"]))}]}),
            "inlinePolicies[0].policy/1:*",
        ),
    ],
    "iam-service-wildcard": [
        accepted("a prefix of actions", document(allow("s3:Get*", OBJECTS))),
        refused("services of a prefix", document(allow("s3*:*", OBJECTS)), "policy/1:s3*:*"),
        accepted("a ceiling", document(allow("s3:*"), name="acme-boundary")),
        accepted("the session of a partner", document(allow("s3:*"), type_="aws:transfer/user:User")),
        accepted(
            "a key left to the policies of its account",
            document({**allow("kms:*"), "Principal": {"AWS": "arn:aws:iam::222222222222:root"}}, type_=KEY),
        ),
        refused("all of S3", document(allow("s3:*", OBJECTS)), "policy/1:s3:*"),
        refused(
            "for people",
            document(allow("s3:*", OBJECTS), type_=PERMISSION_SET, property_="inlinePolicy"),
            "inlinePolicy/1:s3:*",
        ),
        refused(
            "a key given away",
            document({**allow("kms:*"), "Principal": {"AWS": "111111111111"}}, type_=KEY),
            "policy/1:kms:*",
        ),
        refused("a bucket given away", shared({"AWS": "arn:aws:iam::222222222222:role/x"}, "s3:*"), "policy/1:s3:*"),
    ],
    "iam-permissions-wildcard": [
        accepted("reading", document(allow(["s3:List*", "dynamodb:Describe*"], OBJECTS))),
        accepted("writing only", document(allow(["kms:GenerateDataKey*", "kms:ReEncrypt*"], ANY_KEY))),
        accepted("forbidding", document(deny("s3:Put*"))),
        refused("policies among objects", document(allow("s3:Put*", OBJECTS)), "policy/1:s3:Put*"),
        refused("grants among keys", document(allow("kms:Create*", ANY_KEY)), "policy/1:kms:Create*"),
    ],
    "iam-negation": [
        accepted("a Deny outside some services", document({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})),
        accepted(
            "a Deny to others",
            document({**deny("s3:*", OBJECTS), "NotPrincipal": {"AWS": "222222222222"}}, type_=BUCKET),
        ),
        refused(
            "all but IAM", document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), "policy/1:NotAction"
        ),
        refused(
            "all but a bucket",
            document({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": OBJECTS}),
            "policy/1:NotResource",
        ),
        refused(
            "everybody but one",
            document(
                {"Effect": "Allow", "NotPrincipal": {"AWS": "222222222222"}, "Action": "s3:GetObject", "Resource": "*"},
                type_=BUCKET,
            ),
            "policy/1:NotPrincipal",
        ),
    ],
    "iam-permissions-on-all": [
        accepted("of one bucket", document(allow("s3:PutBucketPolicy", "arn:aws:s3:::acme-landing"))),
        accepted(
            "grants for AWS",
            document(allow("kms:CreateGrant", ANY_KEY, **when("Bool", kms__GrantIsForAWSResource="true"))),
        ),
        accepted(
            "the role that one service has",
            document(
                allow("iam:CreateServiceLinkedRole", **when("StringEquals", iam__AWSServiceName="ecs.amazonaws.com"))
            ),
        ),
        refused(
            "the role that any service has",
            document(allow("iam:CreateServiceLinkedRole", **when("StringLike", iam__AWSServiceName="*.amazonaws.com"))),
            "policy/1",
        ),
        refused("of every bucket", document(allow("s3:PutBucketPolicy", "arn:aws:s3:::*")), "policy/1"),
        refused("of every role", document(allow("iam:PutRolePolicy", "arn:aws:iam::222222222222:role/*")), "policy/1"),
    ],
    "iam-write-on-all": [
        accepted("what names no resource", document(allow(["xray:PutTraceSegments", "cloudwatch:PutMetricData"]))),
        accepted("by a prefix", document(allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:222222222222:acme-sales-*"))),
        accepted(
            "below a name", document(allow("logs:PutLogEvents", "arn:aws:logs:eu-west-1:222222222222:log-group:/a/b:*"))
        ),
        accepted(
            "by alias",
            document(allow("kms:Encrypt", ANY_KEY, **when("ForAnyValue:StringEquals", kms__ResourceAliases="alias/a"))),
        ),
        accepted(
            "through one service",
            document(allow("kms:Encrypt", **when("StringEquals", kms__ViaService="s3.eu-west-1.amazonaws.com"))),
        ),
        accepted(
            "by tag",
            document(allow("sqs:SendMessage", Condition={"StringEquals": {"aws:ResourceTag/Product": "orders"}})),
        ),
        accepted(
            "of the organisation",
            document(allow("s3:PutObject", **when("StringEquals", aws__ResourceOrgID="o-acme000001"))),
        ),
        accepted(
            "an account's own network",
            document(allow("ec2:CreateNetworkInterface", "arn:aws:ec2:eu-west-1:222222222222:subnet/*")),
        ),
        accepted(
            "a queue, and the account's own network",
            document(
                allow(
                    ["ec2:CreateNetworkInterface", "sqs:SendMessage"],
                    [
                        "arn:aws:ec2:eu-west-1:222222222222:subnet/*",
                        "arn:aws:sqs:eu-west-1:222222222222:acme-orders",
                    ],
                )
            ),
        ),
        accepted(
            "left to Lambda itself",
            document(
                allow(NETWORK),
                deny(
                    NETWORK,
                    **when("ArnEquals", lambda__SourceFunctionArn="arn:aws:lambda:eu-west-1:222222222222:function:f"),
                ),
            ),
        ),
        accepted(
            "narrowed by a Deny",
            document(
                allow("sqs:SendMessage"), deny("sqs:*", **when("StringNotEquals", aws__ResourceAccount="222222222222"))
            ),
        ),
        refused("every queue", document(allow("sqs:SendMessage")), "policy/1"),
        refused(
            "every queue of the account",
            document(allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:222222222222:*")),
            "policy/1",
        ),
        refused("every object", document(allow("s3:PutObject", ["arn:aws:s3:::*/*"])), "policy/1"),
        refused(
            "every function", document(allow("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:*")), "policy/1"
        ),
        refused("every network", document(allow(NETWORK)), "policy/1"),
        refused(
            "by a condition that says nothing",
            document(allow("kms:Encrypt", **when("StringLike", kms__ViaService="*"))),
            "policy/1",
        ),
        refused(
            "only if it has a tag",
            document(allow("sqs:SendMessage", Condition={"StringEqualsIfExists": {"aws:ResourceTag/a": "b"}})),
            "policy/1",
        ),
        refused(
            "all aliases but one",
            document(allow("kms:Encrypt", **when("StringNotEquals", kms__ResourceAliases="alias/a"))),
            "policy/1",
        ),
        refused(
            "over TLS", document(allow("sqs:SendMessage", **when("Bool", aws__SecureTransport="true"))), "policy/1"
        ),
        refused(
            "a Deny for other actions",
            document(
                allow("sqs:SendMessage"),
                deny("sqs:ReceiveMessage", **when("StringNotEquals", aws__ResourceAccount="222222222222")),
            ),
            "policy/1",
        ),
    ],
    "iam-read-on-all": [
        accepted("what names no resource", document(allow(["s3:ListAllMyBuckets", "ec2:DescribeSubnets"]))),
        accepted("one bucket", document(allow("s3:GetObject", OBJECTS))),
        accepted("buckets of a prefix", document(allow("s3:GetObject", "arn:aws:s3:::acme-*"))),
        accepted("what lists mostly what has no name", document(allow("ec2:Describe*"))),
        accepted("what is denied again", document(allow("s3:GetObject*"), deny("s3:Get*"))),
        accepted(
            "all that a Deny of the rest leaves",
            document(
                allow(["s3:GetObject", "s3:ListAllMyBuckets"]),
                {"Effect": "Deny", "NotAction": "s3:ListAllMyBuckets", "Resource": "*"},
            ),
        ),
        refused("what is denied of one bucket", document(allow("s3:GetObject"), deny("s3:Get*", OBJECTS)), "policy/1"),
        refused(
            "what is denied on some days",
            document(
                allow("s3:GetObject"),
                deny("s3:*", **when("DateLessThan", aws__CurrentTime="2026-01-01T00:00:00Z")),
            ),
            "policy/1",
        ),
        refused("what lists mostly what has a name", document(allow("rds:Describe*")), "policy/1"),
        refused("what also reads", document(allow("ssm:Describe*")), "policy/1"),
        refused("one that lists, by name", document(allow(["ec2:Describe*", "ec2:DescribeVpcAttribute"])), "policy/1"),
        refused("every object", document(allow("s3:GetObject")), "policy/1"),
        refused(
            "every secret",
            document(allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:*")),
            "policy/1",
        ),
    ],
}
