"""Alarms by severity: one topic per severity in each account and region, and one way to make an alarm."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_aws as aws

from components.foundation.account import Account
from components.foundation.keys import Key
from components.foundation.naming import Names
from components.foundation.resource_policies import service_use
from components.foundation.topics import Topic, TopicArgs


class Severity(StrEnum):
    """How fast somebody must look: at once, today, when convenient."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A CloudWatch metric and how it is summed up over one period."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"
    period_seconds: int = 300


@dataclass(frozen=True, kw_only=True)
class AlarmTopicsArgs:
    account: Account
    key: Key


class AlarmTopics(pulumi.ComponentResource):
    """The topics that alarms of each severity go to; subscribe people and tools to them."""

    topics: Mapping[Severity, Topic]

    def __init__(self, name: str, args: AlarmTopicsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:AlarmTopics", name, None, opts)
        self.topics = {severity: self._topic(name, args, severity) for severity in Severity}
        self.register_outputs({severity.value: topic.arn for severity, topic in self.topics.items()})

    def _topic(self, name: str, args: AlarmTopicsArgs, severity: Severity) -> Topic:
        alarms = service_use(
            args.account,
            "cloudwatch.amazonaws.com",
            ("sns:Publish",),
            alarm_topic_arn(args.account, severity),
            (Names(args.account).arns.alarm("*"),),
            "AlarmsPublish",
        )
        return Topic(
            f"{name}-{severity.value}",
            TopicArgs(account=args.account, what=_topic_what(severity), key=args.key, publishers=(alarms,)),
            pulumi.ResourceOptions(parent=self),
        )


def alarm_topic_arn(account: Account, severity: Severity) -> str:
    """Where the account's alarms of this severity go, from names alone."""
    names = Names(account)
    return names.arns.topic(names.topic(_topic_what(severity)))


def alarm(
    name: str,
    *,
    account: Account,
    what: str,
    severity: Severity,
    metric: Metric,
    description: str,
    parent: pulumi.Resource,
    threshold: float = 0,
    comparison: str = "GreaterThanThreshold",
    periods: int = 1,
    missing_data: str = "notBreaching",
) -> aws.cloudwatch.MetricAlarm:
    """Raise an alarm at the account's topic of this severity, and say there too when it is over.

    `threshold` is in the metric's unit; `periods` are consecutive ones of metric.period_seconds; `missing_data` is
    CloudWatch's treat_missing_data (a metric that is only written on failure is not breaching when absent)."""
    topic = alarm_topic_arn(account, severity)
    return aws.cloudwatch.MetricAlarm(
        name,
        name=Names(account).alarm(what),
        alarm_description=f"{severity.value}: {description}",
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=dict(metric.dimensions),
        statistic=metric.statistic,
        period=metric.period_seconds,
        evaluation_periods=periods,
        threshold=threshold,
        comparison_operator=comparison,
        treat_missing_data=missing_data,
        alarm_actions=[topic],
        ok_actions=[topic],
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _topic_what(severity: Severity) -> str:
    return f"alarms-{severity.value}"
