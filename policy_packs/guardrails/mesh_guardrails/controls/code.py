"""What runs is what was built, on a runtime that is patched, confined, and without secrets in its environment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import expect, is_
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


# Where the JSON is that tells of containers: a list of them, or of a job the only one.
_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
_JOB: Final = "aws:batch/jobDefinition:JobDefinition"
_CONTAINERS: Final = {_TASK: "containerDefinitions", _JOB: "containerProperties"}


def containers(resource: Resource) -> list[Mapping[str, Any]]:
    """The containers of a task or a job, whose JSON uses the API's names; none while it is not known."""
    text = resource.props.get(_CONTAINERS.get(resource.type, ""))
    if not isinstance(text, str):
        return []
    try:
        found = json.loads(text)
    except ValueError:
        return []
    listed = found if isinstance(found, list) else [found]
    return [container for container in listed if isinstance(container, dict)]


def _name(container: Mapping[str, Any]) -> str:
    return str(container.get("name", "the container"))


def _task(resource: Resource, facts: Facts) -> Iterator[Finding]:
    property_ = _CONTAINERS[resource.type]
    if resource.props.get(property_) is UNKNOWN:
        yield Finding(f"{property_} is not known yet", "containers", undetermined=True)
    # Windows containers know no read-only file system:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    windows = str(resource.get("runtimePlatform.operatingSystemFamily")).startswith("WINDOWS")
    for container in containers(resource):
        name = _name(container)
        if container.get("privileged") is True:
            yield Finding(f"{name} runs privileged, as root of the machine", "privileged")
        if container.get("readonlyRootFilesystem") is not True and not windows:
            yield Finding(f"{name} can change its own file system", "read-only")
        if str(container.get("user", "")) in ("0", "root", "0:0", "root:root"):
            yield Finding(f"{name} runs as root", "root")


def _task_logs(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for container in containers(resource):
        logs = container.get("logConfiguration")
        if not isinstance(logs, Mapping) or not logs.get("logDriver"):
            yield Finding(f"{_name(container)} logs nowhere", "logs")


# How the names of variables end whose values are secrets; PARTITION_KEY, TOKEN_TTL and DB_SECRET_ARN do not.
_SECRET_ENDINGS: Final = re.compile(
    r"(password|passwd|pwd|secret|token|credentials?|apikey|(api|private|secret|access|signing)_?key)$"
)
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def names_secret(variable: str) -> bool:
    """Whether a variable's name says that its value is a secret, rather than where one is or something about one."""
    return bool(_SECRET_ENDINGS.search("_".join(_WORDS.split(variable)).lower()))


def _environment(resource: Resource) -> Iterator[tuple[str, str, Any]]:
    """The variables of a resource's environments that are given as plain text: whose, the name, the value."""
    if resource.type == "aws:lambda/function:Function":
        variables = resource.get("environment.variables")
        yield from (("", *item) for item in variables.items()) if isinstance(variables, Mapping) else ()
    elif resource.type == "aws:codebuild/project:Project":
        for _, variable in resource.values("environment.environmentVariables[]"):
            if isinstance(variable, Mapping) and variable.get("type", "PLAINTEXT") == "PLAINTEXT":
                yield "", str(variable.get("name")), variable.get("value")
    else:
        for container in containers(resource):
            listed = container.get("environment")
            for variable in listed if isinstance(listed, list) else []:
                if isinstance(variable, Mapping):
                    yield f" of {_name(container)}", str(variable.get("name")), variable.get("value")


def _environment_secrets(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for whose, name, value in _environment(resource):
        if not names_secret(name):
            continue
        if value is UNKNOWN:
            told = f"whether {name}{whose} holds a secret or only names one is not known yet"
            yield Finding(told, name, undetermined=True)
        elif not str(value).startswith(("arn:", "{{resolve:")):
            yield Finding(f"the variable {name}{whose} holds a secret in plain text", name)


def _images(resource: Resource) -> Iterator[tuple[str, Any]]:
    """Each image a resource runs, with where it is named."""
    for path in ("imageUri", "primaryContainer?.image", "containers[].image"):
        yield from resource.values(path)
    for container in containers(resource):
        yield f"the image of {_name(container)}", container.get("image")


def _pinned(resource: Resource, facts: Facts) -> Iterator[Finding]:
    for where, image in _images(resource):
        if not isinstance(image, str) or "@sha256:" in image:
            continue
        tag = image.rpartition("/")[2].partition(":")[2]
        if tag in ("", "latest"):
            yield Finding(f"{where} is named without a version, or as latest", "image")


CONTROLS = (
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
            _TASK,
            _JOB,
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
        types=(_TASK, _JOB),
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
            _TASK,
            _JOB,
            "aws:codebuild/project:Project",
        ),
        check=_environment_secrets,
    ),
    expect(
        "build-unprivileged",
        "Builds run unprivileged",
        Severity.LOW,
        "aws:codebuild/project:Project",
        is_("environment.privilegedMode", False, default=True),
        why="A privileged build is root on its machine; what it builds may come from anybody.",
        fix="Leave environment.privilegedMode false; build images without a Docker daemon.",
        family=_F,
    ),
)
