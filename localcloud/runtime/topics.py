"""SNS to functions: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from moto.sns.models import Subscription

from localcloud.runtime.timestamps import timestamp


def sns_event(subscription: Subscription, message: Mapping[str, Any]) -> str:
    """The event of one published message, as JSON text.

    Args:
        message: id, text, subject or None, attributes (name -> {"Type", "Value"}).
    """
    host = f"https://sns.{subscription.topic.arn.split(':')[3]}.amazonaws.com"
    notification = {
        "Type": "Notification",
        "MessageId": message["id"],
        "TopicArn": subscription.topic.arn,
        "Subject": message["subject"],
        "Message": message["text"],
        "Timestamp": timestamp(time.time()),
        "SignatureVersion": "1",
        "Signature": "unsigned",  # Lambda checks it before the function sees it
        "SigningCertUrl": f"{host}/SimpleNotificationService.pem",
        "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        "MessageAttributes": {
            name: {"Type": attribute["Type"], "Value": _text(attribute["Value"])}
            for name, attribute in message["attributes"].items()
        },
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": notification,
    }
    return json.dumps({"Records": [record]})


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
