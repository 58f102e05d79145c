"""A function as it is deployed, and what its process finds around it: code, variables, credentials of its role."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from localcloud.runtime.arns import Arn

SESSION_SECONDS = 12 * 3600
LAMBDA = "lambda.amazonaws.com"


class RoleError(Exception):
    """The function's role is gone or does not trust Lambda."""


@dataclass(frozen=True)
class Deployment:
    """A function as deployed at one moment; a worker serves the one it was started for."""

    arn: str
    name: str
    account: str
    region: str
    version: str
    runtime: str
    handler: str
    role: str
    timeout: float
    memory_mb: int
    variables: Mapping[str, str]
    log_group: str
    log_format: str
    log_level: str
    code_digest: str
    code: bytes = field(compare=False, repr=False)

    @classmethod
    def of(cls, function: LambdaFunction) -> Deployment:
        """Read from moto's function."""
        logging = getattr(function, "logging_config", None) or {}
        return cls(
            arn=function.function_arn,
            name=function.function_name,
            account=function.account_id,
            region=function.region,
            version=str(function.version),
            runtime=function.run_time or "",
            handler=function.handler or "",
            role=function.role,
            timeout=float(function.timeout),
            memory_mb=int(function.memory_size),
            variables=dict(function.environment_vars or {}),
            log_group=function.logs_group_name,
            log_format=logging.get("LogFormat") or "Text",
            log_level=logging.get("ApplicationLogLevel") or "INFO",
            code_digest=getattr(function, "code_digest", ""),
            code=getattr(function, "code_bytes", b""),
        )


def unpack(deployment: Deployment, directory: Path) -> Path:
    """Where in `directory` the function's code is; functions with equal code share it."""
    code = directory / deployment.code_digest
    if code.exists():
        return code
    partial = Path(tempfile.mkdtemp(dir=directory, prefix="unpacking-"))
    with zipfile.ZipFile(io.BytesIO(deployment.code)) as archive:
        archive.extractall(partial)
    try:
        partial.rename(code)
    except OSError:  # another invocation unpacked the same code meanwhile
        shutil.rmtree(partial)
    return code


def role_credentials(deployment: Deployment) -> dict[str, str]:
    """Session credentials of the function's role, as environment variables.

    Raises:
        RoleError: the role does not exist, or its trust policy does not name Lambda.
    """
    role = Arn.parse(deployment.role)
    try:
        found = iam_backends[role.account][role.partition].get_role_by_arn(deployment.role)
    except NotFoundException:
        raise RoleError(f"{deployment.role} does not exist") from None
    if not trusts(found.assume_role_policy_document, LAMBDA):
        raise RoleError(f"{deployment.role} does not trust {LAMBDA}")
    session = sts_backends[role.account][role.partition].assume_role(
        region_name=deployment.region,
        role_session_name=deployment.name,  # Lambda's session is named as the function
        role_arn=deployment.role,
        policy="",
        duration=SESSION_SECONDS,
        external_id="",
    )
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
    }


def trusts(document: str | Mapping[str, Any], service: str) -> bool:
    """Whether a role's trust policy lets `service` assume it; conditions are not looked at."""
    policy = json.loads(document) if isinstance(document, str) else document
    for statement in _listed(policy.get("Statement", [])):
        principal = statement.get("Principal", {})
        services = ["*"] if principal == "*" else _listed(principal.get("Service", []))
        actions = _listed(statement.get("Action", []))
        if (
            statement.get("Effect") == "Allow"
            and {service, "*"} & set(services)
            and {"sts:AssumeRole", "sts:*", "*"} & set(actions)
        ):
            return True
    return False


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def variables(deployment: Deployment, endpoint: str, code: Path, temporary: Path, log_stream: str) -> dict[str, str]:
    """Every variable of the function's process but its credentials.

    The function's own come first: Lambda's are reserved and win.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime

    A trace header with `Sampled=0` comes with each invocation, so the X-Ray SDK and Powertools' tracer run as they do
    on Lambda for an invocation that is not traced: they make subsegments and send none.
    """
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(code),
        **deployment.variables,
        "LAMBDA_TASK_ROOT": str(code),
        "LAMBDA_RUNTIME_DIR": os.path.dirname(__file__),
        "_HANDLER": deployment.handler,
        "AWS_REGION": deployment.region,
        "AWS_DEFAULT_REGION": deployment.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{python}",
        "AWS_LAMBDA_FUNCTION_NAME": deployment.name,
        "AWS_LAMBDA_FUNCTION_VERSION": deployment.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(deployment.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": deployment.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_LOG_FORMAT": deployment.log_format,
        **({"AWS_LAMBDA_LOG_LEVEL": deployment.log_level} if deployment.log_format == "JSON" else {}),
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",  # else DynamoDB's host name would hold the account
        "AWS_EC2_METADATA_DISABLED": "true",
    }
