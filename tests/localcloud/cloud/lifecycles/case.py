"""What a lifecycle is, and what several of them say."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from localcloud.cloud.materialise import Props, Target
from localcloud.cloud.materialise.archive import ARCHIVE, SIGNATURE, text_asset

TAGS = {"owner": "alice", "environment": "prod"}
ASSUMED_BY_LAMBDA = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
PATTERN = json.dumps({"source": ["orders"]})


@dataclass(frozen=True)
class Lifecycle:
    """inputs and changes may hold what `needs` returns: their functions are given it."""

    token: str
    inputs: Callable[[Props], Props]
    changes: Callable[[Props], Props] = lambda needs: {}
    needs: Callable[[Target], Props] = lambda target: {}
    id: Callable[[Props, Target], str] | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    remains: bool = False  # its deletion turns it off; there is no being without it


def policy(resource: str, action: str = "s3:GetObject", **more: object) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def code(source: str = "def handler(event, context):\n    return event\n") -> Props:
    return {SIGNATURE: ARCHIVE, "assets": {"index.py": text_asset(source)}}


def redrive(arn: str, times: int) -> str:
    return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": times})


def columns(*names: str) -> list[Props]:
    return [{"name": name, "type": "string", "comment": f"the {name}"} for name in names]
