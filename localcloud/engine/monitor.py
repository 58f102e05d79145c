"""What the program and component plugins talk to: the ResourceMonitor and Engine services."""

# The methods have the names that the protocol gives them.
# ruff: noqa: N802

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2 as epb
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc
from pulumi.runtime.proto import resource_pb2 as rpb

from localcloud.deployments import Severity
from localcloud.engine.assets import hash_assets
from localcloud.engine.deployment import Deployment
from localcloud.engine.errors import StepError, StoppedError, step_error
from localcloud.engine.goal import Goal
from localcloud.engine.host import CHANNEL_OPTIONS
from localcloud.engine.report import Report
from localcloud.engine.requests import not_supported, package_of, to_construct, to_goal, to_read
from localcloud.engine.settings import ORGANISATION, Settings
from localcloud.engine.state import PROVIDER_PREFIX, State, is_provider, reference
from localcloud.engine.values import (
    Props,
    Wire,
    decode_struct,
    encode_struct,
    has_unknown,
    output_dependencies,
    without_outputs,
)

Answer = TypeVar("Answer")

# The second half is offered to be refused here, by name: what is not offered, the SDK puts down to an old CLI.
FEATURES = (
    rpb.RESOURCE_MONITOR_FEATURE_SECRETS,
    rpb.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    rpb.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    rpb.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    rpb.RESOURCE_MONITOR_FEATURE_INVOKE_DEPENDS_ON,
    rpb.RESOURCE_MONITOR_FEATURE_INVOKE_PARENT,
    rpb.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    rpb.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    rpb.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    rpb.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    rpb.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    rpb.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    rpb.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    rpb.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    rpb.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS,
)
SEVERITIES: dict[int, Severity] = {epb.INFO: "info", epb.WARNING: "warning", epb.ERROR: "error"}
CUT_OFF = ("Resource monitor has terminated", "StatusCode.UNAVAILABLE")  # what a program says when it is cut off
# A component's registration holds its thread while its children register over the same monitor.
THREADS = 256


