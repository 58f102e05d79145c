"""Calls that name another account's resource go to that account.

On AWS the resource's ARN decides where a call goes; moto always takes the caller's account. So the account of a
request is its resource's owner here, for the services and parameters below: what their API reference documents as
taking the ARN (or queue URL, or catalogue id) of a resource in another account. Nothing else of a request is looked
at: the ARN of a stream in CreateEventSourceMapping, for one, names a resource that the new mapping only refers to.

Not enforced: whether the owner's resource policy lets the caller in. A call by a caller whom no account has
authenticated (keys that moto has not issued) stays where it is.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from moto.core.responses import BaseResponse
from moto.iam.models import iam_backends

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "awslambda": ("FunctionName",),
    "dynamodb": ("TableName", "ResourceArn", "TableArn"),
    "dynamodbstreams": ("StreamArn", "ShardIterator"),
    "events": ("EventBusName", "Name"),
    "glue": ("CatalogId",),
    "kinesis": ("StreamARN", "ResourceARN"),
    "kms": ("KeyId", "DestinationKeyId"),
    "lakeformation": ("CatalogId",),
    "secretsmanager": ("SecretId",),
    "sns": ("TopicArn", "TargetArn"),
    "sqs": ("QueueUrl",),
    "ssm": ("Name",),
    "stepfunctions": ("stateMachineArn", "executionArn"),
}
"""By moto's name of a service: the parameters whose owner is the account that answers."""

_OWNER = re.compile(r"^(?:arn:[^:]+:[^:]+:[^:]*:(\d{12}):.*|https?://[^/]+/(\d{12})/[^/]+|(\d{12}))$", re.DOTALL)
_FUNCTION = re.compile(r"^/20\d\d-\d\d-\d\d/functions/([^/]+)")


def owner(service: str, parameters: Mapping[str, Any]) -> str | None:
    """The 12 digits of the account that owns the resource `parameters` name, None when they name none by its owner."""
    for value in _named(service, parameters):
        match = _OWNER.match(value) if isinstance(value, str) else None
        if match is not None:
            arn, url, account = match.groups()
            # A bare account id is a catalogue; for every other service it is a name made of digits.
            found: str | None = arn or url or (account if service in ("glue", "lakeformation") else None)
            if found:
                return found
    return None


def _named(service: str, parameters: Mapping[str, Any]) -> Iterator[Any]:
    for name in PARAMETERS.get(service, ()):
        yield parameters.get(name)
    if service == "dynamodb":  # the batch and transaction calls name tables one level down
        yield from parameters.get("RequestItems") or ()
        for item in parameters.get("TransactItems") or ():
            yield from (operation.get("TableName") for operation in item.values() if isinstance(operation, dict))


def install() -> None:
    """Make moto's request handling ask `owner` for the account."""
    caller_account = BaseResponse.get_current_account

    def get_current_account(self: Any) -> str:
        caller: str = caller_account(self)
        if self.service_name not in PARAMETERS or not _authenticated(self.get_access_key()):
            return caller
        return owner(self.service_name, _parameters(self)) or caller

    setattr(BaseResponse, "get_current_account", get_current_account)  # noqa: B010 (mypy refuses the assignment)


def _authenticated(access_key: str) -> bool:
    accounts = list(iam_backends.values())
    return any(access_key in backend.access_keys for account in accounts for backend in list(account.values()))


def _parameters(response: Any) -> Mapping[str, Any]:
    """The request's parameters, whichever of AWS's protocols carries them."""
    if response.service_name == "awslambda":
        match = _FUNCTION.match(response.raw_path or "")
        return {"FunctionName": unquote(match.group(1))} if match else {}
    if response.service_name == "sns":
        return {name: values[0] for name, values in response.querystring.items() if values}
    try:
        body = json.loads(response.body or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
