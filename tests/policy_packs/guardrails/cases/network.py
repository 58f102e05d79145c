"""Open ports, listeners and database parameters."""

import json

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import KEY, Case, accepted, facts, provider, refused, resource

GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ACL = "aws:ec2/networkAcl:NetworkAcl"
RULE_OF_ACL = "aws:ec2/networkAclRule:NetworkAclRule"
INSTANCE = "aws:ec2/instance:Instance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
COLLECTIONS = "aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy"
PROCESSING = "aws:emr/securityConfiguration:SecurityConfiguration"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
CLUSTER = "aws:eks/cluster:Cluster"
KAFKA = "aws:msk/cluster:Cluster"
LISTENER = "aws:lb/listener:Listener"
ALL = ["0.0.0.0/0"]
WORLD = {"cidrBlocks": ALL}
ORIGIN_PROTOCOL = "origins[].customOriginConfig.originProtocolPolicy"


def group(first: object, last: object, protocol: str = "tcp", **more: object) -> dict[str, object]:
    return {"ingress": [{"fromPort": first, "toPort": last, "protocol": protocol, **(more or WORLD)}]}


def acl(first: int, last: int, action: str = "allow") -> dict[str, object]:
    rule = {"action": action, "protocol": "tcp", "fromPort": first, "toPort": last, "cidrBlock": "0.0.0.0/0"}
    return {"ingress": [rule]}


def collections(type_: str, policy: object) -> Resource:
    return resource(COLLECTIONS, {"type": type_, "policy": json.dumps(policy)})


def processing(at_rest: bool, in_transit: bool) -> Resource:
    settings = {"EnableAtRestEncryption": at_rest, "EnableInTransitEncryption": in_transit}
    return resource(PROCESSING, {"configuration": json.dumps({"EncryptionConfiguration": settings})})


def cluster(**network: object) -> Resource:
    return resource(CLUSTER, {"vpcConfig": {"endpointPrivateAccess": True, **network}})


def parameters(family: str, **values: str) -> dict[str, object]:
    return {"family": family, "parameters": [{"name": k.replace("__", "."), "value": v} for k, v in values.items()]}


def origin(protocol: str) -> dict[str, object]:
    return {"origins": [{"customOriginConfig": {"originProtocolPolicy": protocol}}]}


