"""The example organisation as its users meet it, through each engine. The tests run in order, on one mesh."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud.cloud import process
from localcloud.cloud.process import Cloud
from localcloud.example import revenue
from stacks.exports import DomainExports, GovernanceExports
from tests.e2e.conftest import ROOT, Mesh, add_environment

pytestmark = pytest.mark.e2e
SHIPMENTS = Path(__file__).parents[1] / "components/contracts/second/domains/sales/shipments"
WAIVER = """
- control: contract-compatible
  urn: urn:pulumi:sales-prod::mesh::mesh:domain:PublishedContracts::contracts
  finding: orders:schema[0].properties[2]
  reason: No partner ever sent more than a few hundred discs in one line.
  owner: sales-data-team
  ticket: DATA-12
  expires: {expires}
"""
HUB, SALES, REGION = "111111111111", "222222222222", "eu-west-1"


def cloud(mesh: Mesh) -> Cloud:
    found = process.find(mesh.root / ".localcloud")
    assert found is not None
    return found


def counts(output: str, stack: str) -> dict[str, int]:
    """What a stack's line of output says: {"created": 3, "unchanged": 160}."""
    (line,) = [line for line in output.splitlines() if line.startswith(f"  {stack} ")]
    return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", line.split("(")[0])}


def rows(mesh: Mesh, sql: str) -> str:
    return mesh.run("query", sql).stdout


def test_the_published_revenue_is_the_files(mesh: Mesh) -> None:
    months = revenue(mesh.root / ".localcloud" / "cache" / "CDNOW_master.txt")
    assert len(months) == 18
    shown = rows(mesh, "SELECT order_month, sum(amount) AS revenue FROM sales.orders GROUP BY 1 ORDER BY 1")
    for month, amount in months.items():
        assert re.search(rf"{month}\s+│\s+{amount}\s", shown), month
    assert "69659" in rows(mesh, "SELECT count(*) AS n FROM sales.orders")


def test_the_readmes_picture_is_what_is_deployed(mesh: Mesh) -> None:
    copy = mesh.root / "README.md"
    shutil.copy2(ROOT / "README.md", copy)
    mesh.run("graph", "--into", str(copy))
    assert copy.read_text() == (ROOT / "README.md").read_text(), (
        "run: make up, python -m localcloud graph --into README.md"
    )


def test_exports_are_what_readers_expect(mesh: Mesh) -> None:
    hub = GovernanceExports.model_validate(mesh.outputs("governance-prod"))
    assert (hub.catalog_id, hub.databases) == (HUB, {"sales": "acme_prod_sales"})
    sales = DomainExports.model_validate(mesh.outputs("sales-prod"))
    assert sales.products["orders"].location.endswith("/orders/v1/")


def test_the_hub_knows_the_partitions_the_lineage_and_the_quality(mesh: Mesh) -> None:
    glue = cloud(mesh).client("glue", HUB, REGION)
    partitions = glue.get_partitions(DatabaseName="acme_prod_sales", TableName="orders")["Partitions"]
    assert len(partitions) == 18
    dynamodb = cloud(mesh).client("dynamodb", HUB, REGION)
    (run,) = dynamodb.scan(TableName="acme-governance-prod-lineage")["Items"]
    event = json.loads(run["detail"]["S"])
    assert event["eventType"] == "COMPLETE"
    assert event["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 69659
    (quality,) = dynamodb.scan(TableName="acme-governance-prod-quality")["Items"]
    assert quality["product"]["S"] == "sales/orders"


def test_a_second_up_changes_nothing_and_publishes_nothing_twice(mesh: Mesh) -> None:
    output = mesh.run("up").stdout
    for stack in ("governance-prod", "governance-prod-recovery", "sales-prod", "sales-prod-recovery"):
        assert set(counts(output, stack)) <= {"unchanged", "read"}, output
    assert "69659" in rows(mesh, "SELECT count(*) AS n FROM sales.orders")


def test_status_counts_what_exists(mesh: Mesh) -> None:
    status = mesh.status()
    assert status["engine"]["name"] == mesh.engine
    assert status["endpoint"].startswith("http://127.0.0.1:")
    by_stack = {row["stack"]: row for row in status["stacks"]}
    assert len(by_stack) == 4
    assert by_stack["sales-prod"]["account"] == SALES
    assert 0 < by_stack["sales-prod"]["materialised"] < by_stack["sales-prod"]["resources"]


def test_bad_rows_wait_in_quarantine_and_can_be_replayed(mesh: Mesh, tmp_path: Path) -> None:
    file = tmp_path / "late.txt"
    file.write_text(
        " customer_id  date number_of_cds  dollar_value\r\n"
        " 90001 19980701  1   10.00\r\n"
        " 90002 19980231  1   20.00\r\n"
        " 90003 19980701  0   30.00\r\n"
    )
    sent = mesh.run("send", "sales/orders", str(file)).stdout
    assert "published 1 rows, 2 rejected: see s3://acme-sales-prod-quarantine-" in sent
    assert re.search(r"line 3: order_date: .*: +90002 19980231 ", sent)
    assert re.search(r"line 4: quantity: .*: +90003 19980701 ", sent)
    assert "10.00" in rows(mesh, "SELECT sum(amount) AS total FROM sales.orders WHERE customer_id LIKE '9000%'")

    product = mesh.outputs("sales-prod")["products"]["orders"]
    bucket = product["quarantine"].removeprefix("s3://").split("/")[0]
    s3 = cloud(mesh).client("s3", SALES, REGION)
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    (rejects,) = [key for key in keys if key.endswith("/rows.jsonl")]
    rejected = [json.loads(line) for line in s3.get_object(Bucket=bucket, Key=rejects)["Body"].read().splitlines()]
    assert [(each["line"], [problem["field"] for problem in each["problems"]]) for each in rejected] == [
        (3, ["order_date"]),
        (4, ["quantity"]),
    ]

    folder = rejects.removesuffix("rows.jsonl")
    fixed = "".join(
        json.dumps({"line": each["line"], "raw": each["raw"].replace("19980231", "19980228").replace("  0 ", "  1 ")})
        + "\n"
        for each in rejected
    )
    s3.put_object(Bucket=bucket, Key=f"{folder}fixed.jsonl", Body=fixed.encode())
    event = json.dumps({"quarantine": folder, "rows": f"{folder}fixed.jsonl"})
    for _ in range(2):  # a second replay publishes nothing twice
        mesh.run("invoke", product["replay"], event)
        assert "60.00" in rows(mesh, "SELECT sum(amount) AS total FROM sales.orders WHERE customer_id LIKE '9000%'")


def test_a_refused_file_says_why_and_is_kept(mesh: Mesh, tmp_path: Path) -> None:
    file = tmp_path / "wrong.txt"
    file.write_text(" customer  day\r\n 90001 19980701\r\n")
    refused = mesh.run("send", "sales/orders", str(file), check=False)
    assert refused.returncode == 1
    assert "refused: the file has the columns 'customer', 'day'; expected 'customer_id', 'date'" in refused.stdout


def test_an_update_changes_only_what_it_must(mesh: Mesh) -> None:
    mesh.edit(
        "stacks/Pulumi.sales-prod.yaml", "  mesh:fileTransfer:", "  mesh:retention: {landing: 60}\n  mesh:fileTransfer:"
    )
    output = mesh.run("up", "--no-data", "sales-prod").stdout
    assert set(counts(output, "governance-prod")) == {"unchanged"}
    assert counts(output, "sales-prod")["updated"] == 1
    s3 = cloud(mesh).client("s3", SALES, REGION)
    rules = s3.get_bucket_lifecycle_configuration(Bucket=mesh.outputs("sales-prod")["buckets"]["landing"])["Rules"]
    assert 60 in [rule.get("Expiration", {}).get("Days") for rule in rules]


def test_a_replacement_makes_the_new_before_it_removes_the_old(mesh: Mesh) -> None:
    def users() -> set[str]:
        transfer = cloud(mesh).client("transfer", SALES, REGION)
        server = transfer.list_servers()["Servers"][0]["ServerId"]
        return {name for name in ("retail-pos", "retail-web") if known(transfer, server, name)}

    def known(transfer: Any, server: str, name: str) -> bool:
        try:
            transfer.describe_user(ServerId=server, UserName=name)
        except transfer.exceptions.ClientError:
            return False
        return True

    assert users() == {"retail-pos"}
    # The logical name stays, the physical one changes: Transfer Family has no way to rename a user.
    mesh.edit("components/ingestion/files.py", "user_name=user.name,", 'user_name="retail-web",')
    assert "replaced" in counts(mesh.run("up", "--no-data", "sales-prod").stdout, "sales-prod")
    assert users() == {"retail-web"}
    mesh.edit("components/ingestion/files.py", 'user_name="retail-web",', "user_name=user.name,")
    mesh.run("up", "--no-data", "sales-prod")
    assert users() == {"retail-pos"}


def test_drift_is_seen_by_refresh_and_mended_by_up(mesh: Mesh) -> None:
    bucket = mesh.outputs("sales-prod")["buckets"]["products"]
    s3 = cloud(mesh).client("s3", SALES, REGION)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert counts(mesh.run("refresh", "sales-prod").stdout, "sales-prod").get("updated", 0) == 1
    output = mesh.run("up").stdout
    assert counts(output, "sales-prod")["updated"] == 1
    assert "not compared with CDNOW_master.txt, as more was delivered: late.txt" in output
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_a_policy_violation_fails_the_preview_with_the_controls_message(mesh: Mesh) -> None:
    mesh.edit("components/foundation/buckets.py", "block_public_policy=True", "block_public_policy=False")
    try:
        failed = mesh.run("preview", "sales-prod", check=False)
    finally:
        mesh.edit("components/foundation/buckets.py", "block_public_policy=False", "block_public_policy=True")
    assert failed.returncode == 1
    assert "[mandatory]" in failed.stderr
    assert "blockPublicPolicy" in failed.stderr


def test_a_contract_is_not_broken_under_those_who_rely_on_it(mesh: Mesh) -> None:
    contract, product = "domains/sales/orders/contract.odcs.yaml", "domains/sales/orders/product.odps.yaml"
    before = mesh.outputs("sales-prod")
    mesh.edit(contract, "maximum: 1000", "maximum: 500")
    try:
        # Each refused deployment leaves the deployed contract what it was, so that the next one is refused too.
        for command in (["preview"], ["up", "--no-data"], ["up", "--no-data"]):
            failed = mesh.run(*command, "sales-prod", check=False)
            assert failed.returncode == 1
            assert "[mandatory] contract-compatible" in failed.stderr
            assert f"{contract}:88: error: schema[0].properties[2]" in failed.stderr
            assert "has to be 2.0.0, found 1.0.0" in failed.stderr
            assert "updated" not in failed.stdout
        assert mesh.outputs("sales-prod") == before

        for file in (contract, product):
            mesh.edit(file, "version: 1.0.0", "version: 2.0.0")
        announced = mesh.run("preview", "sales-prod").stdout
        for file in (contract, product):
            mesh.edit(file, "version: 2.0.0", "version: 1.0.0")
        assert re.search(r"sales-prod +\d+ to update", announced)

        waivers = "policy_packs/guardrails/waivers.yaml"
        mesh.edit(waivers, "[]", WAIVER.format(expires=date.today() + timedelta(days=30)))
        waived = mesh.run("preview", "sales-prod").stdout
        mesh.edit(waivers, (mesh.root / waivers).read_text(), "[]\n")
        assert "contract-compatible" in waived
        assert "DATA-12" in waived
    finally:
        mesh.edit(contract, "maximum: 500", "maximum: 1000")


def test_a_wrong_stack_file_fails_before_the_first_resource(mesh: Mesh) -> None:
    mesh.edit("stacks/Pulumi.sales-prod.yaml", "mesh:environment: prod", "mesh:environment: prod\n  mesh:colour: blue")
    try:
        failed = mesh.run("up", "--no-data", "sales-prod", check=False)
    finally:
        mesh.edit("stacks/Pulumi.sales-prod.yaml", "\n  mesh:colour: blue", "")
    assert failed.returncode == 1
    assert "stacks/Pulumi.sales-prod.yaml: config.mesh:colour: unknown key" in failed.stderr


def test_a_stack_refuses_another_account(mesh: Mesh) -> None:
    mesh.edit(
        "components/foundation/provider.py",
        "allowed_account_ids=[account.account_id]",
        'allowed_account_ids=["333333333333"]',
    )
    try:
        failed = mesh.run("up", "--no-data", "governance-prod", check=False)
    finally:
        mesh.edit(
            "components/foundation/provider.py",
            'allowed_account_ids=["333333333333"]',
            "allowed_account_ids=[account.account_id]",
        )
    assert failed.returncode == 1
    assert "111111111111" in failed.stderr


def test_a_second_product_needs_two_files_and_no_code(mesh: Mesh, tmp_path: Path) -> None:
    shutil.copytree(SHIPMENTS, mesh.root / "domains/sales/shipments")
    partner = "      - {user: carriers, product: shipments, publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample}\n"
    with (mesh.root / "stacks/Pulumi.sales-prod.yaml").open("a") as stack_file:
        stack_file.write(partner)
    output = mesh.run("up", "--no-data", "sales-prod").stdout
    assert "created" in counts(output, "sales-prod")
    file = tmp_path / "shipments.csv"
    file.write_text(
        "leg;PARCEL NO;carrier;postcode;weight_kg;distance_km;insured;due;packed_at;handed_over_at\n"
        "1;17;dhl;SW1A 1AA;2.500;12.5;true;24/12/2026;2026-11-20 08:15:00;2026-11-20T09:00:00+01:00\n"
        "2;17;ups;;NULL;;false;;;2026-11-21T00:30:00+01:00\n"
        "3;17;ups;;0.000;;;;;2026-11-21T10:00:00+01:00\n",
        encoding="iso-8859-1",
    )
    mesh.run("send", "sales/shipments", str(file))
    shown = rows(mesh, "SELECT leg, weight_kg, handed_over_day, carrier FROM sales.shipments ORDER BY leg")
    assert re.search(r"1\s+│\s+2\.500\s+│ 2026-11-20\s+│ dhl", shown)
    assert re.search(r"2\s+│\s+NULL\s+│ 2026-11-20\s+│ ups", shown)
    assert "0.000" not in shown  # a parcel weighs something
    # What was published before is encrypted under another key, which this product's higher classification did not end.
    assert "duplicate" in mesh.run("logs", orders_again(mesh)).stdout


def orders_again(mesh: Mesh) -> str:
    """Deliver the purchase history once more; returns the name of the function that read it."""
    mesh.run("send", "sales/orders", str(mesh.root / ".localcloud/cache/CDNOW_master.txt"))
    name: str = mesh.outputs("sales-prod")["products"]["orders"]["ingest"]
    return name


def test_a_product_is_retired_before_it_is_removed(mesh: Mesh) -> None:
    folder = "domains/sales/shipments"
    for was, now in (("active", "deprecated"), ("deprecated", "retired")):
        mesh.edit(f"{folder}/contract.odcs.yaml", f"status: {was}", f"status: {now}")
        mesh.run("up", "sales-prod")
    shutil.rmtree(mesh.root / folder)
    stack_file = mesh.root / "stacks/Pulumi.sales-prod.yaml"
    stack_file.write_text("".join(line for line in stack_file.open() if "carriers" not in line))
    # It was the only restricted product. What it published is still there, and so must be the key.
    mesh.edit("stacks/organisation.yaml", "businessUnit: sales\n", "businessUnit: sales\n    keeps: [restricted]\n")
    assert counts(mesh.run("up", "sales-prod").stdout, "sales-prod")["deleted"] > 30
    assert "shipments" not in mesh.outputs("sales-prod")["products"]


def test_a_new_domain_needs_an_entry_and_two_files(mesh: Mesh) -> None:
    organisation, stacks = mesh.root / "stacks/organisation.yaml", mesh.root / "stacks"
    before = organisation.read_text()
    new = before[before.index("  sales:") :].replace("sales", "crm").replace("222222222222", "333333333333")
    files = {
        stacks / "Pulumi.crm-prod.yaml": "  mesh:network: {cidr: 10.30.0.0/16}\n",
        stacks / "Pulumi.crm-prod-recovery.yaml": "",
    }
    try:
        organisation.write_text(before + new)
        for path, text in files.items():
            path.write_text(f"config:\n  mesh:account: crm\n  mesh:environment: prod\n{text}")
        assert "make organisation" in mesh.run("preview", "crm-prod", check=False).stderr
        subprocess.run([sys.executable, "-m", "stacks", "guardrails"], cwd=mesh.root, check=True)
        output = mesh.run("preview", "crm-prod").stdout
        assert re.search(r"crm-prod +\d+ to create", output)
    finally:
        organisation.write_text(before)
        for path in files:
            path.unlink()
        subprocess.run([sys.executable, "-m", "stacks", "guardrails"], cwd=mesh.root, check=True)


def test_a_failing_handler_is_retried_and_its_event_kept(mesh: Mesh, tmp_path: Path) -> None:
    mesh.edit("handlers/files/ingest.py", "\ndef handler(", "\ndef broken(")
    with (mesh.root / "handlers/files/ingest.py").open("a") as module:
        module.write('\n\ndef handler(event: object, context: object) -> None:\n    raise RuntimeError("no disk")\n')
    mesh.run("up", "--no-data", "sales-prod")
    file = tmp_path / "lost.txt"
    file.write_text(" customer_id  date number_of_cds  dollar_value\r\n 90009 19980701  1   10.00\r\n")
    mesh.run("send", "sales/orders", str(file), check=False)
    product = mesh.outputs("sales-prod")["products"]["orders"]
    sqs = cloud(mesh).client("sqs", SALES, REGION)
    queue = sqs.get_queue_url(QueueName=f"{product['ingest']}-failures")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestPayload"]["Records"][0]["s3"]["object"]["key"] == "orders/lost.txt"
    assert "no disk" in mesh.run("logs", product["ingest"]).stdout


def test_unknown_names_are_answered_with_the_known_ones(mesh: Mesh, tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text("x")
    for arguments, known in (
        (("send", "sales/returns", str(file)), "sales/orders"),
        (("invoke", "nothing"), "acme-sales-prod-orders-ingest"),
        (("up", "sales-dev"), "sales-prod"),
    ):
        failed = mesh.run(*arguments, check=False)
        assert failed.returncode == 1
        assert known in failed.stderr


def test_any_client_can_use_the_endpoint(mesh: Mesh) -> None:
    """No hook of ours: only an endpoint and a role, as a user's own tools would."""
    endpoint = mesh.status()["endpoint"]
    keys = {"aws_access_key_id": "me", "aws_secret_access_key": "secret", "region_name": REGION}
    sts = boto3.client("sts", endpoint_url=endpoint, **keys)
    role = sts.assume_role(RoleArn=f"arn:aws:iam::{HUB}:role/acme-deploy", RoleSessionName="me")["Credentials"]
    session = boto3.Session(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"], REGION)
    databases = session.client("glue", endpoint_url=endpoint).get_databases()["DatabaseList"]
    assert [each["Name"] for each in databases] == ["acme_prod_sales"]


def test_environments_are_meshes_of_their_own(mesh: Mesh) -> None:
    add_environment(mesh.root, "dev")
    output = mesh.run("up", "--no-data", "--environment", "dev", "sales-dev").stdout
    assert set(counts(output, "sales-dev")) == {"created"}
    assert not re.search(r"^  \S+-prod", output, re.MULTILINE)
    assert "acme-sales-dev-landing-222222222223" in output
    buckets = cloud(mesh).client("s3", "222222222223", REGION).list_buckets()["Buckets"]
    assert all("-dev-" in each["Name"] for each in buckets)
    assert "69659" not in mesh.run("query", "--environment", "dev", "SELECT count(*) AS n FROM sales.orders").stdout


def test_down_destroys_everything_and_stops_the_cloud(mesh: Mesh) -> None:
    output = mesh.run("down").stdout
    assert [line.split()[0] for line in output.splitlines() if "deleted" in line] == [
        "sales-prod-recovery",
        "sales-prod",
        "sales-dev",
        "governance-prod-recovery",
        "governance-prod",
        "governance-dev",
    ]
    assert process.find(mesh.root / ".localcloud") is None
    assert mesh.run("status", check=False).returncode == 1
