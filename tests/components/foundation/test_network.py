"""The network: three zones, no way out, endpoints for the organisation, everything logged."""

import pytest

from components.foundation.network import GATEWAYS, INTERFACES, Network, NetworkArgs, require_cidr
from tests.components.foundation.evaluation import matching
from tests.components.foundation.grants_of_every_kind import ACCOUNT
from tests.components.foundation.one_of_each import deployed, make_key
from tests.components.harness import run


def test_three_zones_of_private_and_isolated_subnets_without_nat() -> None:
    vpc = deployed("domain").one("ec2.Vpc").inputs
    assert vpc["numberOfAvailabilityZones"] == 3
    assert vpc["natGateways"] == {"strategy": "None"}
    assert [spec["type"] for spec in vpc["subnetSpecs"]] == ["Private", "Isolated"]
    assert vpc["enableDnsHostnames"] is True


def test_nat_brings_the_public_subnets_it_lives_in() -> None:
    args = {"account": ACCOUNT, "nat": True, "interfaces": ()}
    made = run(lambda: Network("n", NetworkArgs(key=make_key(ACCOUNT), **args)))
    vpc = made.one("ec2.Vpc").inputs
    assert vpc["natGateways"] == {"strategy": "OnePerAz"}
    assert [spec["type"] for spec in vpc["subnetSpecs"]] == ["Public", "Private", "Isolated"]


def test_the_default_security_group_lets_nothing_through() -> None:
    group = deployed("domain").one("ec2.DefaultSecurityGroup").inputs
    assert (group["ingress"], group["egress"], group["vpcId"]) == ([], [], "vpc-1")


def test_every_endpoint_admits_the_organisation_only() -> None:
    endpoints = {one.name.removeprefix("network-"): one.inputs for one in deployed("domain").of("ec2.VpcEndpoint")}
    assert set(endpoints) == {*GATEWAYS, *INTERFACES}
    inside = {"aws:PrincipalOrgID": "o-acme000001", "aws:ResourceOrgID": "o-acme000001"}
    for service, inputs in endpoints.items():
        assert inputs["serviceName"] == f"com.amazonaws.eu-west-1.{service}"
        assert matching(inputs["policy"], inside, action=f"{service}:Anything") == ["Allow OrganisationOnly"]
        assert matching(inputs["policy"], {}, action=f"{service}:Anything") == []


def test_interface_endpoints_answer_https_from_inside_in_every_zone() -> None:
    made = deployed("domain")
    group = made.one("ec2.SecurityGroup", "network-endpoints").inputs
    (rule,) = group["ingress"]
    assert (rule["cidrBlocks"], rule["fromPort"], rule["toPort"]) == (["10.0.0.0/16"], 443, 443)
    assert group["egress"] == []
    endpoint = made.one("ec2.VpcEndpoint", "network-kms").inputs
    assert endpoint["securityGroupIds"] == ["network-endpoints-id"]
    assert len(endpoint["subnetIds"]) == 3
    assert endpoint["privateDnsEnabled"] is True


def test_all_traffic_is_logged_to_an_encrypted_group() -> None:
    made = deployed("domain")
    flow = made.one("ec2.FlowLog").inputs
    assert flow["trafficType"] == "ALL"
    group = made.one("cloudwatch.LogGroup", "network-flow").inputs
    assert group["name"] == "/acme/sales/prod/network-flow"
    assert group["kmsKeyId"].endswith("mrk-confidential")
    trust = made.one("iam.Role", "network-flow").document("assumeRolePolicy")
    assert trust["Statement"][0]["Condition"]["StringEquals"] == {"aws:SourceAccount": "222222222222"}


@pytest.mark.parametrize("cidr_block", ["10.0.0.0/16", "172.16.0.0/20", "192.168.4.0/22"])
def test_private_ranges_with_room_are_accepted(cidr_block: str) -> None:
    require_cidr(cidr_block)


@pytest.mark.parametrize("cidr_block", ["10.0.0.0/8", "10.0.0.0/23", "8.8.0.0/16", "10.0.0.1/16", "ten"])
def test_other_ranges_are_refused(cidr_block: str) -> None:
    with pytest.raises(ValueError, match=r"^cidr_block: "):
        require_cidr(cidr_block)
