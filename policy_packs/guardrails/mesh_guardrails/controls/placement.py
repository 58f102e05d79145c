"""What runs in a network runs in one that was chosen for it, not in the account's default network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import Resource

_F: Final = "exposure"

# The property that says where, and those with which another resource says it, by type.
_Places = Mapping[str, tuple[str, ...]]
_MACHINES: Final[_Places] = {
    "aws:ec2/instance:Instance": ("subnetId", "primaryNetworkInterface", "networkInterfaces", "launchTemplate"),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": ("subnetId", "networkInterfaces", "launchTemplate"),
}
_STORES: Final[_Places] = {
    "aws:rds/instance:Instance": ("dbSubnetGroupName", "replicateSourceDb"),
    "aws:rds/cluster:Cluster": ("dbSubnetGroupName",),
    "aws:docdb/cluster:Cluster": ("dbSubnetGroupName",),
    "aws:neptune/cluster:Cluster": ("neptuneSubnetGroupName",),
    "aws:redshift/cluster:Cluster": ("clusterSubnetGroupName",),
    "aws:redshiftserverless/workgroup:Workgroup": ("subnetIds",),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("subnetGroupName",),
    "aws:elasticache/cluster:Cluster": ("subnetGroupName", "replicationGroupId"),
    "aws:elasticache/serverlessCache:ServerlessCache": ("subnetIds",),
    "aws:memorydb/cluster:Cluster": ("subnetGroupName",),
    "aws:mq/broker:Broker": ("subnetIds",),
    "aws:dms/replicationInstance:ReplicationInstance": ("replicationSubnetGroupId",),
}


def _placed(places: _Places, id_: str, what: str, why: str, remediation: str) -> ResourceControl:
    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        where = places[resource.type]
        if not any(resource.props.get(place) for place in where):
            yield Finding(f"{where[0]} has to be set", where[0])

    return ResourceControl(
        id=id_,
        title=f"{what} in subnets that were chosen for them",
        severity=Severity.MEDIUM,
        rationale=why,
        remediation=remediation,
        family=_F,
        types=tuple(places),
        check=check,
    )


CONTROLS = (
    _placed(
        _MACHINES,
        "instance-subnet",
        "Instances start",
        "Otherwise they start in the default network, where every machine gets a public address.",
        "Set subnetId.",
    ),
    _placed(
        _STORES,
        "store-subnets",
        "Databases, caches and brokers are",
        "Otherwise they are in the default network, whose subnets all lead to the internet.",
        "Name a subnet group, or subnets, of a network of the domain.",
    ),
)
