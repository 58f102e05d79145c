"""The example's data: real purchases of 23,570 customers go in as a partner's file and are read back with SQL."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from localcloud.cloud.process import Cloud
from localcloud.commands.functions import settle
from localcloud.commands.query import connection
from localcloud.commands.send import deliver
from localcloud.console import command, complain, say
from localcloud.example_data import cdnow
from localcloud.products import DeployedProduct, deployed_products, location
from localcloud.workspace import Workspace

PRODUCT = "sales/orders"
REVENUE = """
    SELECT strftime(order_date, '%Y-%m') AS month, sum(amount) AS revenue
    FROM sales.orders GROUP BY month ORDER BY month
"""


def run(workspace: Workspace, cloud: Cloud) -> int:
    """Deliver the purchase history, wait until it is published, and compare the revenue per month with the file's.

    A second run delivers the same file again; the product recognises it and publishes nothing twice. What was delivered
    besides is not held against it, and an organisation without the example's product is sent nothing. Returns an exit
    code.
    """
    product = deployed_products(workspace).get(PRODUCT)
    if product is None or not product.exports["partners"]:
        say(f"  {PRODUCT} is not deployed, or has no partner: no example data is sent")
        return 0
    try:
        source = cdnow(workspace.home / "cache")
    except RuntimeError as error:
        complain(f"{error}; everything is deployed, run the command again to send the data")
        return 1
    say(f"  delivering {source.name} ({source.stat().st_size / 1e6:.1f} MB) to {product.exports['landing']}")
    deliver(cloud, product, source)
    if not settle(cloud):
        complain(f"the file was not read in time; `{command()} logs {product.exports['ingest']}` says why")
        return 1
    published = dict(connection(cloud, [product]).sql(REVENUE).fetchall())
    expected = revenue(source)
    say(f"  revenue per month, read back with SQL from {PRODUCT}:")
    for month in sorted(expected):
        say(f"    {month}  {published.get(month, Decimal(0)):>12,.2f}")
    if published != expected and (others := delivered(cloud, product) - {source.name}):
        say(f"  not compared with {source.name}, as more was delivered: {', '.join(sorted(others))}")
        return 0
    if published != expected:
        complain(
            "the published revenue differs from the file's: "
            + ", ".join(f"{m} {published.get(m)} != {expected.get(m)}" for m in sorted(published | expected))
            + f"; rejected rows are at {product.exports['quarantine']}"
        )
        return 1
    say(f"    total    {sum(expected.values()):>12,.2f}, the same as computed directly from the file")
    return 0


def delivered(cloud: Cloud, product: DeployedProduct) -> set[str]:
    """Names of the files in the product's landing folder."""
    bucket, prefix = location(product.exports["landing"])
    pages = cloud.client("s3", product.account, product.region).get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=bucket, Prefix=prefix)
    return {each["Key"].removeprefix(prefix) for page in found for each in page.get("Contents", [])}


def revenue(source: Path) -> dict[str, Decimal]:
    """Revenue per month ("1997-01") straight from the purchase history, with nothing of the platform in between."""
    totals: dict[str, Decimal] = {}
    with source.open(encoding="ascii") as lines:
        next(lines)
        for line in lines:
            _, day, _, amount = line.split()
            month = f"{day[:4]}-{day[4:6]}"
            totals[month] = totals.get(month, Decimal(0)) + Decimal(amount)
    return totals
