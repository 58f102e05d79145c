"""What a new version changes, whom it breaks, and when the gate stops it."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.contracts import odcs, source
from components.contracts.changes import changes, gate

BASE = """\
apiVersion: v3.2.0
kind: DataContract
id: base
version: 1.4.0
status: active
servers:
  - {server: main, type: glue, account: "1", database: d, description: words}
roles:
  - {role: reader, access: read}
schema:
  - name: things
    properties:
      - {name: key, id: key, logicalType: integer, logicalTypeOptions: {format: i32}, primaryKey: true, required: true}
      - {name: word, logicalType: string, logicalTypeOptions: {minLength: 2, maxLength: 9, pattern: ^a}, unique: true}
      - {name: level, logicalType: string, enum: [{value: low}, {value: high}], required: true}
      - {name: price, logicalType: number, physicalType: "decimal(10,2)", logicalTypeOptions: {minimum: 0, maximum: 99}}
      - name: day
        logicalType: date
        logicalTypeOptions: {format: yyyyMMdd}
        required: true
        partitioned: true
        classification: internal
        customProperties: [{property: partitionTransform, value: month}]
      - {name: parts, logicalType: object, properties: [{name: a, logicalType: string}]}
      - {name: note, id: note, logicalType: string, physicalName: Remark}
    quality:
      - {name: some, metric: rowCount, mustBeGreaterThan: 10}
      - {name: few, metric: rowCount, mustBeBetween: [1, 100], severity: warning}
      - {name: sums, type: sql, query: "select 1 from {object}", mustBe: 1}
slaProperties:
  - {property: retention, value: 3, unit: y}
  - {property: latency, value: 4, unit: h, element: things.day}
  - {property: endOfSupport, value: "2030-01-01"}
  - {property: vibes, value: good}
