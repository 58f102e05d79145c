"""The policy language: a document's text in, its statements in one regular form out, or what is wrong with it.

Grammar: IAM user guide, "Grammar of the IAM JSON policy language", and for each kind of document what its own guide
takes away from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from mesh_guardrails.documents import Kind
from mesh_guardrails.iam.patterns import is_wild

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_TOP: Final = frozenset({"Version", "Id", "Statement"})
_ELEMENTS: Final = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_PRINCIPALS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_WITH_PRINCIPAL: Final = frozenset({Kind.TRUST, Kind.RESOURCE, Kind.KEY, Kind.ENDPOINT, Kind.RCP})
_OF_IAM: Final = frozenset({Kind.IDENTITY, Kind.BOUNDARY, Kind.PERMISSION_SET})
_OF_ORGANISATION: Final = frozenset({Kind.SCP, Kind.RCP})
_ACTION: Final = re.compile(r"\*|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+")
_SID: Final = re.compile(r"[A-Za-z0-9]*")

# IAM user guide, "IAM JSON policy elements: Condition operators".
_OPERATORS: Final = frozenset(
    {
        *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        *("StringLike", "StringNotLike", "NumericEquals", "NumericNotEquals", "NumericLessThan"),
        *("NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals"),
        *("DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "Bool", "BinaryEquals"),
        *("IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null"),
    }
)
_LOWER: Final = {operator.lower(): operator for operator in _OPERATORS}
# AWS Organizations user guide, "List of AWS services that support RCPs".
_SERVICES_WITH_RCPS: Final = """
aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront cloudsearch cloudtrail-data
codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend comprehendmedical
compute-optimizer cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose fis fms gamelift health
inspector-scan kendra kinesisvideo kms logs memorydb networkmonitor notifications opensearch pca-connector-ad
personalize polly pricing resource-groups rolesanywhere s3 secretsmanager servicediscovery signin sqs sts support swf
textract timestream-influxdb transcribe transfer translate wafv2 workspaces xray
"""
_WITH_RCPS: Final = frozenset(_SERVICES_WITH_RCPS.split())
# The policy RCPFullAWSAccess, which AWS attaches everywhere, is the only RCP that allows.
_FULL_ACCESS: Final = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class Condition:
    """One line of a Condition block.

    Attributes:
        operator: as AWS writes it, without qualifier and IfExists.
        key: in lower case.
        values: the alternatives, as texts.
        qualifier: foranyvalue, forallvalues or nothing.
        if_exists: it holds as well when the request does not have the key.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    qualifier: str = ""
    if_exists: bool = False

    @property
    def negated(self) -> bool:
        """Whether it holds for everything but its values."""
        return "Not" in self.operator


