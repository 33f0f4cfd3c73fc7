"""What a run does with plans: makes one of what it decides, or checks what it decides against one. Or both, or neither."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pulumi_local.engine import plans
from pulumi_local.engine.errors import RunError
from pulumi_local.engine.goals import Goal
from pulumi_local.engine.plans import Plan, ResourcePlan
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.values import PropertyMap


class Planning:
    """The plan that is made, and the plan that limits; `limits` loses steps as they are taken.

    Whatever breaks the limits raises RunError."""

    def __init__(self, limits: Plan | None, made: Plan | None) -> None:
        """`made`: an empty plan to be filled, or None."""
        self.limits, self.made = limits, made

    @property
    def idle(self) -> bool:
        """Whether there is no plan."""
        return self.limits is None and self.made is None

    def registered(self, urn: str, goal: Goal, old: ResourceState | None, olds: PropertyMap, inputs: PropertyMap) -> None:
        """A registration with checked inputs. `olds` are those that it starts from: none for a new object."""
        if self.made is not None:
            # It is there already if it was deleted ahead of its replacement.
            self.made.setdefault(urn, ResourcePlan()).goal = plans.of_goal(goal, olds, inputs)
        if self.limits is None:
            return
        if urn in self.limits:
            breach = plans.broken_by_goal(self.limits[urn].goal, goal, olds, inputs)
        elif old is not None:
            breach = plans.broken_by_goal(plans.of_state(old), goal, old.inputs, inputs)
        else:
            return  # its creation is not allowed, which the step will show
        if breach:
            raise RunError(f"resource {urn} violates plan: {breach}", urn)

    def imported(self, urn: str) -> None:
        """A resource with the option `import`. What it will be is not known before it is read, which a plan would need."""
        if not self.idle:
            raise RunError(f"pulumi_local does not support plans for resources with the option `import`: {urn}", urn)

    def decided(self, steps: Iterable[tuple[str, str]], aliased: Mapping[str, str]) -> None:
        """Steps that are about to be taken: URN and operation. `aliased`: former URN → present URN."""
        if self.idle:
            return
        for old_urn, op in steps:
            urn = aliased.get(old_urn, old_urn)
            if self.limits is not None:
                self._allowed(op, urn, self.limits)
            if self.made is not None and (urn in self.made or op != "same"):
                self.made.setdefault(urn, ResourcePlan()).ops.append(op)

    def _allowed(self, op: str, urn: str, limits: Plan) -> None:
        plan = limits.get(urn)
        if plan is None:
            if op != "same":
                raise RunError(f"{op} is not allowed by the plan: no steps were expected for this resource", urn)
            return
        if not plan.ops:
            raise RunError(f"{op} is not allowed by the plan: no more steps were expected for this resource", urn)
        planned = plan.ops.pop(0)
        if not plans.allows(planned, op):
            raise RunError(f"{op} is not allowed by the plan: this resource is constrained to {planned}", urn)

    def applied(self, state: ResourceState) -> None:
        """A resource as a step left it."""
        if self.made is not None and state.urn in self.made:
            self.made[state.urn].outputs = state.outputs

    def outputs(self, urn: str, old: PropertyMap, new: PropertyMap) -> None:
        """Outputs that a component, or the stack, registers."""
        if self.limits is not None:
            plan = self.limits.get(urn)
            if plan is None or plan.goal is None:
                raise RunError(f"no plan for resource {urn}", urn)
            if breach := plans.broken_by_properties(plan.goal.output_diff, old, new):
                raise RunError(f"resource violates plan: {breach}", urn)
        if self.made is not None:
            made = self.made[urn]
            assert made.goal is not None
            made.goal.output_diff, made.outputs = plans.plan_diff(old, new), new

    def missed(self, before: Sequence[ResourceState]) -> dict[str, str]:
        """After all steps: what the plan expected, and did not happen, by URN. Deletions of missing resources do not count."""
        there = {state.urn for state in before}
        return {
            urn: f"expected resource operations for {urn} but none were seen"
            for urn, plan in sorted((self.limits or {}).items())
            if plan.ops and (plan.ops != ["delete"] or urn in there)
        }
