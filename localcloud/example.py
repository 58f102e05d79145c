"""The example's data: real purchases of 23,570 customers go in as a partner's file and are read back with SQL."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from localcloud.cloud.process import Cloud
from localcloud.commands.functions import settle
from localcloud.commands.query import connection
from localcloud.commands.send import deliver
from localcloud.console import complain, say
from localcloud.example_data import cdnow
from localcloud.products import deployed_products
from localcloud.workspace import Workspace

PRODUCT = "sales/orders"
REVENUE = """
    SELECT strftime(order_date, '%Y-%m') AS month, sum(amount) AS revenue
    FROM sales.orders GROUP BY month ORDER BY month
"""


def run(workspace: Workspace, cloud: Cloud) -> int:
    """Deliver the purchase history, wait until it is published, and compare the revenue per month with the file's.

    A second run delivers the same file again; the product recognises it and publishes nothing twice. Returns an exit
    code.
    """
    products = deployed_products(workspace)
    try:
        source = cdnow(workspace.home / "cache")
    except RuntimeError as error:
        complain(f"{error}; everything is deployed, run the command again to send the data")
        return 1
    product = products[PRODUCT]
    say(f"  delivering {source.name} ({source.stat().st_size / 1e6:.1f} MB) to {product.exports['landing']}")
    deliver(cloud, product, source)
    if not settle(cloud):
        complain(f"the file was not read in time; `python -m localcloud logs {product.exports['ingest']}` says why")
        return 1
    published = dict(connection(cloud, [product]).sql(REVENUE).fetchall())
    expected = revenue(source)
    say(f"  revenue per month, read back with SQL from {PRODUCT}:")
    for month in sorted(expected):
        say(f"    {month}  {published.get(month, Decimal(0)):>12,.2f}")
    if published != expected:
        complain(
            "the published revenue differs from the file's: "
            + ", ".join(f"{m} {published.get(m)} != {expected.get(m)}" for m in sorted(published | expected))
            + f"; rejected rows are at {product.exports['quarantine']}"
        )
        return 1
    say(f"    total    {sum(expected.values()):>12,.2f}, the same as computed directly from the file")
    return 0


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
