"""The commands: each runs an engine, or speaks with GitHub, and leaves files for the next."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from stripe_client import reading
from stripe_client.reading import quoted
from stripe_project import children, settings
from stripe_project import stack as stacks
from stripe_project.children import Ended, Stopped
from stripe_project.stack import EngineFailed, Prepared

from . import github, report
from .report import Preview

PLAIN = ("--color", "never", "--non-interactive")
UNEXPECTED_CHANGES = 7
"""The engines' exit code with --expect-no-changes, where there are some."""
NO_END = "the log of its run says why."


class Failed(Exception):
    """The command failed; the message says why, in a few lines at most."""


def preview(out: Path, stack: str) -> None:
    """Previews a stack under the policies, saves the plan, and says what the change does to bills. Writes nothing to the backend:
    a stack that is not made yet is planned against an empty state of its own, and made by `deploy`.

    Raises Failed at the end if any of that went wrong; what was found is in `out` all the same.
    """
    folder = out / stack
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Whatever ends this from here on, the comment tells of the stack, as one that failed.
    _keep(folder, _failure(stack, f"It did not come to an end: {NO_END}"))
    try:
        read = _previewed(folder, stack)
    except (SystemExit, Failed) as e:  # most likely before the preview began
        _keep(folder, _failure(stack, e.says if isinstance(e, EngineFailed) else str(e)))
        raise
    _keep(folder, read)
    github.output("changes", str(read.deploys).lower())
    github.summary(report.comment(settings.project().name, [read]))
    if read.failed:
        raise Failed(f"{stack}: {report.headline(read).removeprefix('❌ ')}; see above, or {folder / 'preview.txt'}")
    print(f"{stack}: {report.headline(read)}; the plan is {folder / 'plan.json'}")


def _failure(stack: str, why: str) -> Preview:
    return Preview(stack, {}, ["preview"], why, "", run=github.run())


def _previewed(folder: Path, stack: str) -> Preview:
    with tempfile.TemporaryDirectory() as temporary:
        prepared = stacks.to_look_at(stack, Path(temporary))
        judged = stacks.with_baseline(prepared, Path(temporary))
        plan = folder / "plan.json"
        said = _engine(judged, "preview", "--policy-pack", "policy", "--save-plan", str(plan), "--diff")
        impact, unknown = _impact(prepared, folder)
        exported = stacks.captured(prepared, ["stack", "export", "--stack", stack])
    failed = ["preview"] if said.code else ["billing impact"] if unknown else []
    text = report.without_hint(said.stdout) + (f"\n{unknown}" if failed == ["billing impact"] else "")
    found = folder / "preview.json"
    steps = report.steps(_text(found)) if found.exists() else []
    deploys = report.deploys(steps) or (plan.exists() and report.rewires(_json(plan), json.loads(exported)["deployment"] or {}))
    return Preview(stack, report.changes(steps), failed, text, impact, deploys, github.run())


