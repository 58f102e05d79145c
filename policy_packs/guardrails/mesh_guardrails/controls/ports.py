"""Which ports the whole internet may reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Props, Resource

_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
_ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"

ADMINISTRATIVE: Final = {
    22: "SSH",
    23: "Telnet",
    135: "RPC",
    445: "SMB",
    2375: "Docker",
    2376: "Docker",
    3389: "RDP",
    5900: "VNC",
    5985: "WinRM",
    5986: "WinRM",
    10250: "Kubelet",
}
DATA: Final = {
    1433: "SQL Server",
    1521: "Oracle",
    2049: "NFS",
    2181: "ZooKeeper",
    3306: "MySQL",
    5432: "PostgreSQL",
    5439: "Redshift",
    6379: "Redis",
    8182: "Neptune",
    9042: "Cassandra",
    9092: "Kafka",
    9094: "Kafka",
    9098: "Kafka",
    9200: "OpenSearch",
    11211: "Memcached",
    27017: "MongoDB",
}
WEB: Final = (80, 443)
_SHOWN: Final = 3
"""How many of the ports that an opening reaches are told."""

# Networks so wide that they are most of the internet, by the length of their prefix. 10.0.0.0/8 is not among them.
_WIDEST_IPV4: Final = 7
_WIDEST_IPV6: Final = 16


@dataclass(frozen=True)
class Opening:
    """A range of ports that most of the internet may reach."""

    where: str
    first: int
    last: int
    everything: bool

    def among(self, ports: Mapping[int, str]) -> list[str]:
        """Those of the named ports that it opens."""
        return [
            f"{port} ({name})" for port, name in ports.items() if self.everything or self.first <= port <= self.last
        ]

    def __str__(self) -> str:
        if self.everything:
            return "every port"
        return f"port {self.first}" if self.first == self.last else f"ports {self.first} to {self.last}"


def is_world(network: Any) -> bool:
    """Whether an address range is most of the internet."""
    if not isinstance(network, str) or "/" not in network:
        return False
    address, _, length = network.partition("/")
    return length.isdigit() and int(length) <= (_WIDEST_IPV6 if ":" in address else _WIDEST_IPV4)


def openings(resource: Resource) -> Iterator[Opening]:
    """The ranges of ports a security group, or a rule of one, opens to the world."""
    if resource.type == _GROUP:
        rules = [(where, rule) for where, rule in resource.values("ingress[]") if isinstance(rule, Mapping)]
    elif resource.type == _RULE and resource.props.get("type") != "ingress":
        rules = []
    else:
        rules = [("the rule", resource.props)]
    for where, rule in rules:
        networks = [rule.get("cidrIpv4"), rule.get("cidrIpv6")]
        for name in ("cidrBlocks", "ipv6CidrBlocks"):
            listed = rule.get(name)
            networks += listed if isinstance(listed, list) else []
        protocol = str(rule.get("protocol", rule.get("ipProtocol")))
        if any(map(is_world, networks)) and not protocol.startswith("icmp") and protocol not in ("1", "58"):
            yield _opening(where, rule, protocol)


def _opening(where: str, rule: Mapping[str, Any], protocol: str) -> Opening:
    first, last = rule.get("fromPort"), rule.get("toPort")
    if protocol in ("-1", "all") or first is None or last is None:
        return Opening(where, 0, 65535, everything=True)
    if first is UNKNOWN or last is UNKNOWN:
        return Opening(where, -1, -1, everything=False)
    return Opening(where, int(first), int(last), everything=False)


def _reaches(ports: Mapping[int, str]) -> Callable[[Resource, Facts], Iterator[Finding]]:
    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        for opening in openings(resource):
            if reached := opening.among(ports):
                few = ", ".join(reached if len(reached) <= _SHOWN else [*reached[:_SHOWN], "…"])
                told = f"port {few}" if opening.first == opening.last else f"{opening}, among them {few},"
                yield Finding(f"{opening.where} opens {told} to the internet", "open")

    return check


def _other(resource: Resource, facts: Facts) -> Iterator[Finding]:
    allowed = [int(port) for port in facts.setting("open-ports", "ports", WEB)]
    for opening in openings(resource):
        told = opening.among(ADMINISTRATIVE) or opening.among(DATA)  # by the other two controls
        meant = opening.first == opening.last and opening.first in allowed
        if opening.first >= 0 and not told and not meant:
            yield Finding(f"{opening.where} opens {opening} to the internet", "open")


def _acl(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for where, rule in _acl_rules(resource):
        if is_world(rule.get("cidrBlock")) or is_world(rule.get("ipv6CidrBlock")):
            opening = _opening(where, rule, str(rule.get("protocol")))
            if reached := opening.among({port: ADMINISTRATIVE[port] for port in (22, 3389)}):
                yield Finding(f"{where} lets the internet reach {', '.join(reached)}", "open")


def _acl_rules(resource: Resource) -> Iterator[tuple[str, Props]]:
    """The rules of an ACL, or the one that a resource is, that let traffic in."""
    if resource.type == _ACL_RULE:
        if resource.props.get("egress") is not True and resource.props.get("ruleAction") == "allow":
            yield "the rule", resource.props
        return
    for where, rule in resource.values("ingress[]"):
        if isinstance(rule, Mapping) and rule.get("action") == "allow":
            yield where, rule


def _control(
    id_: str,
    title: str,
    severity: Severity,
    check: Callable[[Resource, Facts], Iterator[Finding]],
    why: str,
    **more: Any,
) -> ResourceControl:
    return ResourceControl(
        id=id_,
        title=title,
        severity=severity,
        rationale=why,
        family="exposure",
        types=(_GROUP, _RULE, _INGRESS),
        remediation="Name the networks or the security group that need it, or use Session Manager.",
        check=check,
        **more,
    )


CONTROLS = (
    _control(
        "open-admin-ports",
        "The internet reaches no administrative port",
        Severity.CRITICAL,
        _reaches(ADMINISTRATIVE),
        "Such ports are scanned within minutes, and one weak password or one unpatched server is enough.",
    ),
    _control(
        "open-data-ports",
        "The internet reaches no database, cache, broker or file system",
        Severity.CRITICAL,
        _reaches(DATA),
        "Their protocols were made for trusted networks; many have no password at all until somebody sets one.",
    ),
    _control(
        "open-ports",
        "The internet reaches nothing but the web's ports",
        Severity.HIGH,
        _other,
        "Every other port is a service somebody forgot or did not mean to publish.",
        settings={
            "ports": {"type": "array", "items": {"type": "number"}, "description": "ports that may be open to all"}
        },
    ),
    ResourceControl(
        id="network-acl-admin-ports",
        title="Network ACLs keep the internet from SSH and RDP",
        severity=Severity.MEDIUM,
        rationale="The second line of defence, for the day a security group is wrong.",
        remediation="Allow the ports that are used, or deny 22 and 3389 with a lower rule number and narrow this one.",
        family="exposure",
        types=(_ACL, _ACL_RULE),
        check=_acl,
    ),
)
