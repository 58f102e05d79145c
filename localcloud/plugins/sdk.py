"""What pulumi-aws says of its own types, read from the source of the installed SDK.

The SDK's modules are generated, and so regular that a class's properties can be read from its text: one
`@pulumi.getter` per property with its wire name and its type. Nothing of the SDK is imported: all of it together takes
seconds and hundreds of megabytes, while a stack needs thirty of its 1,748 types. Types are read when first asked for.
"""

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path


@dataclass(frozen=True)
class Scalar:
    """A value without parts: string, boolean, integer, number, asset, archive or any."""

    kind: str


@dataclass(frozen=True)
class Array:
    """A list of values of one type."""

    item: "Type"


@dataclass(frozen=True)
class Map:
    """An object with free keys and values of one type."""

    item: "Type"


@dataclass(frozen=True)
class Object:
    """An object whose properties are those of an input class of the SDK."""

    package: str
    name: str

    @property
    def properties(self) -> Mapping[str, "Property"]:
        """The object's properties by wire name."""
        return _package(self.package).inputs(self.name)


@dataclass(frozen=True)
class OneOf:
    """A value of any of several types."""

    options: tuple["Type", ...]


Type = Scalar | Array | Map | Object | OneOf

ANY = Scalar("any")
STRING = Scalar("string")


@dataclass(frozen=True)
class Property:
    """A property by its name on the wire; `required` means: never absent."""

    name: str
    type: Type
    required: bool


@dataclass(frozen=True, eq=False)
class Resource:
    """Inputs and outputs of a resource type by wire name."""

    token: str
    inputs: Mapping[str, Property]
    outputs: Mapping[str, Property]

    @property
    def service(self) -> str:
        """The SDK's module, for example `ec2`."""
        return self.token.split(":")[1].split("/")[0]

    @property
    def kind(self) -> str:
        """The type's own name, for example `Vpc`."""
        return self.token.split(":")[2]

    @cached_property
    def computed(self) -> frozenset[str]:
        """Outputs that no program can set."""
        return frozenset(self.outputs.keys() - self.inputs.keys())


_GETTER = re.compile(r'@pulumi\.getter(?:\(name="(\w+)"\))?\n(?:    @[^\n]*\n)*    def (\w+)\(self\) -> (.+):\n')
_CLASS = re.compile(r"^class (\w+)\b", re.M)
_ENUM = re.compile(r"^class (\w+)\(_builtins\.(\w+), Enum\)", re.M)
_ARGUMENT = re.compile(r"__args__\['(\w+)'\] = (\w+)")
_BUILTIN = {"str": STRING, "bool": Scalar("boolean"), "int": Scalar("integer"), "float": Scalar("number")}
_ASSET, _ARCHIVE = Scalar("asset"), Scalar("archive")


def resource(token: str) -> Resource | None:
    """The type with this token, or None when the SDK has no such type."""
    return _resource(token) if token in resources() else None


@cache
def resources() -> Mapping[str, tuple[str, str]]:
    """Every resource type of the SDK: its token, and the Python package and class that stand for it."""
    registered = re.search(r'resource_modules="""(.*?)"""', _read(_ROOT / "__init__.py"), re.S)
    assert registered, "pulumi_aws does not register its resource modules as expected"
    return {
        token: (module["fqn"].removeprefix("pulumi_aws").lstrip("."), name)
        for module in json.loads(registered[1])
        for token, name in module["classes"].items()
    }


@cache
def provider() -> Mapping[str, Property]:
    """The configuration that the provider itself takes, by wire name."""
    text = _read(_ROOT / "provider.py")
    return _properties(_class_text(text, "ProviderArgs"), _package(""))


@cache
def arguments(token: str) -> Mapping[str, Property] | None:
    """What the function with this token takes, by wire name; None when the SDK has no such function.

    Which arguments are required is not in the SDK: it gives all of them a default.
    """
    module, _, name = token.removeprefix("aws:").rpartition(":")
    package_name = module.split("/")[0].removeprefix("index")
    package = _package(f"{package_name}_" if iskeyword(package_name) else package_name)
    text = package.source_of_function(_snake(name))
    if text is None:
        return None
    function = next(
        node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == _snake(name)
    )
    annotations = {argument.arg: argument.annotation for argument in function.args.args}
    return {
        wire_name: Property(wire_name, package.type_of(annotation), False)
        for wire_name, python_name in _ARGUMENT.findall(ast.unparse(function))
        if (annotation := annotations[python_name]) is not None
    }


def element(value_type: Type) -> Type:
    """The type itself, without the union around it when all but one of its options are strings."""
    if isinstance(value_type, OneOf):
        rest = [option for option in value_type.options if option != STRING]
        return rest[0] if len(rest) == 1 else value_type
    return value_type


def _find_root() -> Path:
    spec = find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pulumi_aws is not installed")
    return Path(spec.origin).parent


_ROOT = _find_root()


