"""The loss of a machine or a zone is survived."""

from __future__ import annotations

from typing import Final

from mesh_guardrails.control import Severity
from mesh_guardrails.properties import at_least, expect, is_, is_absent, several

_F: Final = "durability"
_ALONE: Final = "With one of it, its failure is everybody's."

CONTROLS = (
    expect(
        "group-zones",
        "Groups of instances span zones",
        Severity.MEDIUM,
        "aws:autoscaling/group:Group",
        several("vpcZoneIdentifiers", 2, unless=("availabilityZones",)),
        why=_ALONE,
        fix="Give vpcZoneIdentifiers of at least two zones.",
        family=_F,
    ),
    expect(
        "group-health",
        "Groups behind a load balancer replace what it finds broken",
        Severity.LOW,
        "aws:autoscaling/group:Group",
        is_("healthCheckType", "ELB", when="targetGroupArns"),
        why="A machine can run and yet answer nothing.",
        fix="Set healthCheckType to ELB.",
        family=_F,
    ),
    expect(
        "group-template",
        "Groups of instances use launch templates",
        Severity.LOW,
        "aws:autoscaling/group:Group",
        is_absent("launchConfiguration"),
        why="Launch configurations are no longer developed, and know neither versions nor new instance types.",
        fix="Use launchTemplate.",
        family="upkeep",
    ),
    expect(
        "balancer-zones",
        "Load balancers span zones",
        Severity.MEDIUM,
        "aws:lb/loadBalancer:LoadBalancer aws:alb/loadBalancer:LoadBalancer",
        several("subnets", 2, unless=("subnetMappings",)),
        why=_ALONE,
        fix="Give subnets of at least two zones.",
        family=_F,
    ),
    expect(
        "classic-balancer-zones",
        "Classic load balancers spread over zones and let connections end",
        Severity.LOW,
        "aws:elb/loadBalancer:LoadBalancer",
        is_("crossZoneLoadBalancing", default=True),
        is_("connectionDraining"),
        why="Requests are lost when a machine or a zone goes.",
        fix="Leave crossZoneLoadBalancing true and set connectionDraining.",
        family=_F,
    ),
    expect(
        "search-nodes",
        "Search domains have three data nodes, and three masters if any",
        Severity.MEDIUM,
        "aws:opensearch/domain:Domain aws:elasticsearch/domain:Domain",
        at_least("clusterConfig.instanceCount", 3),
        at_least("clusterConfig.dedicatedMasterCount", 3, when="clusterConfig.dedicatedMasterEnabled=True"),
        why="With two, the loss of one leaves no majority, and the domain stops.",
        fix="Set clusterConfig.instanceCount, and dedicatedMasterCount, to 3 or more.",
        family=_F,
    ),
    expect(
        "file-system-zones",
        "File systems stand by in a second zone",
        Severity.MEDIUM,
        "aws:fsx/openZfsFileSystem:OpenZfsFileSystem aws:fsx/ontapFileSystem:OntapFileSystem "
        "aws:fsx/windowsFileSystem:WindowsFileSystem",
        is_("deploymentType", "MULTI_AZ_1", "MULTI_AZ_2"),
        why=_ALONE,
        fix="Set deploymentType to MULTI_AZ_1.",
        family=_F,
    ),
    expect(
        "file-system-tags",
        "Backups of file systems carry their tags",
        Severity.LOW,
        "aws:fsx/lustreFileSystem:LustreFileSystem aws:fsx/openZfsFileSystem:OpenZfsFileSystem",
        is_("copyTagsToBackups", unless=("deploymentType=SCRATCH_1|SCRATCH_2",)),
        why="A backup without owner and classification is found by nobody and kept by everybody.",
        fix="Set copyTagsToBackups.",
        family=_F,
    ),
    expect(
        "inference-instances",
        "Inference endpoints have a second instance",
        Severity.LOW,
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        # Serverless variants have no count.
        at_least("productionVariants[].initialInstanceCount", 2, default=True),
        why=_ALONE,
        fix="Set initialInstanceCount to 2 or more.",
        family=_F,
    ),
    expect(
        "broker-zones",
        "Message brokers survive the loss of a zone",
        Severity.MEDIUM,
        "aws:mq/broker:Broker",
        is_("deploymentMode", "ACTIVE_STANDBY_MULTI_AZ", "CLUSTER_MULTI_AZ"),
        why=_ALONE,
        fix="Set deploymentMode to ACTIVE_STANDBY_MULTI_AZ, or with RabbitMQ to CLUSTER_MULTI_AZ.",
        family=_F,
    ),
    expect(
        "migration-zones",
        "Migration instances stand by in a second zone",
        Severity.LOW,
        "aws:dms/replicationInstance:ReplicationInstance",
        is_("multiAz"),
        why="A replication that stops has to be caught up with, if the source still has what was missed.",
        fix="Set multiAz.",
        family=_F,
    ),
)
