"""The SFTP server: who reaches it, and what a partner may do."""

from __future__ import annotations

import pytest

from components.foundation.buckets import Bucket, BucketArgs
from components.foundation.classification import Classification
from components.foundation.keys import Key, KeyArgs
from components.foundation.network import Network, NetworkArgs
from components.ingestion.files import FileTransfer, FileTransferArgs, SftpUser
from tests.components.harness import Program, make_account, run

USERS = [
    SftpUser(name="retail-pos", folder="orders/", public_key="ssh-ed25519 AAAA"),
    SftpUser(name="carriers", folder="shipments/", public_key="ssh-ed25519 BBBB"),
]


def server(*, allowed_networks: list[str]) -> Program:
    def program() -> None:
        account = make_account()
        key = Key("internal", KeyArgs(account=account, classification=Classification.INTERNAL))
        FileTransfer(
            "sftp",
            FileTransferArgs(
                account=account,
                key=key,
                landing=Bucket("landing", BucketArgs(account=account, what="landing", key=key)),
                network=Network("network", NetworkArgs(account=account, key=key)),
                allowed_networks=allowed_networks,
                users=USERS,
            ),
        )

    return run(program)


def test_the_server_has_a_fixed_address_in_each_zone() -> None:
    made = server(allowed_networks=["203.0.113.0/24"])
    details = made.one("transfer.Server").inputs["endpointDetails"]
    assert len(details["subnetIds"]) == len(details["addressAllocationIds"]) == 3
    assert made.one("transfer.Server").inputs["protocols"] == ["SFTP"]


def test_each_partner_writes_its_own_folder_only() -> None:
    made = server(allowed_networks=["203.0.113.0/24"])
    for user, folder in (("retail-pos", "orders"), ("carriers", "shipments")):
        statements = made.one("iam.RolePolicy", f"sftp-{user}").document("policy")["Statement"]
        objects = [each["Resource"] for each in statements if "s3:PutObject" in each["Action"]]
        assert objects == [f"arn:aws:s3:::acme-sales-prod-landing-222222222222-eu-west-1/{folder}/*"]
        (listing,) = [each for each in statements if each["Action"] == "s3:ListBucket"]
        assert listing["Condition"] == {"StringLike": {"s3:prefix": f"{folder}/*"}}
        trust = made.one("iam.Role", f"sftp-{user}").document("assumeRolePolicy")["Statement"][0]
        assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == "222222222222"


def test_a_server_that_everybody_could_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed_networks: name the networks"):
        server(allowed_networks=[])