def _impact(prepared: Prepared, folder: Path) -> tuple[str, str]:
    """What the change does to bills, as Markdown, or why that is unknown."""
    streaming = {**prepared.environment, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
    command = [*prepared.engine.command, "preview", "--json", "--stack", prepared.name, *PLAIN]
    looked = _run(command, streaming, stderr=subprocess.PIPE)
    sys.stderr.write(looked.stderr)
    if looked.code:
        return "", f"error: the preview for it failed\n{looked.stderr}"
    _write(folder / "preview.json", looked.stdout)
    impact = [sys.executable, "-m", "stripe_impact", str(folder / "preview.json"), "--format", "markdown"]
    told = _run(
        [*impact, "--output", str(folder / "impact.md"), "--svg", str(folder / "impact.svg")], prepared.environment, show=True
    )
    return ("", told.stdout or "error: it did not come to an end") if told.code else (_text(folder / "impact.md"), "")


_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
"""Of a stack: https://www.pulumi.com/docs/iac/concepts/stacks/#create-stack"""
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
"""Of a pull request."""


def comment(out: Path, pull_request: str, stacks: Collection[str] = ()) -> None:
    """Composes the comment from all stacks' previews, and posts or changes it; of `stacks`, those without a preview have failed.

    Raises Failed where there are none.
    """
    if wrong := [stack for stack in stacks if not _NAME.fullmatch(stack)]:
        raise Failed(f'--stacks (CI_STACKS): "{quoted(wrong[0])}" is not the name of a stack; give such as "staging prod"')
    if pull_request and not _NUMBER.fullmatch(pull_request):
        raise Failed(f'--pull-request: "{quoted(pull_request)}" is not a number; give such as 17')
    found = [_read(path.parent) for path in sorted(out.glob("*/result.json"))]
    previews = [preview for preview in found if preview.run == github.run()]
    missing = sorted({*(stacks or [preview.stack for preview in found])} - {preview.stack for preview in previews})
    previews += [_failure(stack, f"Nothing is there of it: {NO_END}") for stack in missing]
    if not previews:
        raise Failed(f"there is no */result.json in {out}; run {settings.typed('ci-preview', '…')} first")
    project = settings.project().name
    out.mkdir(parents=True, exist_ok=True)  # no preview has left anything
    _write(out / "comment.md", report.comment(project, previews, github.run()))
    if not pull_request:
        print(f"The comment is {out / 'comment.md'}; give PR=<number> to post it")
        return
    _say(partial(github.put_comment, pull_request, report.comment_marker(project), out / "comment.md"))


def _read(folder: Path) -> Preview:
    try:
        return _found(folder)
    except Failed:  # it was killed while it wrote, or not all of it was fetched
        return _failure(folder.name, f"What it left is not whole: {NO_END}")


def _found(folder: Path) -> Preview:
    impact = folder / "impact.md"
    text = _text(folder / "preview.txt")
    told = _text(impact) if impact.exists() else ""
    found = report.read(_json(folder / "result.json"), text, told)
    if found is None:
        raise Failed(f"{folder / 'result.json'} is not what ci-preview writes; run {settings.typed('ci-preview', '…')} again")
    return found


def _text(path: Path) -> str:
    try:
        return reading.text(str(path))
    except ValueError as e:
        raise Failed(f"{path} cannot be read: {e}") from None


def _json(path: Path) -> Any:
    """What an earlier command wrote, maybe on another machine. Raises Failed where it is no JSON."""
    try:
        return reading.parsed(_text(path))
    except ValueError as e:
        raise Failed(f"{path} is not JSON: {e}; make it again") from None


def deploy(out: Path, stack: str) -> None:
    """Deploys the plan that `ci-preview` saved, under the policies.

    Raises Failed, before any request, if there is none, or if the state would not outlive the machine.
    """
    plan = out / stack / "plan.json"
    if not plan.exists():
        raise Failed(f"there is no {plan}; run {settings.typed('ci-preview', stack)}, or fetch its files")
    prepared = stacks.prepared(stack)
    _outlives(prepared)
    again = settings.typed("ci-deploy", stack)
    with tempfile.TemporaryDirectory() as temporary:
        judged = stacks.with_baseline(prepared, Path(temporary))
        with children.saying(f"what is shown as done is done, and in the state; {again} does the rest of the plan"):
            done = _engine(judged, "up", "--yes", "--policy-pack", "policy", "--plan", str(plan))
    if done.code:
        raise Failed(f"{stack} was not deployed as planned; where the plan is out of date, make another and have it approved")


def _outlives(prepared: Prepared) -> None:
    backend = prepared.environment.get("PULUMI_BACKEND_URL") or settings.project().backend_url
    if not prepared.local and backend.startswith(("file:", "~")):
        raise Failed(
            f"PULUMI_BACKEND_URL is '{backend}', which is gone with this machine, and a stack whose state is lost makes its "
            "objects a second time; set it to a shared backend, such as s3://… or gs://… (docs/environments.md)"
        )
    if not prepared.local and not backend and not os.environ.get("PULUMI_ACCESS_TOKEN"):
        raise Failed("PULUMI_BACKEND_URL is not set; set it to where the state is (docs/environments.md)")


def drift(out: Path, stack: str) -> None:
    """Compares what is at Stripe with what the program declares, and looks for orphans.

    Raises Failed if it differs, if there are any, or if nobody can tell whether it differs, as where there is no state of the
    stack; then it leaves no answer.
    """
    folder = out / stack
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in ("drift.txt", "orphans.txt", "drift.json"):
        (folder / earlier).unlink(missing_ok=True)
    prepared = stacks.found(stack)
    if not stacks.exists(prepared):
        raise Failed(
            f"{stack}: there is no state of this stack here, so nobody can tell whether anything drifted; set PULUMI_BACKEND_URL "
            f"to where it is, or make the stack: {settings.typed('up', stack)}"
        )
    stacks.make_ready(prepared, there=True)
    looked = _engine(prepared, "preview", "--refresh", "--run-program", "--diff", "--expect-no-changes")
    if looked.code not in (0, UNEXPECTED_CHANGES):
        raise Failed(f"{stack}: whether anything drifted could not be told; see above")
    drifted = looked.code == UNEXPECTED_CHANGES
    orphans = stacks.orphans(prepared)
    if said := orphans.text if orphans.owned else orphans.line(stack):
        print(f"\n{said}", flush=True)
    _write(folder / "drift.txt", looked.stdout)
    _write(folder / "orphans.txt", said)
    look = report.Look(stack, drifted, orphans.owned, github.run())
    _write(folder / "drift.json", json.dumps(asdict(look)))
    if not drifted and not orphans.owned:
        github.summary("\n\n".join(filter(None, [f"{stack}: no drift", said])))
        print(f"{stack}: no drift")
        return
    github.summary(_body(folder, look))
    wrong = ["what is at Stripe is not what is declared"] if drifted else []
    wrong += ["at Stripe there are objects of this stack in no state"] if orphans.owned else []
    raise Failed(f"{stack}: {', and '.join(wrong)}; see above, or {folder}/{'drift' if drifted else 'orphans'}.txt")


def _body(folder: Path, look: report.Look) -> str:
    """The issue about what `drift` found; the texts are in `folder`."""
    puts_right = settings.typed("up", look.stack, "--refresh --run-program")
    drift = report.Finding(_text(folder / "drift.txt"), puts_right) if look.drift else None
    shows = settings.typed("orphans", look.stack)
    orphans = report.Finding(_text(folder / "orphans.txt"), shows) if look.orphans else None
    return report.issue_body(settings.project().name, look.stack, drift, orphans)


def issue(out: Path) -> None:
    """Opens, changes or closes one issue for each stack that `ci-drift` looked at.

    Raises Failed at the end if that went wrong for any of them.
    """
    project = settings.project().name
    failed = []
    for path in sorted(out.glob("*/drift.json")):
        try:
            _tell(project, path)
        except Failed as e:
            failed.append(str(e))
    if failed:
        raise Failed("\n".join(dict.fromkeys(failed)))


def _tell(project: str, path: Path) -> None:
    """What `ci-drift` found for one stack. Raises Failed where that is not whole, or GitHub does not take it."""
    look = report.read_look(_json(path))
    if look is None:
        raise Failed(f"{path} is not what ci-drift writes; its issue stays as it is; run {settings.typed('ci-drift', '…')} again")
    name, marker = look.stack, report.issue_marker(project, look.stack)
    if look.run != github.run():
        print(f"{path} is of another run, so nobody can tell; the issue about {name} stays as it is")
        return
    if look.drift or look.orphans:
        body = path.with_name("issue.md")
        _write(body, _body(path.parent, look))
        _say(partial(github.put_issue, report.issue_title(project, name), marker, body))
    else:
        _say(partial(github.close_issue, marker, "What is at Stripe is what is declared again."))


# -- running


def _engine(prepared: Prepared, command: str, *arguments: str) -> Ended:
    """Runs an engine's command on the stack; shows what it prints, too."""
    print(f"{command}: stack {prepared.name}, by {prepared.engine.name}.", flush=True)
    flags = ["--stack", prepared.name, "--suppress-progress", *PLAIN]
    return _run([*prepared.engine.command, command, *arguments, *flags], prepared.environment, show=True)


def _run(command: list[str], environment: dict[str, str], *, stderr: int | None = subprocess.STDOUT, show: bool = False) -> Ended:
    quiet = subprocess.DEVNULL
    ended = children.run(command, settings.root(), environment, stdin=quiet, stdout=subprocess.PIPE, stderr=stderr)
    if show:
        print(ended.stdout, end="", flush=True)
    if ended.stopped and ended.code:
        raise Stopped(ended.stopped)
    return ended


def _keep(folder: Path, found: Preview) -> None:
    _write(folder / "preview.txt", found.text)
    _write(folder / "result.json", json.dumps(report.result(found)))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _say(act: Callable[[], str]) -> None:
    """Prints what was done at GitHub. Raises Failed if it was not done."""
    try:
        said = act()
    except github.GitHubError as e:
        raise Failed(str(e)) from None
    if said:
        print(said)
