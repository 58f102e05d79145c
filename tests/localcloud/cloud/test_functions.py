"""Functions: what a lifecycle does not show."""

import base64

from localcloud.cloud.materialise import KINDS, Props, Target
from localcloud.cloud.materialise.archive import zipped
from tests.localcloud.cloud.lifecycles.case import code
from tests.localcloud.cloud.lifecycles.needs import role

FUNCTION = KINDS["aws:lambda/function:Function"]


def _inputs(target: Target, **more: object) -> Props:
    return {
        "name": "f",
        "role": role(target)["arn"],
        "handler": "index.handler",
        "runtime": "python3.12",
        "code": code("one"),
        **more,
    }


def test_other_code_is_deployed_and_the_same_code_is_not(target: Target) -> None:
    inputs = _inputs(target)
    name, made = FUNCTION.create(target, inputs)
    same = FUNCTION.update(target, name, inputs, {**inputs, "timeout": 9})
    assert same["codeSha256"] == made["codeSha256"]
    changed = FUNCTION.update(target, name, inputs, {**inputs, "code": code("two")})
    assert changed["codeSha256"] != made["codeSha256"]
    deployed = target.client("lambda").get_function_configuration(FunctionName=name)
    assert deployed["CodeSha256"] == changed["codeSha256"]


def test_a_published_function_has_a_version_for_each_change(target: Target) -> None:
    inputs = _inputs(target, publish=True)
    name, made = FUNCTION.create(target, inputs)
    changed = FUNCTION.update(target, name, inputs, {**inputs, "code": code("two")})
    assert (made["version"], changed["version"]) == ("1", "2")
    assert changed["qualifiedArn"] == f"{made['arn']}:2"


def test_code_may_lie_in_a_bucket(target: Target) -> None:
    bucket = f"code-{target.account}"
    target.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": target.region})
    body = KINDS["aws:s3/bucketObjectv2:BucketObjectv2"]
    packed = base64.b64encode(zipped(code())).decode()
    body.create(target, {"bucket": bucket, "key": "f.zip", "contentBase64": packed})
    inputs = {**_inputs(target, s3Bucket=bucket, s3Key="f.zip"), "code": None}
    _, made = FUNCTION.create(target, inputs)
    assert made["codeSha256"]
