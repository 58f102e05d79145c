"""Types with an encryption input to which no control applies, each with the reason."""

from mesh_guardrails.encryption.rows import Exempt

EXEMPT: Exempt = {
    "aws:bedrock/agentcoreOauth2CredentialProvider:AgentcoreOauth2CredentialProvider": (
        "The key signs tokens; it encrypts nothing that is stored."
    ),
    "aws:cleanrooms/collaboration:Collaboration": (
        "The input sets what members may compute on data they encrypted themselves before sharing."
    ),
    "aws:cloudfront/distribution:Distribution": (
        "Field-level encryption is an addition for single form fields; TLS has a control of its own."
    ),
    "aws:cloudfront/fieldLevelEncryptionProfile:FieldLevelEncryptionProfile": (
        "It is itself a protection: it cannot be declared without a public key."
    ),
    "aws:cloudfront/multitenantDistribution:MultitenantDistribution": (
        "Field-level encryption is an addition for single form fields; TLS has a control of its own."
    ),
    "aws:dataexchange/revisionAssets:RevisionAssets": (
        "The keys named are those the shared data is already encrypted with."
    ),
    "aws:ec2/ami:Ami": "An image registers snapshots that exist; their encryption is decided where they are made.",
    "aws:ec2/amiFromInstance:AmiFromInstance": "The image has the encryption of the instance's own volumes.",
    "aws:ec2/vpnConnection:VpnConnection": "IPsec always encrypts; the inputs choose among forms of AES.",
    "aws:ec2transitgateway/transitGateway:TransitGateway": (
        "It encrypts between VPCs below TLS, which every endpoint has to use anyway."
    ),
    "aws:kms/grant:Grant": "A grant's encryption context narrows who may use a key; it encrypts nothing.",
    "aws:kms/key:Key": "It is the key; rotation, policy and deletion have controls of their own.",
    "aws:mailmanager/ingressPoint:IngressPoint": "The key protects a list of public certificates.",
    "aws:medialive/channel:Channel": "The input is the rights management of a stream that is meant for viewers.",
    "aws:msk/replicator:Replicator": (
        "Replication between clusters always uses TLS; the input names the certificate authority of a foreign cluster."
    ),
    "aws:odb/network:Network": "The inputs decide what the database network may reach; they encrypt nothing.",
    "aws:paymentcryptography/key:Key": "It is a key; the input says what it may be used for.",
    "aws:ses/receiptRule:ReceiptRule": (
        "The key is for encryption by the client, under that of the bucket, which has its own control."
    ),
    "aws:s3control/storageLensConfiguration:StorageLensConfiguration": (
        "It exports figures about buckets, to a bucket that has its own control."
    ),
}