CASES: dict[str, list[Case]] = {
    "open-admin-ports": [
        accepted("from inside", resource(GROUP, group(22, 22, cidrBlocks=["10.0.0.0/8"]))),
        accepted("from a partner", resource(GROUP, group(22, 22, cidrBlocks=["203.0.113.0/24"]))),
        accepted("from a group", resource(GROUP, group(22, 22, securityGroups=["sg-1"]))),
        accepted("the web", resource(GROUP, group(443, 443))),
        accepted("ping", resource(GROUP, group(-1, -1, "icmp"))),
        accepted(
            "going out", resource(RULE, {"type": "egress", "fromPort": 22, "toPort": 22, "protocol": "tcp", **WORLD})
        ),
        accepted("ports not known yet", resource(GROUP, group(UNKNOWN, UNKNOWN))),
        refused("SSH", resource(GROUP, group(22, 22)), "open"),
        refused("RDP over IPv6", resource(GROUP, group(3389, 3389, ipv6CidrBlocks=["::/0"])), "open"),
        refused("within a range", resource(GROUP, group(0, 1024)), "open"),
        refused("everything", resource(GROUP, group(0, 0, "-1")), "open"),
        refused("half the internet", resource(GROUP, group(22, 22, cidrBlocks=["0.0.0.0/1"])), "open"),
        refused(
            "a rule of its own",
            resource(RULE, {"type": "ingress", "fromPort": 22, "toPort": 22, "protocol": "tcp", **WORLD}),
            "open",
        ),
        refused(
            "the newer rule",
            resource(INGRESS, {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0"}),
            "open",
        ),
        refused("the newer rule, everything", resource(INGRESS, {"ipProtocol": "-1", "cidrIpv6": "::/0"}), "open"),
    ],
    "open-data-ports": [
        accepted("from inside", resource(GROUP, group(5432, 5432, cidrBlocks=["10.20.0.0/16"]))),
        accepted("the web", resource(GROUP, group(443, 443))),
        refused("PostgreSQL", resource(GROUP, group(5432, 5432)), "open"),
        refused("within a range", resource(GROUP, group(6000, 7000)), "open"),
    ],
    "open-ports": [
        accepted("HTTPS", resource(GROUP, group(443, 443))),
        accepted("HTTP", resource(GROUP, group(80, 80))),
        accepted(
            "decided", resource(GROUP, group(8443, 8443)), facts=facts(settings={"open-ports": {"ports": [8443]}})
        ),
        accepted("nobody", resource(GROUP, {"ingress": []})),
        accepted("SSH, which another control finds", resource(GROUP, group(22, 22))),
        accepted("everything, which two others find", resource(GROUP, group(0, 0, "-1"))),
        refused("another port", resource(GROUP, group(8080, 8080)), "open"),
        refused("a range around HTTP", resource(GROUP, group(70, 90)), "open"),
    ],
    "network-acl-admin-ports": [
        accepted(
            "denied",
            resource(
                RULE_OF_ACL,
                {"ruleAction": "deny", "protocol": "6", "fromPort": 22, "toPort": 22, "cidrBlock": "0.0.0.0/0"},
            ),
        ),
        accepted(
            "going out",
            resource(RULE_OF_ACL, {"ruleAction": "allow", "egress": True, "protocol": "-1", "cidrBlock": "0.0.0.0/0"}),
        ),
        accepted(
            "answers",
            resource(
                RULE_OF_ACL,
                {"ruleAction": "allow", "protocol": "6", "fromPort": 32768, "toPort": 65535, "cidrBlock": "0.0.0.0/0"},
            ),
        ),
        accepted("the web, within the ACL", resource(ACL, acl(443, 443))),
        accepted("SSH denied, within the ACL", resource(ACL, acl(22, 22, "deny"))),
        accepted("not known yet", resource(ACL, {"ingress": UNKNOWN})),
        refused("SSH, within the ACL", resource(ACL, acl(0, 1024)), "open"),
        refused(
            "SSH",
            resource(
                RULE_OF_ACL,
                {"ruleAction": "allow", "protocol": "6", "fromPort": 22, "toPort": 22, "cidrBlock": "0.0.0.0/0"},
            ),
            "open",
        ),
        refused(
            "everything",
            resource(RULE_OF_ACL, {"ruleAction": "allow", "protocol": "-1", "cidrBlock": "0.0.0.0/0"}),
            "open",
        ),
    ],
    "listener-tls": [
        accepted(
            "TLS 1.3", resource(LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})
        ),
        accepted(
            "TLS 1.3 only", resource(LISTENER, {"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-3-2021-06"})
        ),
        accepted("not known yet", resource(LISTENER, {"protocol": "HTTPS", "sslPolicy": UNKNOWN})),
        accepted("no TLS here", resource(LISTENER, {"protocol": "TCP"})),
        refused("the default", resource(LISTENER, {"protocol": "HTTPS"}), "sslPolicy"),
        refused(
            "old", resource(LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08"}), "sslPolicy"
        ),
        refused(
            "TLS 1.3 down to 1.0",
            resource(LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-0-2021-06"}),
            "sslPolicy",
        ),
    ],
    "listener-redirects": [
        accepted(
            "redirects",
            resource(
                LISTENER,
                {
                    "protocol": "HTTP",
                    "defaultActions": [
                        {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}
                    ],
                },
            ),
        ),
        accepted("TLS", resource(LISTENER, {"protocol": "HTTPS", "defaultActions": [{"type": "forward"}]})),
        accepted("not known yet", resource(LISTENER, {"protocol": "HTTP", "defaultActions": UNKNOWN})),
        accepted(
            "refuses",
            resource(
                LISTENER,
                {"protocol": "HTTP", "defaultActions": [{"type": "fixed-response", "fixedResponse": {}}]},
            ),
        ),
        accepted("inspects, without a port", resource(LISTENER, {"defaultActions": [{"type": "forward"}]})),
        accepted("passes TCP on", resource(LISTENER, {"protocol": "TCP", "defaultActions": [{"type": "forward"}]})),
        refused(
            "HTTP, for no protocol is named",
            resource(LISTENER, {"port": 80, "defaultActions": [{"type": "forward"}]}),
            "http",
        ),
        refused(
            "forwards",
            resource(LISTENER, {"protocol": "HTTP", "defaultActions": [{"type": "forward", "targetGroupArn": "t"}]}),
            "http",
        ),
        refused(
            "redirects to HTTP",
            resource(
                LISTENER,
                {"protocol": "HTTP", "defaultActions": [{"type": "redirect", "redirect": {"protocol": "HTTP"}}]},
            ),
            "http",
        ),
    ],
    "database-forces-tls": [
        accepted(
            "PostgreSQL",
            resource("aws:rds/parameterGroup:ParameterGroup", parameters("postgres14", rds__force_ssl="1")),
        ),
        accepted(
            "PostgreSQL 16 by default", resource("aws:rds/parameterGroup:ParameterGroup", parameters("postgres16"))
        ),
        accepted(
            "Aurora MySQL",
            resource(
                "aws:rds/clusterParameterGroup:ClusterParameterGroup",
                parameters("aurora-mysql8.0", require_secure_transport="ON"),
            ),
        ),
        accepted(
            "an instance of Aurora, which has it from its cluster",
            resource("aws:rds/parameterGroup:ParameterGroup", parameters("aurora-postgresql16")),
        ),
        accepted(
            "Oracle, which has no such parameter",
            resource("aws:rds/parameterGroup:ParameterGroup", parameters("oracle-ee-19")),
        ),
        accepted(
            "not known yet",
            resource("aws:rds/parameterGroup:ParameterGroup", {"family": "mysql8.0", "parameters": UNKNOWN}),
        ),
        refused(
            "PostgreSQL 14",
            resource("aws:rds/parameterGroup:ParameterGroup", parameters("postgres14")),
            "rds.force_ssl",
        ),
        refused(
            "PostgreSQL 16, switched off",
            resource("aws:rds/parameterGroup:ParameterGroup", parameters("postgres16", rds__force_ssl="0")),
            "rds.force_ssl",
        ),
        refused(
            "Aurora PostgreSQL 16",
            resource("aws:rds/clusterParameterGroup:ClusterParameterGroup", parameters("aurora-postgresql16")),
            "rds.force_ssl",
        ),
        refused(
            "MariaDB 11.4",
            resource("aws:rds/parameterGroup:ParameterGroup", parameters("mariadb11.4")),
            "require_secure_transport",
        ),
        accepted(
            "MariaDB 11.8 by default", resource("aws:rds/parameterGroup:ParameterGroup", parameters("mariadb11.8"))
        ),
        refused(
            "MySQL",
            resource("aws:rds/parameterGroup:ParameterGroup", parameters("mysql8.0")),
            "require_secure_transport",
        ),
    ],
    "warehouse-forces-tls": [
        accepted(
            "required",
            resource("aws:redshift/parameterGroup:ParameterGroup", parameters("redshift-1.0", require_ssl="true")),
        ),
        accepted("by default", resource("aws:redshift/parameterGroup:ParameterGroup", parameters("redshift-2.0"))),
        refused(
            "switched off",
            resource("aws:redshift/parameterGroup:ParameterGroup", parameters("redshift-2.0", require_ssl="false")),
            "require_ssl",
        ),
        refused(
            "not required",
            resource("aws:redshift/parameterGroup:ParameterGroup", parameters("redshift-1.0")),
            "require_ssl",
        ),
    ],
    "docdb-forces-tls": [
        accepted(
            "by default", resource("aws:docdb/clusterParameterGroup:ClusterParameterGroup", parameters("docdb5.0"))
        ),
        accepted(
            "TLS 1.2 and newer",
            resource("aws:docdb/clusterParameterGroup:ClusterParameterGroup", parameters("docdb5.0", tls="tls1.2+")),
        ),
        refused(
            "switched off",
            resource("aws:docdb/clusterParameterGroup:ClusterParameterGroup", parameters("docdb5.0", tls="disabled")),
            "tls",
        ),
    ],
    "instance-private": [
        accepted("as the subnet has it", resource(INSTANCE, {"subnetId": "s"})),
        accepted("not known yet", resource(INSTANCE, {"associatePublicIpAddress": UNKNOWN})),
        refused("public", resource(INSTANCE, {"associatePublicIpAddress": True}), "associatePublicIpAddress"),
    ],
    "instance-subnet": [
        accepted("a subnet", resource(INSTANCE, {"subnetId": UNKNOWN})),
        accepted("an interface", resource(INSTANCE, {"primaryNetworkInterface": {"networkInterfaceId": "eni-1"}})),
        accepted("a template's", resource(INSTANCE, {"launchTemplate": {"id": "lt-1"}})),
        refused("the default network", resource(INSTANCE, {"ami": "ami-1"}), "subnetId"),
    ],
    "store-subnets": [
        accepted("a group", resource(CACHE, {"subnetGroupName": UNKNOWN})),
        accepted("where its source is", resource("aws:rds/instance:Instance", {"replicateSourceDb": "orders"})),
        refused("the default network", resource(CACHE, {"engine": "valkey"}), "subnetGroupName"),
    ],
    "kubernetes-private": [
        accepted("within the VPC", cluster(endpointPublicAccess=False)),
        accepted("within the VPC, for whoever is there", cluster(endpointPublicAccess=False, publicAccessCidrs=ALL)),
        accepted("from the office", cluster(endpointPublicAccess=True, publicAccessCidrs=["203.0.113.0/24"])),
        refused("from everywhere", cluster(publicAccessCidrs=ALL), "vpcConfig.publicAccessCidrs"),
        refused("by default", cluster(), "vpcConfig.endpointPublicAccess"),
    ],
    "kafka-private": [
        accepted("IAM", resource(KAFKA, {"clientAuthentication": {"sasl": {"iam": True}}})),
        accepted(
            "certificates", resource(KAFKA, {"clientAuthentication": {"tls": {"certificateAuthorityArns": ["a"]}}})
        ),
        accepted("not known yet", resource(KAFKA, {"clientAuthentication": UNKNOWN})),
        accepted("passwords", resource(KAFKA, {"clientAuthentication": {"sasl": {"scram": True}}})),
        accepted("passwords, or not", resource(KAFKA, {"clientAuthentication": {"sasl": {"scram": UNKNOWN}}})),
        refused("nobody asked", resource(KAFKA), "clientAuthentication.sasl.iam"),
        refused(
            "switched off",
            resource(KAFKA, {"clientAuthentication": {"sasl": {"iam": False}}}),
            "clientAuthentication.sasl.iam",
        ),
    ],
    "distribution-origin-tls": [
        accepted("as the viewer", resource(DISTRIBUTION, origin("match-viewer"))),
        refused("HTTP", resource(DISTRIBUTION, origin("http-only")), ORIGIN_PROTOCOL),
    ],
    "cache-users": [
        accepted("users", resource(CACHE, {"userGroupIds": ["orders"]})),
        accepted("a password", resource(CACHE, {"authToken": UNKNOWN})),
        refused("nobody asked", resource(CACHE, {"transitEncryptionEnabled": True}), "userGroupIds"),
    ],
    "search-collection-policy": [
        accepted("endpoints", collections("network", [{"AllowFromPublic": False, "SourceVPCEs": ["vpce-1"]}])),
        accepted("a key", collections("encryption", {"Rules": [], "AWSOwnedKey": False, "KmsARN": KEY})),
        accepted(
            "public data",
            resource(
                COLLECTIONS,
                {"type": "encryption", "policy": '{"AWSOwnedKey": true}'},
                provider=provider(defaultTags={"tags": {"Classification": "public"}}),
            ),
        ),
        refused("the internet", collections("network", [{"Rules": []}, {"AllowFromPublic": True}]), "public"),
        refused("AWS's key", collections("encryption", {"AWSOwnedKey": True}), "customer-key"),
        refused("not known yet", resource(COLLECTIONS, {"policy": UNKNOWN}), "policy", undetermined=True),
    ],
    "processing-encryption": [
        accepted("both", processing(at_rest=True, in_transit=True)),
        refused("not on disk", processing(at_rest=False, in_transit=True), "at-rest"),
        refused("not between nodes", processing(at_rest=True, in_transit=False), "in-transit"),
        refused("not JSON", resource(PROCESSING, {"configuration": "{"}), "at-rest"),
        refused("not known yet", resource(PROCESSING, {"configuration": UNKNOWN}), "configuration", undetermined=True),
    ],
}
