from pathlib import Path

import pytest

from components.contracts import source
from components.contracts.diagnostics import ContractError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 2024-01-31", "2024-01-31"),
        ("a: 2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("a: yes", "yes"),
        ("a: NO", "NO"),
        ("a: on", "on"),
        ("a: 12:30", "12:30"),
        ("a: 0123", "0123"),
        ("a: 012345678901", "012345678901"),
        ("a: 1_000", "1_000"),
        ("a: 1.0.0", "1.0.0"),
        ("a: true", True),
        ("a: False", False),
        ("a: ~", None),
        ("a:", None),
        ("a: 17", 17),
        ("a: -3", -3),
        ("a: 1.5", 1.5),
        ("a: 1e3", 1000.0),
        ("a: .5", 0.5),
        ("a: '17'", "17"),
        ("a: !!str 17", "17"),
    ],
)
def test_plain_scalars_mean_what_their_author_typed(text: str, value: object) -> None:
    found = source.parse(text, "f").value["a"]
    assert found == value
    assert type(found) is type(value)


def test_a_key_that_yaml_1_1_takes_for_a_boolean_stays_text() -> None:
    assert source.parse("on: 1\nyes: 2", "f").value == {"on": 1, "yes": 2}


def test_a_value_is_on_its_line() -> None:
    document = source.parse("a:\n  b:\n    - x\n    - c: 1\n      d: 2\n", "f")
    assert document.line(("a",)) == 1
    assert document.line(("a", "b", 0)) == 3
    assert document.line(("a", "b", 1, "d")) == 5


def test_what_is_missing_is_on_the_line_of_what_should_hold_it() -> None:
    document = source.parse("x: 1\na:\n  b: 1\n", "f")
    assert document.line(("a", "missing", 3)) == 2
    assert document.line(()) == 1


def test_merged_keys_keep_their_line_and_lose_to_own_ones() -> None:
    document = source.parse("base: &base\n  a: 1\n  b: 2\nmine:\n  <<: *base\n  b: 3\n", "f")
    assert document.value["mine"] == {"a": 1, "b": 3}
    assert document.line(("mine", "a")) == 2
    assert document.line(("mine", "b")) == 6


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' is here twice, first on line 1"),
        ("a: [1\nb: 2\n", 2, "is no YAML"),
        ("a: 1\n\tb: 2\n", 2, "is no YAML"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: *x\n", 2, "alias of 'x'"),
        ("a: &x\n  b: *x\n", 2, "contains itself"),
        ("a: 1\n? [1, 2]\n: 3\n", 2, "expected a string"),
        ("a: 1\nb: !!binary aGk=\n", 2, "has the tag"),
        ("a: 1\nb: !custom x\n", 2, "has the tag"),
        ("a: 1\nb: !!int x\n", 2, "is no int"),
        ("a: 1\nb:\n  <<: 3\n", 3, "expected a mapping"),
        ("", 0, "is empty"),
        ("# nothing but words\n", 0, "is empty"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_on_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(ContractError, match=said) as refused:
        source.parse(text, "file.yaml")
    (diagnostic,) = refused.value.diagnostics
    assert (diagnostic.file, diagnostic.line) == ("file.yaml", line)


def test_an_alias_bomb_is_refused_before_anybody_walks_it() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(ContractError, match="more than 500,000 values"):
        source.parse("\n".join(lines), "f")


def test_a_hundred_thousand_brackets_are_refused_and_end_nothing() -> None:
    with pytest.raises(ContractError, match="nested too deeply"):
        source.parse("[" * 100_000, "f")


def test_a_byte_that_is_no_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes("a: 1\nb: Grüße\n".encode("latin-1"))
    with pytest.raises(ContractError, match=r"latin.yaml:2: error: expected UTF-8, found byte 0xfc"):
        source.read(file)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert source.read(file).value == {"a": 1}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"missing\.yaml: error: cannot be read"):
        source.read(tmp_path / "missing.yaml")
