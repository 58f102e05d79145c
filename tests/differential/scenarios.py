"""What both engines are put through: programs in stages, each a command and the program as it then is.

The lines of `workspace.HEAD` come before each program. The tags that make a resource fail are those of the test
provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Stage:
    """`pack` is the configuration of the policy pack, None runs without one. `heal` ends all failures for good."""

    command: str
    program: str = ""
    stack: str = "dev"
    heal: bool = False
    pack: dict[str, Any] | None = None


@dataclass(frozen=True)
class Scenario:
    """`settles`: after the last stage, a preview of its program shows no change."""

    stages: list[Stage]
    settles: bool = True


def preview(program: str, **more: Any) -> Stage:
    return Stage("preview", program, **more)


def up(program: str, **more: Any) -> Stage:
    return Stage("up", program, **more)


def both(program: str, **more: Any) -> list[Stage]:
    return [preview(program, **more), up(program, **more)]


DESTROY, REFRESH = Stage("destroy"), Stage("refresh")

PACK = """\
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ResourceValidationPolicy,
    StackValidationPolicy,
)

BUCKET, QUEUE = "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue"


def tag(args, report):
    if args.resource_type == BUCKET and (args.props.get("tags") or {}).get("bad"):
        region = args.provider.props.get("region") if args.provider else None
        report(f"bad tag on {args.name} in {region}")


def note(args, report):
    if args.resource_type == BUCKET:
        report("a bucket")


def fix(args):
    if args.resource_type == QUEUE and "fix" in args.name:
        return {**args.props, "delaySeconds": 7}


def tagged(args):
    if args.resource_type == QUEUE and "fix" in args.name and not args.props.get("tags"):
        return {**args.props, "tags": {"owner": "policy", "delay": str(args.props.get("delaySeconds"))}}


def count(args, report):
    n = len([resource for resource in args.resources if resource.resource_type == BUCKET])
    if n > args.get_config()["max"]:
        report(f"{n} buckets")


LIMIT = PolicyConfigSchema(properties={"max": {"type": "integer", "default": 3}})

PolicyPack(
    "tests",
    policies=[
        ResourceValidationPolicy("tag", "d", tag, enforcement_level=EnforcementLevel.MANDATORY),
        ResourceValidationPolicy("note", "d", note, enforcement_level=EnforcementLevel.ADVISORY),
        ResourceValidationPolicy("fix", "d", remediate=fix, enforcement_level=EnforcementLevel.REMEDIATE),
        ResourceValidationPolicy("tagged", "d", remediate=tagged, enforcement_level=EnforcementLevel.REMEDIATE),
        StackValidationPolicy("count", "d", count, EnforcementLevel.MANDATORY, LIMIT),
    ],
)
"""

CHAIN = """\
a = bucket("a", {"v": "1"})
policy = a.arn.apply(lambda arn: json.dumps({"resource": arn}))
role = aws.iam.RolePolicy("p", role=a.bucket, policy=policy)
queue = aws.sqs.Queue("q", tags={"arn": a.arn})
"""
DELETE_FIRST = CHAIN.replace('"1"}', '"1"}, O(delete_before_replace=True)')
NEW_NAME = ('bucket("a", ', 'bucket("a", bucket="other", tags=')
NEW_NAME_FIRST = ('bucket("a", {"v": "1"}, O(', 'bucket("a", {"v": "1"}, bucket="other", opts=O(')

PROTECTED = """\
pair = Pair("c", O(protect=True))
bucket("a", {"a": "1"}, O(protect=True, depends_on=[pair.queue]), bucket="b-a")
"""

FAILS = """\
a = bucket("a")
b = bucket("b", {"boom": "yes"}, O(depends_on=[a]))
bucket("c", opts=O(depends_on=[b]))
pulumi.export("x", a.arn)
"""

TREE = """\
provider = aws.Provider("p", region="eu-west-1", default_tags={"tags": {"o": "x"}})
Pair("o", O(provider=provider))


