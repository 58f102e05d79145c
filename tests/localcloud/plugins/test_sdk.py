"""The types read from the SDK's source, against what its classes say of themselves when they are imported."""

import importlib

import pytest
from pulumi import _types as pulumi_types

from localcloud.plugins import sdk
from localcloud.plugins.sdk import Array, Map, Object, OneOf, Scalar, Type

TOKENS = sorted(sdk.resources())
SAMPLE = [
    "aws:dynamodb/table:Table",
    "aws:dynamodb/tableReplica:TableReplica",
    "aws:glue/catalogTable:CatalogTable",
    "aws:iam/role:Role",
    "aws:lambda/function:Function",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:sfn/stateMachine:StateMachine",
    "aws:sqs/queue:Queue",
    "aws:transfer/server:Server",
]


def found(token: str) -> sdk.Resource:
    resource = sdk.resource(token)
    assert resource is not None
    return resource


def nested(value_type: Type) -> list[Object]:
    match value_type:
        case Object():
            return [value_type]
        case Array(item) | Map(item):
            return nested(item)
        case OneOf(options):
            return [inner for option in options for inner in nested(option)]
    return []


def test_every_type_of_the_sdk_is_readable_to_its_last_nested_property() -> None:
    assert len(TOKENS) > 1700
    seen: set[Object] = set()
    waiting = []
    for token in TOKENS:
        resource = found(token)
        assert resource.outputs or token == "aws:ram/sharingWithOrganization:SharingWithOrganization"
        assert all(isinstance(declared.required, bool) for declared in resource.inputs.values())
        waiting += [inner for declared in resource.inputs.values() for inner in nested(declared.type)]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += [inner for declared in current.properties.values() for inner in nested(declared.type)]
    assert len(seen) > 5000


def test_every_resource_has_its_arguments_required_or_not_as_its_class_says() -> None:
    without_inputs = [token for token in TOKENS if not found(token).inputs]
    assert len(without_inputs) < 5, without_inputs
    assert sum(any(declared.required for declared in found(token).inputs.values()) for token in TOKENS) > 1000


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("token", SAMPLE)
def test_types_agree_with_the_imported_classes(token: str) -> None:
    package, name = sdk.resources()[token]
    module = importlib.import_module(f"pulumi_aws.{package}")
    resource_class = getattr(module, name)
    arguments = getattr(module, f"{name}Args", None) or getattr(module, f"{name}InitArgs")
    arguments = arguments if pulumi_types.is_input_type(arguments) else None
    resource = found(token)

    outputs = {key for key in pulumi_types.resource_types(resource_class) if key not in ("id", "urn")}
    assert set(resource.outputs) == outputs
    if arguments is not None and token != "aws:dynamodb/tableReplica:TableReplica":
        assert set(resource.inputs) == set(pulumi_types.input_type_types(arguments))


def test_unknown_tokens_have_no_type() -> None:
    assert sdk.resource("aws:s3/bucket:Bukket") is None


def test_types_keep_their_structure() -> None:
    inputs = found("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs
    assert inputs["bucket"].required
    assert inputs["bucket"].type == Scalar("string")
    rules = inputs["rules"].type
    assert isinstance(rules, Array)
    assert isinstance(rules.item, Object)
    assert rules.item.properties["id"].required
    assert found("aws:sqs/queue:Queue").inputs["tags"].type == Map(Scalar("string"))
    assert found("aws:lambda/function:Function").inputs["code"].type == Scalar("archive")
    policy = found("aws:iam/role:Role").inputs["assumeRolePolicy"].type
    assert isinstance(policy, OneOf)
    assert policy.options[0] == Scalar("string")


def test_a_resource_whose_arguments_share_a_name_with_a_nested_type_is_found() -> None:
    assert "globalTableArn" in found("aws:dynamodb/tableReplica:TableReplica").inputs


def test_the_provider_has_its_configuration() -> None:
    known = sdk.provider()
    assert known["region"].type == Scalar("string")
    assert isinstance(known["assumeRoles"].type, Array)


def test_functions_have_their_arguments() -> None:
    known = sdk.arguments("aws:iam/getPolicyDocument:getPolicyDocument")
    assert known is not None
    statements = known["statements"].type
    assert isinstance(statements, Array)
    assert isinstance(statements.item, Object)
    assert "notActions" in statements.item.properties
    assert set(sdk.arguments("aws:index/getArn:getArn") or ()) == {"arn", "id"}
    assert "functionName" in (sdk.arguments("aws:lambda/getFunction:getFunction") or ())
    assert sdk.arguments("aws:iam/getNothing:getNothing") is None
