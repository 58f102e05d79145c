"""What moto 5.2.5 does otherwise than AWS, and the local cloud as AWS does."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud.target import Target


@pytest.fixture
def bucket(target: Target) -> str:
    name = f"b-{target.account}"
    target.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": target.region})
    target.client("s3").put_object(Bucket=name, Key="k", Body=b"x")
    return name


def _deny(bucket: str, **more: Any) -> str:
    objects = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": objects, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    "more",
    [
        {"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Principal": {"AWS": "*"}, "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-acme000001"}}},
        {"Principal": {"AWS": "arn:aws:iam::999999999999:root"}},
    ],
)
def test_a_bucket_denies_only_what_its_policy_says(target: Target, bucket: str, more: dict[str, Any]) -> None:
    client = target.client("s3")
    client.put_bucket_policy(Bucket=bucket, Policy=_deny(bucket, **more))
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]})
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)


def test_a_bucket_that_denies_everybody_everything_does(target: Target, bucket: str) -> None:
    client = target.client("s3")
    client.put_bucket_policy(Bucket=bucket, Policy=_deny(bucket, Principal="*"))
    with pytest.raises(ClientError, match="403"):
        client.get_object(Bucket=bucket, Key="k")


def test_a_role_can_have_a_policy_that_aws_publishes(target: Target) -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    client = target.client("iam")
    client.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    client.attach_role_policy(RoleName="r", PolicyArn=arn)
    (attached,) = client.list_attached_role_policies(RoleName="r")["AttachedPolicies"]
    assert attached["PolicyArn"] == arn
    with pytest.raises(client.exceptions.NoSuchEntityException):
        client.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/NoSuchPolicy")


def test_one_of_many_conditional_writes_wins(target: Target) -> None:
    client = target.client("dynamodb")
    client.create_table(
        TableName="locks",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def won(item: str) -> bool:
        try:
            client.put_item(TableName="locks", Item={"id": {"S": item}}, ConditionExpression="attribute_not_exists(id)")
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        for item in map(str, range(10)):
            assert sum(pool.map(won, [item] * 8)) == 1


def test_an_iterator_by_the_stream_s_arn_works(target: Target) -> None:
    client = target.client("kinesis")
    client.create_stream(StreamName="s", ShardCount=1)
    client.put_record(StreamName="s", Data=b"a", PartitionKey="p")
    arn = f"arn:aws:kinesis:{target.region}:{target.account}:stream/s"
    shard = client.list_shards(StreamName="s")["Shards"][0]["ShardId"]
    iterator = client.get_shard_iterator(StreamARN=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    assert client.get_records(ShardIterator=iterator["ShardIterator"])["Records"]


def test_an_event_to_a_bus_that_is_not_there_is_refused(target: Target) -> None:
    client = target.client("events")
    for arn in (
        f"arn:aws:events:{target.region}:{target.account}:event-bus/none",
        "arn:aws:events:nowhere-1:111111111111:event-bus/b",
    ):
        entry = {"Source": "a", "DetailType": "b", "Detail": "{}", "EventBusName": arn}
        with pytest.raises(ClientError):
            client.put_events(Entries=[entry])


def test_tags_are_added_to_those_a_table_has(target: Target) -> None:
    target.client("glue").create_database(DatabaseInput={"Name": "db"})
    client = target.client("lakeformation")
    database = {"Database": {"Name": "db"}}
    assert not client.get_resource_lf_tags(Resource=database).get("LFTagOnDatabase")
    for key in ("domain", "class"):
        client.create_lf_tag(TagKey=key, TagValues=["a", "b"])
        client.add_lf_tags_to_resource(Resource=database, LFTags=[{"TagKey": key, "TagValues": ["a"]}])
    client.add_lf_tags_to_resource(Resource=database, LFTags=[{"TagKey": "class", "TagValues": ["b"]}])
    tags = client.get_resource_lf_tags(Resource=database)["LFTagOnDatabase"]
    assert {tag["TagKey"]: tag["TagValues"] for tag in tags} == {"domain": ["a"], "class": ["b"]}


def test_columns_have_tags_of_their_own(target: Target) -> None:
    client = target.client("lakeformation")
    client.create_lf_tag(TagKey="class", TagValues=["a"])
    tags = [{"TagKey": "class", "TagValues": ["a"]}]

    def columns(*names: str) -> dict[str, Any]:
        return {"TableWithColumns": {"DatabaseName": "db", "Name": "t", "ColumnNames": list(names)}}

    client.add_lf_tags_to_resource(Resource=columns("x", "y", "z"), LFTags=tags)
    client.remove_lf_tags_from_resource(Resource=columns("x", "y"), LFTags=tags)
    found = client.get_resource_lf_tags(Resource=columns("x", "y", "z"))["LFTagsOnColumns"]
    assert [column["Name"] for column in found] == ["z"]


def test_a_grant_that_was_added_to_can_be_revoked(target: Target) -> None:
    client = target.client("lakeformation")
    grant = {
        "Principal": {"DataLakePrincipalIdentifier": "222222222222"},
        "Resource": {"Table": {"DatabaseName": "db", "Name": "t"}},
    }
    client.grant_permissions(**grant, Permissions=["SELECT"])
    client.grant_permissions(**grant, Permissions=["DESCRIBE"])
    (granted,) = client.list_permissions()["PrincipalResourcePermissions"]
    assert set(granted["Permissions"]) == {"SELECT", "DESCRIBE"}
    client.revoke_permissions(**grant, Permissions=["SELECT", "DESCRIBE"])
    assert client.list_permissions()["PrincipalResourcePermissions"] == []


def test_a_bus_has_the_policy_it_was_last_given(target: Target) -> None:
    client = target.client("events")
    client.create_event_bus(Name="b")
    for account in ("111111111111", "222222222222"):
        statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "events:PutEvents", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        client.put_permission(EventBusName="b", Policy=json.dumps(document))
    assert json.loads(client.describe_event_bus(Name="b")["Policy"])["Statement"] == [statement]


def test_a_pool_keeps_how_its_users_are_named(target: Target) -> None:
    client = target.client("cognito-idp")
    pool = client.create_user_pool(PoolName="p", UsernameAttributes=["email"])["UserPool"]["Id"]
    client.update_user_pool(UserPoolId=pool, MfaConfiguration="OFF")
    assert client.describe_user_pool(UserPoolId=pool)["UserPool"]["UsernameAttributes"] == ["email"]


def test_a_replica_of_a_key_decrypts_and_has_aliases_of_its_own(target: Target) -> None:
    there = Target(target.endpoint, target.account, "eu-central-1")
    client = target.client("kms")
    key = client.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName="alias/a", TargetKeyId=key)
    client.replicate_key(KeyId=key, ReplicaRegion=there.region)
    assert re.fullmatch("mrk-[0-9a-f]{32}", key)
    sealed = client.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    for place in (target, there):
        assert place.client("kms").decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    there.client("kms").create_alias(AliasName="alias/a", TargetKeyId=key)
    assert [alias["AliasName"] for alias in there.client("kms").list_aliases(KeyId=key)["Aliases"]] == ["alias/a"]
