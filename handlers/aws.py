"""AWS clients, made when first used: importing a handler reaches no service and needs no region."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# AWS SDKs reference guide, "Retry behavior": standard mode retries throttling and transient errors with backoff.
CONFIG = Config(retries={"mode": "standard", "max_attempts": 5})


@cache
def client(service: str, region: str | None = None) -> Any:
    """The process's client of a service, in the function's own account, and its own region unless another is given."""
    return boto3.client(service, region_name=region, config=CONFIG)  # type: ignore[call-overload]
