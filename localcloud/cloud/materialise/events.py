"""EventBridge: buses, rules, targets, archives; and EventBridge Scheduler's schedules."""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource, Setting, gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target

TAGS = Tagging(resource="ResourceARN")
DEFAULT_BUS = "default"

BUS = Resource(
    service="events",
    create_by="create_event_bus",
    read_by="describe_event_bus",
    update_by=("update_event_bus",),
    delete_by="delete_event_bus",
    address={"Name": "{id}"},
    identity="{name}",
    arn="arn:{partition}:events:{region}:{account}:event-bus/{id}",
    defaults={"description": "", "kmsKeyIdentifier": ""},
    layout=Layout(blind=frozenset({"logConfig"})),
    tags=TAGS,
)


@dataclass(frozen=True, kw_only=True)
class BusPolicy(Setting):
    """A bus's resource policy; its id is the bus's name."""

    naming = frozenset({"eventBusName"})

    def arrange(self, inputs: Props) -> Props:
        return {**inputs, "eventBusName": bus(inputs)}

    def located(self, physical_id: str, inputs: Props) -> Props:
        unknown = "eventBusName" in inputs and inputs["eventBusName"] is None
        return {**inputs, "eventBusName": physical_id} if unknown else inputs

    def identify(self, target: Target, inputs: Props, answer: Any) -> str:
        return bus(inputs)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        return found if found and found.get("Policy") else None


def bus(inputs: Props) -> str:
    """The name of the bus that a policy, rule or target is of, which may be given as an ARN."""
    return str(inputs.get("eventBusName") or DEFAULT_BUS).rpartition("/")[2]


BUS_POLICY = BusPolicy(
    service="events",
    create_by="put_permission",
    read_by="describe_event_bus",
    delete_by="remove_permission",
    delete_with={"RemoveAllPermissions": True},
    address={"Name": "{id}", "EventBusName": "{id}"},
    identity="",
)


@dataclass(frozen=True, kw_only=True)
class Rule(Setting):
    """A rule. Its id is its name, after the bus's and a slash unless that is the default bus."""

    naming = frozenset({"name", "eventBusName"})

    def located(self, physical_id: str, inputs: Props) -> Props:
        place, _, name = physical_id.rpartition("/")
        said = {"name": name, "eventBusName": place or None}
        return {**inputs, **{key: value for key, value in said.items() if key in inputs and inputs[key] is None}}

    def arrange(self, inputs: Props) -> Props:
        enabled = inputs.get("isEnabled")
        state = inputs.get("state") or (None if enabled is None else "ENABLED" if enabled else "DISABLED")
        return {**inputs, "eventBusName": bus(inputs), "state": state}

    def identify(self, target: Target, inputs: Props, answer: Any) -> str:
        name: str = inputs["name"]
        return name if bus(inputs) == DEFAULT_BUS else f"{bus(inputs)}/{name}"

    def fill(self, template: str, target: Target, physical_id: str, inputs: Props) -> str:
        return super().fill(template, target, physical_id, {**inputs, "bus": bus(inputs)})

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        observed = super().present(inputs, description, shape)
        return {**observed, **({"isEnabled": description["State"] != "DISABLED"} if "isEnabled" in inputs else {})}

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        """With `forceDestroy`, the targets that others gave the rule go too; without, EventBridge refuses."""
        if inputs.get("forceDestroy"):
            client, names = target.client("events"), {"Rule": inputs["name"], "EventBusName": bus(inputs)}
            with gone_is_fine():
                targets = client.list_targets_by_rule(**names)["Targets"]
                if targets:
                    client.remove_targets(**names, Ids=[found["Id"] for found in targets])
        super().delete(target, physical_id, inputs)


RULE = Rule(
    service="events",
    create_by="put_rule",
    read_by="describe_rule",
    delete_by="delete_rule",
    address={"Name": "{name}", "EventBusName": "{bus}"},
    identity="",
    arn="arn:{partition}:events:{region}:{account}:rule/{id}",
    tags=TAGS,
)


