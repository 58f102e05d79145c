"""What watches for attacks is on, lets nothing pass unread, and writes down what it saw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import excludes, expect, includes, is_, is_not, is_set
from mesh_guardrails.resource import Resource

_F: Final = "logging"
_UNSEEN: Final = "An attack or a fault that nobody wrote down cannot be found, explained or proved."
_PASSED: Final = "What a firewall lets pass without a look might as well not meet it."


def _migration_logs(resource: Resource, facts: Facts) -> Iterator[Finding]:
    text = resource.props.get("replicationTaskSettings")
    if text is not None and not isinstance(text, str):
        return  # not known yet
    try:
        settings = json.loads(text or "{}")
    except ValueError:
        settings = {}
    logging = settings.get("Logging") if isinstance(settings, dict) else None
    if not isinstance(logging, dict) or logging.get("EnableLogging") is not True:
        yield Finding("replicationTaskSettings does not set Logging.EnableLogging", "logging")


CONTROLS = (
    expect(
        "guardduty-features",
        "GuardDuty's protections are on",
        Severity.MEDIUM,
        "aws:guardduty/detectorFeature:DetectorFeature",
        is_("status", "ENABLED"),
        why=_UNSEEN,
        fix="Set status to ENABLED.",
        family=_F,
    ),
    expect(
        "macie-on",
        "Macie is on",
        Severity.MEDIUM,
        "aws:macie2/account:Account",
        is_("status", "ENABLED", default=True),
        why="Personal data turns up where nobody expects it; something has to look.",
        fix="Leave status ENABLED.",
        family=_F,
    ),
    expect(
        "firewall-default-action",
        "Network firewalls pass nothing by default",
        Severity.HIGH,
        "aws:networkfirewall/firewallPolicy:FirewallPolicy",
        excludes("firewallPolicy.statelessDefaultActions", "aws:pass"),
        excludes("firewallPolicy.statelessFragmentDefaultActions", "aws:pass"),
        why=_PASSED,
        fix="Use aws:forward_to_sfe or aws:drop.",
        family="exposure",
    ),
    expect(
        "firewall-protected",
        "Network firewalls cannot be deleted or moved in one step",
        Severity.MEDIUM,
        "aws:networkfirewall/firewall:Firewall",
        is_("deleteProtection"),
        is_("subnetChangeProtection"),
        why="Without the firewall, traffic either stops or passes unread.",
        fix="Set deleteProtection and subnetChangeProtection.",
        family="exposure",
    ),
    expect(
        "document-not-shared",
        "Automation documents are not shared with everybody",
        Severity.HIGH,
        "aws:ssm/document:Document",
        is_not("permissions.account_ids", "All", "all"),
        why="A document tells how the machines are run, and sometimes with which passwords.",
        fix="Name the accounts.",
        family="exposure",
    ),
    expect(
        "vpn-logs",
        "VPN tunnels log",
        Severity.LOW,
        "aws:ec2/vpnConnection:VpnConnection",
        is_("tunnel1LogOptions.cloudwatchLogOptions.logEnabled"),
        is_("tunnel2LogOptions.cloudwatchLogOptions.logEnabled"),
        why=_UNSEEN,
        fix="Set cloudwatchLogOptions.logEnabled of both tunnels.",
        family=_F,
    ),
    expect(
        "client-vpn-logs",
        "Client VPN endpoints log who connects",
        Severity.MEDIUM,
        "aws:ec2clientvpn/endpoint:Endpoint",
        is_("connectionLogOptions.enabled"),
        why=_UNSEEN,
        fix="Set connectionLogOptions.enabled.",
        family=_F,
    ),
    expect(
        "kafka-connector-logs",
        "Kafka connectors log",
        Severity.MEDIUM,
        "aws:mskconnect/connector:Connector",
        is_(
            "logDelivery.workerLogDelivery.cloudwatchLogs.enabled",
            unless=(
                "logDelivery.workerLogDelivery.s3.enabled=True",
                "logDelivery.workerLogDelivery.firehose.enabled=True",
            ),
        ),
        why=_UNSEEN,
        fix="Set logDelivery.workerLogDelivery.",
        family=_F,
    ),
    expect(
        "transfer-connector-logs",
        "File transfer connectors log",
        Severity.MEDIUM,
        "aws:transfer/connector:Connector",
        is_set("loggingRole"),
        why=_UNSEEN,
        fix="Set loggingRole.",
        family=_F,
    ),
    expect(
        "sync-task-logs",
        "DataSync tasks log",
        Severity.MEDIUM,
        "aws:datasync/task:Task",
        is_set("cloudwatchLogGroupArn"),
        why=_UNSEEN,
        fix="Set cloudwatchLogGroupArn.",
        family=_F,
    ),
    expect(
        "warehouse-serverless-logs",
        "Redshift Serverless exports who connected and what they did",
        Severity.MEDIUM,
        "aws:redshiftserverless/namespace:Namespace",
        includes("logExports", "connectionlog", "userlog"),
        why=_UNSEEN,
        fix="Set logExports to at least connectionlog and userlog.",
        family=_F,
    ),
    ResourceControl(
        id="migration-logs",
        title="Database migrations log",
        severity=Severity.MEDIUM,
        rationale=_UNSEEN,
        remediation="Set Logging.EnableLogging to true in replicationTaskSettings.",
        family=_F,
        types=("aws:dms/replicationTask:ReplicationTask",),
        check=_migration_logs,
    ),
)
