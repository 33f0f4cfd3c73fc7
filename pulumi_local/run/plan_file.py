"""Plan files, as `preview --save-plan` writes them and `up --plan` reads them."""

from __future__ import annotations

from pathlib import Path

from pulumi_local import gojson, reading
from pulumi_local.errors import EngineError
from pulumi_local.interfaces import PlanDocument


def write(path: Path, plan: PlanDocument) -> None:
    """Writes a plan. Raises EngineError where that is impossible."""
    ordered = {key: plan[key] for key in ("manifest", "config", "resourcePlans")}
    try:
        path.write_text(gojson.dumps(ordered, indent=4) + "\n", encoding="utf-8")
    except OSError as e:
        raise EngineError(f"could not write the plan: {e}") from None


def hint(path: Path) -> str:
    """What to do with a plan that was written."""
    return (
        f"Update plan written to '{path}'\n"
        f"Run `pulumi up --plan='{path}'` to constrain the update to the operations planned by this preview"
    )


def read(path: Path) -> PlanDocument:
    """Reads a plan. Raises EngineError for a file that is not there, or that is not a plan."""
    try:
        plan = reading.parsed(reading.text(path))
    except OSError as e:
        raise EngineError(f"could not read the plan: {e}") from None
    except ValueError as e:
        raise EngineError(f"could not read the plan {path}: it is not JSON: {e}") from None
    if not isinstance(plan, dict) or not isinstance(plan.get("resourcePlans", {}), dict):
        raise EngineError(
            f"could not read the plan {path}: expected an object with `resourcePlans`, as `preview --save-plan` writes it"
        )
    return plan
