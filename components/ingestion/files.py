"""Files from partners: an SFTP server in front of a landing bucket, one folder per user and nothing else in sight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation import grants as grant
from components.foundation import trust
from components.foundation.account import Account
from components.foundation.buckets import Bucket
from components.foundation.edge import Edge, EdgeArgs
from components.foundation.keys import Key
from components.foundation.logs import DEFAULT_RETENTION_DAYS, log_group
from components.foundation.naming import Names
from components.foundation.network import ZONES, Network
from components.foundation.policy import Condition
from components.foundation.roles import Role, RoleArgs
from components.foundation.tags import data_tags

SFTP_PORT = 22
# Transfer Family user guide, "Security policies for AWS Transfer Family servers": no SHA-1, no CBC, TLS 1.2 and newer.
SECURITY_POLICY = "TransferSecurityPolicy-2024-01"


@dataclass(frozen=True, kw_only=True)
class SftpUser:
    """A partner: its key opens one folder."""

    name: str
    folder: str
    """Key prefix in the landing bucket, ending in "/"."""
    public_key: str
    """In OpenSSH's form, "ssh-ed25519 AAAA..."."""
    data_product: str = ""


@dataclass(frozen=True, kw_only=True)
class FileTransferArgs:
    account: Account
    key: Key
    """Encrypts the server's log."""
    landing: Bucket
    network: Network
    allowed_networks: Sequence[str]
    """CIDR blocks that reach the server; nobody else does."""
    users: Sequence[SftpUser] = ()
    log_retention_days: int = DEFAULT_RETENTION_DAYS


class FileTransfer(pulumi.ComponentResource):
    """A Transfer Family server with fixed addresses in three zones. Users write into their folder and list it; they
    read nothing back and delete nothing."""

    server: aws.transfer.Server
    roles: Mapping[str, Role]
    """By user name."""

    def __init__(self, name: str, args: FileTransferArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:ingestion:FileTransfer", name, None, opts)
        if not args.allowed_networks:
            raise ValueError("allowed_networks: name the networks that partners connect from")
        names = Names(args.account)
        self._name, self._args = name, args
        child = pulumi.ResourceOptions(parent=self)
        logs = log_group(
            name,
            group=names.log_group("sftp"),
            key=args.key,
            retention_days=args.log_retention_days,
            parent=self,
        )
        addresses = [
            aws.ec2.Eip(f"{name}-{zone}", domain="vpc", tags={"Name": names.name(f"sftp-{zone}")}, opts=child)
            for zone in range(1, ZONES + 1)
        ]
        edge = Edge(name, EdgeArgs(account=args.account, network=args.network), child)
        self.server = aws.transfer.Server(
            name,
            protocols=["SFTP"],
            identity_provider_type="SERVICE_MANAGED",
            endpoint_type="VPC",
            endpoint_details={
                "vpc_id": args.network.vpc_id,
                "subnet_ids": edge.subnet_ids,
                "address_allocation_ids": [each.allocation_id for each in addresses],
                "security_group_ids": [self._partners_only().id],
            },
            security_policy_name=SECURITY_POLICY,
            structured_log_destinations=[logs.arn.apply(lambda arn: f"{arn}:*")],
            tags={"Name": names.name("sftp"), **data_tags(args.key.classification)},
            opts=child,
        )
        self.roles = {user.name: self._user(user) for user in args.users}
        self.register_outputs({"endpoint": self.server.endpoint})

    def _partners_only(self) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            self._name,
            description="SFTP from partners' networks",
            vpc_id=self._args.network.vpc_id,
            ingress=[
                {
                    "description": "SFTP from a partner",
                    "protocol": "tcp",
                    "from_port": SFTP_PORT,
                    "to_port": SFTP_PORT,
                    "cidr_blocks": list(self._args.allowed_networks),
                }
            ],
            egress=[],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _user(self, user: SftpUser) -> Role:
        account, landing = self._args.account, self._args.landing
        arns = Names(account).arns
        role = Role(
            f"{self._name}-{user.name}",
            RoleArgs(
                account=account,
                what=f"sftp-{user.name}",
                # Transfer Family user guide, "Cross-service confused deputy prevention".
                trust=[trust.by_service(account, "transfer.amazonaws.com", arns.regional("transfer", "user/*"))],
                grants=[
                    landing.writing(user.folder),
                    grant.grant(
                        f"list {user.folder}",
                        ["s3:ListBucket"],
                        [landing.arn],
                        Condition.of("StringLike", "s3:prefix", f"{user.folder}*"),
                    ),
                ],
                description=f"Delivers files into {user.folder}",
            ),
            pulumi.ResourceOptions(parent=self),
        )
        login = aws.transfer.User(
            f"{self._name}-{user.name}",
            server_id=self.server.id,
            user_name=user.name,
            role=role.resource.arn,
            home_directory_type="LOGICAL",
            home_directory_mappings=[
                {"entry": "/", "target": f"/{landing.name}/{user.folder.rstrip('/')}"},
            ],
            tags=data_tags(data_product=user.data_product),
            opts=pulumi.ResourceOptions(parent=self, depends_on=role.permissions),
        )
        aws.transfer.SshKey(
            f"{self._name}-{user.name}",
            server_id=self.server.id,
            user_name=login.user_name,
            body=user.public_key,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role
