"""Topics: encrypted under the account's key, published to over TLS only."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation import grants as grant
from components.foundation.account import Account
from components.foundation.grants import Grant
from components.foundation.keys import Key
from components.foundation.naming import Names
from components.foundation.policy import Statement
from components.foundation.resource_policies import topic_policy
from components.foundation.tags import data_tags


@dataclass(frozen=True, kw_only=True)
class TopicArgs:
    account: Account
    what: str
    key: Key
    publishers: Sequence[Statement] = ()
    """Services and foreign roles that may publish: resource_policies.service_use, role_use."""
    data_product: str = ""


class Topic(pulumi.ComponentResource):
    """An SNS topic. `arn` and `name` are known at preview; `resource.arn` waits for the topic."""

    name: str
    arn: str
    resource: aws.sns.Topic

    def __init__(self, name: str, args: TopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:Topic", name, None, opts)
        names = Names(args.account)
        self._account, self._alias = args.account, args.key.alias
        self.name = names.topic(args.what)
        self.arn = names.arns.topic(self.name)
        child = pulumi.ResourceOptions(parent=self)
        self.resource = aws.sns.Topic(
            name,
            name=self.name,
            kms_master_key_id=args.key.arn,
            tags=data_tags(args.key.classification, args.data_product),
            opts=child,
        )
        aws.sns.TopicPolicy(
            name,
            arn=self.resource.arn,
            policy=topic_policy(args.account, self.name, args.publishers),
            opts=child,
        )
        self.register_outputs({"arn": self.arn})

    def publishing(self) -> Grant:
        """Publish messages."""
        return grant.topic_publishing(self._account, self.name, alias=self._alias)
