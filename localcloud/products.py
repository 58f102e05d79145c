"""The data products that the deployed stacks export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from localcloud.commands.status import statuses
from localcloud.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class DeployedProduct:
    """A data product of a deployed domain stack."""

    domain: str
    name: str
    account: str
    region: str
    exports: dict[str, Any]
    """The stack's export for it: database, table, location, landing, partners..."""


def deployed_products(workspace: Workspace) -> dict[str, DeployedProduct]:
    """Every deployed product of the workspace's environment by "domain/product"."""
    return {
        f"{row.domain}/{name}": DeployedProduct(
            domain=row.domain, name=name, account=row.account, region=row.region, exports=exports
        )
        for row in statuses(workspace)
        if row.environment == workspace.environment
        for name, exports in row.outputs.get("products", {}).items()
    }


def location(url: str) -> tuple[str, str]:
    """Bucket and key prefix of an s3:// URL."""
    parts = urlsplit(url)
    return parts.netloc, parts.path.lstrip("/")
