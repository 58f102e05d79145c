"""Software stays current, what runs is what was built, and long-lived secrets do not pile up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import at_least, at_most, expect, is_, is_absent, is_not, is_set, setting
from mesh_guardrails.resource import UNKNOWN, Resource

_F = "upkeep"
_PATCH = "Attackers use published holes within days; what is not patched by itself is patched late."

# The day each runtime stops being patched: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
_RUNTIMES_END: Final = {
    "dotnet8": date(2026, 11, 10),
    "java11": date(2027, 6, 30),
    "java17": date(2027, 6, 30),
    "java21": date(2029, 6, 30),
    "java8.al2": date(2027, 6, 30),
    "nodejs20.x": date(2026, 4, 30),
    "nodejs22.x": date(2027, 4, 30),
    "provided.al2": date(2026, 7, 31),
    "provided.al2023": date(2029, 6, 30),
    "python3.10": date(2026, 10, 31),
    "python3.11": date(2027, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "ruby3.2": date(2026, 3, 31),
    "ruby3.3": date(2027, 3, 31),
    "ruby3.4": date(2028, 3, 31),
}
# Their support had ended before 2026.
_RUNTIMES_ENDED: Final = re.compile(
    r"nodejs(4\.3|6\.10|8\.10|1[0-8]\.x)?|python(2\.7|3\.[6-9])|ruby2\.\d|java8|go1\.x|provided|dotnet(core.*|[5-7](\.0)?)"
)


def _runtime(resource: Resource, facts: Facts) -> Iterator[Finding]:
    runtime = resource.props.get("runtime")
    if not isinstance(runtime, str):
        return
    ends = _RUNTIMES_END.get(runtime, date.max)
    if _RUNTIMES_ENDED.fullmatch(runtime) or facts.today > ends:
        yield Finding(f"the runtime {runtime} is not patched any more", "runtime")


def containers(resource: Resource) -> list[Mapping[str, Any]]:
    """The containers of a task definition, whose JSON uses the API's names; none while it is not known."""
    text = resource.props.get("containerDefinitions")
    if not isinstance(text, str):
        return []
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return [container for container in found if isinstance(container, dict)] if isinstance(found, list) else []


def _task(resource: Resource, facts: Facts) -> Iterator[Finding]:
    if resource.props.get("containerDefinitions") is UNKNOWN:
        yield Finding("containerDefinitions is not known yet", "containers", undetermined=True)
    for container in containers(resource):
        name = container.get("name", "a container")
        if container.get("privileged") is True:
            yield Finding(f"{name} runs privileged, as root of the machine", "privileged")
        if container.get("readonlyRootFilesystem") is not True:
            yield Finding(f"{name} can change its own file system", "read-only")
        if str(container.get("user", "")) in ("0", "root", "0:0", "root:root"):
            yield Finding(f"{name} runs as root", "root")


