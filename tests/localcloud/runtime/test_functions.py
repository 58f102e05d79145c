"""Functions as the Invoke API runs them."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, HUB, Cloud, Function, archive, eventually


def invoke(cloud: Cloud, function: Function, event: Any = None, account: str = ACCOUNT, **options: Any) -> Any:
    return cloud.client("lambda", account).invoke(FunctionName=function.name, Payload=json.dumps(event), **options)


def result(cloud: Cloud, function: Function, event: Any = None, account: str = ACCOUNT) -> Any:
    return json.load(invoke(cloud, function, event, account)["Payload"])


def log_lines(cloud: Cloud, group: str) -> list[str]:
    events = cloud.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in events]


def test_the_handler_gets_the_event_and_its_result_comes_back(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): return {'twice': event['n'] * 2}")
    answer = invoke(cloud, function, {"n": 21})
    assert json.load(answer["Payload"]) == {"twice": 42}
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer


def test_the_context_tells_what_lambda_tells(cloud: Cloud) -> None:
    function = cloud.function(
        """
        def handler(event, context):
            left = context.get_remaining_time_in_millis()
            return {"left": left, "name": context.function_name, "arn": context.invoked_function_arn,
                    "version": context.function_version, "memory": context.memory_limit_in_mb,
                    "id": context.aws_request_id, "group": context.log_group_name, "stream": context.log_stream_name,
                    "client": context.client_context, "identity": context.identity.cognito_identity_id}
        """,
        Timeout=5,
        MemorySize=256,
    )
    told = result(cloud, function)
    assert 4000 < told.pop("left") <= 5000
    assert len(told.pop("id")) == 36
    assert "[$LATEST]" in told.pop("stream")
    assert told == {
        "name": function.name,
        "arn": function.arn,
        "version": "$LATEST",
        "memory": "256",
        "group": f"/aws/lambda/{function.name}",
        "client": None,
        "identity": None,
    }


def test_an_exception_has_lambdas_shape(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context):\n    raise KeyError('gone')")
    answer = invoke(cloud, function)
    assert answer["FunctionError"] == "Unhandled"
    error = json.load(answer["Payload"])
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'gone'")
    assert len(error["stackTrace"]) == 1
    assert "raise KeyError('gone')" in error["stackTrace"][0]


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        ("import nothing_like_it\ndef handler(e, c): pass", None, "Runtime.ImportModuleError", "nothing_like_it"),
        ("def handler(e, c)", None, "Runtime.UserCodeSyntaxError", "expected ':'"),
        ("def other(e, c): pass", None, "Runtime.HandlerNotFound", "'handler' missing"),
        ("", "no_such_module.handler", "Runtime.ImportModuleError", "no_such_module"),
        ("", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
        ("def handler(e, c): return object()", None, "Runtime.MarshalError", "not JSON serializable"),
        ("import sys\ndef handler(e, c): sys.exit(7)", None, "Runtime.ExitError", "exit status 7"),
        ("def handler(e, c): os.kill(os.getpid(), 9)", None, "Runtime.ExitError", "signal: kill"),
        ("raise ValueError('at import')\ndef handler(e, c): pass", None, "ValueError", "at import"),
    ],
)
def test_what_goes_wrong_outside_the_handler_is_named_as_lambda_names_it(
    cloud: Cloud, source: str, handler: str | None, kind: str, message: str
) -> None:
    function = cloud.function(source)
    if handler:
        cloud.client("lambda").update_function_configuration(FunctionName=function.name, Handler=handler)
    answer = invoke(cloud, function)
    error = json.load(answer["Payload"])
    assert (answer["FunctionError"], error["errorType"]) == ("Unhandled", kind)
    assert message in error["errorMessage"]


def test_a_function_that_runs_too_long_is_killed_with_what_it_started(cloud: Cloud) -> None:
    function = cloud.function(
        """
        import subprocess
        def handler(event, context):
            child = subprocess.Popen(["sleep", "600"])
            tell([os.getpid(), child.pid])
            time.sleep(600)
        """,
        Timeout=2,
    )
    answer = invoke(cloud, function)
    error = json.load(answer["Payload"])
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].endswith("Error: Task timed out after 2.00 seconds")
    [pids] = function.told()
    for pid in pids:
        eventually(lambda pid=pid: not alive(pid))
    assert any("Task timed out after 2.00 seconds" in line for line in log_lines(cloud, f"/aws/lambda/{function.name}"))


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_environment_is_the_functions_own_and_lambdas_and_nothing_else(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DAEMON", "x")
    function = cloud.function(
        "def handler(event, context): return dict(os.environ)",
        environment={"MINE": "1", "AWS_LAMBDA_FUNCTION_NAME": "forged"},
    )
    found = result(cloud, function)
    assert found["MINE"] == "1"
    assert found["AWS_LAMBDA_FUNCTION_NAME"] == function.name
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert found["_HANDLER"] == "code_under_test.handler"
    assert found["AWS_ENDPOINT_URL"] == cloud.endpoint
    assert os.path.exists(os.path.join(found["LAMBDA_TASK_ROOT"], "code_under_test.py"))
    ours = {"MINE", "WITNESS", "PATH", "LANG", "TZ", "TMPDIR", "PYTHONPATH", "_HANDLER", "_X_AMZN_TRACE_ID", "LC_CTYPE"}
    assert {name for name in found if not name.startswith(("AWS_", "LAMBDA_"))} <= ours
    assert not [name for name in found if "LOCALCLOUD" in name or "SECRET_OF" in name]


@pytest.mark.parametrize("account", [ACCOUNT, HUB])
def test_it_runs_as_its_role_in_its_account(cloud: Cloud, account: str) -> None:
    function = cloud.function(
        "import boto3\ndef handler(event, context): return boto3.client('sts').get_caller_identity()['Arn']",
        account=account,
    )
    arn = result(cloud, function, account=account)
    role = cloud.client("lambda", account).get_function(FunctionName=function.name)["Configuration"]["Role"]
    assert arn == f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{function.name}"


def test_without_a_role_there_is_no_invocation(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): return 1")
    role = cloud.client("lambda").get_function(FunctionName=function.name)["Configuration"]["Role"]
    cloud.client("iam").delete_role(RoleName=role.rpartition("/")[2])
    with pytest.raises(ClientError, match="cannot be assumed by Lambda") as refused:
        invoke(cloud, function)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_role_that_does_not_trust_lambda_is_not_assumed(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): return 1")
    other = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    role = cloud.role(trust=other)
    cloud.client("lambda").update_function_configuration(FunctionName=function.name, Role=role)
    with pytest.raises(ClientError, match="does not trust lambda"):
        invoke(cloud, function)


def test_a_worker_stays_warm_until_code_or_configuration_changes(cloud: Cloud) -> None:
    function = cloud.function(
        """
        count = 0
        def handler(event, context):
            global count
            count += 1
            return [count, os.getpid()]
        """
    )
    (first, pid), (second, same) = result(cloud, function), result(cloud, function)
    assert (first, second, same) == (1, 2, pid)
    client = cloud.client("lambda")
    client.update_function_configuration(FunctionName=function.name, Environment={"Variables": {"NEW": "1"}})
    count, other = result(cloud, function)
    assert (count, other == pid, alive(pid)) == (1, False, False)
    client.update_function_code(FunctionName=function.name, ZipFile=archive("def handler(e, c): return 'new code'"))
    assert result(cloud, function) == "new code"


def test_a_warm_worker_that_died_is_replaced_unnoticed(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): return os.getpid()")
    pid = result(cloud, function)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not alive(pid))
    assert result(cloud, function) != pid


def test_temporary_files_go_with_the_environment(cloud: Cloud) -> None:
    function = cloud.function(
        """
        import tempfile
        def handler(event, context):
            tell(tempfile.mkstemp()[1])
            os._exit(1)
        """
    )
    invoke(cloud, function)
    [path] = function.told()
    assert path.startswith(str(cloud.home))
    assert not os.path.exists(path)


def test_reserved_concurrency_throttles(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): return 1")
    cloud.client("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as refused:
        invoke(cloud, function)
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_the_log_has_what_was_printed_between_start_and_report(cloud: Cloud) -> None:
    function = cloud.function(
        """
        import logging, sys
        logging.getLogger().setLevel("INFO")
        def handler(event, context):
            print("printed"); print("to stderr", file=sys.stderr); logging.info("logged"); os.write(1, b"no newline")
        """,
        LoggingConfig={"LogGroup": "one-group"},
    )
    answer = invoke(cloud, function, LogType="Tail")
    lines = log_lines(cloud, "one-group")
    assert lines[0].startswith("START RequestId: ")
    assert lines[1:3] == ["printed", "to stderr"]
    assert lines[3].startswith("[INFO]\t20")
    assert lines[3].endswith("\tlogged")
    assert lines[4] == "no newline"
    assert lines[5].startswith("END RequestId: ")
    assert lines[6].startswith("REPORT RequestId: ")
    assert "Init Duration" in lines[6]
    assert base64.b64decode(answer["LogResult"]).decode().splitlines() == lines
    configuration = cloud.client("lambda").get_function_configuration(FunctionName=function.name)
    assert configuration["LoggingConfig"] == {"LogGroup": "one-group"}


def test_much_output_does_not_block_the_handler(cloud: Cloud) -> None:
    function = cloud.function(
        "def handler(event, context):\n    print('x' * 999 + '\\n' + 'y' * 500_000)\n    return 1"
    )
    assert result(cloud, function) == 1
    assert len(log_lines(cloud, f"/aws/lambda/{function.name}")[2]) == 500_000


def test_dry_run_runs_nothing(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): tell(1)")
    assert invoke(cloud, function, InvocationType="DryRun")["StatusCode"] == 204
    assert function.told() == []


def test_a_payload_that_is_no_json_is_refused(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): return 1")
    with pytest.raises(ClientError) as refused:
        cloud.client("lambda").invoke(FunctionName=function.name, Payload=b"{no")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_tracing_works_as_for_a_request_that_is_not_sampled(cloud: Cloud) -> None:
    function = cloud.function(
        """
        from aws_lambda_powertools import Tracer
        tracer = Tracer(service="test")
        @tracer.capture_method
        def inner(): return "traced"
        @tracer.capture_lambda_handler
        def handler(event, context):
            tracer.put_annotation("key", "value")
            return inner()
        """
    )
    assert result(cloud, function) == "traced"


def test_a_published_version_runs_its_own_code(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): return 'one'")
    client = cloud.client("lambda")
    version = client.publish_version(FunctionName=function.name)["Version"]
    client.update_function_code(FunctionName=function.name, ZipFile=archive("def handler(e, c): return 'two'"))
    assert json.load(invoke(cloud, function, Qualifier=version)["Payload"]) == "one"
    assert result(cloud, function) == "two"


def test_a_handler_may_invoke_another_function(cloud: Cloud) -> None:
    inner = cloud.function("def handler(event, context): return event + 1")
    outer = cloud.function(
        """
        import boto3
        def handler(event, context):
            answer = boto3.client("lambda").invoke(FunctionName=os.environ["INNER"], Payload=json.dumps(event))
            return json.load(answer["Payload"]) * 10
        """,
        environment={"INNER": inner.arn},
    )
    assert result(cloud, outer, 1) == 20


def test_invocations_at_one_time_run_side_by_side(cloud: Cloud) -> None:
    function = cloud.function(
        """
        def handler(event, context):
            open(os.environ["WITNESS"] + event, "w").close()
            other = os.environ["WITNESS"] + {"a": "b", "b": "a"}[event]
            for _ in range(1000):
                if os.path.exists(other): return "met"
                time.sleep(0.01)
        """
    )
    for name in "ab":
        cloud.runtime.invoke_later(function.arn, json.dumps(name), trigger="test")
    cloud.settle()
    entries = cloud.runtime.journal.entries(function=function.name)
    assert [entry.error for entry in entries] == [None, None]
    assert all(entry.duration_ms < 9000 for entry in entries)


def test_the_journal_can_be_read_over_http(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): return 1 / event")
    before = time.time()
    result(cloud, function, 1)
    invoke(cloud, function, 0)
    status, body, _ = cloud.get(f"/_localcloud/invocations?function={function.name}&since={before}")
    good, bad = json.loads(body)
    assert status == 200
    assert (good["function_arn"], good["trigger"], good["error"]) == (function.arn, "invoke", None)
    assert bad["error"] == "ZeroDivisionError: division by zero"
    _, body, _ = cloud.get(f"/_localcloud/invocations?function={function.arn}&failed=1")
    assert [entry["request_id"] for entry in json.loads(body)] == [bad["request_id"]]
    assert cloud.get("/_localcloud/invocations?since=yesterday")[0] == 400
    cloud.settle()
    assert json.loads(cloud.get("/_localcloud/idle")[1]) == {"idle": True, "running": 0, "queued": 0, "sources": {}}


def test_json_logs_are_json_from_start_to_report(cloud: Cloud) -> None:
    function = cloud.function(
        """
        import logging
        def handler(event, context):
            logging.debug("hidden"); logging.info("shown"); print("printed")
            try:
                1 / 0
            except ZeroDivisionError:
                logging.exception("caught")
            raise ValueError("uncaught")
        """,
        LoggingConfig={"LogFormat": "JSON", "LogGroup": "json-group"},
    )
    invoke(cloud, function)
    start, shown, printed, caught, uncaught, report = log_lines(cloud, "json-group")
    request_id = json.loads(start)["record"]["requestId"]
    assert json.loads(start)["type"] == "platform.start"
    assert printed == "printed"
    told = json.loads(shown)
    assert (told["level"], told["message"], told["logger"], told["requestId"]) == ("INFO", "shown", "root", request_id)
    assert json.loads(caught)["errorType"] == "ZeroDivisionError"
    assert json.loads(uncaught)["errorMessage"] == "uncaught"
    found = json.loads(report)
    assert (found["type"], found["record"]["status"]) == ("platform.report", "error")
    assert set(found["record"]["metrics"]) == {"durationMs", "billedDurationMs", "memorySizeMB", "initDurationMs"}


def test_code_that_is_no_zip_file_is_refused(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): return 1")
    with pytest.raises(ClientError, match="Could not unzip"):
        cloud.client("lambda").update_function_code(FunctionName=function.name, ZipFile=b"no zip")


def test_an_invocation_does_not_fail_for_its_log(cloud: Cloud) -> None:
    reader = cloud.function("def handler(event, context): pass")
    function = cloud.function("def handler(event, context): return 1", LoggingConfig={"LogGroup": "orphaned"})
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="orphaned")
    logs.put_subscription_filter(logGroupName="orphaned", filterName="f", filterPattern="", destinationArn=reader.arn)
    cloud.client("lambda").delete_function(FunctionName=reader.name)
    assert result(cloud, function) == 1


def test_layers_of_other_accounts_are_taken_at_their_word(cloud: Cloud) -> None:
    layer = "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python311-x86_64:7"
    function = cloud.function("def handler(event, context): return 1", Layers=[layer])
    assert result(cloud, function) == 1
    configuration = cloud.client("lambda").get_function_configuration(FunctionName=function.name)
    assert [found["Arn"] for found in configuration["Layers"]] == [layer]
    with pytest.raises(ClientError, match="LayerVersion does not exist"):
        cloud.function("", Layers=[layer.replace("017000801446", ACCOUNT)])
