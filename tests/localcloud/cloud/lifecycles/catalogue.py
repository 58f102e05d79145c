"""Catalogues, schemas and Lake Formation."""

import json

from tests.localcloud.cloud.lifecycles.case import TAGS, Lifecycle, columns
from tests.localcloud.cloud.lifecycles.needs import catalogue, registry, role

AVRO = {"type": "record", "name": "o", "fields": [{"name": "id", "type": "string"}]}

LIFECYCLES = [
    Lifecycle(
        "aws:glue/catalogDatabase:CatalogDatabase",
        lambda n: {
            "catalogId": n["hub"],
            "name": "sales",
            "description": "d",
            "locationUri": "s3://b/",
            "parameters": {"a": "b"},
        },
        lambda n: {"description": "e"},
        needs=catalogue,
    ),
    Lifecycle(
        "aws:glue/catalogTable:CatalogTable",
        lambda n: {
            "catalogId": n["hub"],
            "databaseName": "db",
            "name": "orders",
            "tableType": "EXTERNAL_TABLE",
            "parameters": {"classification": "parquet"},
            "partitionKeys": columns("order_month"),
            "storageDescriptor": {
                "location": "s3://b/orders/",
                "inputFormat": "i",
                "outputFormat": "o",
                "columns": columns("id", "amount"),
                "serDeInfo": {"serializationLibrary": "l", "parameters": {"serialization.format": "1"}},
            },
        },
        lambda n: {"storageDescriptor": {"location": "s3://b/orders/", "columns": columns("id", "amount", "more")}},
        needs=catalogue,
    ),
    Lifecycle(
        "aws:glue/registry:Registry",
        lambda n: {"registryName": "mesh", "description": "d", "tags": TAGS},
        lambda n: {"description": "e", "tags": {"a": "b"}},
        id=lambda i, t: f"arn:aws:glue:{t.region}:{t.account}:registry/mesh",
    ),
    Lifecycle(
        "aws:glue/schema:Schema",
        lambda n: {
            "schemaName": "orders",
            "registryArn": n["registry"],
            "dataFormat": "AVRO",
            "compatibility": "BACKWARD",
            "schemaDefinition": json.dumps(AVRO),
            "tags": TAGS,
        },
        lambda n: {"compatibility": "FULL", "schemaDefinition": json.dumps({**AVRO, "doc": "more"})},
        needs=registry,
        id=lambda i, t: f"arn:aws:glue:{t.region}:{t.account}:schema/r/orders",
    ),
    Lifecycle(
        "aws:lakeformation/dataLakeSettings:DataLakeSettings",
        lambda n: {
            "admins": ["arn:aws:iam::111111111111:role/a"],
            "createTableDefaultPermissions": [{"principal": "IAM_ALLOWED_PRINCIPALS", "permissions": ["ALL"]}],
            "parameters": {"CROSS_ACCOUNT_VERSION": "4"},
        },
        lambda n: {"admins": ["arn:aws:iam::111111111111:role/b", "arn:aws:iam::111111111111:role/a"]},
    ),
    Lifecycle(
        "aws:lakeformation/resource:Resource",
        lambda n: {"arn": "arn:aws:s3:::products", "roleArn": n["arn"], "hybridAccessEnabled": True},
        lambda n: {"roleArn": n["arn"] + "-other"},
        needs=role,
        id=lambda i, t: "arn:aws:s3:::products",
    ),
    Lifecycle(
        "aws:lakeformation/lfTag:LfTag",
        lambda n: {"key": "class", "values": ["public", "internal"]},
        lambda n: {"values": ["internal", "secret"]},
        id=lambda i, t: f"{t.account}:class",
    ),
    Lifecycle(
        "aws:lakeformation/resourceLfTags:ResourceLfTags",
        lambda n: {
            "catalogId": n["hub"],
            "table": {"databaseName": "db", "name": "t"},
            "lfTags": [{"key": "domain", "value": "sales"}, {"key": "class", "value": "public"}],
        },
        lambda n: {"lfTags": [{"key": "domain", "value": "hr"}]},
        needs=catalogue,
    ),
    Lifecycle(
        "aws:lakeformation/resourceLfTag:ResourceLfTag",
        lambda n: {
            "catalogId": n["hub"],
            "tableWithColumns": {"databaseName": "db", "name": "t", "columnNames": ["id", "name"]},
            "lfTag": {"key": "domain", "value": "sales"},
        },
        needs=catalogue,
    ),
    Lifecycle(
        "aws:lakeformation/permissions:Permissions",
        lambda n: {
            "catalogId": n["hub"],
            "principal": "222222222222",
            "permissions": ["SELECT", "DESCRIBE"],
            "permissionsWithGrantOptions": ["SELECT"],
            "lfTagPolicy": {
                "resourceType": "TABLE",
                "expressions": [{"key": "domain", "values": ["sales"]}],
            },
        },
        lambda n: {"permissions": ["SELECT"]},
        needs=catalogue,
    ),
]
