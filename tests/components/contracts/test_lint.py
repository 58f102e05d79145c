"""The command `python -m components.contracts`."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components.contracts.__main__ import main

REPOSITORY = Path(__file__).parents[3]
ORDERS = REPOSITORY / "domains/sales/orders"
LONE = """\
apiVersion: v3.1.0
kind: DataContract
id: a
version: 1.0.0
status: draft
domain: Human Resources
schema:
  - name: People
    properties:
      - {name: id, logicalType: integer, primaryKey: true, required: true}
      - {name: born, logicalType: date, classification: restricted}
  - name: teams
    properties:
      - {name: id, logicalType: integer}
"""


def test_a_product_is_shown_with_everything_it_compiles_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ORDERS)]) == 0
    shown = capsys.readouterr().out
    for part in (
        "Glue table orders",
        "amount       decimal(10,2)",
        "partition key",
        "LF-Tags domain=sales, product=orders, classification=confidential",
        'IsComplete "customer_id"',
        "4 fields, primary key none",
        "delimited files by blanks in utf-8",
        "runs in Glue Data Quality over the table",
    ):
        assert part in shown


@pytest.mark.parametrize("file", ["product.odps.yaml", "contract.odcs.yaml"])
def test_either_file_of_a_product_stands_for_both(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ORDERS / file), "--json"]) == 0
    (outcome,) = json.loads(capsys.readouterr().out)["outcomes"]
    assert outcome["compiled"][0]["validator"]["file"]["format"] == "delimited"
    assert len(outcome["files"]) == 2


def test_a_contract_without_a_product_is_compiled_object_by_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "people.odcs.yaml").write_text(LONE)
    assert main([str(tmp_path), "--json"]) == 0
    (outcome,) = json.loads(capsys.readouterr().out)["outcomes"]
    people, teams = outcome["compiled"]
    assert (people["name"], people["lf_tags"]["classification"]) == ("people", "restricted")
    assert people["lf_tags"]["domain"] == "human-resources"
    assert teams["lf_tags"]["classification"] == "internal"
    assert people["validator"]["primaryKey"] == ["id"]


def test_a_contract_that_describes_nothing_is_valid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "empty.yaml"
    file.write_text(LONE[: LONE.index("schema:")])
    assert main([str(file)]) == 0
    assert "nothing to compile" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "a.odcs.yaml",
            LONE.replace("integer", "number?", 1),
            "a.odcs.yaml:10: error: schema[0].properties[0].logicalType",
        ),
        ("a.odcs.yaml", LONE.replace("logicalType: date", "physicalType: blob"), "expected a logicalType"),
        ("a.odcs.yaml", LONE.replace("kind: DataContract", "kind: Recipe"), "expected DataContract or DataProduct"),
        ("a.odcs.yaml", "- 1\n", "expected a mapping"),
        ("a.odcs.yaml", "", "is empty"),
        ("a.odps.yaml", "apiVersion: v1.1.0\nkind: DataProduct\nid: a\n", "a product without a contract"),
    ],
)
def test_what_does_not_compile_is_told_and_is_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    assert main([str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert said in shown
    assert "does not compile" in shown


def test_products_of_one_name_below_a_folder_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ORDERS, tmp_path / "a")
    shutil.copytree(ORDERS, tmp_path / "b")
    assert main([str(tmp_path)]) == 1
    assert "the product name 'orders' is already taken" in capsys.readouterr().out


def test_nothing_to_lint_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert main([str(tmp_path / "missing.yaml")]) == 2
    assert "expected a file, or a folder with files named" in capsys.readouterr().err


def test_a_new_version_is_compared_with_the_published_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(LONE)
    new.write_text(
        LONE.replace("{name: born, logicalType: date, classification: restricted}", "{name: x, logicalType: date}")
    )
    assert main([str(new), "--against", str(old)]) == 1
    shown = capsys.readouterr().out
    assert "breaks consumers: People.born: field removed" in shown
    assert "compatible: People.x: field added" in shown
    assert "the version has to be 2.0.0" in shown
    new.write_text(new.read_text().replace("version: 1.0.0", "version: 2.0.0"))
    assert main([str(new), "--against", str(old), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["kind"] for each in found["changes"]] == ["field_removed", "field_added"]
    new.write_text("nonsense")
    assert main([str(new), "--against", str(old)]) == 1


def test_compiling_contracts_needs_no_engine() -> None:
    code = "import sys, components.contracts.__main__; sys.exit(any(name.startswith('pulumi') for name in sys.modules))"
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)
