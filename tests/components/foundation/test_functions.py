"""Functions: everything that operating one needs comes with it, and triggers connect only what is granted."""

import dataclasses
import json
from typing import Any

import pulumi
import pytest

from components.foundation.functions import Function, FunctionArgs, code_archive, repository, validate
from components.foundation.queues import Queue, QueueArgs
from components.foundation.triggers import on_queue, on_stream
from tests.components.foundation.evaluation import matching
from tests.components.foundation.grants_of_every_kind import ACCOUNT, GRANTS
from tests.components.foundation.one_of_each import HANDLER, deployed, make_key
from tests.components.harness import run

NAME = "acme-sales-prod-orders-ingest"
KEY_ARN = "arn:aws:kms:eu-west-1:222222222222:key/mrk-confidential"


def function_args(**changes: Any) -> FunctionArgs:
    fields: dict[str, Any] = {"account": ACCOUNT, "what": "f", "handler": HANDLER, "key": None}
    return FunctionArgs(**(fields | changes))


def test_a_function_runs_as_asked_with_its_environment_encrypted_and_traced() -> None:
    function = deployed("domain").one("lambda.Function").inputs
    assert function["name"] == NAME
    assert function["handler"] == HANDLER
    assert (function["runtime"], function["architectures"]) == ("python3.12", ["x86_64"])
    assert function["kmsKeyArn"] == KEY_ARN
    assert function["tracingConfig"] == {"mode": "Active"}
    assert function["environment"]["variables"] == {
        "POWERTOOLS_SERVICE_NAME": "orders-ingest",
        "MESH_HUB_BUS_ARN": "arn:aws:events:eu-west-1:222222222222:event-bus/acme-sales-prod-events",
    }
    assert function["layers"] == ["arn:aws:lambda:eu-west-1:336392948345:layer:AWSSDKPandas-Python312:26"]
    assert function["tags"] == {"Classification": "confidential", "DataProduct": "sales/orders"}


def test_its_log_group_is_its_own_encrypted_and_kept_for_a_year() -> None:
    made = deployed("domain")
    group = made.one("cloudwatch.LogGroup", "ingest").inputs
    assert group == {
        "name": f"/aws/lambda/{NAME}",
        "kmsKeyId": KEY_ARN,
        "retentionInDays": 365,
        "skipDestroy": False,
    } or group == {"name": f"/aws/lambda/{NAME}", "kmsKeyId": KEY_ARN, "retentionInDays": 365}
    assert made.one("lambda.Function").inputs["loggingConfig"] == {
        "logFormat": "JSON",
        "logGroup": f"/aws/lambda/{NAME}",
    }


def test_what_it_fails_on_goes_to_its_failures_queue() -> None:
    made = deployed("domain")
    config = made.one("lambda.FunctionEventInvokeConfig").inputs
    assert config["maximumRetryAttempts"] == 2
    queue = made.one("sqs.Queue", "ingest-failures")
    assert config["destinationConfig"]["onFailure"]["destination"].endswith("ingest-failures")
    assert queue.inputs["kmsMasterKeyId"] == KEY_ARN
    assert "redrivePolicy" not in queue.inputs


def test_rules_of_the_account_may_leave_what_they_cannot_deliver() -> None:
    policy = deployed("domain").one("sqs.QueuePolicy", "ingest-failures").inputs["policy"]
    for rule in ("rule/acme-sales-prod-x", "rule/acme-sales-prod-events/acme-sales-prod-x"):
        context = {
            "aws:SecureTransport": "true",
            "aws:SourceArn": f"arn:aws:events:eu-west-1:222222222222:{rule}",
            "aws:SourceAccount": "222222222222",
        }
        assert matching(policy, context, action="sqs:SendMessage") == ["Allow RulesFailHere"]


def test_its_role_has_the_grants_and_what_a_function_needs_and_no_more() -> None:
    policy = deployed("domain").one("iam.RolePolicy", "ingest").document("policy")
    actions = {
        action
        for one in policy["Statement"]
        for action in (one["Action"] if isinstance(one["Action"], list) else [one["Action"]])
    }
    assert {action.split(":")[0] for action in actions} == {
        "dynamodb",
        "ec2",
        "events",
        "kms",
        "logs",
        "s3",
        "sqs",
        "xray",
    }
    assert "logs:CreateLogGroup" not in actions
    assert "s3:PutObject" not in actions


def test_the_function_waits_for_its_permissions() -> None:
    made = deployed("domain")
    assert made.one("iam.RolePolicy", "ingest").urn in made.one("lambda.Function").dependencies


def test_there_is_an_alarm_for_each_way_to_fail() -> None:
    every_alarm = deployed("domain").of("cloudwatch.MetricAlarm")
    alarms = {one.name: one.inputs for one in every_alarm if one.name.startswith("ingest")}
    assert set(alarms) == {f"ingest-{kind}" for kind in ("errors", "throttles", "failures", "slow")}
    topic = "arn:aws:sns:eu-west-1:222222222222:acme-sales-prod-alarms"
    assert alarms["ingest-failures"]["alarmActions"] == [f"{topic}-critical"]
    assert alarms["ingest-errors"]["alarmActions"] == alarms["ingest-errors"]["okActions"] == [f"{topic}-warning"]
    assert alarms["ingest-slow"]["threshold"] == 60 * 1000 * 0.8
    assert alarms["ingest-failures"]["dimensions"] == {"QueueName": f"{NAME}-failures"}
    assert alarms["ingest-errors"]["dimensions"] == {"FunctionName": NAME}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timeout_seconds": 901}, "timeout_seconds"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"memory_mb": 127}, "memory_mb"),
        ({"retries": 3}, "retries"),
        ({"handler": "handlers.nowhere.handler"}, "handler"),
        ({"handler": "handler"}, "handler"),
    ],
)
def test_what_lambda_would_refuse_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        validate(function_args(**change))


