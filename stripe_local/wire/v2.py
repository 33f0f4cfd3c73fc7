"""What version 2 of the API does its own way: times, lists, values that have to be asked for, answers to deletion.

https://docs.stripe.com/api-v2-overview. Bodies of requests are JSON, in which null unsets a value or a key of metadata.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from stripe_local.store.objects import Body, Condition, Where, public

from .errors import invalid
from .pagination import Listed
from .params import Enum, Int, ListOf, Param, Str

DEFAULT_LIMIT = 20

PAGE: dict[str, Param] = {"limit": Int(minimum=1, maximum=100), "page": Str(clearable=False)}

_TOKEN = re.compile(r"page_(before|after)_([0-9]{1,18})\Z")


def include(*names: str) -> dict[str, Param]:
    """The parameter `include`, which asks for these values: `{**include("webhook_endpoint.url"), ...}`."""
    return {"include": ListOf(Enum(*names))}


def included(body: Body, names: Collection[str], params: Mapping[str, Any]) -> Body:
    """The body as it is shown: values at `names` that were not asked for are null."""
    shown = copy.deepcopy(public(body))
    for name in set(names) - set(params.get("include") or ()):
        *parents, last = name.split(".")
        holder: Any = shown
        for part in parents:
            holder = holder.get(part) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and last in holder:
            holder[last] = None
    return shown


def page(
    objects: Listed, kind: str, path: str, params: Mapping[str, Any], conditions: Sequence[Condition] = ()
) -> tuple[list[Body], Body]:
    """One page of stored objects, newest first, and the list's addresses of the next page and of the previous one.

    `path` is the list's own, as "/v2/core/event_destinations". Raises StripeError for an invalid page token.
    """
    limit = params.get("limit") or DEFAULT_LIMIT
    token = _TOKEN.match(params.get("page") or "page_before_0")
    if token is None:
        raise invalid(f"Invalid page token: {params['page']}", "page")
    after, start = token[1] == "after", int(token[2])
    where = [Where("seq", ">" if after else "<", start)] if start else []
    found = objects.find(kind, [*conditions, *where], newest_first=not after, limit=limit + 1)
    data = found[:limit][::-1] if after else found[:limit]
    older = len(found) > limit if not after else True
    newer = len(found) > limit if after else bool(start)

    def url(word: str, body: Body) -> str:
        values = {**params, "page": f"page_{word}_{objects.sequence(kind, body['id'])}"}
        return f"{path}?{urlencode(list(_query(values)))}"

    addresses = {
        "next_page_url": url("before", data[-1]) if older and data else None,
        "previous_page_url": url("after", data[0]) if newer and data else None,
    }
    return data, addresses


def _query(params: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        if isinstance(value, dict):
            pairs += [(f"{name}[{key}]", str(each)) for key, each in value.items()]
        elif isinstance(value, list):
            pairs += [(f"{name}[{index}]", str(element)) for index, element in enumerate(value)]
        elif value is not None:
            pairs.append((name, str(value)))
    return pairs


def list_object(data: list[Body], addresses: Body) -> Body:
    """The envelope of a list."""
    return {"data": data, **addresses}


def deleted(body: Body) -> Body:
    """The answer to a deletion."""
    return {"id": body["id"], "object": body["object"]}


def time_text(moment: int) -> str:
    """Unix seconds as an RFC 3339 time, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def parse_time(text: str, param: str = "timestamp") -> int:
    """Unix seconds of an RFC 3339 time. Raises StripeError."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\.\d+", "", text).replace("Z", "+00:00"))
    except ValueError:
        raise invalid(f"Invalid timestamp: {text}; must be an RFC 3339 time.", param) from None
    if moment.tzinfo is None:
        raise invalid(f"Invalid timestamp: {text}; must name its offset from UTC.", param)
    return int(moment.timestamp())
