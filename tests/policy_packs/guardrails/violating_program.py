"""A program nobody should deploy. Every resource breaks something; the test says what the pack has to find."""

import json

import pulumi
import pulumi_aws as aws


def policy(**statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


pinned = aws.Provider(
    "pinned",
    region="eu-west-1",
    allowed_account_ids=["222222222222"],
    assume_roles=[aws.ProviderAssumeRoleArgs(role_arn="arn:aws:iam::222222222222:role/deploy")],
    default_tags={"tags": {"Owner": "o", "CostCentre": "c", "BusinessUnit": "b", "Environment": "prod"}},
)
within = pulumi.ResourceOptions(provider=pinned)

aws.Provider(
    "elsewhere",
    region="ap-south-1",
    allowed_account_ids=["111111111111"],
    assume_roles=[aws.ProviderAssumeRoleArgs(role_arn="arn:aws:iam::111111111111:role/deploy")],
)
bucket = aws.s3.Bucket("open", bucket="acme-open", opts=within)
aws.s3.BucketPolicy(
    "open",
    bucket=bucket.bucket,
    policy=policy(Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::acme-open/*"),
    opts=within,
)
aws.sqs.Queue("aws-key", kms_master_key_id="alias/aws/sqs", opts=within)
key = aws.kms.Key("key", description="neither rotated nor multi-region", opts=within)
aws.sqs.Queue("key-not-known-yet", kms_master_key_id=key.arn, opts=within)
aws.iam.Role(
    "stranger",
    assume_role_policy=policy(Principal={"AWS": "arn:aws:iam::999999999999:root"}, Action="sts:AssumeRole"),
    opts=within,
)
aws.iam.Policy("administrator", policy=policy(Action="*", Resource="*"), opts=within)
aws.iam.Policy(
    "not-known-yet", policy=key.arn.apply(lambda arn: policy(Action="kms:Decrypt", Resource=arn)), opts=within
)
aws.ec2.SecurityGroup(
    "ssh",
    ingress=[{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}],
    opts=within,
)
aws.lambda_.Function(
    "secretive",
    role="arn:aws:iam::222222222222:role/x",
    runtime="python3.8",
    handler="a.b",
    environment={"variables": {"DB_PASSWORD": "hunter2"}},
    opts=within,
)
