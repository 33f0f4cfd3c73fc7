"""What a user sees of a run: progress rows, diagnostics, outputs, the summary; or a detailed diff; or JSON.

Everything here is made from the engine's events; see `pulumi_local.interfaces.Event`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pulumi_local import environment
from pulumi_local.interfaces import Event, Options

if TYPE_CHECKING:
    from pulumi_local.project.workspace import Stack
    from pulumi_local.request import Kind, View


class Display(Protocol):
    """Shows one run."""

    def emit(self, event: Event) -> None:
        """Takes one event; from any thread."""

    def close(self) -> None:
        """The run is over: shows what comes last."""


def open_display(kind: Kind, stack: Stack, options: Options, view: View, gone: Callable[[OSError], None]) -> Display:
    """The display that the flags ask for; prints the first line of a run for people. `gone`: see `colors.Output`."""
    from pulumi_local.display import colors

    out = colors.Output(sys.stdout, view.color or view.as_json, gone)
    if view.as_json:
        from pulumi_local.display import jsonl

        streaming = environment.is_on("PULUMI_ENABLE_STREAMING_JSON_PREVIEW")
        return jsonl.Digest(view, out) if options.preview and not streaming else jsonl.Lines(out)
    banner = kind.banner(dry=options.preview)
    out.line(f"{colors.HEADLINE}{banner} ({stack.shown}):{colors.RESET}")
    if view.diff:
        from pulumi_local.display.detailed import DetailedDisplay

        return DetailedDisplay(view, out, banner.lower(), colors.Output(sys.stderr, view.color, gone))
    from pulumi_local.display.progress import ProgressDisplay, Scene

    scene = Scene(
        project=stack.reference.project,
        stack=stack.reference.name,
        preview=options.preview,
        interactive=view.interactive,
        suppress_outputs=view.suppress_outputs,
        show_sames=view.show_sames,
    )
    if view.interactive:
        from pulumi_local.display.live import LiveDisplay

        return LiveDisplay(scene, out)
    return ProgressDisplay(scene, out, "" if view.suppress_progress else banner.lower())
