"""What the managed policies of AWS grant that ways to more rights are made of.

The table is generated from the policies' documents (`generate_managed`), which are a megabyte. Of each policy that one
can attach it has the actions of the catalogue of ways, in four parts with `-` for an empty one:

    <name> <actions on every resource> <actions on some> <services to which every role may be passed>
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from mesh_guardrails.iam.grammar import Condition, Statement
from mesh_guardrails.iam.permissions import PASS_ROLE, PASSED_TO

TABLE: Final = Path(__file__).with_name("data") / "managed.txt"
# These grant more than ways are made of; AWS managed policy reference guide.
_WIDE: Final[Mapping[str, Statement]] = {
    "AdministratorAccess": Statement(0, True, ("*",), resources=("*",)),
    "IAMFullAccess": Statement(0, True, ("iam:*",), resources=("*",)),
    "PowerUserAccess": Statement(0, True, ("iam:*", "organizations:*", "account:*"), not_action=True, resources=("*",)),
}
_SOME: Final = "some"
"""A resource that is not every resource, and otherwise not known."""


@cache
def _lines() -> Mapping[str, str]:
    lines = (line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {name: rest for name, _, rest in (line.partition(" ") for line in lines)}


@cache
def granted(name: str) -> tuple[Statement, ...]:
    """The statements of a managed policy, by its name, as far as ways to more rights need them."""
    if name in _WIDE:
        return (_WIDE[name],)
    if name not in _lines():
        return ()
    everywhere, somewhere, services = (_listed(part) for part in _lines()[name].split(" "))
    statements = [
        Statement(0, True, everywhere, resources=("*",)),
        Statement(1, True, somewhere, resources=(_SOME,)),
        Statement(
            2, True, (PASS_ROLE,), resources=("*",), conditions=(Condition("StringEquals", PASSED_TO, services),)
        ),
    ]
    given = (everywhere, somewhere, services)
    return tuple(statement for statement, part in zip(statements, given, strict=True) if part)


def _listed(part: str) -> tuple[str, ...]:
    return () if part == "-" else tuple(part.split(","))
