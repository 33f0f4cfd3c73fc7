"""The project file `Pulumi.yaml`: where it is, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pulumi_local import reading, versions
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.interfaces import Project
from pulumi_local.names import meant, names
from pulumi_local.project.config import schema, yaml12
from pulumi_local.project.config.schema import Declaration
from pulumi_local.project.config.settings import StackSettings
from pulumi_local.project.toolchain import interpreter, typechecker

_NAMES = ("Pulumi.yaml", "Pulumi.yml")
REFUSED_KEYS: Mapping[str, str] = {
    "packages": "leave it out: `pulumi-python` is the only package here",
    "plugins": "leave it out: no plugins are loaded here",
}
"""Keys that are refused, and what to do."""
INFORMATIVE_KEYS = frozenset({"author", "description", "license", "template", "website"})
"""Keys that say something to people, or to `pulumi new`, and nothing to an engine."""
_OPEN = ("", "runtime.options")
"""Sections in which the CLI takes unknown keys, and ignores them."""


@dataclass(frozen=True)
class ProjectFile:
    """What `Pulumi.yaml` says."""

    path: Path
    name: str
    runtime: str
    runtime_options: Mapping[str, Any] = field(default_factory=dict)
    main: str = ""
    description: str = ""
    config: Mapping[str, Declaration] = field(default_factory=dict)
    stack_config_dir: str = ""
    backend_url: str = ""
    always_refresh: bool = False
    required_version: str = ""
    warnings: tuple[str, ...] = ()
    """About keys that have no effect."""

    @property
    def root(self) -> Path:
        """The folder of the project file."""
        return self.path.parent

    @property
    def program(self) -> Path:
        """The folder of the program, whether or not there is one."""
        program = (self.root / self.main).resolve()
        return program.parent if program.is_file() else program

    def settings_path(self, stack: str) -> Path:
        """The settings file of a stack: `Pulumi.<stack>.yaml`."""
        return self.root / self.stack_config_dir / f"Pulumi.{stack}{self.path.suffix}"

    def settings(self, stack: str) -> StackSettings:
        """The settings file of a stack; an empty one where there is none. Raises EngineError for one that cannot be read."""
        return StackSettings(self.settings_path(stack), self.name)

    def for_engine(self) -> Project:
        """What the engine needs. Raises EngineError for another version of the CLI, a program or interpreter that is missing."""
        versions.require(self.required_version)
        if self.runtime != "python":
            raise Unsupported(f"{self.path}: pulumi_local does not support the runtime '{self.runtime}'; it runs python programs")
        program = self.program
        if not (program / "__main__.py").is_file():
            raise EngineError(f"could not find the program: {program / '__main__.py'} does not exist (see `main` in {self.path})")
        options = self.runtime_options
        python = interpreter(self.root, program, options, "Pulumi.yaml")
        return Project(self.name, self.root, program, python, typechecker(options, "Pulumi.yaml"))


def find(start: Path) -> Path | None:
    """The nearest project file in `start` or above it."""
    for folder in (start, *start.parents):
        for name in _NAMES:
            if (folder / name).is_file():
                return folder / name
    return None


def load(start: Path) -> ProjectFile:
    """The project that `start` is in. Raises EngineError where there is none, or where its file is wrong."""
    path = find(start)
    if path is None:
        raise EngineError(
            f"no Pulumi.yaml project file found (searching upwards from {start}). If you have not created a project yet, "
            "use `pulumi new` to do so: no project file found"
        )
    return read(path)


def read(path: Path) -> ProjectFile:
    """One project file."""
    try:
        document = yaml12.load(reading.text(path))
    except OSError as e:
        raise EngineError(f"could not read '{path}': {(e.strerror or str(e)).lower()}") from None
    except (yaml.YAMLError, ValueError) as e:
        raise EngineError(f"could not unmarshal '{path}': {' '.join(str(e).split())}") from None
    try:
        return _project(path, document)
    except Unsupported:
        raise
    except EngineError as e:
        raise EngineError(f"could not validate '{path}': {e}") from None


def _project(path: Path, document: Any) -> ProjectFile:
    if not isinstance(document, dict):
        raise EngineError(f"expected project to be an object, was '{type(document).__name__}'")
    if "name" not in document:
        raise EngineError("project is missing a 'name' attribute")
    name = document["name"]
    if not isinstance(name, str) or not name:
        raise EngineError("project is missing a non-empty string 'name' attribute")
    runtime, options = _runtime(document.get("runtime"))
    if refused := [f"{key}: {what}" for key, what in REFUSED_KEYS.items() if document.get(key)]:
        raise Unsupported("\n".join(f"{path}: pulumi_local does not support {what}" for what in refused))
    warnings = _checked_keys(document, runtime)
    config, folder = document.get("config") or {}, _folder(document, "stackConfigDir")
    if isinstance(config, str):
        if folder:
            raise EngineError(
                "Should not use both config and stackConfigDir to define the stack directory. Use only stackConfigDir instead."
            )
        config, folder = {}, _folder(document, "config")
    if not isinstance(config, dict):
        raise EngineError("#/config: expected object or string")
    return ProjectFile(
        path=path,
        name=name,
        runtime=runtime,
        runtime_options=options,
        main=_folder(document, "main"),
        description=_text(document, "description"),
        config=schema.declarations(name, config),
        stack_config_dir=folder,
        backend_url=_text(document.get("backend") or {}, "url"),
        always_refresh=_text(document.get("options") or {}, "refresh") == "always",
        required_version=_text(document, "requiredPulumiVersion"),
        warnings=tuple(f"{path}: {warning}" for warning in warnings),
    )


def _checked_keys(document: Mapping[str, Any], runtime: str) -> list[str]:
    """Warnings about unknown keys where the CLI ignores them. Raises EngineError for those elsewhere, all at once."""
    refused, warnings = [], []
    for section, known in names().keys.items():
        found: Any = document
        for part in section.split(".") if section else ():
            found = found.get(part) if isinstance(found, dict) else None
        if not isinstance(found, dict) or (section == "runtime.options" and runtime != "python"):
            continue
        for key in sorted(map(str, found.keys() - known)):
            if section in _OPEN:
                warnings.append(
                    f"{section + '.' if section else ''}{key} has no effect: Pulumi knows no such key{meant(key, known)}"
                )
            else:
                allowed = f"; the allowed attributes are {', '.join(sorted(known))}"
                refused.append(f"#/{section}: additionalProperties '{key}' not allowed{meant(key, known) or allowed}")
    if refused:
        raise EngineError("\n".join(refused))
    return warnings


def _text(document: Any, attribute: str) -> str:
    value = document.get(attribute) if isinstance(document, dict) else None
    if value is not None and not isinstance(value, str):
        raise EngineError(f"#/{attribute}: expected string, but got {type(value).__name__}")
    return value or ""


def _folder(document: Mapping[str, Any], attribute: str) -> str:
    """A path that can be one."""
    value = _text(document, attribute)
    try:
        Path(value).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return value
    except (OSError, ValueError) as e:
        why = (isinstance(e, OSError) and e.strerror) or "it has characters that no path has"
        raise EngineError(f"#/{attribute}: {value[:100]!r} is not a path: {why.lower()}") from None
    return value


def _runtime(spec: Any) -> tuple[str, Mapping[str, Any]]:
    if isinstance(spec, dict) and isinstance(spec.get("name"), str):
        options = spec.get("options") or {}
        if isinstance(options, dict):
            return spec["name"], options
    if isinstance(spec, str) and spec:
        return spec, {}
    if spec is None:
        raise EngineError("project is missing a 'runtime' attribute")
    raise EngineError("#/runtime: runtime section must be a string or an object with name and options attributes")
