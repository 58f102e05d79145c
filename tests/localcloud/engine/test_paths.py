from __future__ import annotations

from typing import Any

import pytest

from localcloud.engine.paths import contains, parse, reset, touches
from localcloud.engine.values import Secret


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tags", ["tags"]),
        ("tags.owner", ["tags", "owner"]),
        ("rules[0].name", ["rules", 0, "name"]),
        ("rules[*].name", ["rules", "*", "name"]),
        ('tags["a.b"]', ["tags", "a.b"]),
        (r'["with \"quotes\""].x', ['with "quotes"', "x"]),
    ],
)
def test_paths_are_read(text: str, path: list[Any]) -> None:
    assert parse(text) == path


@pytest.mark.parametrize(
    ("outer", "inner", "inside"),
    [
        ("tags", "tags", True),
        ("tags", "tags.owner", True),
        ("tags.owner", "tags", False),
        ("rules[*].name", "rules[3].name", True),
        ("rules[*].name", "rules[3].size", False),
        ("tag", "tags", False),
    ],
)
def test_what_lies_below_a_path(outer: str, inner: str, inside: bool) -> None:
    assert contains(parse(outer), parse(inner)) is inside
    assert touches([outer], [inner]) == ([inner] if inside else [])


@pytest.mark.parametrize(
    ("path", "old", "new", "result"),
    [
        ("a", {"a": 1}, {"a": 2}, {"a": 1}),
        ("a", {}, {"a": 2}, {}),
        ("a", {"a": 1}, {}, {"a": 1}),
        ("t.x", {"t": {"x": 1}}, {"t": {"x": 2, "y": 3}}, {"t": {"x": 1, "y": 3}}),
        ("l[1]", {"l": [1, 2]}, {"l": [3, 4]}, {"l": [3, 2]}),
        ("l[*].x", {"l": [{"x": 1}, {"x": 2}]}, {"l": [{"x": 3}, {"x": 4}]}, {"l": [{"x": 1}, {"x": 2}]}),
        ("t[*]", {"t": {"x": 1}}, {"t": {"x": 2, "y": 2}}, {"t": {"x": 1}}),
        ("t.x", {"t": Secret({"x": 1})}, {"t": {"x": 2}}, {"t": {"x": 1}}),
    ],
)
def test_old_values_are_put_back(path: str, old: Any, new: Any, result: Any) -> None:
    assert reset(parse(path), old, new)
    assert new == result


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [("t.x", {}, {"t": {"x": 2}}), ("l[5]", {"l": [1]}, {"l": [1]}), ("l[*]", {"l": [1]}, {"l": [1, 2]})],
)
def test_places_that_one_side_does_not_have(path: str, old: Any, new: Any) -> None:
    before = repr(new)
    assert not reset(parse(path), old, new)
    assert repr(new) == before
