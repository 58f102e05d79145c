"""CloudWatch: log groups and metric alarms."""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource, Setting
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target


@dataclass(frozen=True, kw_only=True)
class LogGroup(Resource):
    """A log group; retention and key have operations of their own, and it can only be listed."""

    def settle(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """The retention; 0 stands for ever."""
        client = target.client("logs")
        before, after = (int(props.get("retentionInDays") or 0) for props in (olds, news))
        if after and after != before:
            client.put_retention_policy(logGroupName=physical_id, retentionInDays=after)
        elif before and not after:
            client.delete_retention_policy(logGroupName=physical_id)

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        client = target.client("logs")
        if news.get("kmsKeyId") != olds.get("kmsKeyId"):
            if news.get("kmsKeyId"):
                client.associate_kms_key(logGroupName=physical_id, kmsKeyId=news["kmsKeyId"])
            else:
                client.disassociate_kms_key(logGroupName=physical_id)
        return super().update(target, physical_id, olds, news)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = target.client("logs").describe_log_groups(logGroupNamePrefix=physical_id)["logGroups"]
        return next((group for group in found if group["logGroupName"] == physical_id), None)

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        observed = super().present(inputs, description, shape)
        if "retentionInDays" in inputs:
            observed["retentionInDays"] = description.get("retentionInDays", 0)
        return observed


LOG_GROUP = LogGroup(
    service="logs",
    create_by="create_log_group",
    read_by="describe_log_groups",
    delete_by="delete_log_group",
    address={"logGroupName": "{id}"},
    identity="{name}",
    arn="arn:{partition}:logs:{region}:{account}:log-group:{id}",
    layout=Layout(renames={"name": "logGroupName"}, blind=frozenset({"logGroupClass", "deletionProtectionEnabled"})),
    tags=Tagging(resource="resourceArn", tags="tags", keys="tagKeys", listed="tags"),
)

METRIC_ALARM = Setting(
    service="cloudwatch",
    create_by="put_metric_alarm",
    read_by="describe_alarms",
    delete_by="delete_alarms",
    at="MetricAlarms.0",
    address={"AlarmNames": "{id}"},
    identity="{name}",
    arn="arn:{partition}:cloudwatch:{region}:{account}:alarm:{id}",
    layout=Layout(
        renames={"name": "AlarmName", "thresholdMetricId": "ThresholdMetricId", "metricQueries": "Metrics"},
    ),
    tags=Tagging(resource="ResourceARN"),
)
