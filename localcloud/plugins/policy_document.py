"""Evaluates `aws.iam.getPolicyDocument` to the JSON the real provider writes.

Merging, the order of keys and lists and what is written as a single string follow the data source
`aws_iam_policy_document` of the Terraform AWS provider (internal/service/iam, MPL-2.0), from which pulumi-aws has it.
"""

import json
import re
import zlib
from collections.abc import Iterable
from typing import Any

from localcloud.engine.values import Props

Statement = dict[str, Any]
_SID = re.compile(r"[a-zA-Z0-9]*")
_VERSIONS = ("2008-10-17", "2012-10-17")
_LISTS = {
    "Action": "actions",
    "NotAction": "notActions",
    "Resource": "resources",
    "NotResource": "notResources",
    "Principal": "principals",
    "NotPrincipal": "notPrincipals",
    "Condition": "conditions",
}


class DocumentError(ValueError):
    """The arguments describe no policy document."""


def policy_document(args: Props) -> Props:
    """The function's result: its arguments, `json`, `minifiedJson` and `id`.

    Raises:
        DocumentError: a duplicate or malformed Sid, an unknown effect or version, or a document that is no JSON.
    """
    merged: Props = {}
    seen: set[str] = set()
    for index, text in enumerate(args.get("sourcePolicyDocuments") or ()):
        source = _parsed(text, f"source document {index}")
        _require_new_sids(source["Statement"], seen, " in source_policy_documents")
        _merge(merged, source)
    own = _own_document(args)
    _require_new_sids(own["Statement"], set(), "")
    _merge(merged, own)
    for index, text in enumerate(args.get("overridePolicyDocuments") or ()):
        _merge(merged, _parsed(text, f"override document {index}"))
    document = _written(merged)
    pretty = _escaped(json.dumps(document, indent=2, ensure_ascii=False))
    return {
        **args,
        "version": args.get("version") or _VERSIONS[-1],
        "id": str(zlib.crc32(pretty.encode())),
        "json": pretty,
        "minifiedJson": _escaped(json.dumps(document, separators=(",", ":"), ensure_ascii=False)),
    }


def _own_document(args: Props) -> Props:
    version = args.get("version") or _VERSIONS[-1]
    if version not in _VERSIONS:
        raise DocumentError(f"expected version to be one of {list(_VERSIONS)}, got {version}")
    statements = [_own_statement(given, version) for given in args.get("statements") or ()]
    return {"Version": version, "Id": args.get("policyId") or "", "Statement": statements}


def _own_statement(given: Props, version: str) -> Statement:
    effect, sid = given.get("effect") or "Allow", given.get("sid") or ""
    if effect not in ("Allow", "Deny"):
        raise DocumentError(f'expected effect to be one of ["Allow" "Deny"], got {effect}')
    if not _SID.fullmatch(sid):
        raise DocumentError(f"invalid value for sid (must only include alphanumeric characters): {sid}")
    statement: Statement = {"Sid": sid, "Effect": effect}
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        values = given.get(_LISTS[name])
        if values:
            statement[name] = _single_or_sorted(values if "Action" in name else _interpolated(values, version))
    for name in ("Principal", "NotPrincipal"):
        principals = [
            (principal["type"], _single_or_sorted(_interpolated(principal["identifiers"], version)))
            for principal in given.get(_LISTS[name]) or ()
        ]
        if principals:
            statement[name] = principals
    conditions = [
        (condition["test"], condition["variable"], _interpolated(condition["values"], version))
        for condition in given.get(_LISTS["Condition"]) or ()
    ]
    if conditions:
        statement["Condition"] = conditions
    return statement


def _interpolated(values: Iterable[str], version: str) -> list[str]:
    """`&{…}` stands for the policy variables `${…}`, which the older version of the language does not have."""
    found = list(values)
    for value in found:
        if version == _VERSIONS[0] and "&{" in value:
            raise DocumentError(
                f"found &{{ sequence in ({value}), which is not supported in document version {version}"
            )
    return [value.replace("&{", "${") for value in found]