def _task_logs(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for container in containers(resource):
        logs = container.get("logConfiguration")
        if not isinstance(logs, Mapping) or not logs.get("logDriver"):
            yield Finding(f"{container.get('name', 'a container')} logs nowhere", "logs")


# What a name of a variable says about its value. A reference to a secret belongs in `secrets`, not `environment`.
_SECRET_NAMES: Final = ("password", "passwd", "secret", "token", "apikey", "api_key", "private_key", "access_key")
_REFERENCES: Final = ("_arn", "_name", "_id", "_path", "_alias", "_ttl", "_url", "arn", "expiry", "_parameter", "_file")


def names_secret(variable: str) -> bool:
    """Whether a variable's name says that its value is a secret, rather than where to find one."""
    lowered = variable.lower()
    return any(word in lowered for word in _SECRET_NAMES) and not lowered.endswith(_REFERENCES)


def _environment_secrets(resource: Resource, facts: Facts) -> Iterator[Finding]:
    names: list[str] = []
    if resource.type == "aws:lambda/function:Function":
        variables = resource.get("environment.variables")
        names = list(variables) if isinstance(variables, Mapping) else []
    elif resource.type == "aws:codebuild/project:Project":
        for _, variable in resource.values("environment.environmentVariables[]"):
            if isinstance(variable, Mapping) and variable.get("type", "PLAINTEXT") == "PLAINTEXT":
                names.append(str(variable.get("name")))
    else:
        for container in containers(resource):
            listed = container.get("environment")
            names += [str(v.get("name")) for v in listed or [] if isinstance(v, Mapping)]
    for name in names:
        if names_secret(name):
            yield Finding(f"the variable {name} holds a secret in plain text", name)


def _images(resource: Resource) -> Iterator[Any]:
    yield from (value for _, value in resource.values("imageUri") if value is not None)
    yield from (container.get("image") for container in containers(resource))
    yield from (value for _, value in resource.values("primaryContainer?.image") if value is not None)


def _pinned(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for image in _images(resource):
        if not isinstance(image, str) or "@sha256:" in image:
            continue
        tag = image.rpartition("/")[2].partition(":")[2]
        if tag in ("", "latest"):
            yield Finding("an image is named without a version, or as latest", "image")


_KEY_ROTATION = is_(
    "enableKeyRotation",
    # KMS rotates symmetric keys of its own making only:
    # https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
    unless=(
        "customerMasterKeySpec=RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1"
        "|HMAC_224|HMAC_256|HMAC_384|HMAC_512|SM2|ML_DSA_44|ML_DSA_65|ML_DSA_87|ECC_NIST_EDWARDS25519",
        "keyUsage=SIGN_VERIFY|GENERATE_VERIFY_MAC|KEY_AGREEMENT",
        "customKeyStoreId",
        "xksKeyId",
    ),
)
_BUCKET_KEYS = is_("rules[].bucketKeyEnabled", when="rules[].applyServerSideEncryptionByDefault.sseAlgorithm=aws:kms")


def _enable_bucket_keys(resource: Resource, facts: Facts) -> Mapping[tuple[str | int, ...], Any]:
    if not any(_BUCKET_KEYS.wrong(resource)):
        return {}
    rules = resource.props.get("rules")
    return {
        ("rules", index, "bucketKeyEnabled"): True
        for index, rule in enumerate(rules if isinstance(rules, list) else [])
        if isinstance(rule, Mapping) and rule.get("bucketKeyEnabled") is not True
    }


CONTROLS = (
    expect(
        "key-rotation",
        "Symmetric keys are rotated every year",
        Severity.MEDIUM,
        "aws:kms/key:Key",
        _KEY_ROTATION,
        why="A key that leaked unnoticed stops being worth anything after the next rotation.",
        fix="Set enableKeyRotation.",
        family="encryption-keys",
        remedy=setting(_KEY_ROTATION, "enableKeyRotation"),
    ),
    expect(
        "key-lockout-check",
        "Key policies cannot lock everybody out",
        Severity.HIGH,
        "aws:kms/key:Key aws:kms/keyPolicy:KeyPolicy aws:kms/replicaKey:ReplicaKey",
        is_("bypassPolicyLockoutSafetyCheck", False, default=True),
        why="A key nobody may manage can neither be repaired nor deleted; only AWS support can help.",
        fix="Leave bypassPolicyLockoutSafetyCheck false.",
        family="encryption-keys",
    ),
    expect(
        "bucket-keys",
        "Buckets under KMS use a bucket key",
        Severity.LOW,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration "
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
        _BUCKET_KEYS,
        why="Without one, every object costs a call to KMS, and busy buckets run into its limits.",
        fix="Set bucketKeyEnabled on the rule.",
        family="encryption-keys",
        remedy=_enable_bucket_keys,
    ),
    expect(
        "secret-rotation-interval",
        "Secrets that rotate do so at least every 90 days",
        Severity.MEDIUM,
        "aws:secretsmanager/secretRotation:SecretRotation",
        is_("rotationEnabled", default=True),
        at_most("rotationRules.automaticallyAfterDays", 90, default=True),
        why="A secret that leaked unnoticed stays of use to whoever has it until it changes.",
        fix="Set rotationRules.automaticallyAfterDays to 90 or less.",
        family="encryption-keys",
    ),
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
    ResourceControl(
        id="function-runtime",
        title="Functions run on a runtime that is still patched",
        severity=Severity.HIGH,
        rationale=_PATCH,
        remediation="Move to the newest runtime of the language.",
        family=_F,
        types=("aws:lambda/function:Function",),
        check=_runtime,
    ),
    expect(
        "image-scan",
        "Container images are scanned for known holes",
        Severity.MEDIUM,
        "aws:ecr/repository:Repository",
        is_("imageScanningConfiguration.scanOnPush"),
        why="Most of an image is other people's code, with other people's holes.",
        fix="Set imageScanningConfiguration.scanOnPush.",
        family=_F,
    ),
    expect(
        "image-immutable",
        "A tag of a container image never changes what it means",
        Severity.MEDIUM,
        "aws:ecr/repository:Repository",
        is_("imageTagMutability", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"),
        why="Otherwise what was reviewed and what runs can be two things under one name.",
        fix="Set imageTagMutability to IMMUTABLE.",
        family=_F,
    ),
    ResourceControl(
        id="image-pinned",
        title="What runs names the version of its image",
        severity=Severity.MEDIUM,
        rationale="latest is whatever was pushed last, also by somebody who should not have.",
        remediation="Name a version, or better a digest (@sha256:…).",
        family=_F,
        types=(
            "aws:lambda/function:Function",
            "aws:ecs/taskDefinition:TaskDefinition",
            "aws:sagemaker/model:Model",
        ),
        check=_pinned,
    ),
    expect(
        "code-signing-enforced",
        "Code signing refuses what is not signed",
        Severity.HIGH,
        "aws:lambda/codeSigningConfig:CodeSigningConfig",
        is_("policies.untrustedArtifactOnDeployment", "Enforce"),
        why="With Warn, unsigned code is deployed all the same.",
        fix="Set policies.untrustedArtifactOnDeployment to Enforce.",
        family=_F,
    ),
    ResourceControl(
        id="container-confined",
        title="Containers run unprivileged, not as root, on a file system they cannot change",
        severity=Severity.HIGH,
        rationale="Whoever takes over such a container has the machine, or can stay in it.",
        remediation="Drop privileged, set a user other than root, and readonlyRootFilesystem.",
        family=_F,
        types=("aws:ecs/taskDefinition:TaskDefinition",),
        check=_task,
    ),
    ResourceControl(
        id="container-logs",
        title="Containers log",
        severity=Severity.MEDIUM,
        rationale="What a container wrote is gone with it unless it went elsewhere.",
        remediation="Set logConfiguration with the driver awslogs.",
        family="logging",
        types=("aws:ecs/taskDefinition:TaskDefinition",),
        check=_task_logs,
    ),
    expect(
        "task-isolated",
        "Tasks share no process or memory namespace with their host",
        Severity.HIGH,
        "aws:ecs/taskDefinition:TaskDefinition",
        is_("pidMode", "task", default=True),
        is_("ipcMode", "none", "task", default=True),
        why="With the host's, a container sees and can disturb all others on the machine.",
        fix="Leave pidMode and ipcMode out.",
        family=_F,
    ),
    ResourceControl(
        id="environment-secrets",
        title="Environments hold no secrets",
        severity=Severity.HIGH,
        rationale="Environment variables are shown in consoles, logged on errors and kept in every state file.",
        remediation="Put the secret into Secrets Manager and hand over its name.",
        family=_F,
        types=(
            "aws:lambda/function:Function",
            "aws:ecs/taskDefinition:TaskDefinition",
            "aws:codebuild/project:Project",
        ),
        check=_environment_secrets,
    ),
    expect(
        "build-unprivileged",
        "Builds run unprivileged",
        Severity.MEDIUM,
        "aws:codebuild/project:Project",
        is_("environment.privilegedMode", False, default=True),
        why="A privileged build is root on its machine; what it builds may come from anybody.",
        fix="Leave environment.privilegedMode false; build images without a Docker daemon.",
        family=_F,
    ),
    expect(
        "password-kept-by-aws",
        "Database passwords are made and rotated by Secrets Manager",
        Severity.MEDIUM,
        "aws:rds/instance:Instance aws:rds/cluster:Cluster",
        is_absent("password"),
        is_absent("masterPassword"),
        why="A password in the program is in its state, in its history and in somebody's head.",
        fix="Set manageMasterUserPassword and drop the password.",
        family=_F,
    ),
    expect(
        "no-access-keys",
        "Nobody has access keys that never expire",
        Severity.HIGH,
        "aws:iam/accessKey:AccessKey",
        is_("status", "Inactive"),
        why="Keys leak, through repositories, laptops and logs, and work for whoever finds them.",
        fix="Use a role: of the service, through OIDC, or IAM Roles Anywhere.",
        family="iam",
    ),
    expect(
        "no-console-passwords",
        "Nobody logs in with an IAM password",
        Severity.HIGH,
        "aws:iam/userLoginProfile:UserLoginProfile",
        is_absent("user"),
        why="Accounts made by hand outlive the people they were made for.",
        fix="Use IAM Identity Center.",
        family="iam",
    ),
    expect(
        "no-user-policies",
        "Users get their rights through groups or roles",
        Severity.LOW,
        "aws:iam/userPolicy:UserPolicy aws:iam/userPolicyAttachment:UserPolicyAttachment",
        is_absent("user"),
        why="Rights given one by one are never taken away.",
        fix="Attach the policy to a role or a group.",
        family="iam",
    ),
    expect(
        "password-policy",
        "Passwords are long and not reused",
        Severity.MEDIUM,
        "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        at_least("minimumPasswordLength", 14),
        at_least("passwordReusePrevention", 24),
        why="Short and reused passwords are guessed.",
        fix="Set minimumPasswordLength to 14 and passwordReusePrevention to 24.",
        family="iam",
    ),
    expect(
        "encryption-by-default",
        "The account encrypts new disks by default",
        Severity.HIGH,
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        is_("enabled", default=True),
        why="A disk made by hand or by a service would be in the clear.",
        fix="Leave enabled true.",
        family="encryption-keys",
    ),
    expect(
        "share-within",
        "Resources are shared within the organisation only",
        Severity.HIGH,
        "aws:ram/resourceShare:ResourceShare",
        is_("allowExternalPrincipals", False, default=True),
        why="A share with the outside is access that no policy here shows.",
        fix="Leave allowExternalPrincipals false.",
        family="accounts",
    ),
    expect(
        "catalog-defaults-closed",
        "New catalog databases and tables are not open to everybody with IAM rights",
        Severity.HIGH,
        "aws:lakeformation/dataLakeSettings:DataLakeSettings",
        # Left out, both stay as the account has them, which is IAM_ALLOWED_PRINCIPALS.
        is_not("createDatabaseDefaultPermissions[+].principal", "IAM_ALLOWED_PRINCIPALS", default=False),
        is_not("createTableDefaultPermissions[+].principal", "IAM_ALLOWED_PRINCIPALS", default=False),
        why="The default opens them to everybody with IAM rights on Glue, past Lake Formation.",
        fix="Name in both the administrator instead of IAM_ALLOWED_PRINCIPALS; an empty list never reaches AWS.",
        family="mesh",
    ),
    expect(
        "transfer-user-confined",
        "Users of file transfer see their own folder only",
        Severity.MEDIUM,
        "aws:transfer/user:User",
        is_("homeDirectoryType", "LOGICAL"),
        is_set("homeDirectoryMappings"),
        why="With a path, a partner sees the bucket's name and can look for others' folders.",
        fix="Set homeDirectoryType to LOGICAL with homeDirectoryMappings.",
        family="exposure",
    ),
)
