"""A resource type as a table row: which operations of which service create, describe, change and delete it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import Shape

from localcloud.cloud.materialise import shapes, tagging
from localcloud.cloud.materialise.kind import Props
from localcloud.cloud.materialise.shapes import Layout
from localcloud.cloud.materialise.tagging import Tagging
from localcloud.cloud.target import Target

_FIELD = re.compile(r"\{(\w+)\}")
_PLACE = frozenset({"id", "arn", "account", "region", "partition"})
_GONE = re.compile(r"NotFound|NoSuch|NonExistent|DoesNotExist|^404$")


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """Ends quietly when AWS says that there is no such resource."""
    try:
        yield
    except ClientError as error:
        if not is_gone(error):
            raise


def is_gone(error: ClientError) -> bool:
    """Whether AWS says that there is no such resource; the services have some twenty codes for it."""
    return _GONE.search(error.response.get("Error", {}).get("Code", "")) is not None


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A `Kind` by description.

    Templates are Python format strings over the inputs (text and numbers), `id`, `account`, `region` and `partition`.

    service     boto3's name
    create_by   operation, as are the following; the parameters of each come from the inputs it knows (see `shapes`)
    create_with further parameters of `create_by`
    read_by     describes the resource
    read_with   further parameters of `read_by`
    at          dotted path of the description in `read_by`'s answer
    update_by   each is called when what it would be told has changed
    delete_by
    delete_with further parameters of `delete_by`; where a service has no such operation, what puts "nothing"
    address     parameter -> template: names the resource in every call but the first
    identity    template of the id; of a resource that AWS names, the dotted path of its name in `create_by`'s answer
                after a colon
    arn         template
    reports     output -> dotted path in the description
    defaults    property -> what stands for it when it is no longer set
    tags        the service's tag API
    tagged      template of what names the resource there
    tagged_at_birth  whether `create_by` takes the tags, here and in moto
    """

    service: str
    create_by: str
    create_with: Mapping[str, Any] = field(default_factory=dict)
    read_by: str
    read_with: Mapping[str, Any] = field(default_factory=dict)
    update_by: tuple[str, ...] = ()
    delete_by: str
    delete_with: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    address: Mapping[str, str]
    identity: str
    arn: str = ""
    reports: Mapping[str, str] = field(default_factory=dict)
    defaults: Props = field(default_factory=dict)
    layout: Layout = shapes.PLAIN
    tags: Tagging | None = None
    tagged: str = "{arn}"
    tagged_at_birth: bool = True

    def create(self, target: Target, inputs: Props) -> tuple[str, Props]:
        physical_id = self.identify(target, inputs, self.begin(target, inputs))
        try:
            self.settle(target, physical_id, {}, inputs)
            if not self.tagged_at_birth:
                self.retag(target, physical_id, {}, inputs)
        except ClientError:
            with suppress(ClientError):  # nobody would know the id of half a resource
                self.delete(target, physical_id, {**inputs, "skipDestroy": False})
            raise
        return physical_id, self.outputs(target, physical_id, inputs)

    def read(self, target: Target, physical_id: str, inputs: Props) -> Props | None:
        inputs = self.located(physical_id, inputs)
        description = self.describe(target, physical_id, inputs)
        if description is None:
            return None
        client = target.client(self.service)
        observed = self.present(inputs, description, self.input(client, self.create_by))
        if self.tags is not None:
            observed |= tagging.observed(
                inputs, self.tags.read(client, self.fill(self.tagged, target, physical_id, inputs))
            )
        return observed

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        self.settle(target, physical_id, olds, news)
        client = target.client(self.service)
        unset = {name: value for name, value in self.defaults.items() if name in olds and news.get(name) is None}
        before, after = self.arrange(olds), self.arrange({**news, **unset})
        for operation in self.update_by:
            shape = self.input(client, operation)
            parameters = shapes.request(shape, after, self.layout)
            if parameters != shapes.request(shape, before, self.layout):
                getattr(client, operation)(**{**parameters, **self.names(target, operation, physical_id, news)})
        self.retag(target, physical_id, olds, news)
        return self.outputs(target, physical_id, news)

    def begin(self, target: Target, inputs: Props) -> Any:
        """The answer of `create_by`."""
        wanted = {**self.arrange(inputs), "tags": tagging.wanted(inputs) or None}
        return self.call(target.client(self.service), self.create_by, wanted, self.create_with)

    def settle(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """Bring from `olds` to `news` what has operations of its own; right after creation `olds` is empty."""

    def retag(self, target: Target, physical_id: str, olds: Props, news: Props) -> None:
        """Bring the tags from `olds` to `news`."""
        if self.tags is not None:
            resource = self.fill(self.tagged, target, physical_id, news)
            self.tags.change(target.client(self.service), resource, tagging.wanted(olds), tagging.wanted(news))

    def delete(self, target: Target, physical_id: str, inputs: Props) -> None:
        if inputs.get("skipDestroy") or self.describe(target, physical_id, inputs) is None:
            return
        with gone_is_fine():
            names = self.names(target, self.delete_by, physical_id, inputs)
            getattr(target.client(self.service), self.delete_by)(**names, **self.delete_with)

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        """The description of the resource, None when it is gone."""
        with gone_is_fine():
            names = self.names(target, self.read_by, physical_id, inputs)
            answer = getattr(target.client(self.service), self.read_by)(**names, **self.read_with)
            return shapes.dig(answer, self.at)
        return None

    def arrange(self, inputs: Props) -> Props:
        """The inputs in the form in which `layout` applies to them."""
        return inputs

    def present(self, inputs: Props, description: Any, shape: Shape | None) -> Props:
        """What `description` says of `inputs`; those that name the resource cannot differ."""
        named = {name: value for name, value in inputs.items() if name in self.naming}
        rest = {name: value for name, value in inputs.items() if name not in named}
        return {**named, **shapes.observe(shape, rest, description, self.layout)}

    @cached_property
    def naming(self) -> frozenset[str]:
        """The inputs that say which resource it is."""
        templates = (self.identity, *self.address.values())
        return frozenset(field for template in templates for field in _FIELD.findall(template)) - _PLACE

    def located(self, physical_id: str, inputs: Props) -> Props:
        """`inputs` with what the id says of those that have no value: all that is known when one is imported."""
        unknown = {name for name in self.naming if name in inputs and inputs[name] is None}
        parts = _FIELD.split(self.identity)
        pattern = "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
        match = re.fullmatch(pattern, physical_id) if unknown and len(set(parts[1::2])) == len(parts[1::2]) else None
        said = match.groupdict() if match else {}
        return {**inputs, **{name: said[name] for name in unknown & said.keys()}}

    def identify(self, target: Target, inputs: Props, answer: Any) -> str:
        """The id of what `create_by` has just answered for."""
        if self.identity.startswith(":"):
            return str(shapes.dig(answer, self.identity[1:]))
        return self.fill(self.identity, target, "", inputs)

    def outputs(self, target: Target, physical_id: str, inputs: Props) -> Props:
        """What AWS says of the resource beyond its inputs."""
        known: Props = {"arn": self.fill(self.arn, target, physical_id, inputs)} if self.arn else {}
        if self.reports:
            description = self.describe(target, physical_id, inputs)
            known |= {name: shapes.dig(description, path) for name, path in self.reports.items()}
        return {name: value for name, value in known.items() if value is not None}

    def names(self, target: Target, operation: str, physical_id: str, inputs: Props) -> dict[str, Any]:
        """The parameters of `operation` that name the resource."""
        known = {name: self.fill(template, target, physical_id, inputs) for name, template in self.address.items()}
        return shapes.request(self.input(target.client(self.service), operation), known)

    def fill(self, template: str, target: Target, physical_id: str, inputs: Props) -> str:
        """`template` with what is known of the resource."""
        place = {"id": physical_id, "account": target.account, "region": target.region, "partition": "aws"}
        known = {"path": "/", **inputs, **place}
        if "{arn}" in template:
            known.setdefault("arn", self.fill(self.arn, target, physical_id, inputs))
        return template.format_map(known)

    def call(self, client: Any, operation: str, props: Props, more: Mapping[str, Any] | None = None) -> Any:
        """Call `operation` with those of `props` that it takes, and with the parameters `more`."""
        parameters = shapes.request(self.input(client, operation), props, self.layout)
        return getattr(client, operation)(**{**parameters, **(more or {})})

    @staticmethod
    def input(client: Any, operation: str) -> Shape | None:
        """The model of the operation's input."""
        api = client.meta.method_to_api_mapping[operation]
        shape: Shape | None = client.meta.service_model.operation_model(api).input_shape
        return shape


@dataclass(frozen=True, kw_only=True)
class Setting(Resource):
    """A resource type that is one document of a parent, put whole: creating and updating it are the same.

    An empty document counts as none.
    """

    def describe(self, target: Target, physical_id: str, inputs: Props) -> Any:
        found = super().describe(target, physical_id, inputs) or {}
        said = {name: value for name, value in found.items() if name != "ResponseMetadata" and value not in ([], {})}
        return said or None

    def update(self, target: Target, physical_id: str, olds: Props, news: Props) -> Props:
        self.call(target.client(self.service), self.create_by, {**self.arrange(news), "tags": None})
        self.retag(target, physical_id, olds, news)
        return self.outputs(target, physical_id, news)