"""
CONSUMERS, PRODUCERS = ("consumers",), ("producers",)
BOTH = (*CONSUMERS, *PRODUCERS)


def contract(text: str) -> odcs.Contract:
    return odcs.contract(source.parse(text, "contract.yaml"))


def edited(*edits: tuple[str, str]) -> odcs.Contract:
    text = BASE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return contract(text)


# What is edited, the kind of change, its path, and whom it breaks; then the same backwards.
CASES = [
    (
        "      - {name: note, id: note, logicalType: string, physicalName: Remark}\n",
        "",
        "field_removed",
        "things.note",
        CONSUMERS,
        "field_added",
        (),
    ),
    (
        "      - {name: level, logicalType: string, enum: [{value: low}, {value: high}], required: true}\n",
        "",
        "field_removed",
        "things.level",
        CONSUMERS,
        "required_field_added",
        PRODUCERS,
    ),
    (
        "name: note, id: note",
        "name: remark, id: note",
        "field_renamed",
        "things.note",
        CONSUMERS,
        "field_renamed",
        CONSUMERS,
    ),
    ("format: i32", "format: i64", "type_widened", "things.key", (), "type_narrowed", BOTH),
    ("format: i32", "format: i16", "type_narrowed", "things.key", BOTH, "type_widened", ()),
    ("decimal(10,2)", "decimal(12,2)", "type_widened", "things.price", (), "type_narrowed", BOTH),
    ("decimal(10,2)", "decimal(10,4)", "type_changed", "things.price", BOTH, "type_changed", BOTH),
    (
        "logicalType: string, physicalName",
        "logicalType: boolean, physicalName",
        "type_changed",
        "things.note",
        BOTH,
        "type_changed",
        BOTH,
    ),
    (
        "[{name: a, logicalType: string}]",
        "[{name: a, logicalType: string}, {name: b, logicalType: date}]",
        "type_widened",
        "things.parts",
        (),
        "type_narrowed",
        BOTH,
    ),
    ("format: yyyyMMdd", "format: yyyy-MM-dd", "format_changed", "things.day", PRODUCERS, "format_changed", PRODUCERS),
    (
        "physicalName: Remark",
        "physicalName: Comment",
        "source_renamed",
        "things.note",
        PRODUCERS,
        "source_renamed",
        PRODUCERS,
    ),
    (
        "{value: high}], required: true",
        "{value: high}]",
        "required_removed",
        "things.level",
        CONSUMERS,
        "required_added",
        PRODUCERS,
    ),
    (", unique: true", "", "unique_removed", "things.word", CONSUMERS, "unique_added", PRODUCERS),
    (", {value: high}", "", "enum_narrowed", "things.level", PRODUCERS, "enum_widened", CONSUMERS),
    (
        "enum: [{value: low}, {value: high}], ",
        "",
        "enum_widened",
        "things.level",
        CONSUMERS,
        "enum_narrowed",
        PRODUCERS,
    ),
    ("minLength: 2", "minLength: 3", "limit_narrowed", "things.word.minLength", PRODUCERS, "limit_widened", CONSUMERS),
    ("maxLength: 9, ", "", "limit_widened", "things.word.maxLength", CONSUMERS, "limit_narrowed", PRODUCERS),
    (
        "maximum: 99",
        "exclusiveMaximum: 99",
        "limit_narrowed",
        "things.price.maximum",
        PRODUCERS,
        "limit_widened",
        CONSUMERS,
    ),
    ("minimum: 0, ", "", "limit_widened", "things.price.minimum", CONSUMERS, "limit_narrowed", PRODUCERS),
    (", pattern: ^a", "", "pattern_removed", "things.word", CONSUMERS, "pattern_added", PRODUCERS),
    ("pattern: ^a", "pattern: ^b", "pattern_changed", "things.word", BOTH, "pattern_changed", BOTH),
    ("minimum: 0", "minimum: 0, multipleOf: 0.5", "multiple_changed", "things.price", BOTH, "multiple_changed", BOTH),
    ("primaryKey: true, ", "", "primary_key_changed", "things", BOTH, "primary_key_changed", BOTH),
    ("value: month", "value: day", "partition_changed", "things", CONSUMERS, "partition_changed", CONSUMERS),
    (
        "classification: internal",
        "classification: restricted",
        "classification_raised",
        "things.day",
        CONSUMERS,
        "classification_lowered",
        (),
    ),
    (
        "        classification: internal\n",
        "",
        "classification_unstated",
        "things.day",
        (),
        "classification_stated",
        (),
    ),
    (
        "      - {name: some, metric: rowCount, mustBeGreaterThan: 10}\n",
        "",
        "quality_rule_removed",
        "things.some",
        CONSUMERS,
        "quality_rule_added",
        PRODUCERS,
    ),
    (
        "      - {name: few, metric: rowCount, mustBeBetween: [1, 100], severity: warning}\n",
        "",
        "quality_rule_removed",
        "things.few",
        CONSUMERS,
        "quality_rule_added",
        (),
    ),
    (
        "mustBeGreaterThan: 10",
        "mustBeGreaterThan: 11",
        "quality_rule_tightened",
        "things.some",
        PRODUCERS,
        "quality_rule_loosened",
        CONSUMERS,
    ),
    (
        "mustBeBetween: [1, 100]",
        "mustBeBetween: [1, 50]",
        "quality_rule_tightened",
        "things.few",
        PRODUCERS,
        "quality_rule_loosened",
        CONSUMERS,
    ),
    (
        "mustBeBetween: [1, 100]",
        "mustBeBetween: [0, 50]",
        "quality_rule_changed",
        "things.few",
        BOTH,
        "quality_rule_changed",
        BOTH,
    ),
    ("select 1 from", "select 2 from", "quality_rule_changed", "things.sums", BOTH, "quality_rule_changed", BOTH),
    ("severity: warning", "severity: info", "quality_rule_edited", "things.few", (), "quality_rule_edited", ()),
    (
        "value: 3, unit: y",
        "value: 2, unit: y",
        "sla_loosened",
        "slaProperties.retention",
        CONSUMERS,
        "sla_tightened",
        (),
    ),
    ("value: 3, unit: y", "value: 36, unit: months", "sla_restated", "slaProperties.retention", (), "sla_restated", ()),
    (
        "value: 4, unit: h",
        "value: 240, unit: min",
        "sla_restated",
        "slaProperties.latency.things.day",
        (),
        "sla_restated",
        (),
    ),
    (
        "value: 4, unit: h",
        "value: 1, unit: d",
        "sla_loosened",
        "slaProperties.latency.things.day",
        CONSUMERS,
        "sla_tightened",
        (),
    ),
    (
        'value: "2030-01-01"',
        'value: "2029-01-01"',
        "sla_loosened",
        "slaProperties.endOfSupport",
        CONSUMERS,
        "sla_tightened",
        (),
    ),
    ("value: good", "value: bad", "sla_changed", "slaProperties.vibes", CONSUMERS, "sla_changed", CONSUMERS),
    (
        "  - {property: retention, value: 3, unit: y}\n",
        "",
        "sla_removed",
        "slaProperties.retention",
        CONSUMERS,
        "sla_added",
        (),
    ),
    ("database: d", "database: e", "server_changed", "servers.main", CONSUMERS, "server_changed", CONSUMERS),
    ("server: main", "server: other", "server_removed", "servers.main", CONSUMERS, "server_removed", CONSUMERS),
    ("role: reader", "role: writer", "role_removed", "roles.reader", CONSUMERS, "role_removed", CONSUMERS),
    ("status: active", "status: retired", "status_changed", "status", CONSUMERS, "status_changed", ()),
    ("status: active", "status: deprecated", "status_changed", "status", (), "status_changed", ()),
    ("id: base", "id: other", "contract_renamed", "id", BOTH, "contract_renamed", BOTH),
    (
        "  - name: things\n",
        "  - name: things\n    physicalName: t\n",
        "table_renamed",
        "things",
        CONSUMERS,
        "table_renamed",
        CONSUMERS,
    ),
    (
        "  - name: things\n",
        "  - name: more\n    properties: [{name: a, logicalType: date}]\n  - name: things\n",
        "object_added",
        "more",
        (),
        "object_removed",
        CONSUMERS,
    ),
]


@pytest.mark.parametrize(("old", "new", "kind", "path", "breaks", "back", "breaks_back"), CASES)
def test_a_change_has_a_kind_and_breaks_whom_it_should(
    old: str, new: str, kind: str, path: str, breaks: tuple[str, ...], back: str, breaks_back: tuple[str, ...]
) -> None:
    before, after = contract(BASE), edited((old, new))
    (change,) = changes(before, after)
    assert (change.kind, change.path, change.breaks, change.breaking) == (kind, path, breaks, bool(breaks))
    assert change.reason
    (reverse,) = changes(after, before)
    assert (reverse.kind, reverse.breaks) == (back, breaks_back)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("description: words", "description: other words"),
        ("id: key, ", "id: key, description: what it is, tags: [a], examples: [1], "),
        ("logicalType: string, physicalName", "logicalType: string, physicalType: varchar(9), physicalName"),
        ("version: 1.4.0", "version: 1.5.0"),
        ("maximum: 99", "maximum: 99.0"),
        ("slaProperties:", "support: [{channel: help}]\nslaProperties:"),
    ],
)
def test_words_are_no_change(old: str, new: str) -> None:
    assert changes(contract(BASE), edited((old, new))) == ()


def test_several_changes_are_all_told_in_the_contract_s_order() -> None:
    after = edited(("minLength: 2", "minLength: 1"), (", {value: high}", ""), ("value: good", "value: bad"))
    kinds = [change.kind for change in changes(contract(BASE), after)]
    assert kinds == ["limit_widened", "enum_narrowed", "sla_changed"]


def test_an_enum_can_be_narrowed_and_widened_at_once() -> None:
    after = edited(("{value: high}", "{value: highest}"))
    assert [change.kind for change in changes(contract(BASE), after)] == ["enum_narrowed", "enum_widened"]


def test_a_change_of_type_says_nothing_of_limits_that_cannot_be_compared() -> None:
    after = edited(
        (
            'logicalType: number, physicalType: "decimal(10,2)", logicalTypeOptions: {minimum: 0, maximum: 99}',
            "logicalType: date",
        )
    )
    assert [change.kind for change in changes(contract(BASE), after)] == ["type_changed"]


BREAKING = ("mustBeGreaterThan: 10", "mustBeGreaterThan: 5")


@pytest.mark.parametrize("version", ["1.4.0", "1.4.1", "1.5.0"])
def test_a_breaking_change_needs_a_major_version(version: str) -> None:
    (problem,) = gate(contract(BASE), edited(BREAKING, ("version: 1.4.0", f"version: {version}")))
    assert (problem.severity, problem.file) == ("error", "contract.yaml")
    assert f"breaks consumers, so the version has to be 2.0.0, found {version}" in problem.message


def test_a_breaking_change_is_told_on_the_line_of_its_column() -> None:
    (problem,) = gate(contract(BASE), edited((", {value: high}", "")))
    assert (problem.line, problem.path) == (15, "schema[0].properties[2]")


def test_a_major_version_may_break() -> None:
    assert gate(contract(BASE), edited(BREAKING, ("version: 1.4.0", "version: 2.0.0"))) == ()


def test_a_major_version_may_not_break_whoever_is_subscribed() -> None:
    after = edited(BREAKING, ("version: 1.4.0", "version: 2.0.0"))
    (problem,) = gate(contract(BASE), after, ["finance", "analytics"])
    assert problem.message == "breaks its subscribers, who have to move first: analytics, finance"
    assert gate(contract(BASE), edited(("version: 1.4.0", "version: 2.0.0")), ["finance"]) == ()


def test_a_compatible_change_needs_nothing() -> None:
    assert gate(contract(BASE), edited(("format: i32", "format: i64")), ["finance"]) == ()


def test_before_1_0_anything_may_change() -> None:
    before = contract(BASE.replace("1.4.0", "0.4.0"))
    assert gate(before, edited(BREAKING, ("version: 1.4.0", "version: 0.5.0"))) == ()


def test_a_version_does_not_go_back() -> None:
    (problem,) = gate(contract(BASE), edited(("version: 1.4.0", "version: 1.3.9")))
    assert problem.message == "is 1.3.9, but 1.4.0 is already published"
    assert gate(contract(BASE), edited(("version: 1.4.0", "version: 1.10.0"))) == ()


def test_a_version_that_is_none_cannot_be_judged() -> None:
    (problem,) = gate(contract(BASE), edited(("version: 1.4.0", "version: next")))
    assert "expected a semantic version" in problem.message


BOUND = st.integers(-5, 5)


@given(st.lists(st.tuples(BOUND, BOUND, st.booleans(), st.booleans()), min_size=2, max_size=2))
def test_a_narrower_range_never_breaks_consumers_and_a_wider_one_never_producers(
    ranges: list[tuple[int, int, bool, bool]],
) -> None:
    """Against the sets of numbers themselves, in tenths, which tell inclusive from exclusive ends."""
    documents, accepted = [], []
    for low, high, above, below in ranges:
        names = ("exclusiveMinimum" if above else "minimum", "exclusiveMaximum" if below else "maximum")
        options = f"{{{names[0]}: {low}, {names[1]}: {high}}}"
        documents.append(edited(("logicalTypeOptions: {minimum: 0, maximum: 99}", f"logicalTypeOptions: {options}")))
        tenths = range(10 * low + above, 10 * high + 1 - below)
        accepted.append(set(tenths))
    found = changes(*documents)
    if accepted[0] and accepted[1]:
        assert any("consumers" in change.breaks for change in found) == (not accepted[1] <= accepted[0])
        assert any("producers" in change.breaks for change in found) == (not accepted[0] <= accepted[1])


def test_the_page_lists_every_kind_of_change() -> None:
    """Every kind of change is in docs/contracts.md, and nothing else is."""
    text = (Path(__file__).parents[3] / "docs/contracts.md").read_text()
    table = text[text.index("| change |") :]
    kinds = {line.split("|")[1].strip() for line in dedent(table).splitlines()[2:] if line.startswith("|")}
    named = {kind.strip(" `") for cell in kinds for kind in cell.split(",")}
    assert named == {case[index] for case in CASES for index in (2, 5)}
