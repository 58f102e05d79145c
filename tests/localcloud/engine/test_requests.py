from __future__ import annotations

from pathlib import Path

import pytest
from pulumi.runtime.proto import resource_pb2 as rpb

from localcloud.engine.errors import StepError
from localcloud.engine.goal import Alias, Goal
from localcloud.engine.requests import seconds, to_goal
from localcloud.engine.values import OUTPUT, SIGNATURE, encode_struct

ROOT = Path("/project")
BUCKET = "aws:s3/bucket:Bucket"


def request(**more: object) -> rpb.RegisterResourceRequest:
    return rpb.RegisterResourceRequest(type=BUCKET, name="a", custom=True, **more)


@pytest.mark.parametrize(
    ("text", "number"), [("5m", 300), ("1h30m", 5400), ("1.5s", 1.5), ("250ms", 0.25), ("2m10s", 130)]
)
def test_durations(text: str, number: float) -> None:
    assert seconds(text) == number


def test_options_that_were_not_given_are_told_from_those_that_are_false() -> None:
    plain = to_goal(request(), None, ROOT)
    assert (plain.protect, plain.retain_on_delete, plain.delete_before_replace) == (None, None, None)
    given = to_goal(request(protect=False, retainOnDelete=False, deleteBeforeReplaceDefined=True), None, ROOT)
    assert (given.protect, given.retain_on_delete, given.delete_before_replace) == (False, False, False)


def test_what_a_parent_hands_down() -> None:
    urn = "urn:pulumi:dev::mesh::pulumi:providers:{}::p::id"
    parent = Goal(type="mesh:x:Y", name="p", custom=False, properties={}, protect=True, provider=urn.format("aws"))
    assert to_goal(request(), parent, ROOT).protect is True
    assert to_goal(request(protect=False), parent, ROOT).protect is False
    assert to_goal(request(), parent, ROOT).provider == urn.format("aws")
    parent.provider = urn.format("random")
    assert to_goal(request(), parent, ROOT).provider == ""


def test_dependencies_of_properties() -> None:
    properties = encode_struct({"x": 1, "y": {SIGNATURE: OUTPUT, "value": 2, "dependencies": ["urn:z"]}})
    listed = {"x": rpb.RegisterResourceRequest.PropertyDependencies(urns=["urn:b", "urn:a"])}
    goal = to_goal(request(object=properties, propertyDependencies=listed), None, ROOT)
    assert goal.property_dependencies == {"x": ["urn:a", "urn:b"], "y": ["urn:z"]}
    goal = to_goal(request(object=encode_struct({"x": 1}), dependencies=["urn:a"]), None, ROOT)
    assert goal.property_dependencies == {"x": ["urn:a"]}, "a program that does not say is taken at its worst"


def test_a_provider_remembers_its_version_and_a_resource_does_not() -> None:
    provider = rpb.RegisterResourceRequest(type="pulumi:providers:aws", name="p", custom=True, version="7.51.1")
    assert to_goal(provider, None, ROOT).properties == {"version": "7.51.1", "__internal": {}}
    assert to_goal(request(version="7.51.1"), None, ROOT).properties == {}


def test_aliases_of_both_kinds() -> None:
    goal = to_goal(request(aliasURNs=["urn:old"], aliases=[{"spec": {"name": "b", "noParent": True}}]), None, ROOT)
    assert goal.aliases == [Alias(urn="urn:old"), Alias(name="b", no_parent=True)]


@pytest.mark.parametrize(
    ("uri", "position"),
    [
        ("file:///project/stacks/a%20b.py", "project:///stacks/a b.py#7,3"),
        ("file:///other/lib.py", "project:///../other/lib.py#7,3"),
        ("", ""),
    ],
)
def test_where_in_the_project(uri: str, position: str) -> None:
    asked = request(sourcePosition={"uri": uri, "line": 7, "column": 3})
    assert to_goal(asked, None, ROOT).source_position == position


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ({"deletedWith": "urn:b"}, "deletedWith"),
        ({"replace_with": ["urn:b"]}, "replaceWith"),
        ({"replacement_trigger": {"string_value": "x"}}, "replacementTrigger"),
        ({"transforms": [{"token": "t", "target": "127.0.0.1:1"}]}, "transforms"),
        ({"pluginDownloadURL": "https://localhost/p"}, "plugin download URLs"),
        ({"packageRef": "x"}, "parameterized packages"),
        ({"envVarMappings": {"A": "B"}}, "envVarMappings"),
        ({"hooks": {"before_create": ["h"]}}, "resource hooks"),
    ],
)
def test_options_that_are_refused(option: dict[str, object], says: str) -> None:
    with pytest.raises(StepError, match=f"{BUCKET} 'a': the embedded engine does not support {says}"):
        to_goal(request(**option), None, ROOT)
    to_goal(request(hooks={}), None, ROOT)  # the SDK sends an empty one with everything
