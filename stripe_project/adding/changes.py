"""Which files of a project become what, where billing is added to it. Nothing is written."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripe_client.version import DISTRIBUTION
from stripe_project import answers, template

from . import toml_text, yaml_text
from .project import Existing, mapping, text

POLICY = Path("policy")
OURS = ("stripe_components", "stripe_resources")
"""A module that imports one of these declares billing."""


@dataclass(frozen=True)
class Change:
    """One file: `before` is None where there is none."""

    path: Path
    before: str | None
    after: str


@dataclass(frozen=True)
class Wishes:
    """What the command line says."""

    module: str
    local: tuple[str, ...]
    live: tuple[str, ...]


class Refused(Exception):
    """What stands in the way: the file, what is wrong with it, and the remedy."""


def stacks_without_plan(project: Existing) -> list[str]:
    """The stacks for which the plan has to be asked for."""
    required = {question.setting for question in answers.PLAN}
    return [stack for stack, path in project.stacks.items() if required - _own(project, mapping(path, _read(path) or "")).keys()]


def all_of(project: Existing, plan: Mapping[str, str], wishes: Wishes) -> list[Change]:
    """What is left to change. Raises SystemExit with everything that stands in the way."""
    program = project.program / f"{wishes.module}.py"
    steps: tuple[Callable[[], list[Change]], ...] = (
        lambda: [_dependency(project)],
        lambda: [_module(project, program)],
        lambda: [_import(project.program / "__main__.py", wishes.module)],
        lambda: [_declarations(project, new=not program.exists())],
        lambda: [_stack(project, stack, plan, wishes) for stack in project.stacks],
        lambda: list(_policies(project)),
        lambda: [_ignored(project.root / ".gitignore")],
    )
    found: list[Change] = []
    refused = []
    for step in steps:
        try:
            found += step()
        except Refused as e:
            refused.append(str(e))
    if refused:
        raise SystemExit("\n".join(refused))
    return [change for change in found if change.before != change.after]


# -- each file


def _dependency(project: Existing) -> Change:
    path = project.requirements()
    before = _read(path)
    line = requirement()
    if path.suffix == ".toml":
        if toml_text.depends_on(before or "", DISTRIBUTION):
            return Change(path, before, before or "")
        name, extras, version = _parts(line)
        after = toml_text.with_dependency(before or "", name, extras, version)
        if after is None:
            raise Refused(f'{path}: there is no list of dependencies that a line can be added to; add "{line}" to them by hand')
        return Change(path, before, after)
    if any(toml_text.is_named(found, DISTRIBUTION) for found in (before or "").splitlines()):
        return Change(path, before, before or "")
    if "--hash=" in (before or ""):
        raise Refused(f"{path} has hashes, so it is compiled from another file; add {line} there, and compile it")
    return Change(path, before, _with_lines(before, [line]))


def requirement() -> str:
    """The line that the template has, with the extras and the version."""
    return (template.FOLDER / "requirements.txt").read_text(encoding="utf-8").strip()


def _parts(line: str) -> tuple[str, list[str], str]:
    found = re.fullmatch(r"([^\[]+)\[([^\]]+)\](.+)", line)
    assert found is not None
    return found[1], found[2].split(","), found[3]


def _module(project: Existing, path: Path) -> Change:
    """The template's program, but for its refusal of settings that nobody declares: others' are not its business."""
    before = _read(path)
    if before is not None:
        if not any(f"from {package} import" in before for package in OURS):
            raise Refused(f"{path} is there already, and declares no billing; choose another module with --module")
        return Change(path, before, before)
    text = template.text("__main__.py", project.file.name, "")
    return Change(path, None, text.replace(", require_known_settings", "").replace("require_known_settings()\n", ""))


def _import(path: Path, module: str) -> Change:
    """After the last import of the program."""
    before = _read(path) or ""
    try:
        body = ast.parse(before).body
    except SyntaxError as e:
        raise Refused(f"{path} cannot be read: line {e.lineno}: {e.msg}") from None
    imports = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {name for node in imports for name in _imported(node)}
    if module in names:
        return Change(path, before, before)
    at = max((node.end_lineno or 0 for node in imports), default=0) if imports else before.count("\n") + 1
    lines = before.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return Change(path, before, "".join([*lines[:at], f"import {module}  # noqa: F401  # declares it\n", *lines[at:]]))


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        yield node.module or ""
    else:
        yield from (alias.name for alias in node.names)


def _declarations(project: Existing, *, new: bool) -> Change:
    """The settings, in `Pulumi.yaml`."""
    path = project.file.path
    before = _read(path) or ""
    declared = _own(project, mapping(path, before))
    wanted = dict(_blocks(template.text("Pulumi.yaml", project.file.name, "")))
    if new and (taken := sorted((declared.keys() & wanted.keys()) - {"environment"})):
        raise Refused(f"{path} declares {', '.join(taken)} already, which billing needs for itself; rename what is there")
    environment = declared.get("environment")
    if isinstance(environment, dict) and environment.get("type", "string") != "string":
        raise Refused(f"{path} declares environment, but not as a string, which billing writes into the metadata of all objects")
    lines = [line for name, block in wanted.items() if name not in declared for line in block]
    return Change(path, before, _with_entries(path, before, lines))


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """The settings that a `Pulumi.yaml` of ours declares, each with its lines."""
    lines = [line[2:] for line in text.partition("\nconfig:\n")[2].splitlines()]
    starts = [i for i, line in enumerate(lines) if not line.startswith(" ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start].removesuffix(":"), lines[start:end]


def _stack(project: Existing, stack: str, plan: Mapping[str, str], wishes: Wishes) -> Change:
    """A stack's settings: where it deploys to, which environment it is, the plan."""
    path = project.stacks[stack]
    before = _read(path) or ""
    there = _own(project, mapping(path, before))
    kind = "dev" if stack in wishes.local else "prod" if stack in wishes.live else "staging"
    comment, lines = _settings(kind)
    settings = {line.partition(": ")[0]: line for line in lines}
    settings["environment"] = f"environment: {'prod' if kind == 'prod' else template.quoted(stack)}"
    settings |= {line.partition(": ")[0]: line for line in answers.lines(plan)} if plan else {}
    missing = [line for name, line in settings.items() if name not in there]
    where = [line for line in missing if line.startswith("stripe:")]
    entries = [*(comment if where else []), *where, *(line for line in missing if line not in where)]
    return Change(path, before, _with_entries(path, before, [_with_namespace(project, entry) for entry in entries]))


