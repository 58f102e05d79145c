"""boto3 clients of the local cloud, by account and region.

An account is entered as on AWS, by assuming a role in it: moto puts the caller of `sts:AssumeRole` into the account
that the role's ARN names, whether the role exists or not, and keys all its state by account and region.
"""

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

ROLE = "localcloud"
"""Name of the role that is assumed in every account; moto needs no such role to exist."""

CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},  # a local answer is final
    connect_timeout=5,
    read_timeout=900,  # seconds; a function that is invoked synchronously may run as long
    max_pool_connections=32,
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    account_id_endpoint_mode="disabled",  # otherwise DynamoDB's host name would hold the account
)

_creating = threading.RLock()


@dataclass(frozen=True)
class Credentials:
    """Session credentials of one account."""

    access_key: str
    secret_key: str
    token: str

    def environment(self) -> dict[str, str]:
        """The variables through which every AWS SDK and the AWS CLI take credentials."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
        }


@dataclass(frozen=True)
class Target:
    """One account and region of the local cloud that listens at `endpoint`."""

    endpoint: str
    account: str
    region: str

    def client(self, service: str) -> Any:
        """The shared boto3 client of `service` here; boto3 clients may be used by several threads."""
        return _client(self.endpoint, service, self.account, self.region)

    def session(self) -> "Session":
        """A boto3 session here whose clients and resources talk to the local cloud."""
        return Session(self)


class Session(boto3.Session):
    """A boto3 session whose clients and resources default to the local cloud's endpoint."""

    def __init__(self, target: Target) -> None:
        found = credentials(target.endpoint, target.account)
        super().__init__(found.access_key, found.secret_key, found.token, region_name=target.region)
        self._defaults = {"endpoint_url": target.endpoint, "config": CONFIG}

    def client(self, service_name: str, *args: Any, **options: Any) -> Any:
        create: Any = super().client
        return create(service_name, *args, **{**self._defaults, **options})

    def resource(self, service_name: str, *args: Any, **options: Any) -> Any:
        create: Any = super().resource
        return create(service_name, *args, **{**self._defaults, **options})


def credentials(endpoint: str, account: str) -> Credentials:
    """Credentials of `account`, asked for once per process and endpoint."""
    with _creating:
        return _credentials(endpoint, account)


@cache
def _credentials(endpoint: str, account: str) -> Credentials:
    role = f"arn:aws:iam::{account}:role/{ROLE}"
    answer = _nobody(endpoint).assume_role(RoleArn=role, RoleSessionName=ROLE)["Credentials"]
    return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])


@cache
def _nobody(endpoint: str) -> Any:
    """The one client that calls before it has an account."""
    return _create(endpoint, "sts", "us-east-1", Credentials("localcloud", "localcloud", "localcloud"))


_clients: dict[tuple[str, str, str, str], Any] = {}


def _client(endpoint: str, service: str, account: str, region: str) -> Any:
    key = (endpoint, service, account, region)
    if key not in _clients:
        with _creating:  # creating clients, unlike using them, is not thread-safe
            if key not in _clients:
                _clients[key] = _create(endpoint, service, region, credentials(endpoint, account))
    return _clients[key]


def _create(endpoint: str, service: str, region: str, found: Credentials) -> Any:
    create: Any = _shared_session().client
    return create(
        service,
        region_name=region,
        endpoint_url=endpoint,
        config=CONFIG,
        aws_access_key_id=found.access_key,
        aws_secret_access_key=found.secret_key,
        aws_session_token=found.token,
    )


@cache
def _shared_session() -> boto3.Session:
    """One session for all clients, so that each service's model is read from disk once."""
    return boto3.Session()
