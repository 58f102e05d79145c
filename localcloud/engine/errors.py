"""How a deployment can go wrong."""

from __future__ import annotations

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from localcloud.engine.values import Props, decode_struct

DETAILS = "grpc-status-details-bin"


class StepError(Exception):
    """Something refused; the message is shown with the resource it is about."""


class InitError(StepError):
    """The resource exists but is not healthy: its state is kept, with the reasons, and the next run updates it."""

    def __init__(self, message: str, id: str, inputs: Props | None, outputs: Props, reasons: list[str]) -> None:  # noqa: A002
        super().__init__(message)
        self.id, self.inputs, self.outputs, self.reasons = id, inputs, outputs, reasons


class StoppedError(Exception):
    """The deployment is being ended; whoever asked for something is told that the monitor went away."""


def step_error(error: grpc.RpcError) -> StepError:
    """A plugin's answer as an error. A half-finished create or update carries an `ErrorResourceInitFailed`."""
    metadata: dict[str, bytes] = dict(error.trailing_metadata() or ())  # type: ignore[arg-type]
    if DETAILS in metadata:
        status = status_pb2.Status.FromString(metadata[DETAILS])
        for detail in status.details:
            failed = provider_pb2.ErrorResourceInitFailed()
            if detail.Unpack(failed):
                inputs = decode_struct(failed.inputs) if failed.HasField("inputs") else None
                outputs = decode_struct(failed.properties)
                return InitError(status.message, failed.id, inputs, outputs, list(failed.reasons))
    return StepError(error.details() or str(error.code()))
