"""A small `awsx` component provider for the engines' tests: a network whose parts are registered by the plugin."""

from __future__ import annotations

import sys

import pulumi
import pulumi_aws as aws
from pulumi.provider import ConstructResult, Provider
from pulumi.provider.server import main


class Vpc(pulumi.ComponentResource):
    def __init__(self, name, inputs, opts):
        super().__init__("awsx:ec2:Vpc", name, {}, opts)
        own = pulumi.ResourceOptions(parent=self)
        cidr = inputs.get("cidrBlock") or "10.0.0.0/16"
        self.vpc = aws.ec2.Vpc(name, cidr_block=cidr, tags=inputs.get("tags"), opts=own)
        subnets = [
            aws.ec2.Subnet(f"{name}-{n}", vpc_id=self.vpc.id, cidr_block=f"10.0.{n}.0/24", opts=own) for n in range(2)
        ]
        self.state = {"vpcId": self.vpc.id, "vpc": self.vpc, "publicSubnetIds": [subnet.id for subnet in subnets]}
        self.register_outputs(self.state)


class Awsx(Provider):
    def __init__(self):
        super().__init__("3.11.0", "{}")

    def construct(self, name, resource_type, inputs, options=None):
        vpc = Vpc(name, inputs, options)
        return ConstructResult(urn=vpc.urn, state=vpc.state)


if __name__ == "__main__":
    main(Awsx(), sys.argv[1:])