TARGET_LAYOUT = Layout(
    renames={
        "targetId": "Id",
        "ecsTarget": "EcsParameters",
        "httpTarget": "HttpParameters",
        "inputPaths": "InputPathsMap",
        "kinesisTarget": "KinesisParameters",
        "sqsTarget": "SqsParameters",
    }
)


class RuleTarget:
    """A rule's target; its id holds the bus (unless it is the default one), the rule and the target's id."""

    def create(self, target: Target, inputs: Props) -> tuple[str, Props]:
        self.put(target, inputs)
        place = [] if bus(inputs) == DEFAULT_BUS else [bus(inputs)]
        return "-".join([*place, inputs["rule"], inputs["targetId"]]), {}

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        self.put(target, news)
        return {}

    def put(self, target: Target, inputs: Props) -> None:
        """Put the target; EventBridge tells a failure in its answer."""
        client = target.client("events")
        entry = shapes.request(self.shape(client), inputs, TARGET_LAYOUT)
        answer = client.put_targets(**self.rule(inputs), Targets=[entry])
        if answer["FailedEntryCount"]:
            raise ValueError(f"PutTargets: {answer['FailedEntries'][0]}")

    def read(self, target: Target, physical_id: str, inputs: Props) -> Props | None:
        client = target.client("events")
        with gone_is_fine():
            for found in client.list_targets_by_rule(**self.rule(inputs))["Targets"]:
                if found["Id"] == inputs["targetId"]:
                    return shapes.observe(self.shape(client), inputs, found, TARGET_LAYOUT)
        return None

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        with gone_is_fine():
            target.client("events").remove_targets(**self.rule(inputs), Ids=[inputs["targetId"]])

    @staticmethod
    def rule(inputs: Props) -> dict[str, str]:
        """The parameters that name the target's rule."""
        return {"Rule": inputs["rule"], "EventBusName": bus(inputs)}

    @staticmethod
    def shape(client: Any) -> Any:
        """The model of one target."""
        return Resource.input(client, "put_targets").members["Targets"].member  # type: ignore[union-attr]


TARGET = RuleTarget()

ARCHIVE = Resource(
    service="events",
    create_by="create_archive",
    read_by="describe_archive",
    update_by=("update_archive",),
    delete_by="delete_archive",
    address={"ArchiveName": "{id}"},
    identity="{name}",
    arn="arn:{partition}:events:{region}:{account}:archive/{id}",
    defaults={"description": "", "retentionDays": 0},
    layout=Layout(renames={"name": "ArchiveName"}, blind=frozenset({"kmsKeyIdentifier"})),
)


@dataclass(frozen=True, kw_only=True)
class Schedule(Resource):
    """A schedule; updating one replaces all of it. Its id is its group's name, a slash and its own."""

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        self.call(target.client(self.service), "update_schedule", news)
        return self.outputs(target, physical_id, news)

    def fill(self, template: str, target: Target, physical_id: str, inputs: Props) -> str:
        return super().fill(template, target, physical_id, {"groupName": "default", **inputs})


SCHEDULE = Schedule(
    service="scheduler",
    create_by="create_schedule",
    read_by="get_schedule",
    delete_by="delete_schedule",
    address={"Name": "{name}", "GroupName": "{groupName}"},
    identity="{groupName}/{name}",
    arn="arn:{partition}:scheduler:{region}:{account}:schedule/{id}",
    layout=Layout(blind=frozenset({"actionAfterCompletion"})),
)

SCHEDULE_GROUP = Resource(
    service="scheduler",
    create_by="create_schedule_group",
    read_by="get_schedule_group",
    delete_by="delete_schedule_group",
    address={"Name": "{id}"},
    identity="{name}",
    arn="arn:{partition}:scheduler:{region}:{account}:schedule-group/{id}",
    tags=Tagging(),
)
