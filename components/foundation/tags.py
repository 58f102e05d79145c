"""Tags: what the whole account shares goes on the provider once, what differs goes on the resource."""

from components.foundation.account import Account
from components.foundation.classification import Classification


def default_tags(account: Account) -> dict[str, str]:
    """What every resource of the account carries, through the provider's default tags."""
    return {
        "Organisation": account.organisation,
        "Account": account.name,
        "Owner": account.owner,
        "CostCentre": account.cost_centre,
        "BusinessUnit": account.business_unit,
        "Environment": account.environment,
    }


def data_tags(classification: Classification | None = None, data_product: str = "") -> dict[str, str]:
    """What a resource that holds or moves data adds: its classification and the product it serves ("sales/orders")."""
    tags = {"Classification": classification.value} if classification else {}
    return tags | ({"DataProduct": data_product} if data_product else {})
