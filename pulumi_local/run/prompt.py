"""The question before an operation: yes, no, or details."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pulumi_local import urns
from pulumi_local.errors import EngineError, Reported, Signalled
from pulumi_local.interfaces import Event, Operation

if TYPE_CHECKING:
    from pulumi_local.request import View


def confirm(operation: Operation, events: Sequence[Event], view: View) -> None:
    """Asks whether to go on; "details" shows the preview's differences and asks again. Raises `Reported` for no."""
    from pulumi_local.display import colors, detailed

    out = colors.Output(sys.stdout, view.color)
    if operation == "update" and not any(_own(e) for e in events):
        out.line(f"{colors.WARNING}info: {colors.RESET}There are no resources in your stack (other than the stack resource).\n")
    question = f"Do you want to perform this {operation}?"
    if operation == "refresh":
        question += "\nNo resources will be modified as part of this refresh; just your stack's state will be."
    while True:
        try:
            out.write(f"{colors.BOLD}{question}{colors.RESET} [yes/no/details] ")
            line = sys.stdin.readline()
        except Signalled as e:
            e.outcome = f"not proceeding with the {operation}"
            if e.number != signal.SIGINT:
                raise
            raise EngineError(f"confirmation cancelled, not proceeding with the {operation}: interrupt") from None
        if not line:
            raise EngineError(f"confirmation cancelled, not proceeding with the {operation}: end of input")
        answer = line.strip().lower()
        if answer in ("yes", "y"):
            return
        if answer in ("no", "n", ""):
            out.line(f"confirmation declined, not proceeding with the {operation}")
            raise Reported
        if answer in ("details", "d"):
            out.line(detailed.of_events(events))


def _own(event: Event) -> bool:
    metadata = (event.get("resourcePreEvent") or {}).get("metadata") or {}
    return bool(metadata) and metadata.get("type") != urns.STACK_TYPE
