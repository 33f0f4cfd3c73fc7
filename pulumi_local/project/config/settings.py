"""The settings file of a stack, `Pulumi.<stack>.yaml`: read, and edited in place so that comments and order survive."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import yaml

from pulumi_local import durable, reading
from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.project.config import keys, values, yaml12
from pulumi_local.project.config.keys import Key
from pulumi_local.project.config.values import Raw

_KNOWN = {"secretsprovider", "encryptedkey", "encryptionsalt", "config", "environment"}


class StackSettings:
    """One settings file. A file that does not exist is an empty one."""

    def __init__(self, path: Path, project: str) -> None:
        self.path = path
        self._project = project
        try:
            self._text = reading.text(path) if path.exists() else ""
            document = yaml12.load(self._text)
        except OSError as e:
            raise EngineError(f"could not read {path}: {(e.strerror or str(e)).lower()}") from None
        except (yaml.YAMLError, ValueError) as e:
            raise EngineError(f"could not read {path}: {' '.join(str(e).split())}") from None
        if document is None:
            document = {}
        if not isinstance(document, dict):
            raise EngineError(f"could not read {path}: expected an object, was {type(document).__name__}")
        self._document: dict[str, Any] = document
        self.encryption_salt: str = document.get("encryptionsalt") or ""
        config = document.get("config") or {}
        if not isinstance(config, dict):
            raise EngineError(f"could not read {path}: config must be a map of keys to values")
        self.config: dict[Key, Raw] = {self._key(k): v for k, v in config.items()}

    def refuse_unsupported(self) -> None:
        """Raises Unsupported for what only the CLI can do: environments, and other secrets providers than the passphrase."""
        document = self._document
        if document.get("environment"):
            raise Unsupported(f"{self.path}: pulumi_local does not support `environment` (Pulumi ESC); use the Pulumi CLI for it")
        provider = document.get("secretsprovider")
        if provider not in (None, "", "default", "passphrase") or document.get("encryptedkey"):
            raise Unsupported(
                f"{self.path}: pulumi_local does not support the secrets provider {provider!r}; only passphrases "
                "(encryptionsalt) are supported"
            )

    def _key(self, text: Any) -> Key:
        name = str(text)
        return keys.parse_qualified(name if ":" in name else f"{self._project}:{name}")

    # -- edits

    def set_salt(self, salt: str) -> None:
        """Records `encryptionsalt`."""
        document = self._editable()
        if "encryptionsalt" in document:
            document["encryptionsalt"] = salt
        else:
            document.insert(0, "encryptionsalt", salt)
        self.encryption_salt = salt
        self._write(document)

    def set(self, key: Key, value: Raw, *, path: bool) -> None:
        """Sets a value; with `path`, a value inside a list or map. Comments of the file stay."""
        top, below = keys.split_path(key) if path else (key, [])
        document = self._editable()
        if not document.get("config"):
            document["config"] = {}
        config = document["config"]
        spelled = self._spelling(config, top)
        if not below:
            config[spelled] = _styled(value)
        else:
            if not values.is_object(config.get(spelled)):
                config[spelled] = values.new_container(below[0])
            values.set_path(config[spelled], below, _styled(value), key.name)
        self._write(document)

    def remove(self, key: Key, *, path: bool) -> None:
        """Removes a value; removing one that is not there is not an error."""
        top, below = keys.split_path(key) if path else (key, [])
        document = self._editable()
        config = document.get("config") or {}
        spelled = self._spelling(config, top)
        if spelled not in config:
            return
        if below:
            values.remove_path(config[spelled], below)
        else:
            del config[spelled]
        if not config:
            del document["config"]
        self._write(document)

    def _spelling(self, config: Any, key: Key) -> str:
        """The key as the file has it: keys of the project may lack their namespace there."""
        return key.name if key.namespace == self._project and key.name in config else str(key)

    def _editable(self) -> Any:
        from ruamel.yaml.comments import CommentedMap
        from ruamel.yaml.error import YAMLError

        try:
            document = _editor().load(self._text)
        except (YAMLError, ValueError, AttributeError, RecursionError) as e:  # an AttributeError where a merge is of itself
            raise EngineError(f"could not change {self.path}: {' '.join(str(e).split()) or 'it is not plain YAML'}") from None
        if document is None:
            document = CommentedMap()
            if self._text.strip():
                document.yaml_set_start_comment("\n".join(line.lstrip("# ") for line in self._text.strip().splitlines()))
        return document

    def _write(self, document: Any) -> None:
        out = io.StringIO()
        if document:
            _editor().dump(document, out)
        self._text = out.getvalue() or "{}\n"
        durable.write(self.path, self._text.encode())
        reread = StackSettings(self.path, self._project)
        self.config = reread.config


def _editor() -> Any:
    from ruamel.yaml import YAML

    editor = YAML(typ="rt")
    editor.preserve_quotes = True
    editor.width = 2**30
    editor.indent(mapping=2, sequence=4, offset=2)
    return editor


def _styled(value: Raw) -> Raw:
    """Texts that could be read as something else are quoted, as the CLI quotes them."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(value, str):
        if "\n" in value:
            return (
                LiteralScalarString(value)
                if value.isprintable() or value.replace("\n", "").isprintable()
                else DoubleQuotedScalarString(value)
            )
        return DoubleQuotedScalarString(value) if yaml12.needs_quotes(value) else value
    return value
