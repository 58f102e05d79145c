"""What moto 5.2.5 forgets of functions, and what it loses when two threads write at one time."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.kinesis.models import Shard
from moto.sqs.models import Queue

from localcloud.runtime.arns import Arn

KEPT_SETTINGS = {"LoggingConfig": "logging_config", "DeadLetterConfig": "dead_letter_config"}
"""Settings of functions that moto forgets, and the attribute that keeps them."""


def _read_qualifier(original: Callable[..., Any]) -> Callable[..., Any]:
    """moto looks for a query parameter `qualifier`; SDKs send `Qualifier`."""

    def invoke(self: Any) -> Any:
        if "Qualifier" in self.querystring:
            self.querystring["qualifier"] = self.querystring["Qualifier"]
        return original(self)

    return invoke


def _keep_settings(original: Callable[..., None]) -> Callable[..., None]:
    """moto forgets some settings of a function; among them where its log goes."""

    def init(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        for setting, attribute in KEPT_SETTINGS.items():
            setattr(self, attribute, spec.get(setting))
        original(self, account_id, spec, *args, **kwargs)
        _choose_log_group(self)

    return init


def _keep_changed_settings(original: Callable[..., Any]) -> Callable[..., Any]:
    def update_configuration(self: Any, config_updates: dict[str, Any]) -> Any:
        for setting, attribute in KEPT_SETTINGS.items():
            if setting in config_updates:
                setattr(self, attribute, config_updates[setting])
        _choose_log_group(self)
        return original(self, config_updates)

    return update_configuration


def _trust_foreign_layers(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """moto knows no layer that AWS or a partner publishes: those of other accounts are taken at their word."""

    def get_layers_data(self: Any, layers_versions_arns: list[str]) -> list[Any]:
        return [
            found
            for arn in layers_versions_arns
            for found in (
                original(self, [arn]) if Arn.parse(arn).account == self.account_id else [{"Arn": arn, "CodeSize": 0}]
            )
        ]

    return get_layers_data


def _refuse_what_is_no_zip(original: Callable[..., None]) -> Callable[..., None]:
    """moto takes any bytes that are uploaded as a function's code."""

    def set_function_code(self: Any, updated_spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        original(self, updated_spec, *args, **kwargs)
        if "ZipFile" in updated_spec and not zipfile.is_zipfile(io.BytesIO(self.code_bytes)):
            raise InvalidParameterValueException(
                "Could not unzip uploaded file. Please check your file, then try again."
            )

    return set_function_code


def _choose_log_group(function: Any) -> None:
    chosen = (function.logging_config or {}).get("LogGroup")
    function.logs_group_name = chosen or f"/aws/lambda/{function.function_name}"


def _tell_settings(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        kept = {setting: getattr(self, attribute, None) for setting, attribute in KEPT_SETTINGS.items()}
        return {**original(self, on_create), **{setting: value for setting, value in kept.items() if value}}

    return get_configuration


def _replace_event_invoke_config(original: Callable[..., Any]) -> Callable[..., Any]:
    """moto appends a new configuration and goes on to tell the first."""

    def put(self: Any, function_name: str, config: dict[str, Any]) -> Any:
        self.get_function(function_name).event_invoke_config.clear()
        return original(self, function_name, config)

    return put


def _one_at_a_time(original: Callable[..., str]) -> Callable[..., str]:
    """Two threads that put into one shard gave two records one sequence number, and lost one."""
    lock = threading.Lock()

    def put_record(self: Any, *args: Any) -> str:
        with lock:
            return original(self, *args)

    return put_record


def _while_none_is_added(original: Callable[..., None]) -> Callable[..., None]:
    """Deleting replaces a queue's list of messages; one that was sent at that moment was lost."""

    def delete_message(self: Any, receipt_handle: str) -> None:
        with self._messages_lock:
            original(self, receipt_handle)

    return delete_message


CORRECTIONS: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (LambdaResponse, "invoke", _read_qualifier),
    (LambdaFunction, "__init__", _keep_settings),
    (LambdaFunction, "update_configuration", _keep_changed_settings),
    (LambdaFunction, "get_configuration", _tell_settings),
    (LambdaFunction, "_get_layers_data", _trust_foreign_layers),
    (LambdaFunction, "_set_function_code", _refuse_what_is_no_zip),
    (LambdaBackend, "put_function_event_invoke_config", _replace_event_invoke_config),
    (Shard, "put_record", _one_at_a_time),
    (Queue, "delete_message", _while_none_is_added),
)
"""Each method that is replaced, and what makes the replacement from it."""
