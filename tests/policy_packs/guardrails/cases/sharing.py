"""What endpoints let through."""

from __future__ import annotations

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import Case, accepted, policy, refused, resource

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
OURS = policy(
    {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-acme000001", "aws:ResourceOrgID": "o-acme000001"}},
    }
)
EVERYTHING = policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})


def endpoint(service: str = "com.amazonaws.eu-west-1.s3", type_: str = "Interface", **more: object) -> Resource:
    """An endpoint of a service."""
    depends = dict.fromkeys(more, ())
    props = {"serviceName": service, "vpcEndpointType": type_, "id": "vpce-1", **more}
    return resource(ENDPOINT, props, property_dependencies={"serviceName": (), **depends})


def computed(value: object) -> Resource:
    """An endpoint whose program gives no policy, with what AWS or a preview tells of it afterwards."""
    made = endpoint()
    return resource(ENDPOINT, {**made.props, "policy": value}, property_dependencies=made.property_dependencies)


def beside(**props: object) -> Resource:
    """A policy in a resource of its own."""
    given = {"vpcEndpointId": "vpce-1", **props}
    return resource(
        "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", given, property_dependencies=dict.fromkeys(given, ())
    )


CASES: dict[str, list[Case]] = {
    "endpoint-policy": [
        accepted("a policy", [endpoint(policy=OURS)]),
        accepted("a policy beside it", [endpoint(), beside(policy=OURS)]),
        accepted("a policy that is not known yet", [endpoint(policy=UNKNOWN)]),
        accepted("a policy beside it that is not known yet", [endpoint(), beside(policy=UNKNOWN)]),
        accepted("an open one, which is another control's", [endpoint(policy=EVERYTHING)]),
        accepted("a load balancer of packets", [endpoint("com.amazonaws.vpce.x", "GatewayLoadBalancer")]),
        accepted("a service network", [resource(ENDPOINT, {"vpcEndpointType": "ServiceNetwork"})]),
        accepted("somebody's own service", [endpoint("com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0")]),
        accepted("a service without endpoint policies", [endpoint("com.amazonaws.eu-west-1.transfer.server")]),
        accepted("devices, whose policies are IoT's", [endpoint("com.amazonaws.eu-west-1.iot.data")]),
        refused("none", [endpoint()], "policy"),
        refused("none, at a gateway", [resource(ENDPOINT, {"serviceName": "com.amazonaws.eu-west-1.s3"})], "policy"),
        refused("an empty one", [endpoint(policy="")], "policy"),
        refused("one beside it that says nothing", [endpoint(), beside()], "policy"),
        refused("one beside another endpoint", [endpoint(), beside(vpcEndpointId="vpce-2", policy=OURS)], "policy"),
        refused("what AWS gives it", [computed(EVERYTHING)], "policy"),
        refused("what AWS gives it, in a preview", [computed(UNKNOWN)], "policy"),
        refused("an interface of a service with a dot", [endpoint("com.amazonaws.eu-west-1.ecr.api")], "policy"),
        refused("a service of another naming", [endpoint("aws.sagemaker.eu-west-1.notebook")], "policy"),
        refused("a service in China", [endpoint("cn.com.amazonaws.cn-north-1.s3")], "policy"),
        refused("a service that is not known yet", [resource(ENDPOINT, {"serviceName": UNKNOWN})], "policy"),
    ],
}