@cache
def _resource(token: str) -> Resource:
    package_name, name = resources()[token]
    package = _package(package_name)
    text = package.source_of(name)
    arguments = (
        f"{name}Args" if f"\nclass {name}Args:" in text else f"{name}InitArgs"
    )  # a nested type may have that name
    return Resource(
        token,
        _properties(_class_text(text, arguments), package),
        _properties(_class_text(text, name), package),
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _class_text(text: str, name: str) -> str:
    start = re.search(rf"^class {name}\b", text, re.M)
    if start is None:
        raise LookupError(f"pulumi_aws has no class {name} where it was expected")
    following = _CLASS.search(text, start.end())
    return text[start.start() : following.start() if following else len(text)]


def _properties(class_text: str, package: "_Package") -> Mapping[str, Property]:
    found = {}
    for wire_name, python_name, annotation in _GETTER.findall(class_text):
        name = wire_name or python_name
        node, optional = _without_wrappers(ast.parse(annotation, mode="eval").body)
        found[name] = Property(name, package.type_of(node), not optional)
    return found


def _without_wrappers(node: ast.expr) -> tuple[ast.expr, bool]:
    """The annotation inside `pulumi.Input[…]`, `pulumi.Output[…]` `Optional[…]`, and whether the latter was there."""
    optional = False
    while isinstance(node, ast.Subscript) and _name(node.value) in ("pulumi.Input", "pulumi.Output", "Optional"):
        optional = optional or _name(node.value) == "Optional"
        node = node.slice
    return node, optional


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ast.unparse(node)


@cache
def _package(name: str) -> "_Package":
    return _Package(name)


class _Package:
    """One sub-package of the SDK; the empty name is the SDK itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._directory = _ROOT / name if name else _ROOT
        self._inputs: dict[str, Mapping[str, Property]] = {}

    def source_of(self, class_name: str) -> str:
        """The text of the module that defines the resource class."""
        guess = self._directory / f"{_snake(class_name)}.py"
        definition = f"\nclass {class_name}(pulumi.CustomResource):"
        candidates = [guess] if guess.exists() else []
        for path in [*candidates, *sorted(self._directory.glob("*.py"))]:
            text = _read(path)
            if definition in text:
                return text
        raise LookupError(f"pulumi_aws.{self.name} defines no resource {class_name}")

    def source_of_function(self, name: str) -> str | None:
        """The text of the module that defines the function, None when there is none."""
        path = self._directory / f"{name}.py"
        return _read(path) if path.exists() else None

    def inputs(self, class_name: str) -> Mapping[str, Property]:
        """The properties of an input class."""
        if class_name not in self._inputs:
            start, end = self._input_classes[class_name]
            self._inputs[class_name] = _properties(self._inputs_text[start:end], self)
        return self._inputs[class_name]

    def type_of(self, annotation: ast.expr) -> Type:
        """The type that an annotation in this package's modules stands for."""
        node, _ = _without_wrappers(annotation)
        if isinstance(node, ast.Subscript):
            outer, inner = _name(node.value), node.slice
            if outer == "Sequence":
                return Array(self.type_of(inner))
            if outer == "Mapping" and isinstance(inner, ast.Tuple):
                return Map(self.type_of(inner.elts[1]))
            if outer == "Union" and isinstance(inner, ast.Tuple):
                return self._union(inner.elts)
            return ANY
        return self._named(_name(node)) or ANY

    def _union(self, nodes: list[ast.expr]) -> Type:
        options: list[Type] = []
        for node in nodes:
            option = self.type_of(node) if isinstance(node, ast.Subscript) else self._named(_name(node))
            if option is not None and option not in options:
                options.append(option)
        return options[0] if len(options) == 1 else OneOf(tuple(options))

    def _named(self, name: str) -> Type | None:
        """The type of that name; None for another spelling of a type that stands beside it (a TypedDict, an output)."""
        if name.startswith("_builtins."):
            return _BUILTIN[name.removeprefix("_builtins.")]
        if name in ("pulumi.Asset", "pulumi.Archive"):
            return _ASSET if name == "pulumi.Asset" else _ARCHIVE
        if name.endswith("ArgsDict") or name.startswith("outputs."):
            return None
        prefix, _, last = name.rpartition(".")
        owner = _package(prefix.lstrip("_").removeprefix("pulumi_aws.")) if prefix else self
        if last in owner._input_classes:
            return Object(owner.name, last)
        if last in owner._enums:
            return _BUILTIN[owner._enums[last]]
        return None if prefix or last[:1].isupper() else ANY

    @cached_property
    def _inputs_text(self) -> str:
        path = self._directory / "_inputs.py"
        return _read(path) if path.exists() else ""

    @cached_property
    def _input_classes(self) -> Mapping[str, tuple[int, int]]:
        starts = [(match[1], match.start()) for match in _CLASS.finditer(self._inputs_text)]
        ends = [start for _, start in starts[1:]] + [len(self._inputs_text)]
        return {name: (start, end) for (name, start), end in zip(starts, ends, strict=True)}

    @cached_property
    def _enums(self) -> Mapping[str, str]:
        path = self._directory / "_enums.py"
        return dict(_ENUM.findall(_read(path))) if path.exists() else {}
