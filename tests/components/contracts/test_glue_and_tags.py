from collections.abc import Callable
from typing import Any

import pytest

from components.contracts.glue import MAX_COMMENT, glue_table, shortened
from components.contracts.tags import column_tags
from components.foundation.classification import Classification

Compile = Callable[..., Any]


def test_names_are_lower_case_in_the_catalog(compiled: Compile) -> None:
    table, _ = compiled("- {name: CustomerId, logicalType: string}", "physicalName: Orders")
    glue = glue_table(table, {"owner": "x"})
    assert (glue.name, glue.columns[0].name) == ("orders", "customerid")
    assert glue.parameters == {"classification": "parquet", "EXTERNAL": "TRUE", "owner": "x"}


def test_a_column_without_a_description_is_called_by_its_business_name(compiled: Compile) -> None:
    table, _ = compiled("- {name: a, logicalType: string, businessName: Customer number}")
    assert glue_table(table, {}).columns[0].comment == "Customer number"


def test_a_comment_is_one_line(compiled: Compile) -> None:
    table, _ = compiled('- {name: a, logicalType: string, description: "two\\nlines"}')
    assert glue_table(table, {}).columns[0].comment == "two lines"


@pytest.mark.parametrize("text", ["x" * 300, "ü" * 200, "ü" * 300, "€" * 300, "😀" * 300])
def test_a_long_comment_is_cut_to_the_bytes_that_glue_takes(text: str) -> None:
    cut = shortened(text, MAX_COMMENT)
    assert len(cut.encode()) <= MAX_COMMENT < len(cut.encode()) + 5
    assert cut.endswith("…")


def test_a_comment_that_fits_is_not_cut() -> None:
    assert shortened("x" * MAX_COMMENT, MAX_COMMENT) == "x" * MAX_COMMENT


def test_a_column_is_tagged_where_it_differs_and_its_partition_key_with_it(compiled: Compile) -> None:
    table, _ = compiled(
        """
        - {name: a, logicalType: date, required: true, partitioned: true, classification: public}
        - {name: b, logicalType: date, classification: internal}
        - {name: c, logicalType: date}
        """
    )
    tags = column_tags(table, Classification.INTERNAL)
    assert tags == {"a": {"classification": "public"}, "a_day": {"classification": "public"}}
