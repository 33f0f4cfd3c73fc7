"""Settings that nobody reads, since a misspelt key leaves the default in force, and the default bills; and a key in clear."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from stripe_client.settings import KEYS

API_KEY = "stripe:apiKey"


def require_known_settings() -> None:
    """Refuses configuration of the project, and of `stripe:`, under a key that is not declared. Call it first in the program.

    Engines check the types of the settings that `Pulumi.yaml` declares, and let others pass. Other namespaces are not looked at.
    Raises pulumi.RunError that names all such keys, each with what it may have been meant to be.
    """
    # The engine's settings are in the environment, those of a unit test in the SDK.
    configured = {**get_config_env(), **CONFIG.get()}
    problems = unknown(configured, pulumi.get_project(), declared_names(_project_file()))
    if problems:
        undo = f"pulumi config rm KEY --stack {pulumi.get_stack()}"
        raise pulumi.RunError("\n".join([*problems, f"Correct the key, declare it in Pulumi.yaml, or remove it: {undo}"]))


def warn_of_a_plain_key() -> None:
    """Warns of an API key that was configured without --secret: it is in clear in the stack's file, and Pulumi copies it from
    there into the state. https://www.pulumi.com/docs/iac/concepts/secrets/"""
    if API_KEY in {**get_config_env(), **CONFIG.get()} and not is_config_secret(API_KEY):
        again = f"pulumi config set --secret {API_KEY} --stack {pulumi.get_stack()}"
        pulumi.log.warn(f"{API_KEY} is in clear in the stack's settings and state; set it again, `{again}`, and roll it")


def unknown(configured: Iterable[str], project: str, declared: Collection[str]) -> list[str]:
    """What is wrong with the keys, sorted. `declared`: the project's names without its namespace; none: anything goes."""
    known = [f"{project}:{name}" for name in declared]
    found = []
    for key in sorted(configured):
        namespace = key.partition(":")[0]
        right = known if namespace == project else KEYS if namespace == "stripe" else ()
        if not right or key in right:
            continue
        reader = "Pulumi.yaml does not declare it" if namespace == project else "nothing reads it"
        meant = difflib.get_close_matches(key, right, n=1)
        found.append(f"{key} is not a setting: {reader}" + (f"; did you mean {meant[0]}?" if meant else ""))
    return found


def declared_names(project_file: Mapping[str, Any]) -> set[str]:
    """The settings that a `Pulumi.yaml` declares for its own namespace; of a path such as `a.b[0]`, the top."""
    own, config = f"{project_file.get('name')}:", project_file.get("config")
    if not isinstance(config, dict):
        return set()
    names = {str(key).removeprefix(own) for key in config}
    return {re.split(r"[.\[]", name)[0] for name in names if ":" not in name}


def _project_file() -> Mapping[str, Any]:
    path = Path(pulumi.get_root_directory() or ".") / "Pulumi.yaml"
    from stripe_client.project import read  # the reader of settings takes a fifth as long to load as all of this package

    found = read(path) if path.is_file() else {}
    # A unit test may run the program from another folder.
    return found if found.get("name") == pulumi.get_project() else {}
