"""Databases, caches, brokers and platforms patch themselves."""

from __future__ import annotations

from mesh_guardrails.control import Severity
from mesh_guardrails.properties import expect, is_, is_not, is_set

_F = "upkeep"

_PATCH = "Attackers use published holes within days; what is not patched by itself is patched late."


CONTROLS = (
    expect(
        "minor-upgrades",
        "Databases, caches and brokers patch themselves",
        Severity.MEDIUM,
        "aws:rds/instance:Instance aws:rds/clusterInstance:ClusterInstance "
        "aws:docdb/clusterInstance:ClusterInstance aws:neptune/clusterInstance:ClusterInstance "
        "aws:elasticache/cluster:Cluster aws:elasticache/replicationGroup:ReplicationGroup "
        "aws:memorydb/cluster:Cluster",
        is_("autoMinorVersionUpgrade", True, "true", default=True),
        why=_PATCH,
        fix="Leave autoMinorVersionUpgrade true.",
        family=_F,
    ),
    expect(
        "minor-upgrades-on",
        "Brokers and replication instances patch themselves",
        Severity.MEDIUM,
        "aws:mq/broker:Broker aws:dms/replicationInstance:ReplicationInstance",
        # Here the default is not to.
        is_("autoMinorVersionUpgrade", True, "true"),
        why=_PATCH,
        fix="Set autoMinorVersionUpgrade.",
        family=_F,
    ),
    expect(
        "warehouse-upgrades",
        "Redshift patches itself",
        Severity.MEDIUM,
        "aws:redshift/cluster:Cluster",
        is_("allowVersionUpgrade", default=True),
        why=_PATCH,
        fix="Leave allowVersionUpgrade true.",
        family=_F,
    ),
    expect(
        "search-upgrades",
        "Search domains patch themselves",
        Severity.MEDIUM,
        "aws:opensearch/domain:Domain",
        is_("softwareUpdateOptions.autoSoftwareUpdateEnabled"),
        why=_PATCH,
        fix="Set softwareUpdateOptions.autoSoftwareUpdateEnabled.",
        family=_F,
    ),
    expect(
        "container-platform",
        "ECS services run on the newest platform",
        Severity.LOW,
        "aws:ecs/service:Service",
        is_("platformVersion", "LATEST", default=True),
        why=_PATCH,
        fix="Leave platformVersion out.",
        family=_F,
    ),
    expect(
        "glue-job-security",
        "Glue jobs and crawlers run with a security configuration",
        Severity.MEDIUM,
        "aws:glue/job:Job aws:glue/crawler:Crawler aws:glue/devEndpoint:DevEndpoint",
        is_set("securityConfiguration"),
        why="Without one, logs, bookmarks and temporary data are not encrypted with a key of one's own.",
        fix="Set securityConfiguration.",
        family="encryption",
    ),
    expect(
        "glue-version",
        "Glue jobs run on a version that is still patched",
        Severity.MEDIUM,
        "aws:glue/job:Job",
        # https://docs.aws.amazon.com/glue/latest/dg/glue-version-support-policy.html
        is_not("glueVersion", "0.9", "1.0", "2.0", default=False, unless=("command.name=pythonshell",)),
        why=_PATCH,
        fix="Set glueVersion to 4.0 or newer.",
        family=_F,
    ),
)
