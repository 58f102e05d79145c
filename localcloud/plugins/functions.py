"""The provider functions ("invokes") that programs use."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.engine.values import Props
from localcloud.plugins import sdk
from localcloud.plugins.checking import failures
from localcloud.plugins.configuration import Configuration, partition, regions
from localcloud.plugins.errors import RefusedError
from localcloud.plugins.policy_document import DocumentError, policy_document

_DIRECTIONS = re.compile("north|south|east|west|central|gov")
ZONES = "abc"
"""Every region of the local cloud has three availability zones."""


class FunctionError(RefusedError):
    """The function is not there, or refuses its arguments."""


def invoke(token: str, args: Props, configuration: Configuration) -> Props:
    """The result of the function `token`.

    Raises:
        FunctionError: the local cloud does not have the function, or it refuses its arguments.
    """
    function = _FUNCTIONS.get(token)
    if function is None:
        raise FunctionError(
            f"the local cloud does not have the function {token}; it has " + ", ".join(sorted(_FUNCTIONS))
        )
    wrong = failures(sdk.arguments(token) or {}, args)
    if wrong:
        raise FunctionError(f"{token}: " + "; ".join(failure.reason for failure in wrong))
    try:
        return function(args, configuration)
    except KeyError as missing:
        raise FunctionError(f"{token}: missing required property {missing}") from None
    except DocumentError as error:
        raise FunctionError(f"invocation of {token} returned an error: {error}") from None


def _caller_identity(args: Props, configuration: Configuration) -> Props:
    account, name = configuration.account, partition(configuration.region).name
    session = f"arn:{name}:sts::{account}:assumed-role/localcloud/localcloud"
    return {"accountId": account, "arn": session, "id": account, "userId": "AROALOCALCLOUD0000000:localcloud"}


def _region(args: Props, configuration: Configuration) -> Props:
    name = args.get("region") or args.get("name") or configuration.region
    endpoint = f"ec2.{name}.{partition(name).suffix}"
    return {"description": name, "endpoint": endpoint, "id": name, "name": name, "region": name}


def _partition(args: Props, configuration: Configuration) -> Props:
    found = partition(configuration.region)
    reverse = ".".join(reversed(found.suffix.split(".")))
    return {"dnsSuffix": found.suffix, "id": found.name, "partition": found.name, "reverseDnsPrefix": reverse}


def _availability_zones(args: Props, configuration: Configuration) -> Props:
    region = args.get("region") or configuration.region
    zones = [(f"{region}{letter}", f"{_short(region)}-az{number}") for number, letter in enumerate(ZONES, 1)]
    excluded = {*(args.get("excludeNames") or ()), *(args.get("excludeZoneIds") or ())}
    kept = [(name, zone_id) for name, zone_id in zones if not {name, zone_id} & excluded]
    return {
        **args,
        "groupNames": [region],
        "id": region,
        "names": [name for name, _ in kept],
        "region": region,
        "zoneIds": [zone_id for _, zone_id in kept],
    }


def _short(region: str) -> str:
    """`euw1` of `eu-west-1`, `apse2` of `ap-southeast-2`: the form in which AWS writes the ids of zones."""
    area, *direction, number = region.split("-")
    return area + "".join(word[0] for word in _DIRECTIONS.findall("".join(direction))) + number


def _regions(args: Props, configuration: Configuration) -> Props:
    name = partition(configuration.region).name
    return {**args, "id": name, "names": regions(name)}


def _arn(args: Props, configuration: Configuration) -> Props:
    parts = str(args["arn"]).split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise FunctionError(f"'{args['arn']}' is no ARN: it has six parts after colons, of which the first is arn")
    names = ("partition", "service", "region", "account", "resource")
    return {"arn": args["arn"], "id": args["arn"], **dict(zip(names, parts[1:], strict=True))}


def _service_principal(args: Props, configuration: Configuration) -> Props:
    region, service = args.get("region") or configuration.region, args["serviceName"]
    name = f"{service}.amazonaws.com"
    return {
        "id": f"{service}.{region}.amazonaws.com",
        "name": name,
        "region": region,
        "serviceName": service,
        "suffix": "amazonaws.com",
    }


def _canonical_user_id(args: Props, configuration: Configuration) -> Props:
    return {"displayName": "localcloud", "id": hashlib.sha256(configuration.account.encode()).hexdigest()}


def _default_tags(args: Props, configuration: Configuration) -> Props:
    return {"id": partition(configuration.region).name, "tags": dict(configuration.default_tags)}


def _policy_document(args: Props, configuration: Configuration) -> Props:
    return policy_document(args)


_FUNCTIONS: Mapping[str, Callable[[Props, Configuration], dict[str, Any]]] = {
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:index/getArn:getArn": _arn,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getDefaultTags:getDefaultTags": _default_tags,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getRegions:getRegions": _regions,
    "aws:index/getServicePrincipal:getServicePrincipal": _service_principal,
    "aws:s3/getCanonicalUserId:getCanonicalUserId": _canonical_user_id,
}
