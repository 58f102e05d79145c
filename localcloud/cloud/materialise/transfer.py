"""Transfer Family: SFTP servers, their users and the users' keys. The servers take no connection here."""

from dataclasses import dataclass
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.target import Target


@dataclass(frozen=True, kw_only=True)
class Server(Resource):
    """A server."""

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        """The endpoint is the one of the Transfer Family user guide, "Create an SFTP-enabled server"."""
        endpoint = f"{physical_id}.server.transfer.{target.region}.amazonaws.com"
        return {**super().outputs(target, physical_id, inputs), "endpoint": endpoint}


SERVER = Server(
    service="transfer",
    create_by="create_server",
    read_by="describe_server",
    update_by=("update_server",),
    delete_by="delete_server",
    at="Server",
    address={"ServerId": "{id}"},
    identity=":ServerId",
    arn="arn:{partition}:transfer:{region}:{account}:server/{id}",
    layout=Layout(
        nest={
            "IdentityProviderDetails": ("url", "invocationRole", "directoryId", "function", "sftpAuthenticationMethods")
        },
        blind=frozenset({"hostKey", "tags", "ipAddressType"}),
    ),
)


USER = Resource(
    service="transfer",
    create_by="create_user",
    read_by="describe_user",
    update_by=("update_user",),
    delete_by="delete_user",
    at="User",
    address={"ServerId": "{serverId}", "UserName": "{userName}"},
    identity="{serverId}/{userName}",
    arn="arn:{partition}:transfer:{region}:{account}:user/{id}",
    layout=Layout(blind=frozenset({"tags"})),
)


@dataclass(frozen=True, kw_only=True)
class SshKey(Resource):
    """A public key of a user; its id holds the server's, the user's name and its own."""

    def identify(self, target: Target, inputs: Props, answer: Any) -> str:
        return f"{inputs['serverId']}/{inputs['userName']}/{answer['SshPublicKeyId']}"

    def names(self, target: Target, operation: str, physical_id: str, inputs: Props) -> dict[str, Any]:
        server, user, key = physical_id.split("/")
        known = {"ServerId": server, "UserName": user, "SshPublicKeyId": key}
        return shapes.request(self.input(target.client("transfer"), operation), known)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs) or {}
        key = physical_id.split("/")[2]
        return next((entry for entry in found.get("SshPublicKeys", ()) if entry["SshPublicKeyId"] == key), None)

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        return {"sshKeyId": physical_id.split("/")[2]}


SSH_KEY = SshKey(
    service="transfer",
    create_by="import_ssh_public_key",
    read_by="describe_user",
    delete_by="delete_ssh_public_key",
    at="User",
    address={},
    identity="{serverId}/{userName}/{sshKeyId}",
    layout=Layout(renames={"body": "SshPublicKeyBody"}),
)
