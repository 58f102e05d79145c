from datetime import datetime

import pytest

from components.contracts.date_formats import strptime


@pytest.mark.parametrize(
    ("pattern", "text", "moment"),
    [
        ("yyyyMMdd", "19970131", datetime(1997, 1, 31)),
        ("dd/MM/yyyy", "31/01/1997", datetime(1997, 1, 31)),
        ("d. MMM yy", "5. Feb 98", datetime(1998, 2, 5)),
        ("YYYY-MM-DDTHH:mm:ss.SSS", "2024-03-10T14:22:35.123", datetime(2024, 3, 10, 14, 22, 35, 123000)),
        ("yyyy-MM-dd'T'HH:mm:ss", "2024-03-10T14:22:35", datetime(2024, 3, 10, 14, 22, 35)),
        ("hh:mm a, EEEE d MMMM yyyy", "02:22 PM, Sunday 10 March 2024", datetime(2024, 3, 10, 14, 22)),
        ("yyyy''MM", "2024'03", datetime(2024, 3, 1)),
        ("yyyy'%'MM", "2024%03", datetime(2024, 3, 1)),
        ("yyyyDDD", "2024070", datetime(2024, 3, 10)),
    ],
)
def test_a_pattern_parses_the_texts_it_describes(pattern: str, text: str, moment: datetime) -> None:
    assert datetime.strptime(text, strptime(pattern)) == moment


@pytest.mark.parametrize("zone", ["Z", "XXX", "xx", "X"])
def test_offsets_are_parsed(zone: str) -> None:
    parsed = datetime.strptime("2024-03-10 14:22 +0100", strptime(f"yyyy-MM-dd HH:mm {zone}"))
    assert parsed.utcoffset() is not None


@pytest.mark.parametrize("pattern", ["yyyy-QQ", "YYYY-'W'ww", "G yyyy", "SSSSSSSSS"])
def test_what_python_cannot_parse_is_named(pattern: str) -> None:
    with pytest.raises(ValueError, match="is no part of a date or time"):
        strptime(pattern)
