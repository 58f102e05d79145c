"""Time per resource of a whole stack's program, against registering the same resources one by one.

Both run under Pulumi's mocks in this process, in turns. The plain program registers exactly what the components did:
the same types, names, parents and inputs, the inputs as constants through the typed classes of pulumi-aws, the
components as bare ComponentResources. What is left is what reading the stack's files, compiling its
contracts and the library itself cost.

    python -m benchmarks.components
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import re
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime import mocks, settings

from components.foundation.functions import repository
from stacks.program import BLUEPRINTS
from stacks.settings import read_settings

TARGET = 1.25
_ROUNDS = 7
_STACK = "sales-prod"
_HUB = "111111111111"
_HUB_EXPORTS = {
    "accountId": _HUB,
    "region": "eu-west-1",
    "keys": {"internal": f"arn:aws:kms:eu-west-1:{_HUB}:key/mrk-internal"},
    "buckets": {},
    "catalogId": _HUB,
    "databases": {"sales": "acme_prod_sales"},
    "bus": f"arn:aws:events:eu-west-1:{_HUB}:event-bus/acme-governance-prod-mesh",
    "tables": {},
}
_COMPONENT = "mesh:"
_REFERENCE = "pulumi:pulumi:StackReference"


@dataclass(frozen=True)
class Overhead:
    """Milliseconds per resource, medians over the rounds."""

    resources: int
    components: float
    plain: float

    @property
    def ratio(self) -> float:
        return self.components / self.plain

    def __str__(self) -> str:
        return (
            f"components: {self.components:.2f} ms per resource, plain registration {self.plain:.2f} ms, "
            f"ratio {self.ratio:.2f} (target at most {TARGET}) over {self.resources} resources"
        )


def whole_program() -> None:
    """A domain's stack, as `pulumi up` runs it."""
    settings = read_settings(_STACK)
    BLUEPRINTS[settings.entry.kind, settings.recovery](settings)


@dataclass(frozen=True)
class _Call:
    """One constructor call of the components' program: enough to make it again without them."""

    make: type[pulumi.Resource]
    type: str
    name: str
    identity: str
    parent: str | None
    arguments: dict[str, Any]

    def repeat(self, made: dict[str, pulumi.Resource]) -> None:
        opts = pulumi.ResourceOptions(parent=made[self.parent] if self.parent else None)
        if self.type.startswith(_COMPONENT):
            made[self.identity] = pulumi.ComponentResource(self.type, self.name, self.arguments, opts)
        else:
            make: Any = self.make
            made[self.identity] = make(self.name, opts=opts, **self.arguments)


class _Answers(mocks.Mocks):
    """Every resource gets its inputs back, an id and the computed outputs that others take; the network its subnets."""

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {"names": ["eu-west-1a", "eu-west-1b", "eu-west-1c"]}, []  # the availability zones, for the edge

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if args.typ == _REFERENCE:
            return args.name, {"name": args.name, "outputs": _HUB_EXPORTS}
        if args.custom:
            computed = {name: f"{name}-of-{args.name}" for name in ("arn", "keyId", "url", "prefixListId")}
            return args.name, {**computed, **args.inputs}
        return None, {"vpcId": "vpc-1", "privateSubnetIds": ["subnet-1"]} if args.typ == "awsx:ec2:Vpc" else {}


class _Recorder(_Answers):
    """Keeps the inputs of each resource as they reach the engine."""

    def __init__(self) -> None:
        self.inputs: dict[tuple[str, str], dict[str, Any]] = {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        assert (args.typ, args.name) not in self.inputs, f"two {args.typ} called {args.name}"
        self.inputs[args.typ, args.name] = dict(args.inputs)
        return super().new_resource(args)


def run(program: Callable[[], object], answers: mocks.Mocks) -> float:
    """Run a program until everything has settled; seconds of processor time, as mocks wait for nothing."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    gc.collect()
    try:
        mocks.set_mocks(answers, project="mesh", stack=_STACK, preview=False)

        def settled() -> None:
            program()

        settle: Callable[[], None] = mocks.test(settled)  # type: ignore[no-untyped-call]
        start = time.process_time()
        settle()
        return time.process_time() - start
    finally:
        settings.reset_options()
        loop.close()


def record(program: Callable[[], object]) -> list[_Call]:
    """What a program registers, as calls in its own order: parents come first."""
    constructed: list[tuple[pulumi.Resource, str, str, pulumi.Resource | None]] = []
    register = pulumi.Resource.__init__
    recorder = _Recorder()

    def noted(self: pulumi.Resource, t: str, name: str, *args: Any, **kwargs: Any) -> None:
        opts = inspect.signature(register).bind(self, t, name, *args, **kwargs).arguments.get("opts")
        constructed.append((self, t, name, opts.parent if opts else None))
        register(self, t, name, *args, **kwargs)

    pulumi.Resource.__init__ = noted  # type: ignore[method-assign]
    try:
        run(program, recorder)
    finally:
        pulumi.Resource.__init__ = register  # type: ignore[method-assign]
    identities = {id(resource): f"{type_}::{name}" for resource, type_, name, _ in constructed}
    return [
        _Call(
            make=type(resource),
            type=type_,
            name=name,
            identity=identities[id(resource)],
            parent=identities[id(parent)] if parent else None,
            arguments=_arguments(type_, type(resource), recorder.inputs[type_, name]),
        )
        for resource, type_, name, parent in constructed
        if type_ not in ("pulumi:pulumi:Stack", _REFERENCE)
    ]


def _arguments(type_: str, make: type[pulumi.Resource], inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs as the engine gets them, under the constructor's names; those of our components stay as they are."""
    if type_.startswith(_COMPONENT):
        return inputs
    known = inspect.signature(getattr(make, "_internal_init", make.__init__)).parameters
    named = {re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower(): value for key, value in inputs.items()}
    return {_spelled(key, known): value for key, value in named.items()}


def _spelled(name: str, known: Iterable[str]) -> str:
    # Digits have no place of their own in snake case ("ipv4CidrBlock"): match without underscores.
    return next(each for each in known if each.replace("_", "") == name.replace("_", ""))


def measure(rounds: int = _ROUNDS) -> Overhead:
    """Both programs in turns, after one run of each to warm up."""
    previous = os.getcwd()
    os.chdir(repository())
    try:
        calls = record(whole_program)

        def plain() -> None:
            made: dict[str, pulumi.Resource] = {}
            for call in calls:
                call.repeat(made)

        answers = _Answers()
        run(plain, answers)
        times = [(run(whole_program, answers), run(plain, answers)) for _ in range(rounds)]
    finally:
        os.chdir(previous)
    components, bare = (statistics.median(column) * 1000 / len(calls) for column in zip(*times, strict=True))
    return Overhead(resources=len(calls), components=components, plain=bare)


if __name__ == "__main__":
    print(measure())
