"""Operations that moto lacks, for what a stack changes."""

import json
from typing import Any
from urllib.parse import unquote

from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.events.responses import EventsHandler
from moto.glue.responses import GlueResponse
from moto.lakeformation import urls as lakeformation_urls
from moto.lakeformation.responses import LakeFormationResponse
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse
from moto.transfer.responses import TransferResponse


def let_log_groups_change_their_key() -> None:
    """AssociateKmsKey and DisassociateKmsKey did not exist."""

    def associate_kms_key(self: Any) -> str:
        return set_key(self, self._get_param("kmsKeyId"))

    def disassociate_kms_key(self: Any) -> str:
        return set_key(self, None)

    def set_key(self: Any, key: str | None) -> str:
        groups = self.logs_backend.groups
        name = self._get_param("logGroupName")
        if name not in groups:
            raise ResourceNotFoundException()
        groups[name].kms_key_id = key
        return ""

    for operation in (associate_kms_key, disassociate_kms_key):
        setattr(LogsResponse, operation.__name__, operation)


def let_transfer_servers_and_users_change() -> None:
    """UpdateServer and UpdateUser did not exist."""

    def update_server(self: Any) -> str:
        change(self, self.transfer_backend.describe_server(self._get_param("ServerId")))
        return json.dumps({"ServerId": self._get_param("ServerId")})

    def update_user(self: Any) -> str:
        server, name = self._get_param("ServerId"), self._get_param("UserName")
        change(self, self.transfer_backend.describe_user(server, name)[1])
        return json.dumps({"ServerId": server, "UserName": name})

    def change(self: Any, known: Any) -> None:
        for member, value in json.loads(self.body).items():
            attribute = camelcase_to_underscores(member)
            if hasattr(known, attribute):
                setattr(known, attribute, _underscored(value))

    for operation in (update_server, update_user):
        setattr(TransferResponse, operation.__name__, operation)


def _underscored(value: Any) -> Any:
    """A structure as moto's transfer models keep it."""
    if isinstance(value, dict):
        return {camelcase_to_underscores(name): _underscored(item) for name, item in value.items()}
    return [_underscored(item) for item in value] if isinstance(value, list) else value


def let_buses_change() -> None:
    """UpdateEventBus did not exist."""

    def update_event_bus(self: Any) -> tuple[str, dict[str, Any]]:
        bus = self.events_backend.describe_event_bus(self._get_param("Name"))
        bus.description = self._get_param("Description")
        bus.kms_key_identifier = self._get_param("KmsKeyIdentifier")
        bus.dead_letter_config = self._get_param("DeadLetterConfig")
        return json.dumps({"Arn": bus.arn, "Name": bus.name}), self.response_headers

    setattr(EventsHandler, update_event_bus.__name__, update_event_bus)


def let_stages_registries_and_locations_change() -> None:
    """UpdateStage, UpdateRegistry and Lake Formation's UpdateResource did not exist."""

    def update_stage(self: Any) -> Any:
        api, _, name = self.path.split("/")[-3:]
        known = self.apigatewayv2_backend.get_stage(api, unquote(name)).config
        changed = self.apigatewayv2_backend.create_stage(api, {**known, **json.loads(self.body)})
        return 200, {}, json.dumps(changed.to_json())

    def update_registry(self: Any) -> Any:
        registry = self.glue_backend.registries[self.parameters["RegistryId"]["RegistryName"]]
        registry.description = self.parameters.get("Description")
        return ActionResult({"RegistryName": registry.name, "RegistryArn": registry.registry_arn})

    def update_resource(self: Any) -> str:
        location = self.lakeformation_backend.describe_resource(self._get_param("ResourceArn"))
        location.role_arn = self._get_param("RoleArn")
        return "{}"

    setattr(ApiGatewayV2Response, update_stage.__name__, update_stage)
    setattr(GlueResponse, update_registry.__name__, update_registry)
    setattr(LakeFormationResponse, update_resource.__name__, update_resource)
    lakeformation_urls.url_paths["{0}/UpdateResource$"] = LakeFormationResponse.dispatch
