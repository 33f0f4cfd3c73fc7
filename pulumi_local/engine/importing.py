"""`import`: takes existing objects into the state, as a file describes them. No program runs, and no object is touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pulumi_local import urns
from pulumi_local.engine import pickles
from pulumi_local.engine.deployment import Deployment
from pulumi_local.engine.errors import EXPECTED, RunError
from pulumi_local.engine.executor import StepExecutor
from pulumi_local.engine.goals import Outputs
from pulumi_local.engine.refresh import report_end
from pulumi_local.engine.registry import DEFAULT_NAME, DEFAULT_TYPE, DYNAMIC, default_inputs
from pulumi_local.engine.state import ResourceState, StateCodec
from pulumi_local.engine.steps import Applied, CreateStep, SameStep, Step
from pulumi_local.engine.values import PropertyMap
from pulumi_local.errors import Unsupported
from pulumi_local.gojson import now
from pulumi_local.interfaces import ConfigValue, Import


def refuse_types(imports: Sequence[Import]) -> None:
    """Raises RunError for what is not a type, Unsupported for resources of other packages."""
    for imp in imports:
        if imp.component:
            continue
        if imp.type.count(":") != 2:
            raise RunError(
                f'import type "{imp.type}" is not a valid resource type token. Type tokens must be of the format '
                "<package>:<module>:<type> - refer to the import section of the provider resource documentation."
            )
        package = urns.package_of(imp.type)
        if package != DYNAMIC:
            raise Unsupported(
                f"resource '{imp.name}' of type '{imp.type}': it is of package '{package}'; this engine runs dynamic resources "
                f"('{DYNAMIC}') only. Use the Pulumi CLI"
            )


class ImportedStep(Step):
    """Takes one object into the state, with the inputs and outputs that were given for it."""

    op = "import"
    under_way = "importing"

    def apply(self) -> Applied:
        """Calls `check`, whose failures are warnings; `read` is not called."""
        deployment, new = self.deployment, self.res
        if new.urn in deployment.olds:
            raise RunError(f"resource '{new.urn}' already exists")
        if not urns.is_stack(new.parent) and new.parent not in deployment.news:
            raise RunError(f"unknown parent '{new.parent}' for resource '{new.urn}'")
        if new.custom and not (new.outputs and pickles.PROVIDER in new.inputs):
            raise RunError(
                f"resource '{new.name}' cannot be imported by its id '{new.import_id}' alone: the host of dynamic providers "
                f"looks for the provider in the resource's properties (KeyError: '{pickles.PROVIDER}'). Give its `inputs` and "
                f"`outputs`, both with `{pickles.PROVIDER}`, in a file, and import that with --file"
            )
        new.id, new.import_id = new.import_id, ""
        # What it was and what it is are the same, so that no difference is shown.
        self.old = new.copied()
        new.created = new.modified = now()
        if new.custom:
            self._check(new)
        return Applied()

    def _check(self, new: ResourceState) -> None:
        deployment = self.deployment
        _, failures = deployment.provider_of(new).check(new.urn, new.inputs, new.inputs, preview=deployment.preview)
        if failures:
            deployment.events.warning(
                f"One or more imported inputs failed to validate. This is almost certainly a bug in the `{DYNAMIC}` provider. "
                "The import will still proceed, but you will need to edit the generated code after copying it into your program.",
                new.urn,
            )
        for failure in failures:
            deployment.events.warning(deployment.failure(new, new.inputs, failure.property, failure.reason), new.urn)

    def end(self, number: int) -> None:
        """The new state joins."""
        self.deployment.journal.end(number, new=self._new)


class Importing:
    """One run of `import`."""

    def __init__(self, deployment: Deployment, config: Mapping[str, ConfigValue], codec: StateCodec) -> None:
        self.deployment = deployment
        self._config = config
        self._codec = codec
        self._imports = deployment.options.imports
        self._executor = StepExecutor(deployment, ignore_errors=True)

    def run(self) -> bool:
        """Whether all went well; what went wrong is reported. With nothing to import nothing is done."""
        error = ""
        try:
            if self._imports:
                self._run()
        except EXPECTED as e:
            error = str(e)
        finally:
            self._executor.close()
        failed = self._executor.error
        if failed is not None and not error:
            error = f"step application failed: {failed}"
        if error:
            report_end(self.deployment, "failed" if self._executor.stopped.is_set() else f"failed: {error}")
        elif self.deployment.stopping.is_set():
            report_end(self.deployment, "failed" if self.deployment.leaving.is_set() else "canceled")
        return not error and not self.deployment.stopping.is_set()

    def _run(self) -> None:
        stack = self._stack()
        made: list[Step] = [] if stack is not None else [CreateStep(self.deployment, self._new_stack(), None)]
        if not self._in_turn([*self._kept(), *made]) or not self._together(list(self._new_providers())):
            return
        waiting = {step.urn: step for step in self._steps((stack or self._new_stack()).urn)}
        pickles.require_known(step.res for step in waiting.values())
        while waiting:
            # Those whose parents exist already, all at once.
            ready: list[Step] = [step for step in waiting.values() if step.res.parent not in waiting]
            for step in ready:
                del waiting[step.urn]
            if not self._together(ready):
                return
        for step in made:
            self._executor.register_outputs(Outputs(step.urn, {}), final=True)

    def _in_turn(self, steps: list[Step]) -> bool:
        future = self._executor.run_chain(steps) if steps else None
        if future is not None:
            future.result()
        return self._good

    def _together(self, steps: list[Step]) -> bool:
        self._executor.run_all(steps)
        return self._good

    @property
    def _good(self) -> bool:
        return self._executor.error is None and not self.deployment.stopping.is_set()

    # -- the state before

    def _kept(self) -> Iterator[Step]:
        """Steps that keep the state before, in its order."""
        for old in self.deployment.previous.resources:
            if not old.delete:
                yield SameStep.keeping(self.deployment, old)

    def _stack(self) -> ResourceState | None:
        found = (r for r in self.deployment.previous.resources if r.type == urns.STACK_TYPE and not r.parent)
        return next(found, None)

    def _new_stack(self) -> ResourceState:
        deployment = self.deployment
        return ResourceState(urns.of_stack(deployment.stack, deployment.project), urns.STACK_TYPE, False)

    # -- providers

    def _provider_urn(self, imp: Import) -> str:
        """The provider that serves a resource; of a provider itself, its own URN."""
        if urns.is_provider_type(imp.type):
            return self.deployment.urn(imp.parent, imp.type, imp.name)
        return imp.provider or self.deployment.urn("", DEFAULT_TYPE, DEFAULT_NAME)

    def _new_providers(self) -> Iterator[Step]:
        """Steps for the providers that are used and not there: the default one first, the others by URN."""
        described = {self._provider_urn(i): i for i in self._imports if urns.is_provider_type(i.type)}
        used = {self._provider_urn(i) for i in self._imports if not i.component}
        for urn in sorted(used - self.deployment.olds.keys(), key=lambda u: (not urns.is_default_provider(u), u)):
            if urns.is_default_provider(urn):
                inputs = default_inputs(self._config)
            else:
                inputs = self._properties(described[urn].inputs, urn, "inputs") if urn in described else {}
            state = ResourceState(urn, urns.type_of(urn), True, inputs=inputs)
            if urn in described:
                state.parent = described[urn].parent
            state.inputs = self.deployment.registry.check(urn, inputs)
            yield CreateStep(self.deployment, state, None)

    # -- resources

    def _steps(self, stack: str) -> Iterator[Step]:
        for imp in self._imports:
            if urns.is_provider_type(imp.type):
                continue
            parent = imp.parent or stack
            urn = self.deployment.urn(parent, imp.type, imp.name)
            old = self.deployment.olds.get(urn)
            if old is not None and (old.import_id or old.id) == imp.id:
                continue  # it is there already, and stays
            new = ResourceState(
                urn,
                imp.type,
                not imp.component,
                inputs=self._properties(imp.inputs, urn, "inputs"),
                outputs=self._properties(imp.outputs, urn, "outputs"),
                parent=parent,
                protect=imp.protect,
                provider="" if imp.component else self.deployment.news[self._provider_urn(imp)].reference,
                import_id=imp.id,
            )
            yield ImportedStep(self.deployment, None, new)

    def _properties(self, properties: Mapping[str, object] | None, urn: str, which: str) -> PropertyMap:
        return self._codec.read_properties(properties or {}, urn, which)
