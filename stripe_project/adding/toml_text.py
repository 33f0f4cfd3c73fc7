"""A dependency for somebody's `pyproject.toml`; comments, order and layout stay."""

from __future__ import annotations

import re
import tomllib


def with_dependency(text: str, name: str, extras: list[str], version: str) -> str | None:
    """The text with one more dependency: of `[project]`, or where that lists none, of Poetry's own table.

    None where neither is written so that a line can be added to it.
    """
    listed = ", ".join(f'"{extra}"' for extra in extras)
    requirement = f"{name}[{','.join(extras)}]{version}"
    before = tomllib.loads(text)
    project, poetry = before.get("project", {}), before.get("tool", {}).get("poetry", {}).get("dependencies")
    if "dependencies" in project:
        changed = _with_item(text, requirement)
        project["dependencies"].append(requirement)
    elif poetry is not None:
        changed = _with_line(text, "tool.poetry.dependencies", f'{name} = {{ version = "{version}", extras = [{listed}] }}')
        poetry[name] = {"version": version, "extras": extras}
    elif project and "dependencies" not in project.get("dynamic", []):
        changed = _with_line(text, "project", f'dependencies = ["{requirement}"]')
        project["dependencies"] = [requirement]
    else:
        return None
    try:
        return changed if changed is not None and tomllib.loads(changed) == before else None
    except tomllib.TOMLDecodeError:
        return None


def depends_on(text: str, name: str) -> bool:
    """Whether the dependency is there, whatever its version and extras."""
    found = tomllib.loads(text)
    listed = [*found.get("project", {}).get("dependencies", []), *found.get("tool", {}).get("poetry", {}).get("dependencies", {})]
    return any(is_named(str(item), name) for item in listed)


def is_named(requirement: str, name: str) -> bool:
    """Whether a requirement is of this distribution. https://packaging.python.org/en/latest/specifications/name-normalization/"""
    found = re.match(r"\s*([A-Za-z0-9._-]+)", requirement)
    return found is not None and re.sub(r"[-_.]+", "-", found[1]).lower() == name


def _with_line(text: str, table: str, line: str) -> str | None:
    """With a line at the end of a table, before the blank lines and comments that follow it."""
    lines = text.splitlines(keepends=True)
    at = next((i for i, found in enumerate(lines) if re.match(rf"\[{re.escape(table)}\]\s*(#|$)", found)), None)
    if at is None:
        return None
    end = next((i for i in range(at + 1, len(lines)) if lines[i].startswith("[")), len(lines))
    while not lines[end - 1].strip() or lines[end - 1].startswith("#"):
        end -= 1
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    return "".join([*lines[:end], line + "\n", *lines[end:]])


def _with_item(text: str, item: str) -> str | None:
    """With one more item in the array `dependencies` of `[project]`."""
    opened = re.search(r"^\[project\][^\n]*\n(?:(?!\[)[^\n]*\n)*?dependencies\s*=\s*(\[)", text, re.M)
    if opened is None:
        return None
    start = opened.start(1)
    # The first bracket outside of strings and comments closes the array; `last` is the last character of an item, or its comma.
    last = start
    for token in re.finditer(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|\S', text[start + 1 :]):
        if token[0] == "]":
            end = start + 1 + token.start()
            break
        if not token[0].startswith("#"):
            last = start + token.end()
    else:
        return None
    head, tail = text[: last + 1], text[last + 1 : end]
    comma = "" if head[-1] in ",[" else ","
    if "\n" not in text[start:end]:
        space = "" if head[-1] == "[" else " "
        return f'{head}{comma}{space}"{item}"{text[end:]}'
    rest, _, before_bracket = tail.rpartition("\n")
    indent = re.match(r"\s*", text[text.rfind("\n", 0, last) + 1 :])
    spaces = indent[0] if indent and head[-1] != "[" else before_bracket + "    "
    return f'{head}{comma}{rest}\n{spaces}"{item}",\n{before_bracket}{text[end:]}'
