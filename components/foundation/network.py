"""The account's network: three zones, private and isolated subnets, no way out but through endpoints."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components.foundation import trust
from components.foundation.account import Account
from components.foundation.functions import Placement
from components.foundation.grants import grant
from components.foundation.keys import Key
from components.foundation.logs import log_group
from components.foundation.naming import Names
from components.foundation.resource_policies import endpoint_policy
from components.foundation.roles import Role, RoleArgs

ZONES = 3
GATEWAYS = ("s3", "dynamodb")
INTERFACES = ("events", "glue", "kms", "lakeformation", "logs", "secretsmanager", "sqs", "sns", "ssm", "sts")
# Endpoint services whose IAM prefix is another word.
_IAM_PREFIX = {"monitoring": "cloudwatch", "ecr.api": "ecr", "ecr.dkr": "ecr", "kinesis-streams": "kinesis"}
# VPC user guide, "VPC CIDR blocks" allows /16 to /28; three zones of two subnets need at least a /22 here.
_PREFIX_LENGTHS = range(16, 23)


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    account: Account
    key: Key
    """Encrypts the flow logs."""
    cidr_block: str = "10.0.0.0/16"
    interfaces: Sequence[str] = INTERFACES
    """AWS services to reach from inside, as in the endpoint's name ("com.amazonaws.<region>.<service>")."""
    nat: bool = False
    """Whether private subnets reach the internet. Off: endpoints serve, and nothing can leave."""


class Network(pulumi.ComponentResource):
    """A VPC on awsx.ec2.Vpc, with endpoints that admit the organisation only and flow logs of everything."""

    cidr_block: str
    nat: bool
    vpc: awsx.ec2.Vpc
    vpc_id: pulumi.Output[str]
    private_subnet_ids: pulumi.Output[Sequence[str]]
    isolated_subnet_ids: pulumi.Output[Sequence[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:Network", name, None, opts)
        require_cidr(args.cidr_block)
        names = Names(args.account)
        self._name, self._names = name, names
        self.cidr_block, self.nat = args.cidr_block, args.nat
        child = pulumi.ResourceOptions(parent=self)
        nat = awsx.ec2.NatGatewayStrategy.ONE_PER_AZ if args.nat else awsx.ec2.NatGatewayStrategy.NONE
        tiers = (awsx.ec2.SubnetType.PRIVATE, awsx.ec2.SubnetType.ISOLATED)
        public = [awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.PUBLIC)] if args.nat else []
        self.vpc = awsx.ec2.Vpc(
            name,
            cidr_block=args.cidr_block,
            number_of_availability_zones=ZONES,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=nat),
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            subnet_specs=[*public, *(awsx.ec2.SubnetSpecArgs(type=tier) for tier in tiers)],
            tags={"Name": names.prefix},
            opts=child,
        )
        self.vpc_id = self.vpc.vpc_id
        self.private_subnet_ids = self.vpc.private_subnet_ids
        self.isolated_subnet_ids = self.vpc.isolated_subnet_ids
        # Nothing may use the group that AWS creates with every VPC: Security Hub control EC2.2.
        aws.ec2.DefaultSecurityGroup(name, vpc_id=self.vpc_id, ingress=[], egress=[], opts=child)
        self._gateways = [self._gateway(args.account, service) for service in GATEWAYS]
        self._interfaces(args)
        self._flow_logs(args)
        self.register_outputs({"vpcId": self.vpc_id})

    def placement(self, name: str) -> Placement:
        """Where functions run: private subnets, and a group of their own that reaches endpoints over HTTPS and nothing
        else. One call for each function or group of functions; `name` is the logical name of the group."""
        group = aws.ec2.SecurityGroup(
            name,
            description=f"{name}: HTTPS to endpoints only",
            vpc_id=self.vpc_id,
            ingress=[],
            egress=[
                _https(cidr_blocks=[self.cidr_block]),
                _https(prefix_list_ids=[gateway.prefix_list_id for gateway in self._gateways]),
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return Placement(subnet_ids=self.private_subnet_ids, security_group_ids=[group.id])

    def _gateway(self, account: Account, service: str) -> aws.ec2.VpcEndpoint:
        return aws.ec2.VpcEndpoint(
            f"{self._name}-{service}",
            vpc_id=self.vpc_id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{account.region}.{service}",
            route_table_ids=self.vpc.route_tables.apply(lambda tables: [table.id for table in tables or ()]),
            policy=endpoint_policy(account, service),
            tags={"Name": self._names.name(service)},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _interfaces(self, args: NetworkArgs) -> None:
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{self._name}-endpoints",
            description="HTTPS from inside the network to its endpoints",
            vpc_id=self.vpc_id,
            ingress=[_https(cidr_blocks=[args.cidr_block])],
            egress=[],
            opts=child,
        )
        for service in args.interfaces:
            aws.ec2.VpcEndpoint(
                f"{self._name}-{service}",
                vpc_id=self.vpc_id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{args.account.region}.{service}",
                private_dns_enabled=True,
                subnet_ids=self.private_subnet_ids,
                security_group_ids=[group.id],
                policy=endpoint_policy(args.account, _IAM_PREFIX.get(service, service)),
                tags={"Name": self._names.name(service.replace(".", "-"))},
                opts=child,
            )

    def _flow_logs(self, args: NetworkArgs) -> None:
        group = self._names.log_group("network-flow")
        arns = self._names.arns
        logs = log_group(f"{self._name}-flow", group=group, key=args.key, parent=self)
        # VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs".
        actions = (
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        )
        group_arn = arns.log_group(group)
        role = Role(
            f"{self._name}-flow",
            RoleArgs(
                account=args.account,
                what="network-flow",
                trust=[
                    trust.by_service(
                        args.account, "vpc-flow-logs.amazonaws.com", arns.regional("ec2", "vpc-flow-log/*")
                    )
                ],
                grants=[grant("flow logs", actions, [group_arn, f"{group_arn}:*"])],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        aws.ec2.FlowLog(
            self._name,
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=logs.arn,
            iam_role_arn=role.resource.arn,
            max_aggregation_interval=60,
            opts=pulumi.ResourceOptions(parent=self, depends_on=role.permissions),
        )


def require_cidr(cidr_block: str) -> None:
    """ValueError unless this is a private IPv4 network large enough for three zones of subnets."""
    try:
        network = ipaddress.IPv4Network(cidr_block)
    except ValueError as error:
        raise ValueError(f"cidr_block: {error}") from error
    if not network.is_private:
        raise ValueError(f"cidr_block: {cidr_block} is not a private range")
    if network.prefixlen not in _PREFIX_LENGTHS:
        raise ValueError(f"cidr_block: {cidr_block} is not between /{_PREFIX_LENGTHS[0]} and /{_PREFIX_LENGTHS[-1]}")


def _https(
    cidr_blocks: Sequence[str] = (), prefix_list_ids: Sequence[pulumi.Input[str]] = ()
) -> aws.ec2.SecurityGroupIngressArgsDict:
    return {
        "protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
        "cidr_blocks": list(cidr_blocks) or None,
        "prefix_list_ids": list(prefix_list_ids) or None,
    }
