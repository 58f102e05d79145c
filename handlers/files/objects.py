"""Objects that appear in S3 all at once, and only when they are published."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from handlers.aws import client

# Amazon S3 user guide, "Multipart upload limits": 5 MiB is the least that a part other than the last may have, and an
# upload has up to 10,000 parts.
PART = 5 << 20


class Upload(io.RawIOBase):
    """An object being written. Nobody sees it before `publish`, and `abort` leaves no trace of it.

    Up to one part waits in memory; `seal` sends that too, for an object that is complete long before the others.
    """

    def __init__(self, bucket: str, key: str) -> None:
        super().__init__()
        self.bucket, self.key, self.size = bucket, key, 0
        self._waiting = bytearray()
        self._upload_id: str | None = None
        self._parts: list[dict[str, Any]] = []

    @property
    def waiting(self) -> int:
        """Bytes in memory."""
        return len(self._waiting)

    @property
    def _target(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.key}

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._waiting += data
        self.size += len(data)
        while len(self._waiting) >= PART:
            self._send(bytes(self._waiting[:PART]))
            del self._waiting[:PART]
        return len(data)

    def seal(self) -> None:
        """Send what waits; nothing can be written after that."""
        if self._waiting:
            self._send(bytes(self._waiting))
            self._waiting.clear()

    def publish(self, **conditions: str) -> str:
        """Make the object visible and return its entity tag; `conditions` are S3's IfMatch or IfNoneMatch."""
        if self._upload_id is None:
            body = bytes(self._waiting)
            return str(client("s3").put_object(**self._target, Body=body, **conditions)["ETag"])
        self.seal()
        done = client("s3").complete_multipart_upload(
            **self._target, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}, **conditions
        )
        self._upload_id = None
        return str(done["ETag"])

    def abort(self) -> None:
        if self._upload_id is not None:
            client("s3").abort_multipart_upload(**self._target, UploadId=self._upload_id)
            self._upload_id = None

    def _send(self, body: bytes) -> None:
        if self._upload_id is None:
            self._upload_id = client("s3").create_multipart_upload(**self._target)["UploadId"]
        number = len(self._parts) + 1
        sent = client("s3").upload_part(**self._target, UploadId=self._upload_id, PartNumber=number, Body=body)
        self._parts.append({"ETag": sent["ETag"], "PartNumber": number})


def entity_tag(bucket: str, key: str) -> str:
    """What tells one state of an object from another; empty when there is no object.

    It comes from a listing: to a role that may list only some prefixes, S3 does not say that an object is missing but
    that access is denied (Amazon S3 API reference, GetObject, "Permissions").
    """
    found = client("s3").list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", ())
    return next((str(each["ETag"]) for each in found if each["Key"] == key), "")


def any_below(bucket: str, prefix: str) -> bool:
    """Whether there is an object whose key begins with a prefix."""
    return bool(client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("Contents"))


def read(bucket: str, key: str) -> Any:
    """The body of an object, as boto3 streams it, or None when there is no object."""
    return client("s3").get_object(Bucket=bucket, Key=key)["Body"] if entity_tag(bucket, key) else None


def read_json(bucket: str, key: str) -> dict[str, Any] | None:
    """A JSON object, or None when there is no object."""
    body = read(bucket, key)
    found: dict[str, Any] | None = json.load(body) if body else None
    return found


def write_json(bucket: str, key: str, document: Mapping[str, Any]) -> None:
    body = json.dumps(document, indent=1, ensure_ascii=False).encode()
    client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