def _settings(kind: str) -> tuple[list[str], list[str]]:
    """The comment and the settings of a stack of the template, without those of a test."""
    lines = [line.strip() for line in (template.FOLDER / f"Pulumi.{kind}.yaml").read_text(encoding="utf-8").splitlines()[1:]]
    comment = [line.replace("`make up` starts", "`stripe-local` starts") for line in lines if line.startswith("#")]
    return comment, [line for line in lines if not line.startswith(("#", "environment:", "testCustomer:"))]


def _with_namespace(project: Existing, line: str) -> str:
    """As `pulumi config set` writes a setting of the project."""
    return line if line.startswith(("#", "stripe:")) else f"{project.file.name}:{line}"


def _policies(project: Existing) -> Iterator[Change]:
    """The policy pack; one that is there already is left as it is."""
    if (project.root / POLICY).exists():
        return
    for path in template.paths():
        if path.parts[0] == POLICY.name:
            text = template.text(path, project.file.name, "")
            yield Change(project.root / path, None, _on(project, text) if path.name == "PulumiPolicy.yaml" else text)


def _on(project: Existing, text: str) -> str:
    """The pack's file, for the toolchain of the program."""
    virtualenv = project.virtualenv
    options = [f"toolchain: {project.toolchain}"]
    if virtualenv:
        options.append(f"virtualenv: {virtualenv if os.path.isabs(virtualenv) else '../' + virtualenv}")
    head, _, tail = text.partition("    toolchain: ")
    assert tail
    return head + "".join(f"    {option}\n" for option in options)


def _ignored(path: Path) -> Change:
    before = _read(path)
    there = {line.strip().strip("/") for line in (before or "").splitlines()}
    return Change(path, before, _with_lines(before, [line for line in (".local/", "ci-out/") if line.strip("/") not in there]))


# -- texts


def _read(path: Path) -> str | None:
    return text(path) if path.exists() else None


def _with_lines(text: str | None, lines: Iterable[str]) -> str:
    kept = text or ""
    return kept + ("\n" if kept and not kept.endswith("\n") else "") + "".join(f"{line}\n" for line in lines)


def _with_entries(path: Path, text: str, lines: list[str]) -> str:
    if not lines:
        return text
    changed = yaml_text.with_entries(text, "config", lines)
    if changed is None:
        listed = "\n".join(f"    {line}" for line in lines)
        raise Refused(f"{path}: `config` is not a block with a setting on each line; make it one, or add to it:\n{listed}")
    return changed


def _own(project: Existing, document: Mapping[str, Any]) -> dict[str, Any]:
    """The `config` of a file, by key; those of the project without its namespace."""
    config = document.get("config")
    return {str(k).removeprefix(f"{project.file.name}:"): v for k, v in (config if isinstance(config, dict) else {}).items()}
