"""The TLS that listeners, distributions, domains and databases speak is a current one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceCheck, ResourceControl, Severity
from mesh_guardrails.controls.companions import stack_control
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import excludes, expect, is_, is_not
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

_F = "transport"
_OLD = "TLS before 1.2 and its ciphers can be broken (RFC 8996)."
_CLEAR = "Whatever is sent in the clear can be read and changed on the way."

# Policies without TLS 1.0 and 1.1:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
_LISTENER_POLICIES: Final = (
    "ELBSecurityPolicy-TLS13-1-2-",
    "ELBSecurityPolicy-TLS13-1-3-",
    "ELBSecurityPolicy-FS-1-2-",
)
_LISTENER_POLICY_NAMES: Final = ("ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-TLS-1-2-Ext-2018-06")
_OLD_DISTRIBUTION: Final = ("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016")
# They still offer SHA-1: https://docs.aws.amazon.com/transfer/latest/userguide/security-policies.html
_OLD_TRANSFER: Final = (
    "TransferSecurityPolicy-2018-11",
    "TransferSecurityPolicy-2020-06",
    "TransferSecurityPolicy-FIPS-2020-06",
)
_OLD_IOT: Final = ("IotSecurityPolicy_TLS12_1_0_2015_01", "IotSecurityPolicy_TLS12_1_0_2016_01")

# Parameters that make a database refuse plain connections, by the start of the parameter group's family.
_FORCE_TLS: Final = {
    "postgres": ("rds.force_ssl", ("1",)),
    "aurora-postgresql": ("rds.force_ssl", ("1",)),
    "sqlserver": ("rds.force_ssl", ("1",)),
    "mysql": ("require_secure_transport", ("1", "ON")),
    "mariadb": ("require_secure_transport", ("1", "ON")),
    "aurora-mysql": ("require_secure_transport", ("ON", "1")),
    "redshift": ("require_ssl", ("true", "TRUE")),
    "docdb": ("tls", ("enabled", "tls1.2+", "tls1.3+", "fips-140-3")),
}
# From these versions on, the engines force TLS by default:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html,
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html,
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mariadb-ssl-connections.require-ssl.html,
# https://docs.aws.amazon.com/documentdb/latest/developerguide/security.encryption.ssl.html and
# https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-parameter-groups.html
_DEFAULT_FROM: Final = {
    "postgres": (15,),
    "aurora-postgresql": (17,),
    "mariadb": (11, 8),
    "docdb": (0,),
    "redshift": (2,),
}
_RELATIONAL: Final = ("postgres", "aurora-postgresql", "sqlserver", "mysql", "mariadb", "aurora-mysql")
_INSTANCE: Final = "aws:rds/instance:Instance"
_INSTANCE_PARAMETERS: Final = "aws:rds/parameterGroup:ParameterGroup"


def _listener(resource: Resource, facts: Facts) -> Iterator[Finding]:
    protocol, policy = resource.props.get("protocol"), resource.props.get("sslPolicy")
    if protocol not in ("HTTPS", "TLS") or policy is UNKNOWN:
        return
    # Without a policy a listener gets ELBSecurityPolicy-2016-08, which still speaks TLS 1.0.
    if policy is None or not (policy.startswith(_LISTENER_POLICIES) or policy in _LISTENER_POLICY_NAMES):
        yield Finding("sslPolicy has to be one without TLS 1.0 and 1.1", "sslPolicy")


def _protocol(listener: Resource) -> Any:
    """What a listener speaks; of an application load balancer HTTP when it does not say, which has a port then."""
    default = "HTTP" if listener.props.get("port") is not None else None
    return listener.props.get("protocol") or default


def _plain_listener(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if _protocol(resource) != "HTTP":
        return
    for where, action in resource.values("defaultActions[]"):
        redirect = action.get("redirect") if isinstance(action, dict) else action
        to_tls = isinstance(redirect, dict) and redirect.get("protocol") in ("HTTPS", UNKNOWN)
        refuses = isinstance(action, dict) and action.get("type") == "fixed-response"
        if action is not UNKNOWN and redirect is not UNKNOWN and not to_tls and not refuses:
            yield Finding(f"{where} answers plain HTTP instead of redirecting to HTTPS", "http")


def _rules(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for listener in stack.of(*_LISTENERS):
        if _protocol(listener) == "HTTP":
            for rule in stack.naming(listener, "listenerArn", *_RULES):
                if any(type_ == "forward" for _, type_ in rule.values("actions[].type")):
                    yield Finding("the rule answers plain HTTP", "http", urn=rule.urn)


def _forces_tls(*engines: str) -> ResourceCheck:
    def check(resource: Resource, facts: Facts) -> Iterator[Finding]:
        family = resource.props.get("family")
        engine = _engine(family, engines) if isinstance(family, str) else None
        if engine is None or (engine.startswith("aurora") and resource.type == _INSTANCE_PARAMETERS):
            return  # Aurora takes the parameter from the group of the cluster
        name, accepted = _FORCE_TLS[engine]
        listed = resource.props.get("parameters")
        value = _listed(listed, "name", "value", name)
        if value is None and _by_default(engine, str(family)):
            return
        if value is not UNKNOWN and str(value) not in accepted:
            yield Finding(f"the parameter {name} has to be {accepted[0]}", name)

    return check


def _workgroup(resource: Resource, facts: Facts) -> Iterator[Finding]:
    listed = resource.props.get("configParameters")
    if _listed(listed, "parameterKey", "parameterValue", "require_ssl") not in ("true", UNKNOWN):
        yield Finding("the configuration parameter require_ssl has to be true", "require_ssl")


def _listed(parameters: Any, key: str, value: str, wanted: str) -> Any:
    """The value of the parameter called `wanted` in a list of named ones: None when it is not there, UNKNOWN when one
    that is not known yet may be it."""
    given = parameters if isinstance(parameters, list) else [parameters]
    found = [each.get(value) for each in given if isinstance(each, dict) and each.get(key) == wanted]
    return found[0] if found else UNKNOWN if UNKNOWN in given else None


def _engine(family: str, engines: tuple[str, ...]) -> str | None:
    return next((engine for engine in sorted(engines, key=len, reverse=True) if family.startswith(engine)), None)


def _by_default(engine: str, family: str) -> bool:
    return engine in _DEFAULT_FROM and _version(family.removeprefix(engine).lstrip("-")) >= _DEFAULT_FROM[engine]


def _version(text: str) -> tuple[int, ...]:
    """16.4 as (16, 4); parts that are no numbers end it."""
    return tuple(int(part) for part in takewhile(str.isdigit, text.split(".")))


def _default_parameters(resource: Resource, facts: Facts) -> Iterator[Finding]:
    property_ = "parameterGroupName" if resource.type == _INSTANCE else "dbClusterParameterGroupName"
    engine, version = resource.props.get("engine"), resource.props.get("engineVersion")
    known = _engine(engine, _RELATIONAL) if isinstance(engine, str) else None
    # Without a version, AWS takes the newest; a replica has the parameters of what it replicates.
    newest = version is None and known in _DEFAULT_FROM
    if known is None or newest or version is UNKNOWN or _by_default(known, f"{known}{version}"):
        return
    if not resource.props.get(property_) and not resource.props.get("replicateSourceDb"):
        yield Finding(f"{property_} has to be set: by default, {engine} lets plain connections in", property_)


def _parameters(id_: str, what: str, type_: str, *engines: str) -> ResourceControl:
    return ResourceControl(
        id=id_,
        title=f"{what} refuse connections without TLS",
        severity=Severity.HIGH,
        rationale=_CLEAR,
        remediation="Set the parameter the finding names.",
        family=_F,
        types=tuple(type_.split()),
        check=_forces_tls(*engines),
    )


_LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
_RULES: Final = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")

CONTROLS = (
    ResourceControl(
        id="listener-tls",
        title="Listeners speak TLS 1.2 or newer",
        severity=Severity.HIGH,
        rationale=_OLD,
        remediation="Set sslPolicy to ELBSecurityPolicy-TLS13-1-2-2021-06.",
        family=_F,
        types=_LISTENERS,
        check=_listener,
    ),
    ResourceControl(
        id="listener-redirects",
        title="Plain HTTP listeners redirect to HTTPS or refuse",
        severity=Severity.HIGH,
        rationale=_CLEAR,
        remediation="Make the default action a redirect to protocol HTTPS, or a fixed response.",
        family=_F,
        types=_LISTENERS,
        check=_plain_listener,
    ),
    stack_control(
        "listener-rules",
        "Rules of plain HTTP listeners redirect to HTTPS or refuse",
        Severity.HIGH,
        _F,
        _CLEAR,
        "Move the rule to the HTTPS listener.",
        _rules,
    ),
    expect(
        "classic-listener-tls",
        "Classic load balancers listen with TLS",
        Severity.HIGH,
        "aws:elb/loadBalancer:LoadBalancer",
        is_("listeners[].lbProtocol", "https", "HTTPS", "ssl", "SSL"),
        why=_CLEAR,
        fix="Set lbProtocol to https or ssl with a certificate, or use an application load balancer.",
        family=_F,
    ),
    expect(
        "distribution-tls",
        "Distributions speak TLS 1.2 or newer to viewers",
        Severity.HIGH,
        "aws:cloudfront/distribution:Distribution",
        # The default certificate is for *.cloudfront.net, whose TLS versions cannot be chosen.
        is_not("viewerCertificate.minimumProtocolVersion", *_OLD_DISTRIBUTION, default=False),
        why=_OLD,
        fix="Use a certificate of your own and set minimumProtocolVersion to TLSv1.2_2021.",
        family=_F,
    ),
    expect(
        "distribution-https",
        "Distributions answer HTTPS only, or redirect to it",
        Severity.HIGH,
        "aws:cloudfront/distribution:Distribution",
        is_("defaultCacheBehavior.viewerProtocolPolicy", "redirect-to-https", "https-only"),
        is_("orderedCacheBehaviors[].viewerProtocolPolicy", "redirect-to-https", "https-only"),
        why=_CLEAR,
        fix="Set viewerProtocolPolicy to redirect-to-https.",
        family=_F,
    ),
    expect(
        "distribution-origin-tls",
        "Distributions fetch with TLS 1.2",
        Severity.HIGH,
        "aws:cloudfront/distribution:Distribution",
        # As the viewer, who comes with HTTPS: the control `distribution-https`.
        is_("origins[].customOriginConfig?.originProtocolPolicy", "https-only", "match-viewer"),
        excludes("origins[].customOriginConfig?.originSslProtocols", "SSLv3", "TLSv1", "TLSv1.1"),
        why=_CLEAR,
        fix='Set originProtocolPolicy to https-only and originSslProtocols to ["TLSv1.2"]. The website endpoint of a '
        "bucket speaks plain HTTP only: use the bucket's own endpoint with originAccessControlId.",
        family=_F,
    ),
    expect(
        "api-domain-tls",
        "API domains speak TLS 1.2 or newer",
        Severity.HIGH,
        "aws:apigateway/domainName:DomainName",
        is_not("securityPolicy", "TLS_1_0", default=False),
        why=_OLD,
        fix="Set securityPolicy to TLS_1_2.",
        family=_F,
    ),
    expect(
        "http-api-domain-tls",
        "HTTP API domains speak TLS 1.2",
        Severity.HIGH,
        "aws:apigatewayv2/domainName:DomainName",
        is_("domainNameConfiguration.securityPolicy", "TLS_1_2"),
        why=_OLD,
        fix="Set domainNameConfiguration.securityPolicy to TLS_1_2.",
        family=_F,
    ),
    expect(
        "search-tls",
        "Search domains speak TLS 1.2 or newer",
        Severity.HIGH,
        "aws:opensearch/domain:Domain aws:elasticsearch/domain:Domain",
        is_not("domainEndpointOptions.tlsSecurityPolicy", "Policy-Min-TLS-1-0-2019-07", default=False),
        why=_OLD,
        fix="Set domainEndpointOptions.tlsSecurityPolicy to Policy-Min-TLS-1-2-PFS-2023-10.",
        family=_F,
    ),
    expect(
        "cloudsearch-tls",
        "CloudSearch domains speak TLS 1.2 only",
        Severity.HIGH,
        "aws:cloudsearch/domain:Domain",
        is_("endpointOptions.enforceHttps"),
        is_("endpointOptions.tlsSecurityPolicy", "Policy-Min-TLS-1-2-2019-07"),
        why=_CLEAR,
        fix="Set endpointOptions.enforceHttps and its tlsSecurityPolicy.",
        family=_F,
    ),
    expect(
        "iot-tls",
        "IoT endpoints speak TLS 1.2 or newer",
        Severity.HIGH,
        "aws:iot/domainConfiguration:DomainConfiguration",
        is_not("tlsConfig.securityPolicy", *_OLD_IOT),
        why=_OLD,
        fix="Set tlsConfig.securityPolicy to IotSecurityPolicy_TLS13_1_2_2022_10.",
        family=_F,
    ),
    expect(
        "proxy-tls",
        "Database proxies refuse connections without TLS",
        Severity.HIGH,
        "aws:rds/proxy:Proxy",
        is_("requireTls"),
        why=_CLEAR,
        fix="Set requireTls.",
        family=_F,
    ),
    expect(
        "mail-tls",
        "Mail goes out with TLS or not at all",
        Severity.MEDIUM,
        "aws:sesv2/configurationSet:ConfigurationSet aws:ses/configurationSet:ConfigurationSet",
        is_("deliveryOptions.tlsPolicy", "REQUIRE", "Require"),
        why=_CLEAR,
        fix="Set deliveryOptions.tlsPolicy to REQUIRE.",
        family=_F,
    ),
    expect(
        "mail-received-tls",
        "Mail comes in with TLS or not at all",
        Severity.MEDIUM,
        "aws:ses/receiptRule:ReceiptRule",
        is_("tlsPolicy", "Require"),
        why=_CLEAR,
        fix="Set tlsPolicy to Require.",
        family=_F,
    ),
    expect(
        "transfer-ciphers",
        "File transfer servers offer current ciphers only",
        Severity.HIGH,
        "aws:transfer/server:Server",
        is_not("securityPolicyName", *_OLD_TRANSFER, default=False),
        why="The default, of 2018, still offers SHA-1 and CBC ciphers.",
        fix="Set securityPolicyName to TransferSecurityPolicy-2025-03.",
        family=_F,
    ),
    expect(
        "mesh-service-tls",
        "Services in App Mesh insist on TLS",
        Severity.MEDIUM,
        "aws:appmesh/virtualNode:VirtualNode",
        is_("spec.backendDefaults?.clientPolicy?.tls?.enforce", default=True),
        is_("spec.backends[].virtualService.clientPolicy?.tls?.enforce", default=True),
        why=_CLEAR,
        fix="Leave enforce true.",
        family=_F,
    ),
    expect(
        "certificate-validation",
        "Certificates are validated through DNS",
        Severity.LOW,
        "aws:acm/certificate:Certificate",
        is_("validationMethod", "DNS", unless=("certificateBody", "certificateAuthorityArn", "privateKey")),
        why="A certificate that is validated by mail expires when nobody reads the mail.",
        fix="Set validationMethod to DNS.",
        family=_F,
    ),
    _parameters(
        "database-forces-tls",
        "Databases",
        f"{_INSTANCE_PARAMETERS} aws:rds/clusterParameterGroup:ClusterParameterGroup",
        *_RELATIONAL,
    ),
    ResourceControl(
        id="database-parameters",
        title="Databases that let plain connections in by default have parameters of their own",
        severity=Severity.HIGH,
        rationale=_CLEAR,
        remediation="Name a parameter group that the control `database-forces-tls` accepts.",
        family=_F,
        types=(_INSTANCE, "aws:rds/cluster:Cluster"),
        check=_default_parameters,
    ),
    _parameters("warehouse-forces-tls", "Redshift clusters", "aws:redshift/parameterGroup:ParameterGroup", "redshift"),
    _parameters(
        "docdb-forces-tls", "DocumentDB clusters", "aws:docdb/clusterParameterGroup:ClusterParameterGroup", "docdb"
    ),
    ResourceControl(
        id="warehouse-serverless-forces-tls",
        title="Redshift workgroups refuse connections without TLS",
        severity=Severity.HIGH,
        rationale=_CLEAR,
        remediation="Add the configuration parameter require_ssl with the value true.",
        family=_F,
        types=("aws:redshiftserverless/workgroup:Workgroup",),
        check=_workgroup,
    ),
)
