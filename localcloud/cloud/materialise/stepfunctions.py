"""State machines of Step Functions, which are kept and not executed."""

from localcloud.cloud.materialise.resource import Resource
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging

STATE_MACHINE = Resource(
    service="stepfunctions",
    create_by="create_state_machine",
    read_by="describe_state_machine",
    update_by=("update_state_machine",),
    delete_by="delete_state_machine",
    address={"stateMachineArn": "{id}"},
    identity=":stateMachineArn",
    arn="{id}",
    reports={"creationDate": "creationDate", "status": "status", "revisionId": "revisionId"},
    layout=Layout(blind=frozenset({"publish"})),
    tags=Tagging(resource="resourceArn", tags="tags", keys="tagKeys", listed="tags"),
    tagged="{id}",
)