class Outer(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("mesh:test:Outer", name, {}, opts)
        self.inner = Pair(name + "-in", O(parent=self))
        self.register_outputs({})


outer = Outer("x", O(providers=[provider]))
pulumi.export("r", outer.inner.bucket.region)
options = pulumi.InvokeOptions(provider=provider)
pulumi.export("me", aws.get_caller_identity_output(opts=options).account_id)
pulumi.export("where", aws.get_region_output(opts=pulumi.InvokeOptions(parent=outer)).name)
"""

NETWORK = """\
import pulumi_awsx as awsx

vpc = awsx.ec2.Vpc("net", cidr_block="10.1.0.0/16", tags={"a": bucket("t").arn})
pulumi.export("id", vpc.vpc_id)
aws.ec2.SecurityGroup("sg", vpc_id=vpc.vpc_id)
"""
NETWORK_ELSEWHERE = """\
import pulumi_awsx as awsx

north = aws.Provider("p", region="eu-north-1")
awsx.ec2.Vpc("net", cidr_block="10.2.0.0/16", opts=O(providers={"aws": north}))
"""

BASE = """\
pulumi.export("arn", bucket("a").arn)
pulumi.export("password", pulumi.Output.secret("hunter2"))
"""
CONSUMER = """\
base = pulumi.StackReference("organization/mesh/base")
bucket("u", {"ref": base.require_output("arn"), "password": base.get_output("password")})
pulumi.export("got", base.require_output("arn"))
pulumi.export("password", base.get_output("password"))
"""

OWN_OUTPUTS = """\
before = pulumi.StackReference(f"organization/mesh/{pulumi.get_stack()}").get_output("count")
pulumi.export("count", before.apply(lambda count: min((count or 0) + 1, 2)))
bucket("a", {"count": before.apply(lambda count: str(int(count or 0)))})
"""

SECRETS = """\
name = config.require_secret("s")
tag = pulumi.Output.secret({"x": "y"}).apply(lambda d: d["x"])
queue = aws.sqs.Queue("q", name=name, tags={"n": tag}, opts=O(additional_secret_outputs=["arn"]))
pulumi.export("q", queue.arn)
pulumi.export("nested", {"k": [name]})
"""

OPTIONS = """\
a = bucket("a", opts=O(retain_on_delete=True))
b = bucket("b", opts=O(custom_timeouts=pulumi.CustomTimeouts(create="5m")))
got = aws.s3.Bucket.get("got", "existing")
aws.s3.Bucket("imported", bucket="there", opts=O(import_="there"))
"""

ASSETS = """\
role = bucket("r").arn
aws.s3.BucketObject("o", bucket="b", source=pulumi.StringAsset("hello"))
aws.lambda_.Function("f", role=role, code=pulumi.FileArchive("stacks"))
code = {"b/x.txt": pulumi.StringAsset("hi"), "a": pulumi.FileAsset("Pulumi.yaml"), "d": pulumi.FileArchive("stacks")}
aws.lambda_.Function("f2", role=role, code=pulumi.AssetArchive(code))
"""

UNKNOWN_PROVIDER = """\
r = bucket("r")
p = aws.Provider("p", region=r.arn.apply(lambda arn: "eu-west-3"))
u = bucket("u", opts=O(provider=p))
bucket("w", {"x": u.region}, O(provider=p))
pulumi.export("me", aws.get_caller_identity_output(opts=pulumi.InvokeOptions(provider=p)).account_id)
aws.s3.Bucket.get("g", "gg", opts=O(provider=p))
"""

STUCK = 'bucket("a", {"nodel": "yes"}, bucket="%s")\n'
INIT = 'a = bucket("a", {"init": "yes"})\nbucket("b", opts=O(depends_on=[a]))\n'
BAD_TAGS = 'c = bucket("c")\nbucket("b", {"bad": "1"}, O(depends_on=[c]))\n'
MANY = 'bucket("c")\naws.sqs.Queue("fixme")\nfor name in "xyz":\n    bucket(name)\n'
IMPORT_OTHER = """\
a = bucket("a")
aws.iam.Role("r", name="other", assume_role_policy="{}", opts=O(import_="there", depends_on=[a]))
"""
TWICE = 'a = bucket("a")\nbucket("a", opts=O(depends_on=[a]))\n'
UPDATE_FAILS = 'a = bucket("a", {"boom": "yes"})\nbucket("b", {"a": "2"}, O(depends_on=[a]))\n'
REPLACE_FAILS = 'bucket("a", {"boom": "yes"}, O(delete_before_replace=True), bucket="n")\n'

SCENARIOS = {
    "lifecycle": Scenario(
        [
            *both(CHAIN),
            up(CHAIN),
            *both(CHAIN.replace('"1"', '"2"')),
            *both(CHAIN.replace(*NEW_NAME)),
            up('a = bucket("a", bucket="other", tags={"v": "1"})\n'),
            REFRESH,
            DESTROY,
        ]
    ),
    "delete before replace": Scenario([up(DELETE_FIRST), *both(DELETE_FIRST.replace(*NEW_NAME_FIRST))]),
    "ignore changes": Scenario(
        [
            up('bucket("a", {"a": "1", "b": "1"})\n'),
            up('bucket("a", {"a": "2", "b": "2"}, O(ignore_changes=["tags.a"]))\n'),
            up('bucket("a", {"a": "3", "b": "3"}, O(ignore_changes=["tags"]), bucket="z")\n'),
            up('bucket("a", {"a": "4"}, O(replace_on_changes=["tags"]), bucket="z")\n'),
        ]
    ),
    "protect": Scenario(
        [
            up(PROTECTED),
            *both(PROTECTED.replace('bucket="b-a"', 'bucket="n"')),
            *both('Pair("c", O(protect=True))\n'),
            DESTROY,
        ]
    ),
    "policies": Scenario(
        [
            preview(BAD_TAGS + 'bucket("d", {"bad": "2"})\n', pack={}),
            up(BAD_TAGS, pack={}),
            up(MANY, pack={}),
            preview(MANY, pack={"count": {"max": 9}, "note": "disabled"}),
            up('bucket("c", {"bad": "1"})\naws.sqs.Queue("fixme")\n', pack={"all": "advisory"}),
        ],
        settles=False,
    ),
    "remediation": Scenario(
        [*both('aws.sqs.Queue("fixme")\n', pack={}), up('aws.sqs.Queue("fixme")\n', pack={})], settles=False
    ),
    "resume": Scenario(
        [
            up(FAILS),
            up(FAILS, heal=True),
            up('a = bucket("a")\npulumi.export("y", a.arn)\nraise Exception("a bug")\n'),
        ],
        settles=False,
    ),
    "providers": Scenario(
        [
            *both(TREE),
            up(TREE.replace("eu-west-1", "eu-west-2")),
            up(TREE.replace("eu-west-1", "eu-west-2").replace('"o": "x"', '"o": "y"')),
            DESTROY,
        ]
    ),
    "remote components": Scenario(
        [*both(NETWORK), up(NETWORK), up(NETWORK.replace("10.1.0.0", "10.2.0.0")), up(NETWORK_ELSEWHERE), DESTROY]
    ),
    "stack references": Scenario([up(BASE, stack="base"), *both(CONSUMER), up(CONSUMER)]),
    "a stack's own last outputs": Scenario([*both(OWN_OUTPUTS), *both(OWN_OUTPUTS), up(OWN_OUTPUTS)]),
    "secrets": Scenario([up(SECRETS), up(SECRETS), up(SECRETS.replace('"x": "y"', '"x": "z"'))]),
    "options": Scenario(
        [
            up(OPTIONS),
            *both(OPTIONS),
            REFRESH,
            up('a = bucket("a")\nb = bucket("b")\ngot = bucket("got", bucket="mine")\n'),
            DESTROY,
        ]
    ),
    "assets": Scenario([*both(ASSETS), up(ASSETS), up(ASSETS.replace("hello", "world"))]),
    "drift": Scenario(
        [
            up('bucket("a", {"drift": "yes"})\nbucket("b", {"gone": "yes"})\nbucket("c")\n'),
            REFRESH,
            *both('bucket("a", {"v": "1"})\nbucket("b")\nbucket("c")\n'),
        ]
    ),
    "aliases": Scenario(
        [
            up('Pair("c")\nbucket("old")\n'),
            up(
                'Pair("d", O(aliases=[pulumi.Alias(name="c")]))\n'
                'bucket("new", bucket="b-old", opts=O(aliases=[pulumi.Alias(name="old")]))\n'
            ),
            up(
                'Pair("d", O(aliases=[pulumi.Alias(type_="mesh:test:Pair")]), type_="mesh:test:Two")\n'
                'bucket("new", bucket="b-old")\n'
            ),
        ]
    ),
    "delete fails": Scenario(
        [up(STUCK % "one"), up(STUCK % "two"), up(STUCK % "three"), up(STUCK % "three", heal=True)]
    ),
    "replacement fails": Scenario(
        [up('bucket("a")\n'), up(REPLACE_FAILS), preview(REPLACE_FAILS), up(REPLACE_FAILS, heal=True)]
    ),
    "update fails": Scenario(
        [
            up('a = bucket("a")\nbucket("b", opts=O(depends_on=[a]))\n'),
            up(UPDATE_FAILS),
            up(UPDATE_FAILS, heal=True),
        ]
    ),
    "initialisation fails": Scenario([up(INIT), preview(INIT), up(INIT, heal=True), up(INIT)]),
    "unknown provider": Scenario(
        [
            *both(UNKNOWN_PROVIDER),
            up(UNKNOWN_PROVIDER.replace('bucket("r")', 'bucket("r", bucket="r2")')),
            DESTROY,
        ]
    ),
    "refusals": Scenario(
        [*both('bucket("a", bucket="UPPER")\n'), up(TWICE), up(IMPORT_OTHER), preview(IMPORT_OTHER)], settles=False
    ),
}
