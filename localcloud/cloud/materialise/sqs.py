"""SQS: queues, their policies and redrive settings."""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.attributes import Attributes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target

ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


@dataclass(frozen=True, kw_only=True)
class Queue(Attributes):
    """A queue; its id is its URL."""

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        return found and {**found, "QueueName": physical_id.rpartition("/")[2]}

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        name = physical_id.rsplit("/", 1)[1]
        return {"arn": f"arn:aws:sqs:{target.region}:{target.account}:{name}", "url": physical_id, "name": name}


QUEUE = Queue(
    service="sqs",
    create_by="create_queue",
    read_by="get_queue_attributes",
    read_with={"AttributeNames": ["All"]},
    update_by=("set_queue_attributes",),
    delete_by="delete_queue",
    at="Attributes",
    address={"QueueUrl": "{id}"},
    identity=":QueueUrl",
    attributes=ATTRIBUTES,
    on_creation=frozenset({"fifoQueue"}),
    # What the API reference of SetQueueAttributes gives as defaults; an empty text removes a document.
    defaults={
        "delaySeconds": 0,
        "kmsDataKeyReusePeriodSeconds": 300,
        "kmsMasterKeyId": "",
        "maxMessageSize": 1048576,
        "messageRetentionSeconds": 345600,
        "policy": "",
        "receiveWaitTimeSeconds": 0,
        "redrivePolicy": "",
        "visibilityTimeoutSeconds": 30,
    },
    layout=Layout(renames={"name": "QueueName"}),
    tags=Tagging("tag_queue", "untag_queue", "list_queue_tags", "QueueUrl"),
    tagged="{id}",
)


@dataclass(frozen=True)
class QueueAttribute:
    """A resource type that is one attribute of a queue: its policy, or where its failed messages go.

    Its id is the queue's URL.
    """

    name: str
    attribute: str

    def create(self, target: Target, inputs: Props) -> tuple[str, Props]:
        self.put(target, inputs["queueUrl"], shapes.text(inputs[self.name]))
        return inputs["queueUrl"], {}

    def read(self, target: Target, physical_id: str, inputs: Props) -> Props | None:
        answer: Any = {}
        with gone_is_fine():
            client = target.client("sqs")
            answer = client.get_queue_attributes(QueueUrl=physical_id, AttributeNames=[self.attribute])
        found = shapes.dig(answer, f"Attributes.{self.attribute}")
        return {**inputs, self.name: shapes.same_or(inputs.get(self.name), found)} if found else None

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        self.put(target, physical_id, shapes.text(news[self.name]))
        return {}

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        with gone_is_fine():
            self.put(target, physical_id, "")

    def put(self, target: Target, url: str, value: str) -> None:
        """Set the attribute of the queue at `url`."""
        target.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={self.attribute: value})


QUEUE_POLICY = QueueAttribute("policy", "Policy")
REDRIVE_POLICY = QueueAttribute("redrivePolicy", "RedrivePolicy")
