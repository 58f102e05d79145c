"""SNS: topics, their policies, subscriptions."""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.attributes import Attributes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target


@dataclass(frozen=True, kw_only=True)
class OneByOne(Attributes):
    """Attributes that are set one at a time."""

    set_by: str

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        client = target.client("sns")
        names = self.names(target, self.set_by, physical_id, news)
        before, after = self.arrange(olds)["attributes"], self.arrange(news)["attributes"]
        for attribute in sorted(before.keys() | after.keys()):
            if before.get(attribute) != after.get(attribute):
                value = {"AttributeName": attribute, "AttributeValue": after.get(attribute, "")}
                getattr(client, self.set_by)(**names, **value)
        return super().update(target, physical_id, olds, news)


@dataclass(frozen=True, kw_only=True)
class Topic(OneByOne):
    """A topic; its id is its ARN."""

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs)
        return found and {**found, "Name": physical_id.rpartition(":")[2]}


TOPIC = Topic(
    service="sns",
    create_by="create_topic",
    read_by="get_topic_attributes",
    set_by="set_topic_attributes",
    delete_by="delete_topic",
    at="Attributes",
    address={"TopicArn": "{id}"},
    identity=":TopicArn",
    arn="{id}",
    reports={"owner": "Owner"},
    attributes={
        "archivePolicy": "ArchivePolicy",
        "contentBasedDeduplication": "ContentBasedDeduplication",
        "deliveryPolicy": "DeliveryPolicy",
        "displayName": "DisplayName",
        "fifoTopic": "FifoTopic",
        "kmsMasterKeyId": "KmsMasterKeyId",
        "policy": "Policy",
        "signatureVersion": "SignatureVersion",
        "tracingConfig": "TracingConfig",
    },
    on_creation=frozenset({"fifoTopic"}),
    tags=Tagging(),
    tagged="{id}",
)


SUBSCRIPTION = OneByOne(
    service="sns",
    create_by="subscribe",
    create_with={"ReturnSubscriptionArn": True},
    read_by="get_subscription_attributes",
    set_by="set_subscription_attributes",
    delete_by="unsubscribe",
    at="Attributes",
    address={"SubscriptionArn": "{id}"},
    identity=":SubscriptionArn",
    arn="{id}",
    reports={"ownerId": "Owner"},
    attributes={
        "deliveryPolicy": "DeliveryPolicy",
        "filterPolicy": "FilterPolicy",
        "filterPolicyScope": "FilterPolicyScope",
        "rawMessageDelivery": "RawMessageDelivery",
        "redrivePolicy": "RedrivePolicy",
        "subscriptionRoleArn": "SubscriptionRoleArn",
    },
    layout=Layout(renames={"topic": "TopicArn"}),
)


class TopicPolicy:
    """A topic's resource policy; its id is the topic's ARN."""

    def create(self, target: Target, inputs: Props) -> tuple[str, Props]:
        self.put(target, inputs["arn"], inputs["policy"])
        return inputs["arn"], {"owner": target.account}

    def read(self, target: Target, physical_id: str, inputs: Props) -> Props | None:
        answer: Any = {}
        with gone_is_fine():
            answer = target.client("sns").get_topic_attributes(TopicArn=physical_id)
        found = shapes.dig(answer, "Attributes.Policy")
        if not found or shapes.parsed(found) == own_policy(physical_id):
            return None
        return {**inputs, "policy": shapes.same_or(inputs["policy"], found)}

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        self.put(target, physical_id, news["policy"])
        return {"owner": target.account}

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        with gone_is_fine():
            self.put(target, physical_id, own_policy(physical_id))

    @staticmethod
    def put(target: Target, topic: str, policy: Any) -> None:
        """Set the policy of `topic`."""
        value = {"AttributeName": "Policy", "AttributeValue": shapes.text(policy)}
        target.client("sns").set_topic_attributes(TopicArn=topic, **value)


def own_policy(topic: str) -> Props:
    """What stands for no policy: only the topic's account may use it. A topic cannot be without one."""
    statement = {
        "Sid": "Owner",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{topic.split(':')[4]}:root"},
        "Action": ["sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:Publish", "sns:Subscribe"],
        "Resource": topic,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


TOPIC_POLICY = TopicPolicy()
