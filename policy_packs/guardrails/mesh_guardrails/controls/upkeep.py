"""Databases, caches, brokers and platforms patch themselves."""

from __future__ import annotations

from mesh_guardrails.control import Severity
from mesh_guardrails.properties import (
    expect,
    is_,
)

_F = "upkeep"

_PATCH = "Attackers use published holes within days; what is not patched by itself is patched late."


CONTROLS = (
    expect(
        "minor-upgrades",
        "Databases, caches and brokers patch themselves",
        Severity.MEDIUM,
        "aws:rds/instance:Instance aws:rds/clusterInstance:ClusterInstance "
        "aws:docdb/clusterInstance:ClusterInstance aws:neptune/clusterInstance:ClusterInstance "
        "aws:elasticache/cluster:Cluster aws:memorydb/cluster:Cluster",
        is_("autoMinorVersionUpgrade", True, "true", default=True),
        why=_PATCH,
        fix="Leave autoMinorVersionUpgrade true.",
        family=_F,
    ),
    expect(
        "minor-upgrades-on",
        "Brokers, replication instances and replicated caches patch themselves",
        Severity.MEDIUM,
        "aws:mq/broker:Broker aws:dms/replicationInstance:ReplicationInstance "
        "aws:elasticache/replicationGroup:ReplicationGroup",
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
)