def _single_or_sorted(values: Iterable[str]) -> str | list[str]:
    unique = sorted(set(values), reverse=True)
    return unique[0] if len(unique) == 1 else unique


def _parsed(text: str, what: str) -> Props:
    """A document given as text, in the form that `_own_document` makes."""
    try:
        found = json.loads(text)
        statements = found.get("Statement") or []
        statements = [statements] if isinstance(statements, dict) else statements
        return {
            "Version": found.get("Version", ""),
            "Id": found.get("Id", ""),
            "Statement": [_parsed_statement(statement) for statement in statements],
        }
    except (ValueError, AttributeError, TypeError) as error:
        raise DocumentError(f"writing IAM Policy Document: merging {what}: {error}") from None


def _parsed_statement(found: Statement) -> Statement:
    statement = dict(found)
    for name in ("Principal", "NotPrincipal"):
        if name in found:
            principals = {"*": ["*"]} if isinstance(found[name], str) else found[name]
            statement[name] = [
                (kind, sorted(ids, reverse=True) if isinstance(ids, list) else ids) for kind, ids in principals.items()
            ]
    if "Condition" in found:
        statement["Condition"] = [
            (test, variable, [_text(value) for value in (values if isinstance(values, list) else [values])])
            for test, variables in found["Condition"].items()
            for variable, values in variables.items()
        ]
    return statement


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _require_new_sids(statements: list[Statement], seen: set[str], where: str) -> None:
    for statement in statements:
        sid = statement.get("Sid")
        if sid and sid in seen:
            raise DocumentError(
                f"writing IAM Policy Document: duplicate Sid ({sid}){where}. "
                "Remove the Sid or ensure the Sid is unique."
            )
        seen.add(sid or "")


def _merge(document: Props, other: Props) -> None:
    """Take over what `other` says: its id, a newer version, and its statements in place of those with the same Sid."""
    document["Id"] = other["Id"] or document.get("Id", "")
    document["Version"] = max(other["Version"], document.get("Version", ""))
    statements = document.setdefault("Statement", [])
    places = {statement["Sid"]: index for index, statement in enumerate(statements) if statement.get("Sid")}
    for statement in other["Statement"]:
        sid = statement.get("Sid")
        if sid in places:
            statements[places[sid]] = statement
        else:
            statements.append(statement)
            if sid:
                places[sid] = len(statements) - 1


def _written(document: Props) -> Props:
    statements = [_written_statement(statement) for statement in document["Statement"]]
    return _without_empty({"Version": document["Version"], "Id": document["Id"], "Statement": statements})


def _written_statement(statement: Statement) -> Statement:
    written = {
        name: statement.get(name) for name in ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource")
    }
    for name in ("Principal", "NotPrincipal"):
        written[name] = _written_principals(statement.get(name, []))
    written["Condition"] = _written_conditions(statement.get("Condition", []))
    return _without_empty(written)


def _written_principals(principals: list[tuple[str, Any]]) -> Any:
    if len(principals) == 1 and principals[0][0] == "*" and principals[0][1] in ("*", ["*"]):
        return "*"
    merged: dict[str, Any] = {}
    for kind, identifiers in principals:
        if kind not in merged:
            merged[kind] = identifiers
        else:
            merged[kind] = [*_list(merged[kind]), *_list(identifiers)]
    return dict(sorted(merged.items()))


def _written_conditions(conditions: list[tuple[str, str, list[str]]]) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, list[str]]] = {}
    for test, variable, values in conditions:
        merged.setdefault(test, {}).setdefault(variable, []).extend(values)
    return {
        test: {name: values[0] if len(values) == 1 else values for name, values in sorted(variables.items())}
        for test, variables in sorted(merged.items())
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _without_empty(values: Props) -> Props:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _escaped(text: str) -> str:
    """As Go's encoder writes JSON: safe to put into HTML."""
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
