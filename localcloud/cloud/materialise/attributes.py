"""Resource types that an API keeps as a map of attributes, all of them text: queues and topics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.cloud.materialise import shapes
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.resource import Resource


@dataclass(frozen=True, kw_only=True)
class Attributes(Resource):
    """A `Resource` whose properties are attributes.

    attributes  property -> attribute
    on_creation properties that are only sent when set to something: they cannot be said to be off
    """

    attributes: Mapping[str, str] = field(default_factory=dict)
    on_creation: frozenset[str] = frozenset()

    def arrange(self, inputs: Props) -> Props:
        sent = {
            attribute: shapes.text(inputs[name])
            for name, attribute in self.attributes.items()
            if inputs.get(name) is not None and (inputs[name] or name not in self.on_creation)
        }
        return {**{name: value for name, value in inputs.items() if name not in self.attributes}, "attributes": sent}

    def present(self, inputs: Props, description: Any, shape: Any) -> Props:
        others = {name: value for name, value in inputs.items() if name not in self.attributes}
        seen: Props = {}
        for name in inputs.keys() & self.attributes.keys():
            value, found = inputs[name], description.get(self.attributes[name])
            if name in self.layout.blind or (not value and found in (None, "", "false", "0")):
                seen[name] = value
            else:
                seen[name] = None if found in (None, "") else shapes.same_or(value, _typed(value, found))
        return {**super().present(others, description, shape), **seen}


def _typed(like: Any, text: str) -> Any:
    """Text as the type of the property it is the value of; where that has none, a truth or a number if it is one."""
    if isinstance(like, str):
        return text
    value = shapes.parsed(text)
    return text if isinstance(value, dict | list | str) else value
