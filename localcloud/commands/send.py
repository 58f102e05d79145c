"""`send`: a file goes in where a partner would put it, and what became of it is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import boto3

from localcloud.cloud.process import Cloud
from localcloud.commands.functions import settle
from localcloud.console import command, complain, say
from localcloud.products import DeployedProduct, deployed_products, location
from localcloud.workspace import Workspace

READ = "a file was read"
"""What the ingest handler logs once for each file, with the outcome."""
SHOWN_REJECTS = 5
"""How many rejected rows are told at most; all are in the quarantine bucket."""


def send(workspace: Workspace, target: str, file: Path) -> int:
    """Deliver a file as the product's partner does: under the role of its SFTP user, into its landing folder.

    Waits until it was read. The exit code is 1 when it could not be delivered, was refused, or could not be read.
    """
    cloud = workspace.cloud()
    if cloud is None:
        complain("the local cloud is not running; start it with `make up`")
        return 1
    products = deployed_products(workspace)
    if target not in products:
        complain(f"unknown product {target}; deployed are: {', '.join(products) or 'none'}")
        return 1
    if not file.is_file():
        complain(f"{file}: not a file" if file.exists() else f"{file}: no such file")
        return 1
    product = products[target]
    if not product.exports["partners"]:
        complain(f"{target} has no partner; name one under mesh:fileTransfer in the domain's stack file")
        return 1
    began = int(time.time() * 1000)
    key = deliver(cloud, product, file)
    say(f"delivered {file.name} to {product.exports['landing']}{file.name}")
    settled = settle(cloud)
    outcome = read_outcome(cloud, product, key, began) if settled else None
    if outcome is None:
        complain(f"it was not read; `{command()} logs {product.exports['ingest']}` says why")
        return 1
    say(told(outcome, product))
    if outcome["status"] != "duplicate" and outcome["quarantined"]:
        for line in first_rejects(cloud, product, outcome):
            say(line)
    return 1 if outcome["status"] == "refused" else 0


def deliver(cloud: Cloud, product: DeployedProduct, file: Path) -> str:
    """Put the file into the landing folder, under the role of the product's first partner; returns its key."""
    bucket, prefix = location(product.exports["landing"])
    role = next(iter(product.exports["partners"].values()))
    sts = cloud.client("sts", product.account, product.region)
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="partner")["Credentials"]
    partner = boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"], product.region
    )
    key = f"{prefix}{file.name}"
    partner.client("s3", endpoint_url=cloud.endpoint).upload_file(str(file), bucket, key)
    return key


def read_outcome(cloud: Cloud, product: DeployedProduct, key: str, since: int) -> dict[str, Any] | None:
    """What the product's function logged of a file, or None when it logged nothing.

    Args:
        cloud: the local cloud.
        product: whose landing folder the file is in.
        key: of the file.
        since: milliseconds since 1970; older lines are about an earlier delivery.
    """
    logs = cloud.client("logs", product.account, product.region)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/{product.exports['ingest']}", startTime=since
    )
    lines = [event["message"] for page in pages for event in page["events"] if READ in event["message"]]
    outcomes: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return next((outcome for outcome in reversed(outcomes) if outcome.get("key") == key), None)


def first_rejects(cloud: Cloud, product: DeployedProduct, outcome: dict[str, Any]) -> Iterator[str]:
    """The first rejected rows of a file, a text each: where, why, and the line as it was delivered."""
    bucket, prefix = location(product.exports["quarantine"])
    s3 = cloud.client("s3", product.account, product.region)
    body = s3.get_object(Bucket=bucket, Key=f"{prefix}{outcome['sha256']}/rows.jsonl")["Body"]
    for text in islice(body.iter_lines(), SHOWN_REJECTS):
        row = json.loads(text)
        reasons = "; ".join(f"{each['field'] or 'line'}: {each['reason']}" for each in row["problems"])
        yield f"  line {row['line']}: {reasons}: {row['raw']}"


def told(outcome: dict[str, Any], product: DeployedProduct) -> str:
    """An outcome in words."""
    rejects = f"{product.exports['quarantine']}{outcome['sha256']}/"
    if outcome["status"] == "refused":
        return f"refused: {outcome['reason']}; the file is kept at {rejects}"
    if outcome["status"] == "duplicate":
        return "nothing to do: this content is published already"
    text = f"published {outcome['rows']:,} rows"
    return text + (f", {outcome['quarantined']:,} rejected: see {rejects}" if outcome["quarantined"] else "")
