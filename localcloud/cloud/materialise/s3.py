"""S3: buckets, their settings, and objects that a stack puts into them."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import Shape

from localcloud.cloud.materialise import archive, shapes, tagging
from localcloud.cloud.materialise.kind import DISCARD, Props
from localcloud.cloud.materialise.resource import Resource, Setting, gone_is_fine
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target


@dataclass(frozen=True)
class BucketTags(Tagging):
    """S3 has no operation for single tags: the set is put whole."""

    def read(self, client: Any, resource: str) -> dict[str, str]:
        try:
            found = client.get_bucket_tagging(Bucket=resource)["TagSet"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchTagSet":
                raise
            return {}
        return shapes.as_map(found) or {}

    def change(self, client: Any, resource: str, olds: Any, news: Any) -> None:
        if olds == news:
            return
        kept = {key: value for key, value in self.read(client, resource).items() if key not in olds}
        pairs = [{"Key": key, "Value": value} for key, value in {**kept, **news}.items()]
        client.put_bucket_tagging(Bucket=resource, Tagging={"TagSet": pairs})


@dataclass(frozen=True, kw_only=True)
class Bucket(Resource):
    """A bucket; its objects, all versions of them, go with it when it has `forceDestroy` or everything is discarded."""

    def arrange(self, inputs: Props) -> Props:
        return inputs if self.in_us_east_1(inputs) else {**inputs, "location": {"locationConstraint": inputs["region"]}}

    def begin(self, target: Target, inputs: Props) -> Any:
        return super().begin(target, {**inputs, "region": target.region})

    @staticmethod
    def in_us_east_1(inputs: Props) -> bool:
        """us-east-1 is the one region that a location constraint must not name."""
        return bool(inputs.get("region", "us-east-1") == "us-east-1")

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        """The endpoints are those of the S3 user guide, "Virtual hosting of buckets"."""
        return {
            **super().outputs(target, physical_id, inputs),
            "bucketDomainName": f"{physical_id}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{physical_id}.s3.{target.region}.amazonaws.com",
            "bucketRegion": target.region,
        }

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        if inputs.get("forceDestroy") or os.environ.get(DISCARD):
            empty(target.client("s3"), physical_id)
        super().delete(target, physical_id, inputs)


def empty(client: Any, bucket: str) -> None:
    """Delete every version of every object of `bucket`."""
    with gone_is_fine():
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
            if objects:
                client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})


BUCKET = Bucket(
    service="s3",
    create_by="create_bucket",
    read_by="head_bucket",
    delete_by="delete_bucket",
    address={"Bucket": "{id}"},
    identity="{bucket}",
    arn="arn:{partition}:s3:::{id}",
    layout=Layout(
        renames={"objectLockEnabled": "ObjectLockEnabledForBucket", "location": "CreateBucketConfiguration"},
        blind=frozenset({"objectLockEnabled", "acl"}),
    ),
    tags=BucketTags(),
    tagged="{id}",
    tagged_at_birth=False,
)


def _setting(
    what: str,
    layout: Layout = shapes.PLAIN,
    kind: type[Setting] = Setting,
    delete: str = "",
    nothing: Props | None = None,
) -> Setting:
    """The setting `what`; without a delete operation, it is ended by putting `nothing`."""
    return kind(
        service="s3",
        create_by=f"put_{what}",
        read_by=f"get_{what}",
        delete_by=f"put_{what}" if nothing is not None else delete or f"delete_{what}",
        delete_with=nothing or {},
        address={"Bucket": "{id}"},
        identity="{bucket}",
        layout=layout,
    )


@dataclass(frozen=True, kw_only=True)
class Versioning(Setting):
    """Versioning, which S3 can suspend but not remove: deleting it suspends it."""

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        """S3 answers without the structure's name, and with nothing when versioning was never on."""
        found = super().describe(target, physical_id, inputs)
        return None if found is None else {"VersioningConfiguration": found}


@dataclass(frozen=True, kw_only=True)
class Notification(Setting):
    """Where a bucket's events go. Prefix and suffix are rules of a filter to the API."""

    def arrange(self, inputs: Props) -> Props:
        arranged = dict(inputs)
        for name in ("lambdaFunctions", "queues", "topics"):
            if inputs.get(name):
                arranged[name] = [self.with_filter(entry) for entry in inputs[name]]
        if "eventbridge" in inputs:
            arranged["eventbridge"] = {} if inputs["eventbridge"] else None
        return arranged

    @staticmethod
    def with_filter(entry: Props) -> Props:
        """An entry with its prefix and suffix as the API's filter."""
        rules = [
            {"name": name, "value": entry[key]}
            for key, name in (("filterPrefix", "prefix"), ("filterSuffix", "suffix"))
            if entry.get(key)
        ]
        plain = {key: value for key, value in entry.items() if not key.startswith("filter")}
        return {**plain, "filter": {"key": {"filterRules": rules}}} if rules else plain

    def present(self, inputs: Props, description: Any, shape: Shape | None) -> Props:
        observed = super().present(inputs, {"NotificationConfiguration": description}, shape)
        for name in ("lambdaFunctions", "queues", "topics"):
            if inputs.get(name):
                member = self.layout.renames[name]
                observed[name] = [
                    self.without_filter(like, entry)
                    for like, entry in zip(inputs[name], description.get(member, ()), strict=False)
                ]
        return observed

    def without_filter(self, like: Props, entry: Props) -> Props:
        """One of the API's entries as a stack would write it; a generated id is left out."""
        arn = next(name for name in ("lambdaFunctionArn", "queueArn", "topicArn") if name in like)
        rules = {rule["Name"].lower(): rule["Value"] for rule in shapes.dig(entry, "Filter.Key.FilterRules") or ()}
        found = {
            "id": entry.get("Id"),
            arn: entry.get(arn[0].upper() + arn[1:]),
            "events": shapes.same_set(like["events"], entry["Events"]),
            "filterPrefix": rules.get("prefix"),
            "filterSuffix": rules.get("suffix"),
        }
        return {
            name: value if found.get(name) is None and not value else found.get(name) for name, value in like.items()
        }


