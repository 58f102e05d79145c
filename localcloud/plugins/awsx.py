"""The `awsx` resource plugin: builds `awsx.ec2.Vpc` from `aws` resources, and refuses other components by name."""

import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import pulumi
from pulumi.errors import InputPropertyError
from pulumi.provider import ConstructResult, Provider
from pulumi.provider import server as component_server

from localcloud.plugins import serving
from localcloud.plugins.vpc import Vpc
from localcloud.plugins.vpc_inputs import TOKEN, VpcInputError


class Awsx(Provider):
    """The component provider."""

    def __init__(self, version: str) -> None:
        super().__init__(version, "{}")

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Mapping[str, Any],
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Build the component and its children.

        Raises:
            InputPropertyError: what is asked for is not built here; an engine shows this without a stack trace.
        """
        if resource_type != TOKEN:
            raise InputPropertyError("", f"the local cloud's awsx builds {TOKEN}, not {resource_type}")
        try:
            vpc = Vpc(name, inputs, options)
        except VpcInputError as error:
            raise InputPropertyError(error.path, error.reason) from None
        return ConstructResult(urn=vpc.urn, state=vpc.outputs)


def main() -> None:
    """Run the plugin as Pulumi's engine starts it: the last argument is the engine's address."""
    serving.end_with(serving.engine_address(sys.argv[1:]))
    component_server.main(Awsx(metadata.version("pulumi_awsx")), sys.argv[1:])


if __name__ == "__main__":
    main()
