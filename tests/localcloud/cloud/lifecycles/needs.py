"""What must be there before a lifecycle starts; each says what it made."""

from localcloud.cloud.materialise import KINDS, Props, Target
from tests.localcloud.cloud.lifecycles.case import ASSUMED_BY_LAMBDA, PATTERN, code, policy


def bucket(target: Target) -> Props:
    name = f"bucket-{target.account}-{target.region}"
    client = target.client("s3")
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": target.region})
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return {"bucket": name, "arn": f"arn:aws:s3:::{name}"}


def role(target: Target) -> Props:
    made = target.client("iam").create_role(RoleName=f"r-{target.region}", AssumeRolePolicyDocument=ASSUMED_BY_LAMBDA)
    return {"role": made["Role"]["RoleName"], "arn": made["Role"]["Arn"]}


def key(target: Target) -> Props:
    made = target.client("kms").create_key(MultiRegion=True)["KeyMetadata"]
    return {"key": made["KeyId"], "arn": made["Arn"]}


def queue(target: Target) -> Props:
    url = target.client("sqs").create_queue(QueueName="source")["QueueUrl"]
    return {"url": url, "arn": f"arn:aws:sqs:{target.region}:{target.account}:source"}


def primary_elsewhere(target: Target) -> Props:
    return key(Target(target.endpoint, target.account, "us-east-1"))


def function(target: Target) -> Props:
    made = KINDS["aws:lambda/function:Function"]
    inputs = {"name": "f", "role": role(target)["arn"], "handler": "index.handler", "runtime": "python3.12"}
    id_, outputs = made.create(target, {**inputs, "code": code()})
    target.client("lambda").publish_version(FunctionName=id_)
    return {"function": id_, "arn": outputs["arn"], "queue": queue(target)["arn"], "bucket": "arn:aws:s3:::some"}


def dead_letters(target: Target) -> str:
    target.client("sqs").create_queue(QueueName="dead")
    return f"arn:aws:sqs:{target.region}:{target.account}:dead"


def fifo_queue(target: Target) -> str:
    target.client("sqs").create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})
    return f"arn:aws:sqs:{target.region}:{target.account}:dead.fifo"


def managed_policy(target: Target) -> str:
    made = target.client("iam").create_policy(PolicyName=f"m-{target.region}", PolicyDocument=policy("*"))
    return str(made["Policy"]["Arn"])


def log_bucket(target: Target) -> Props:
    made = bucket(target)
    allowed = policy(made["arn"] + "/*", "s3:PutObject", Principal={"Service": "logging.s3.amazonaws.com"})
    target.client("s3").put_bucket_policy(Bucket=made["bucket"], Policy=allowed)
    return made


def bus_with_rule(target: Target) -> Props:
    client = target.client("events")
    client.create_event_bus(Name="b")
    client.put_rule(Name="r", EventBusName="b", EventPattern=PATTERN)
    return {**queue(target), "bus": f"arn:aws:events:{target.region}:{target.account}:event-bus/b"}


def topic(target: Target) -> Props:
    arn = target.client("sns").create_topic(Name="t")["TopicArn"]
    return {"topic": arn, "queue": queue(target)["arn"]}


def secret(target: Target) -> Props:
    return {"secret": target.client("secretsmanager").create_secret(Name="s")["ARN"]}


def catalogue(target: Target) -> Props:
    """A hub account's catalogue with a database and a table."""
    hub = Target(target.endpoint, str(int(target.account) + 10000), target.region)
    client = hub.client("glue")
    client.create_database(DatabaseInput={"Name": "db"})
    client.create_table(DatabaseName="db", TableInput={"Name": "t"})
    lf = hub.client("lakeformation")
    lf.create_lf_tag(TagKey="domain", TagValues=["sales", "hr"])
    lf.create_lf_tag(TagKey="class", TagValues=["public", "internal"])
    return {"hub": hub.account}


def registry(target: Target) -> Props:
    return {"registry": target.client("glue").create_registry(RegistryName="r")["RegistryArn"]}


def server(target: Target) -> Props:
    client = target.client("transfer")
    server_id = client.create_server()["ServerId"]
    client.create_user(ServerId=server_id, UserName="partner", Role=role(target)["arn"])
    return {"server": server_id, "role": f"arn:aws:iam::{target.account}:role/other"}


def api(target: Target) -> Props:
    client = target.client("apigatewayv2")
    api_id = client.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    return {"api": api_id}


def pool(target: Target) -> Props:
    return {"pool": target.client("cognito-idp").create_user_pool(PoolName="p")["UserPool"]["Id"]}
