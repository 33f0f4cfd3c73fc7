"""What is wrong with the form of a deployment: values of other types than Pulumi's format has, and parts that would be lost.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go (DeploymentV3, ResourceV3)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pulumi_local import urns
from pulumi_local.interfaces import Json


def _list_of(is_element: Callable[[Json], bool]) -> Callable[[Json], bool]:
    return lambda value: isinstance(value, list) and all(map(is_element, value))


def _object_of(is_element: Callable[[Json], bool]) -> Callable[[Json], bool]:
    return lambda value: isinstance(value, dict) and all(map(is_element, value.values()))


def _is(kind: type | tuple[type, ...]) -> Callable[[Json], bool]:
    return lambda value: isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


_TEXT, _FLAG, _OBJECT = _is(str), _is(bool), _is(dict)
_TEXTS = _list_of(_TEXT)
_WORDS = {
    _TEXT: "a string",
    _FLAG: "true or false",
    _OBJECT: "an object",
    _TEXTS: "a list of strings",
    (_LIST := _is(list)): "a list",
    (_GROUPS := _object_of(_TEXTS)): "an object of lists of strings",
    (_NUMBERS := _object_of(_is((int, float)))): "an object of numbers",
}
_DEPLOYMENT = {
    "manifest": _OBJECT,
    "secrets_providers": _OBJECT,
    "resources": _LIST,
    "pending_operations": _LIST,
    "metadata": _OBJECT,
}
_RESOURCE = {
    **dict.fromkeys(("urn", "type", "id", "parent", "provider", "importID", "deletedWith"), _TEXT),
    **dict.fromkeys(("created", "modified", "sourcePosition"), _TEXT),
    **dict.fromkeys(("custom", "delete", "protect", "taint", "external", "pendingReplacement", "retainOnDelete"), _FLAG),
    **dict.fromkeys(("dependencies", "initErrors", "additionalSecretOutputs", "aliases", "replaceWith"), _TEXTS),
    **dict.fromkeys(("ignoreChanges", "replaceOnChanges"), _TEXTS),
    **dict.fromkeys(("inputs", "outputs"), _OBJECT),
    "propertyDependencies": _GROUPS,
    "customTimeouts": _NUMBERS,
    "hideDiff": _LIST,
}


def problems(deployment: Json) -> list[str]:
    """Everything that is wrong with it, in the order of the file; empty for null, which is a stack without a state."""
    if deployment is None:
        return []
    if not isinstance(deployment, dict):
        return ["the deployment is not an object"]
    return list(_problems(deployment))


def _problems(deployment: Mapping[str, Any]) -> Iterator[str]:
    yield from _types("", deployment, _DEPLOYMENT)
    for key, value in deployment.items():
        if key not in _DEPLOYMENT and value not in (None, [], {}, ""):
            yield f"`{key}` is not known to pulumi_local, which would lose it"
    provider = deployment.get("secrets_providers")
    if isinstance(provider, dict):
        yield from _types("secrets_providers.", provider, {"type": _TEXT, "state": _OBJECT})
    for i, resource in enumerate(_listed(deployment, "resources")):
        yield from _resource(f"resources[{i}]", resource)
    for i, operation in enumerate(_listed(deployment, "pending_operations")):
        where = f"pending_operations[{i}]"
        if not isinstance(operation, dict):
            yield f"`{where}` is not an object"
            continue
        yield from _types(f"{where}.", operation, {"type": _TEXT})
        yield from _resource(f"{where}.resource", operation.get("resource"))


def _listed(deployment: Mapping[str, Any], key: str) -> list[Json]:
    found = deployment.get(key)
    return found if isinstance(found, list) else []


def _resource(where: str, resource: Json) -> Iterator[str]:
    if not isinstance(resource, dict):
        yield f"`{where}` is not an object"
        return
    if not urns.is_urn(resource.get("urn")):
        yield f"`{where}.urn` is not a URN: {resource.get('urn')!r}"
    elif not resource.get("type"):
        yield f"`{where}.type` is missing ({resource['urn']})"
    yield from _types(f"{where}.", resource, _RESOURCE)


def _types(where: str, found: Mapping[str, Any], wanted: Mapping[str, Callable[[Json], bool]]) -> Iterator[str]:
    for key, fits in wanted.items():
        if found.get(key) is not None and not fits(found[key]):
            yield f"`{where}{key}` is not {_WORDS[fits]}"
