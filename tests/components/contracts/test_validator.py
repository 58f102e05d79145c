"""The validator is read by handlers that import no component: what is tested here is what they are promised."""

from collections.abc import Callable
from typing import Any

from components.contracts.delivery import FileFormat
from components.contracts.validator import validator
from handlers.contracts.spec import Contract

Compile = Callable[..., Any]
PLACE = {"catalogId": "1" * 12, "database": "d", "name": "things", "bucket": "b", "prefix": "things/v1/"}
PRODUCT = {"domain": "sales", "name": "things", "version": "1.0.0", "owner": "us", "classification": "internal"}


def document(table: Any, file: FileFormat | None = None) -> dict[str, Any]:
    return validator(
        product=PRODUCT, contract={"id": "a", "version": "1.0.0"}, file=file or FileFormat(), place=PLACE, table=table
    )


def test_the_handlers_read_every_kind_of_column_and_rule(compiled: Compile) -> None:
    table, _ = compiled(
        """
        - {name: a, logicalType: integer, primaryKey: true, logicalTypeOptions: {format: u8}}
        - {name: b, logicalType: string, unique: true, enum: [{value: x}], classification: restricted}
        - name: c
          logicalType: number
          physicalType: decimal(9,3)
          logicalTypeOptions: {exclusiveMinimum: 0.5, maximum: 3}
          quality:
            - {metric: nullValues, mustBeLessThan: 5, unit: percent, severity: warning}
            - {metric: invalidValues, mustBe: 0, arguments: {validValues: [1, 2.5]}}
            - {metric: missingValues, mustBeBetween: [0, 3], arguments: {missingValues: ["", 0, null]}}
        - {name: d, logicalType: timestamp, logicalTypeOptions: {timezone: true, minimum: "2020-01-01T00:00:00"}}
        - {name: e, logicalType: date, required: true, partitioned: true}
        - {name: f, logicalType: array, items: {logicalType: date}, quality: [{metric: nullValues, mustBe: 0}]}
        """,
        "quality: [{metric: rowCount, mustBeGreaterThan: 0}]",
    )
    written = document(table, FileFormat(delimiter=";", null_values=("", "NULL")))
    read = Contract.model_validate(written)
    assert [field.name for field in read.fields] == ["a", "b", "c", "d", "e"]
    assert (read.fields[0].minimum, read.fields[0].maximum) == (0, 255)
    assert read.primary_key == ("a",)
    assert [rule.type for rule in read.rules] == [
        "duplicateValues",
        "rowCount",
        "nullValues",
        "invalidValues",
        "missingValues",
    ]
    assert read.rules[4].must_be_between == (0, 3)
    assert read.file.null_values == ("", "NULL")
    assert [field.classification for field in read.fields[:2]] == ["internal", "restricted"]


def test_the_handlers_read_a_file_format_without_quotes_that_needs_its_last_line_end(compiled: Compile) -> None:
    table, _ = compiled("- {name: a, logicalType: string}")
    read = Contract.model_validate(document(table, FileFormat(quote="", final_line_end="required")))
    assert (read.file.quote, read.file.final_line_end) == (None, "required")


def test_a_unique_column_that_is_the_key_is_counted_once(compiled: Compile) -> None:
    table, _ = compiled("- {name: a, logicalType: string, primaryKey: true, unique: true}")
    assert document(table)["rules"] == []


def test_what_only_the_catalog_can_check_is_not_in_it(compiled: Compile) -> None:
    check = "{type: sql, query: 'select 1 from {object}', mustBe: 1}"
    table, _ = compiled(f"- {{name: a, logicalType: string, quality: [{check}]}}")
    assert document(table)["rules"] == []


def test_every_key_is_there_so_that_a_reader_needs_no_defaults(compiled: Compile) -> None:
    table, _ = compiled("- {name: a, logicalType: string}")
    (field,) = document(table)["fields"]
    assert {key for key, value in field.items() if value is not None} == {
        "name",
        "source",
        "type",
        "required",
        "classification",
    }
    assert len(field) == 17
