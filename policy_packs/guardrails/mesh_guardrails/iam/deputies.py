"""Which services say on whose behalf they act, and with which condition keys.

A service that may use a resource uses it for whoever asks, unless the policy says for whom (IAM user guide, "The
confused deputy problem"). The keys are `aws:SourceAccount`, `aws:SourceArn`, `aws:SourceOrgID` and
`aws:SourceOrgPaths`; a few services send other keys, and some send none in some
place, where a condition would shut them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mesh_guardrails.documents import Kind

_SOURCE: Final = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
_ARN_OR_ACCOUNT: Final = frozenset({"aws:sourceaccount", "aws:sourcearn"})
_LOGS: Final = _SOURCE | {"kms:encryptioncontext:aws:logs:arn"}
_SNS: Final = _SOURCE | {"aws:sourceowner"}

_PLACES: Final = (Kind.TRUST, Kind.RESOURCE, Kind.KEY)

# Log delivery of load balancers: Elastic Load Balancing user guide, "Enable access logs for your Application Load
# Balancer", whose bucket policies have no condition.
_WITHOUT_SOURCE_IN_RESOURCES: Final = frozenset(
    {
        "ec2.amazonaws.com",
        "elasticbeanstalk.amazonaws.com",
        "logdelivery.elasticloadbalancing.amazonaws.com",
        "logdelivery.elb.amazonaws.com",
    }
)
# The services that document a condition for their service roles. Others assume roles without a source: EC2 (Amazon EC2
# user guide, "IAM roles for Amazon EC2": the instance metadata service does), S3 for replication (S3 user guide,
# "Setting up permissions for live replication"), EKS, Auto Scaling and more. Whom they take a role from must belong to
# the role's account and be allowed to pass it, so that nothing is open there.
_KNOWN_IN_TRUST: Final = """
airflow airflow-env amplify appflow apprunner aps athena backup bedrock build.apprunner cloudtrail cloudwatch codebuild
codepipeline cognito-idp comprehend config databrew datasync dax delivery.logs dlm dms ecs ecs-tasks elasticmapreduce
events export.rds finspace firehose fis forecast glue grafana internetmonitor iot kendra kinesisanalytics lakeformation
lambda logs m2 macie mediaconvert monitoring.rds personalize pipes quicksight rds redshift rekognition sagemaker
scheduler sns ssm states tasks.apprunner textract transcribe transfer vpc-flow-logs
"""
_SERVICE_ROLES: Final = frozenset(f"{name}.amazonaws.com" for name in _KNOWN_IN_TRUST.split())
_OTHER_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "logs.amazonaws.com": _LOGS,
    "sns.amazonaws.com": _SNS,
    "cloudfront.amazonaws.com": _ARN_OR_ACCOUNT,
}


def regionless(service: str) -> str:
    """A service principal without its region: logs.eu-west-1.amazonaws.com is logs.amazonaws.com."""
    head, dot, domain = service.partition(".amazonaws.com")
    parts = [part for part in head.split(".") if not _is_region(part)]
    return f"{'.'.join(parts)}{dot}{domain.removesuffix('.cn')}"


def source_keys(service: str, kind: Kind) -> frozenset[str]:
    """The condition keys, in lower case, that a service sends where a document of this kind is evaluated.

    None when it sends none, and for roles also when it is not known to send any: a condition on a key that is never
    sent makes the role useless.
    """
    service = regionless(service)
    if kind is Kind.TRUST:
        if service not in _SERVICE_ROLES:
            return frozenset()
    elif kind not in _PLACES or service in _WITHOUT_SOURCE_IN_RESOURCES:
        return frozenset()
    return _OTHER_KEYS.get(service, _SOURCE)


def _is_region(part: str) -> bool:
    pieces = part.split("-")
    return len(pieces) >= 3 and len(pieces[0]) == 2 and pieces[-1].isdigit()
