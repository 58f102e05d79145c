"""The contracts that a domain publishes, held against those it published before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.contracts import DataProduct
from components.contracts.succession import Deployed, published, refusals


@dataclass(frozen=True, kw_only=True)
class PublishedContractsArgs:
    domain: str
    products: Sequence[DataProduct]
    deployed: pulumi.Input[Mapping[str, Deployed]]
    """The products by name as the stack exported them last."""


class PublishedContracts(pulumi.ComponentResource):
    """Tells the guardrails which contracts may not take the place of the deployed ones, before anything changes.

    A policy pack sees new values only, so the comparison is made here and is this component's input. Whether a refusal
    blocks, and who may waive it, is for the pack to say (control `contract-compatible`). The products are children of
    this component, so none of them is touched before the pack has judged it.
    """

    accepted: pulumi.Output[Mapping[str, str]]
    """The contracts by product, for the stack to export; there is none when the pack did not let them pass."""

    def __init__(self, name: str, args: PublishedContractsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        def refused(deployed: Mapping[str, Deployed]) -> list[dict[str, str]]:
            return [
                {"product": each.product, "path": each.diagnostic.path, "message": str(each.diagnostic)}
                for each in refusals(args.domain, args.products, deployed)
            ]

        inputs = {
            "versions": {product.name: product.contract.version for product in args.products},
            "refused": pulumi.Output.from_input(args.deployed).apply(refused),
        }
        super().__init__("mesh:domain:PublishedContracts", name, inputs, opts)
        texts = {product.name: published(product.contract) for product in args.products}
        self.accepted = self.urn.apply(lambda _: texts)
        self.register_outputs({})