def test_the_code_is_sources_only_and_the_functions_own_files() -> None:
    archive = code_archive({"contract.json": pulumi.StringAsset("{}")})
    names = set(archive.assets)
    assert "contract.json" in names
    assert "handlers/__init__.py" in names
    assert {name.rsplit(".", 1)[-1] for name in names} == {"py", "json"}
    assert all((repository() / name).is_file() for name in names - {"contract.json"})
    assert [asset for asset in archive.assets.values() if str(getattr(asset, "path", "")).startswith("/")] == []


def test_a_function_in_a_network_reaches_endpoints_only() -> None:
    made = deployed("domain")
    placed = made.one("lambda.Function").inputs["vpcConfig"]
    assert placed["subnetIds"] == ["subnet-private-0", "subnet-private-1", "subnet-private-2"]
    assert placed["securityGroupIds"] == ["ingest-id"]
    group = made.one("ec2.SecurityGroup", "ingest").inputs
    assert group.get("ingress") == []
    assert {(rule["fromPort"], rule["toPort"], rule["protocol"]) for rule in group["egress"]} == {(443, 443, "tcp")}
    assert [rule.get("cidrBlocks") for rule in group["egress"] if rule.get("cidrBlocks")] == [["10.0.0.0/16"]]
    assert [rule["prefixListIds"] for rule in group["egress"] if rule.get("prefixListIds")] == [
        ["pl-network-s3", "pl-network-dynamodb"]
    ]


def test_s3_may_invoke_for_its_bucket_and_account() -> None:
    permission = deployed("domain").one("lambda.Permission", "ingest-landing").inputs
    assert permission["sourceArn"] == "arn:aws:s3:::acme-sales-prod-landing-222222222222-eu-west-1"
    assert permission["sourceAccount"] == "222222222222"
    assert permission["function"] == NAME


def test_a_queue_reports_single_failures() -> None:
    mapping = deployed("domain").one("lambda.EventSourceMapping", "ingest-orders").inputs
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["eventSourceArn"].endswith("sqs/queue:Queue/orders")


def test_a_tables_changes_are_followed_from_the_start_and_failures_kept() -> None:
    mapping = deployed("domain").one("lambda.EventSourceMapping", "ingest-lineage").inputs
    assert mapping["startingPosition"] == "TRIM_HORIZON"
    assert mapping["bisectBatchOnFunctionError"] is True
    assert mapping["destinationConfig"]["onFailure"]["destinationArn"].endswith("ingest-failures")


def test_a_schedule_and_a_rule_invoke_and_keep_what_they_cannot_deliver() -> None:
    made = deployed("domain")
    schedule, asked = (
        made.one("cloudwatch.EventRule", "ingest-nightly"),
        made.one("cloudwatch.EventRule", "ingest-asked"),
    )
    assert schedule.inputs["scheduleExpression"] == "rate(1 day)"
    assert asked.document("eventPattern") == {"source": ["mesh"]}
    assert asked.inputs["eventBusName"] == "acme-sales-prod-events"
    target = made.one("cloudwatch.EventTarget", "ingest-nightly")
    assert json.loads(target.inputs["input"]) == {"full": True}
    assert target.inputs["deadLetterConfig"]["arn"].endswith("ingest-failures")
    permission = made.one("lambda.Permission", "ingest-asked")
    assert permission.inputs["sourceArn"] == (
        "arn:aws:events:eu-west-1:222222222222:rule/acme-sales-prod-events/acme-sales-prod-ingest-asked"
    )
    assert permission.urn in made.one("cloudwatch.EventTarget", "ingest-asked").dependencies


def test_a_trigger_without_its_grant_is_refused_at_once() -> None:
    def program() -> None:
        key = make_key(ACCOUNT)
        queue = Queue("q", QueueArgs(account=ACCOUNT, what="q", key=key))
        function = Function("f", dataclasses.replace(function_args(), key=key))
        on_queue("f", function, queue)

    with pytest.raises(ValueError, match=r"^grants: .*sqs:ReceiveMessage.*queue\.consuming"):
        run(program)


def test_a_stream_is_followed_with_its_grant() -> None:
    def program() -> None:
        args = dataclasses.replace(function_args(), key=make_key(ACCOUNT), grants=[GRANTS["stream_reading"]])
        on_stream(
            "f",
            Function("f", args),
            "arn:stream",
            "arn:aws:kinesis:eu-west-1:222222222222:stream/acme-sales-prod-orders",
        )

    made = run(program)
    assert made.one("lambda.EventSourceMapping").inputs["eventSourceArn"] == "arn:stream"


def test_a_function_offers_to_be_invoked() -> None:
    functions: list[Function] = []
    run(lambda: functions.append(Function("f", dataclasses.replace(function_args(), key=make_key(ACCOUNT)))))
    assert functions[0].arn in functions[0].invoking().statements[0].resources
    assert functions[0].may("logs:PutLogEvents", "x") is False