@dataclass(frozen=True)
class Statement:
    """One statement; what is written once or as a list is always a tuple here.

    Attributes:
        index: its place in the document, from 0.
        sid: its name, often empty.
        allow: whether it allows, else it denies.
        actions: patterns; with `not_action` all others are meant.
        resources: patterns, empty in documents that have none; with `not_resource` all others are meant.
        principals: (AWS, Service, Federated or CanonicalUser, name); everybody is ("AWS", "*").
        conditions: all have to hold.
    """

    index: int
    allow: bool
    actions: tuple[str, ...]
    sid: str = ""
    not_action: bool = False
    resources: tuple[str, ...] = ()
    not_resource: bool = False
    principals: tuple[tuple[str, str], ...] = ()
    not_principal: bool = False
    conditions: tuple[Condition, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from the document's others."""
        return self.sid or str(self.index + 1)

    @property
    def name(self) -> str:
        """How a message calls it."""
        return f"statement {self.sid or f'number {self.index + 1}'}"


@dataclass(frozen=True)
class Parsed:
    """A document's statements and what is wrong with its form, as (where, what) pairs."""

    statements: tuple[Statement, ...]
    problems: tuple[tuple[str, str], ...]


class _DuplicateNameError(ValueError):
    """JSON says nothing of what a name that is there twice means."""


@lru_cache(maxsize=2048)
def parse(text: str, kind: Kind) -> Parsed:
    """Read a document strictly. What is well-formed of it is read even when something else is not."""
    try:
        content = json.loads(text, object_pairs_hook=_object)
    except _DuplicateNameError as error:
        return Parsed((), (("json", str(error)),))
    except ValueError as error:
        return Parsed((), (("json", f"it is no JSON ({error})"),))
    except RecursionError:
        return Parsed((), (("json", "it is nested too deep"),))
    if not isinstance(content, dict):
        return Parsed((), (("json", "it is no JSON object"),))
    problems = list(_outside(content, "${" in text, kind))
    raw = content.get("Statement", [])
    statements = []
    for index, each in enumerate(raw if isinstance(raw, list) else [raw]):
        wrong = list(_malformed(each, kind))
        name = each.get("Sid") or index + 1 if isinstance(each, dict) else index + 1
        problems += [(str(name), f"statement {name}: {what}") for what in wrong]
        if not wrong:
            statements.append(_statement(index, each))
    sids = [statement.sid for statement in statements if statement.sid]
    problems += [(sid, f"statement {sid}: another statement has the same Sid") for sid in _repeated(sids)]
    return Parsed(tuple(statements), tuple(problems))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = _repeated([name for name, _ in pairs])
        raise _DuplicateNameError(f"an object has {', '.join(twice)} twice, and AWS keeps one of them only")
    return found


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _outside(content: Mapping[str, Any], variables: bool, kind: Kind) -> Iterator[tuple[str, str]]:
    for name in sorted(content.keys() - _TOP):
        yield name, f"{name} is no element of a policy"
    version = content.get("Version", _VERSIONS[1])
    if version not in (_VERSIONS[:1] if kind in _OF_ORGANISATION else _VERSIONS):
        yield "version", f"Version has to be {_VERSIONS[0]}"
    elif variables and version != _VERSIONS[0]:
        yield "version", f"its variables are plain text unless Version is {_VERSIONS[0]}"
    if not content.get("Statement"):
        yield "statement", "it has no Statement"


def _malformed(raw: Any, kind: Kind) -> Iterator[str]:
    if not isinstance(raw, dict):
        yield "it is no JSON object"
        return
    for name in sorted(raw.keys() - _ELEMENTS):
        yield f"{name} is no element of a statement"
    if raw.get("Effect") not in ("Allow", "Deny"):
        yield "Effect has to be Allow or Deny"
    sid = raw.get("Sid", "")
    if not isinstance(sid, str) or (kind in _OF_IAM and not _SID.fullmatch(sid)):
        yield "Sid takes letters and digits only"
    yield from _one_of(raw, "Action", True)
    for action in _listed(raw.get("Action", raw.get("NotAction"))):
        if isinstance(action, str) and not _ACTION.fullmatch(action):
            yield f"{action!r} is no action: expected service:Action"
    yield from _one_of(raw, "Resource", kind in _OF_IAM or kind in _OF_ORGANISATION)
    for resource in _listed(raw.get("Resource", raw.get("NotResource", []))):
        if isinstance(resource, str) and kind in _OF_IAM and not resource.startswith(("arn:", "*", "${")):
            yield f"{resource!r} is no resource: expected an ARN or *"
    if kind is Kind.TRUST and raw.keys() & {"Resource", "NotResource"}:
        yield "a trust policy has no Resource: the role is meant"
    if kind is Kind.RCP and {**raw, "Sid": ""} != {**_FULL_ACCESS, "Sid": ""}:
        yield from _malformed_rcp(raw)
    yield from _malformed_principal(raw, kind)
    yield from _malformed_conditions(raw.get("Condition", {}))


def _malformed_rcp(raw: Mapping[str, Any]) -> Iterator[str]:
    """AWS Organizations user guide, "RCP syntax"."""
    if raw.get("Effect") == "Allow":
        yield "a resource control policy only denies"
    if "NotAction" in raw:
        yield "a resource control policy has no NotAction"
    if raw.get("Principal") != "*":
        yield "Principal has to be * in a resource control policy: say in conditions whom it is about"
    for action in _listed(raw.get("Action")):
        service = str(action).partition(":")[0].lower()
        if service not in _WITH_RCPS:
            yield f"{action!r} is of no service that resource control policies apply to"


def _one_of(raw: Mapping[str, Any], name: str, needed: bool) -> Iterator[str]:
    """One of an element and its Not form, as a text or a list of texts."""
    given = [each for each in (name, f"Not{name}") if each in raw]
    if len(given) == 2:
        yield f"{name} and Not{name} exclude each other"
    elif not given and needed:
        yield f"{name} or Not{name} is missing"
    for each in given:
        values = _listed(raw[each])
        if not values or not all(isinstance(value, str) and value for value in values):
            yield f"{each} has to be a text or a list of texts"


def _malformed_principal(raw: Mapping[str, Any], kind: Kind) -> Iterator[str]:
    given = [each for each in ("Principal", "NotPrincipal") if each in raw]
    if kind not in _WITH_PRINCIPAL:
        if given:
            yield f"{given[0]} does not belong here: the policy is about whom it is attached to"
        return
    if len(given) != 1:
        yield "it needs one of Principal and NotPrincipal"
        return
    principal = raw[given[0]]
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal:
        yield f"{given[0]} has to be * or an object"
        return
    for name in sorted(principal.keys() - _PRINCIPALS):
        yield f"{name} is no kind of principal"
    for type_, value in principal.items():
        if not _listed(value) or not all(isinstance(each, str) and each for each in _listed(value)):
            yield f"{given[0]} has to name texts"
        # IAM user guide, "AWS JSON policy elements: Principal": everybody is *, and nothing else of it is a wildcard.
        elif any(is_wild(each) and (type_, each) != ("AWS", "*") for each in _listed(value)):
            yield f"{given[0]} takes no wildcard in a name: use a condition on aws:PrincipalArn"


def _malformed_conditions(block: Any) -> Iterator[str]:
    if not isinstance(block, dict):
        yield "Condition has to be an object"
        return
    for operator in _repeated([operator.lower() for operator in block]):
        yield f"{operator} is there twice, in different case"
    for operator, tests in block.items():
        if _operator(operator)[0] not in _LOWER:
            yield f"{operator} is no condition operator"
        if not isinstance(tests, dict) or not tests:
            yield f"{operator} has to be an object of condition keys"
            continue
        for key in _repeated([key.lower() for key in tests]):
            yield f"{operator} has {key} twice, in different case"
        for key, values in tests.items():
            if _operator(operator)[0] == "bool" and len(_listed(values)) > 1:
                yield f"{operator} {key} takes one value"
            if not all(isinstance(each, str | bool | int | float) for each in _listed(values)):
                yield f"{operator} {key} has to be a value or a list of values"


def _operator(text: str) -> tuple[str, str, bool]:
    """Name, qualifier and IfExists, all in lower case."""
    qualifier, colon, name = text.lower().rpartition(":")
    if colon and qualifier not in ("foranyvalue", "forallvalues"):
        return text, "", False
    base = name.removesuffix("ifexists")
    if base == "null" and base != name:
        return text, "", False  # it says itself what holds when the key is missing
    return base, qualifier, base != name


def _statement(index: int, raw: Mapping[str, Any]) -> Statement:
    return Statement(
        index=index,
        sid=raw.get("Sid", ""),
        allow=raw["Effect"] == "Allow",
        actions=tuple(_listed(raw.get("Action", raw.get("NotAction")))),
        not_action="NotAction" in raw,
        resources=tuple(_listed(raw.get("Resource", raw.get("NotResource", [])))),
        not_resource="NotResource" in raw,
        principals=tuple(_named(raw.get("Principal", raw.get("NotPrincipal")))),
        not_principal="NotPrincipal" in raw,
        conditions=tuple(_conditions(raw.get("Condition", {}))),
    )


def _named(principal: Any) -> Iterator[tuple[str, str]]:
    if isinstance(principal, str):
        yield "AWS", principal
    elif isinstance(principal, dict):
        for kind, names in principal.items():
            for name in _listed(names):
                yield kind, name


def _conditions(block: Mapping[str, Any]) -> Iterator[Condition]:
    for operator, tests in block.items():
        name, qualifier, if_exists = _operator(operator)
        for key, values in tests.items():
            texts = tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in _listed(values))
            yield Condition(_LOWER[name], key.lower(), texts, qualifier, if_exists)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