VERSIONING = _setting(
    "bucket_versioning", kind=Versioning, nothing={"VersioningConfiguration": {"Status": "Suspended"}}
)
ENCRYPTION = _setting("bucket_encryption", Layout(nest={"ServerSideEncryptionConfiguration": ("rules",)}))
POLICY = _setting("bucket_policy")
PUBLIC_ACCESS_BLOCK = _setting(
    "public_access_block",
    Layout(
        nest={
            "PublicAccessBlockConfiguration": (
                "blockPublicAcls",
                "blockPublicPolicy",
                "ignorePublicAcls",
                "restrictPublicBuckets",
            )
        }
    ),
)
LIFECYCLE = _setting(
    "bucket_lifecycle_configuration",
    Layout(nest={"LifecycleConfiguration": ("rules",)}),
    delete="delete_bucket_lifecycle",
)
NOTIFICATION = _setting(
    "bucket_notification_configuration",
    Layout(
        renames={
            "lambdaFunctions": "LambdaFunctionConfigurations",
            "queues": "QueueConfigurations",
            "topics": "TopicConfigurations",
            "eventbridge": "EventBridgeConfiguration",
        },
        nest={"NotificationConfiguration": ("lambdaFunctions", "queues", "topics", "eventbridge")},
        blind=frozenset({"eventbridge"}),
    ),
    kind=Notification,
    nothing={"NotificationConfiguration": {}},
)
LOGGING = _setting(
    "bucket_logging",
    Layout(nest={"BucketLoggingStatus.LoggingEnabled": ("targetBucket", "targetPrefix", "targetObjectKeyFormat")}),
    nothing={"BucketLoggingStatus": {}},
)
REPLICATION = _setting(
    "bucket_replication",
    Layout(
        nest={"ReplicationConfiguration": ("role", "rules")},
        blind=frozenset({"deleteMarkerReplication", "existingObjectReplication", "sourceSelectionCriteria"}),
    ),
)
OWNERSHIP = _setting(
    "bucket_ownership_controls", Layout(renames={"rule": "Rules"}, nest={"OwnershipControls": ("rule",)})
)


class BucketObject:
    """An object; its id is `bucket/key`, as the provider's."""

    def create(self, target: Target, inputs: Props) -> tuple[str, Props]:
        return f"{inputs['bucket']}/{inputs['key']}", self.put(target, inputs)

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        return self.put(target, news)

    def put(self, target: Target, inputs: Props) -> Props:
        """Put the object whole."""
        client = target.client("s3")
        known = {**inputs, "tags": None, "tagging": "&".join(f"{k}={v}" for k, v in tagging.wanted(inputs).items())}
        layout = Layout(renames={"kmsKeyId": "SSEKMSKeyId"})
        parameters = shapes.request(Resource.input(client, "put_object"), known, layout)
        answer = client.put_object(**{**parameters, "Body": content(inputs)})
        return {
            "arn": f"arn:aws:s3:::{inputs['bucket']}/{inputs['key']}",
            "etag": answer["ETag"].strip('"'),
            "versionId": answer.get("VersionId", ""),
        }

    def read(self, target: Target, physical_id: str, inputs: Props) -> Props | None:
        bucket, key = physical_id.split("/", 1)
        found = None
        with gone_is_fine():
            found = target.client("s3").get_object(Bucket=bucket, Key=key)
        if found is None:
            return None
        observed = dict(inputs)
        body = found["Body"].read()
        if "content" in inputs:
            observed["content"] = body.decode(errors="replace")
        if "contentBase64" in inputs:
            observed["contentBase64"] = base64.b64encode(body).decode()
        if "source" in inputs and body != content(inputs):
            observed["source"] = archive.text_asset(body.decode(errors="replace"))
        return observed | {
            name: found.get(member)
            for name, member in (("contentType", "ContentType"), ("metadata", "Metadata"))
            if name in inputs
        }

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        bucket, key = physical_id.split("/", 1)
        client = target.client("s3")
        with gone_is_fine():
            for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
                for version in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                    if version["Key"] == key:
                        client.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])


def content(inputs: Props) -> bytes:
    """The bytes of an object: of `source`, `content` or `contentBase64`."""
    if inputs.get("contentBase64") is not None:
        return base64.b64decode(inputs["contentBase64"])
    if inputs.get("content") is not None:
        return str(inputs["content"]).encode()
    source = inputs.get("source")
    if isinstance(source, str):
        return Path(source).read_bytes()
    return archive.read(source) if source else b""


OBJECT = BucketObject()
