"""How a provider is spoken to, with one in this process."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from localcloud.engine.errors import InitError, StepError
from localcloud.engine.host import Host, Plugin
from localcloud.engine.providers import NONE, SOME, Provider
from localcloud.engine.state import State
from localcloud.engine.values import ARCHIVE, SIGNATURE, UNKNOWN, Secret, decode_struct
from localcloud.processes import Group
from tests.localcloud.engine.plugins.aws import Aws

URN = "urn:pulumi:dev::mesh::aws:s3/bucket:Bucket::a"
PROVIDER_URN = "urn:pulumi:dev::mesh::pulumi:providers:aws::p"


class Plain(Aws):
    """A provider of the old school: no handshake, no secrets, and a Diff that does not know."""

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "what is that?")

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        super().Configure(request, context)
        return pb.ConfigureResponse(supportsPreview=True)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        return pb.DiffResponse()


class Detailed(Aws):
    """Says what replaces in the kinds of its detailed diff alone."""

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        answer = super().Diff(request, context)
        del answer.replaces[:]
        return answer


@pytest.fixture(params=[Aws])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    server = grpc.server(ThreadPoolExecutor(4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(request.param(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    process: Any = None
    provider = Provider(Plugin(process, channel, tmp_path), "127.0.0.1:1")
    provider.configure(PROVIDER_URN, "id", {"region": "eu-west-1", "version": "1.0.0"})
    yield provider
    channel.close()
    server.stop(0)


old_school = pytest.mark.parametrize("provider", [Plain], indirect=True)


def state(**inputs: Any) -> State:
    return State(urn=URN, type="aws:s3/bucket:Bucket", custom=True, id="a", inputs=inputs, outputs=dict(inputs))


def test_a_resource_is_made_and_read(provider: Provider) -> None:
    id_, outputs = provider.create(state(bucket="b", tags=Secret({"x": "y"})), False)
    assert (id_, outputs["region"], outputs["tags"]) == ("b", "eu-west-1", Secret({"x": "y"}))
    found = provider.read(URN, "b", {"bucket": "b"}, outputs)
    assert (found.id, found.inputs) == ("b", {"bucket": "b"})
    assert provider.create(state(bucket="b"), True)[1]["arn"] is UNKNOWN


@old_school
def test_secrets_come_back_as_secrets_from_a_provider_that_knows_none(provider: Provider) -> None:
    assert not provider.secrets
    _, outputs = provider.create(state(bucket=Secret("b"), tags={"x": Secret("y"), "z": "plain"}), False)
    assert (outputs["bucket"], outputs["tags"]) == (Secret("b"), {"x": Secret("y"), "z": "plain"})


@old_school
def test_a_diff_that_does_not_know_is_made_of_the_inputs(provider: Provider) -> None:
    assert provider.diff(state(bucket="b"), {"bucket": Secret("b")}, False, []).changes == NONE
    diff = provider.diff(state(bucket="b", tags={}), {"bucket": "c"}, False, [])
    assert (diff.changes, diff.changed, diff.replace) == (SOME, ["bucket", "tags"], False)


@pytest.mark.parametrize("provider", [Aws, Detailed], indirect=True)
def test_a_detailed_diff_says_what_replaces(provider: Provider) -> None:
    diff = provider.diff(state(bucket="b", tags={"a": "1"}), {"bucket": "c", "tags": {"a": "2"}}, False, [])
    assert (diff.changes, sorted(diff.changed), diff.replace) == (SOME, ["bucket", "tags"], True)
    diff = provider.diff(state(bucket="b"), {"bucket": "c"}, False, ["bucket"])
    assert (diff.changes, diff.replace) == (NONE, False)


def test_contents_are_sent_once(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = {SIGNATURE: ARCHIVE, "path": "handlers", "hash": "abc"}
    received: list[Any] = []
    monkeypatch.setattr(Aws, "note", lambda self, method, request: received.append(request))
    old = state(code=archive)
    provider.create(old, False)
    provider.diff(old, {"code": archive}, False, [])
    provider.delete(old)
    shown = [decode_struct(received[0].properties), *(decode_struct(r.old_inputs) for r in received[1:])]
    hashed = {SIGNATURE: ARCHIVE, "hash": "abc"}
    assert [props["code"] for props in shown] == [archive, hashed, hashed]
    assert provider.read(URN, "a", {"code": archive}, {"code": archive}).outputs == {"code": archive}


def test_refusals_are_told_from_half_measures(provider: Provider) -> None:
    with pytest.raises(StepError, match="boom") as refused:
        provider.create(state(tags={"boom": "yes"}), False)
    assert not isinstance(refused.value, InitError)
    with pytest.raises(InitError, match="not healthy") as half:
        provider.create(state(bucket="b", tags={"init": "yes"}), False)
    assert (half.value.id, half.value.reasons, half.value.outputs["bucket"]) == ("b", ["not healthy"], "b")


def test_a_provider_whose_configuration_is_unknown_is_not_asked(provider: Provider) -> None:
    provider.configure(PROVIDER_URN, "id", {"region": UNKNOWN})
    provider.plugin.channel.close()
    assert provider.check(URN, None, {"x": 1}, True, b"") == ({"x": 1}, [])
    assert provider.create(state(bucket="b"), True) == ("", {})
    assert provider.diff(state(), {}, True, []).changes == SOME
    assert provider.invoke("aws:index/getRegion:getRegion", {}, True) == ({}, [])
    assert provider.read(URN, "a", None, None).outputs == {}


def plugin(directory: Path, version: str, script: str) -> None:
    path = directory / f"resource-test-v{version}" / "pulumi-resource-test"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_plugins_are_found_by_their_version(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0"):
        plugin(tmp_path, version, "echo 1; exec sleep 60")
    with Group() as group:
        host = Host(group, tmp_path, tmp_path, {})
        assert host.provider("test", "1.9.0").directory.name == "resource-test-v1.9.0"
        assert host.provider("test", "").directory.name == "resource-test-v1.10.0"
        with pytest.raises(StepError, match=r"no plugin pulumi-resource-test of version 2\.0\.0"):
            host.provider("test", "2.0.0")


@pytest.mark.parametrize("script", ["echo no luck >&2; exit 1", "echo no luck; exit 1"])
def test_a_plugin_that_does_not_start_says_why(tmp_path: Path, script: str) -> None:
    plugin(tmp_path, "1.0.0", script)
    with Group() as group, pytest.raises(StepError, match="resource plugin test did not start: no luck"):
        Host(group, tmp_path, tmp_path, {}).provider("test", "")