class Monitor(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Serves from the start; calls that need the deployment wait until `deployment` has a result."""

    def __init__(self, settings: Settings, report: Report, root: Path, *, preview: bool, parallel: int) -> None:
        self.deployment: Future[Deployment] = Future()
        self.program_done, self.released = threading.Event(), threading.Event()
        self._settings, self._report, self._root = settings, report, root
        self._preview, self._parallel = preview, parallel
        self._defaults: dict[tuple[str, str], str] = {}
        self._defaults_lock = threading.Lock()
        self._parents: dict[str, str] = {}
        self._component_providers: dict[str, dict[str, str]] = {}
        self._unborn: set[str] = set()  # custom resources that this preview would create
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(THREADS), options=CHANNEL_OPTIONS)
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(self, self._server)
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def close(self) -> None:
        self.withdraw()
        self.released.set()
        self._server.stop(0)

    def withdraw(self) -> None:
        """There will be no deployment, if there is none yet: whoever waits for it is told so."""
        if not self.deployment.done():
            self.deployment.set_exception(StoppedError("the deployment could not be begun"))

    # ---- Engine ----

    def Log(self, request: epb.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        severity = SEVERITIES.get(request.severity)
        noise = self._report.stopped.is_set() and any(text in request.message for text in CUT_OFF)
        if severity is not None and not noise:
            self._report.say(severity, request.message, request.urn)
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._refuse(context, "version requirements")

    # ---- ResourceMonitor ----

    def GetDeploymentInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> rpb.DeploymentInfo:
        return rpb.DeploymentInfo(**self._about(), supportedFeatures=FEATURES)

    def SignalAndWaitForShutdown(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """The program will register nothing more; it is let go when the deletes are done."""
        self.program_done.set()
        while not self.released.wait(0.5) and not self._report.stopped.is_set():
            pass
        return empty_pb2.Empty()

    def RegisterResource(self, request: rpb.RegisterResourceRequest, context: grpc.ServicerContext) -> Any:
        return self._answer(context, lambda deployment: self._register(deployment, request))

    def RegisterResourceOutputs(
        self, request: rpb.RegisterResourceOutputsRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        def finish(deployment: Deployment) -> empty_pb2.Empty:
            outputs = hash_assets(without_outputs(decode_struct(request.outputs)), self._root)
            deployment.set_outputs(request.urn, outputs)
            return empty_pb2.Empty()

        return self._answer(context, finish)

    def ReadResource(self, request: rpb.ReadResourceRequest, context: grpc.ServicerContext) -> Any:
        return self._answer(context, lambda deployment: self._read(deployment, request))

    def Invoke(self, request: rpb.ResourceInvokeRequest, context: grpc.ServicerContext) -> Any:
        def invoke(deployment: Deployment) -> rpb.ResourceInvokeResponse:
            try:
                return self._invoke(deployment, request)
            except StepError as error:  # the program may catch it
                message = f"invocation of {request.tok} returned an error: {error}"
                context.abort(grpc.StatusCode.UNKNOWN, message)

        return self._answer(context, invoke)

    def Call(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._refuse(context, "methods of components")

    def RegisterStackTransform(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._refuse(context, "transforms")

    def RegisterStackInvokeTransform(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._refuse(context, "invoke transforms")

    def RegisterResourceHook(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._refuse(context, "resource hooks")

    def RegisterErrorHook(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._refuse(context, "error hooks")

    def RegisterPackage(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._refuse(context, "parameterized packages")

    def _refuse(self, context: grpc.ServicerContext, what: str) -> Any:
        def unsupported(_: Deployment) -> Any:
            raise StepError(not_supported(what))

        return self._answer(context, unsupported)

    def _answer(self, context: grpc.ServicerContext, call: Callable[[Deployment], Answer]) -> Answer:
        """To UNAVAILABLE the SDK says that the monitor has terminated; any other code it shows as an exception."""
        try:
            return call(self.deployment.result())
        except StoppedError as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        except (StepError, OSError) as error:
            self._report.fail(str(error))
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        except Exception as error:
            self._report.fail(f"the embedded engine has a bug: {type(error).__name__}: {error}")
            raise

    def _about(self) -> dict[str, Any]:
        """What the program and component plugins are told of the deployment."""
        return {
            "project": self._settings.project,
            "stack": self._settings.stack,
            "organization": ORGANISATION,
            "config": self._settings.config,
            "configSecretKeys": self._settings.secret_keys,
            "dryRun": self._preview,
            "parallel": self._parallel,
        }

    # ---- registrations ----

    def _register(self, deployment: Deployment, request: rpb.RegisterResourceRequest) -> rpb.RegisterResourceResponse:
        self._report.proceed()
        goal = to_goal(request, deployment.planner.goals.get(request.parent), self._root)
        package = package_of(request.type)
        inherited = self._component_providers.get(request.parent, {})
        if request.remote or (request.custom and not is_provider(request.type)):
            chosen = goal.provider or request.providers.get(package, "") or inherited.get(package, "")
            goal.provider = chosen or self._default_provider(deployment, package, request.version)
        else:
            goal.provider = ""
        providers = {**inherited, **request.providers}
        dependencies: dict[str, set[str]] = {}
        if request.remote:
            state, dependencies = self._construct(deployment, request, goal, providers)
        else:
            goal.properties = without_outputs(goal.properties)
            state = deployment.register(goal)
        with self._lock:
            self._parents[state.urn] = request.parent
            if not request.custom:
                self._component_providers[state.urn] = providers
            elif not state.id:
                self._unborn.add(state.urn)
        outputs = state.outputs if request.custom or request.remote else {}
        if not request.supportsPartialValues:
            outputs = {key: value for key, value in outputs.items() if not has_unknown(value)}
        response = rpb.RegisterResourceResponse
        return response(
            urn=state.urn,
            id=state.id,
            object=encode_struct(outputs, Wire(secrets=request.acceptSecrets, resources=request.acceptResources)),
            propertyDependencies={
                key: response.PropertyDependencies(urns=sorted(urns)) for key, urns in dependencies.items()
            },
        )

    def _default_provider(self, deployment: Deployment, package: str, version: str) -> str:
        """The provider that a resource without one gets: one per package and version, configured by the stack."""
        with self._defaults_lock:
            known = self._defaults.get((package, version))
            if known is not None:
                return known
            properties: Props = {}
            if package != "pulumi":
                denied = self._settings.config.get("pulumi:disable-default-providers", "")
                if f'"{package}"' in denied or '"*"' in denied:
                    raise StepError(f"Default provider for '{package}' disabled. Create an explicit provider.")
                properties = self._settings.of_package(package)
            if version:
                properties |= {"version": version, "__internal": {}}
            name = "default" + ("_" + re.sub(r"[.+-]", "_", version) if version else "")
            goal = Goal(type=PROVIDER_PREFIX + package, name=name, custom=True, properties=properties)
            return self._defaults.setdefault((package, version), reference(deployment.register(goal)))

    def _construct(
        self,
        deployment: Deployment,
        request: rpb.RegisterResourceRequest,
        goal: Goal,
        providers: dict[str, str],
    ) -> tuple[State, dict[str, set[str]]]:
        """Have a component's plugin build it. Its children, and the component itself, come in as registrations."""
        provider = deployment.context.providers.configured(goal.provider)
        wire = Wire(resources=provider.resources, outputs=provider.outputs)
        about = {**self._about(), "monitorEndpoint": self.address}
        try:
            answer = provider.stub.Construct(to_construct(goal, wire, providers, list(request.aliases), **about))
        except grpc.RpcError as error:
            if not self._report.stopped.is_set():
                raise self._report.abandon(f"{goal.type} resource '{goal.name}': {step_error(error)}") from None
            raise StoppedError(str(error)) from None
        outputs = decode_struct(answer.state)
        listed = {key: set(depends.urns) for key, depends in answer.stateDependencies.items()}
        dependencies = {key: listed.get(key, set()) | output_dependencies(value) for key, value in outputs.items()}
        return State(urn=answer.urn, type=goal.type, outputs=without_outputs(outputs)), dependencies

    def _read(self, deployment: Deployment, request: rpb.ReadResourceRequest) -> rpb.ReadResourceResponse:
        package = package_of(request.type)
        provider = request.provider or self._default_provider(deployment, package, request.version)
        properties = without_outputs(decode_struct(request.properties))
        state = deployment.read(to_read(request, properties, provider, self._root), request.id)
        with self._lock:
            self._parents[state.urn] = request.parent
        wire = Wire(secrets=request.acceptSecrets, resources=request.acceptResources)
        return rpb.ReadResourceResponse(urn=state.urn, properties=encode_struct(state.outputs, wire))

    # ---- functions ----

    def _invoke(self, deployment: Deployment, request: rpb.ResourceInvokeRequest) -> rpb.ResourceInvokeResponse:
        self._report.proceed()
        token, package = request.tok, package_of(request.tok)
        args = without_outputs(decode_struct(request.args))
        inherited = self._component_providers.get(request.parent, {}).get(package, "")
        chosen = request.provider or inherited or self._default_provider(deployment, package, request.version)
        if self._waits_for(request.dependsOn):
            return rpb.ResourceInvokeResponse(unknown=True)
        wire = Wire(resources=request.acceptResources)
        failures: list[Any] = []
        if deployment.context.providers.is_builtin(chosen):
            if token != "pulumi:pulumi:getResource":
                raise StepError(not_supported(token))
            outputs, wire = _resource(deployment, args["urn"]), Wire()
        else:
            outputs, failures = deployment.context.providers.configured(chosen).invoke(token, args, self._preview)
        returned: dict[str, Any] = {"return": encode_struct(outputs, wire)}  # a word of Python
        return rpb.ResourceInvokeResponse(**returned, failures=failures)

    def _waits_for(self, urns: Any) -> bool:
        """Whether something that a function depends on, or a part of it, is still to be created."""
        wanted = set(urns)
        with self._lock:
            for urn in self._unborn if wanted else ():
                while urn:
                    if urn in wanted:
                        return True
                    urn = self._parents.get(urn, "")
        return False


def _resource(deployment: Deployment, urn: str) -> Props:
    """What a reference to a resource stands for."""
    state = deployment.context.snapshot.news.get(urn)
    if state is None:
        raise StepError(f"unknown resource {urn}")
    return {"urn": state.urn, "id": state.id, "provider": state.provider, "state": state.outputs}
