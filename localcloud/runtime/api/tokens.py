"""JWT authorizers: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html

The tokens of the local cloud's own user pools are verified, as theirs are the only keys it can have.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from moto.backends import get_backend

_POOL = re.compile(r"^https://cognito-idp\.([a-z0-9-]+)\.amazonaws\.com/([^/]+)$")


class UnauthorizedError(Exception):
    """The token is missing or no good (401)."""


class ForbiddenError(Exception):
    """The token is good and has none of the scopes that the route wants (403)."""


class UnknownIssuerError(Exception):
    """The local cloud has no keys of the token's issuer."""


def claims(header: str | None, authorizer: Mapping[str, Any], scopes: Sequence[str], now: float) -> dict[str, Any]:
    """The context that a JWT authorizer adds to the request: `claims` (as strings) and `scopes`.

    Args:
        header: of the request, with or without "Bearer".
        authorizer: its JWT configuration: `issuer` and `audience`.
        scopes: of the route; one of them is enough.
        now: Unix time.

    Raises:
        UnauthorizedError, ForbiddenError, UnknownIssuerError
    """
    if not header:
        raise UnauthorizedError("no token")
    found = verified(header.removeprefix("Bearer ").removeprefix("bearer ").strip(), authorizer["issuer"])
    audience = found.get("aud", found.get("client_id"))
    if found.get("iss") != authorizer["issuer"]:
        raise UnauthorizedError("another issuer")
    if not set(audience if isinstance(audience, list) else [audience]) & set(authorizer.get("audience") or ()):
        raise UnauthorizedError("another audience")
    if float(found.get("exp", 0)) <= now or float(found.get("nbf", 0)) > now or float(found.get("iat", 0)) > now + 60:
        raise UnauthorizedError("not valid now")
    granted = str(found.get("scope", found.get("scp", ""))).split()
    if scopes and not set(scopes) & set(granted):
        raise ForbiddenError("no scope of the route")
    return {"claims": {name: _text(value) for name, value in found.items()}, "scopes": granted if scopes else None}


def verified(token: str, issuer: str) -> dict[str, Any]:
    """The claims of a token that the issuer has signed with RS256.

    Raises:
        UnauthorizedError, UnknownIssuerError
    """
    key = public_key(issuer)
    try:
        head, body, signature = token.split(".")
        if json.loads(_decoded(head)).get("alg") != "RS256":
            raise UnauthorizedError("not signed with RS256")
        key.verify(_decoded(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
        found = json.loads(_decoded(body))
    except (ValueError, binascii.Error, InvalidSignature, AttributeError) as error:
        raise UnauthorizedError(f"no valid token: {error}") from error
    if not isinstance(found, dict):
        raise UnauthorizedError("no claims")
    return found


def public_key(issuer: str) -> RSAPublicKey:
    """The key of a user pool.

    Raises:
        UnknownIssuerError: there is no such pool.
    """
    match = _POOL.match(issuer)
    if match is not None:
        region, pool_id = match.groups()
        for account in list(get_backend("cognito-idp").values()):
            if region in account and pool_id in account[region].user_pools:
                key: RSAPublicKey = account[region].user_pools[pool_id].json_web_key.public_key
                return key
    raise UnknownIssuerError(f"{issuer} is no user pool of the local cloud")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{' '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
