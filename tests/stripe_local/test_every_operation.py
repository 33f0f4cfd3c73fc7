"""What holds for every operation that there is, found from the list of them: refusals, pages of lists, and `kill -9`.

https://docs.stripe.com/api/errors, https://docs.stripe.com/error-codes, https://docs.stripe.com/api/pagination,
https://docs.stripe.com/api-v2-overview
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from stripe_local.resources import OPERATIONS
from stripe_local.wire.operation import Operation
from stripe_local.wire.params import Bool, Dec, Enum, Int, ListOf, MapOf, Obj, OneOf, Param, Refused, Str, Timestamp
from tests.stripe_local.calls import ALWAYS_REFUSED, CALLS, Account, Call, furnished, merged
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.test_every_parameter import parameters, sent

NONE = "none_1234"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _path(operation: Operation) -> str:
    return _PLACEHOLDER.sub(NONE, operation.path)


def _refused(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 400, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    return error


@pytest.fixture(scope="module")
def account(shared_server: LocalStripe) -> Account:
    return furnished(shared_server)


BY_KEY = [operation for operation in OPERATIONS if not operation.by_session]


# Bad input


@pytest.mark.parametrize("operation", BY_KEY, ids=_name)
def test_a_parameter_that_nobody_has(account: Account, operation: Operation) -> None:
    error = _refused(account.send(operation.method, Call(_path(operation), {"nonsense": "1"})))
    assert error["code"] == "parameter_unknown"
    assert "nonsense" in error["message"]
    assert operation.version == 2 or error["param"] == "nonsense"


@pytest.mark.parametrize("operation", BY_KEY, ids=_name)
def test_what_is_required_and_missing(account: Account, operation: Operation) -> None:
    """Every one of them, with the others there."""
    needed = [name for name, declared in operation.params.fields.items() if declared.required]
    whole = {name: _some(account, name, operation.params.fields[name]) for name in needed}
    for missing in needed:
        params = {name: value for name, value in whole.items() if name != missing}
        error = _refused(account.send(operation.method, Call(_path(operation), params)))
        assert (error["code"], operation.version == 2 or error["param"]) == (
            "parameter_missing",
            operation.version == 2 or missing,
        )
        assert missing in error["message"]


def _some(account: Account, name: str, declared: Param) -> Any:
    """A value that is not refused before the object is looked for."""
    if isinstance(declared, Obj):
        fields = declared.fields.items()
        return {inner: _some(account, inner, field) for inner, field in fields if field.required} or {"nonsense": {}}
    if isinstance(declared, ListOf):
        return [_some(account, name, declared.element)]
    if isinstance(declared, OneOf):
        return _some(account, name, declared.forms[0])
    if isinstance(declared, Enum):
        return declared.values[0]
    if isinstance(declared, Bool):
        return "true"
    if isinstance(declared, Int | Dec):
        return "1"
    return "usd" if name == "currency" else "x"


def _wrong(declared: Param) -> list[tuple[Any, str | None]]:
    """Values that no parameter of the kind takes, with the code of the refusal."""
    if isinstance(declared, Refused | OneOf):
        return []
    if isinstance(declared, Timestamp):
        return [("tomorrow", None), ("-5", None)]
    if isinstance(declared, Int):
        below = [] if declared.minimum is None else [str(declared.minimum - 1)]
        above = [] if declared.maximum is None else [str(declared.maximum + 1)]
        return [(value, "parameter_invalid_integer") for value in ("many", "1.5", *below, *above)]
    if isinstance(declared, Bool):
        return [("maybe", None)]
    if isinstance(declared, Dec):
        return [("much", None)]
    if isinstance(declared, Enum):
        return [("nonsense", None)]
    if isinstance(declared, Obj | MapOf):
        return [("nonsense", None)]
    if isinstance(declared, ListOf):
        return [("nonsense", None)]
    if isinstance(declared, Str):
        return [("x" * (declared.max_length + 1), None)] + [("", "parameter_invalid_empty")] * (not declared.clearable)
    return []


@pytest.mark.thorough
@pytest.mark.parametrize("operation", BY_KEY, ids=_name)
def test_values_that_no_parameter_takes(account: Account, operation: Operation) -> None:
    """Each parameter, at every depth, is refused by its own name before anything is looked for."""
    there = dict(_call(account, operation).params)
    for parameter in parameters(operation.params):
        for value, code in _wrong(parameter.declared):
            alone, whole = sent(account, operation.params, parameter.path, value)
            answer = account.send(operation.method, Call(_path(operation), merged(merged(whole, there), alone)))
            error = _refused(answer)
            if operation.version == 1:
                assert error.get("param") == parameter.name.replace("[]", "[0]"), (parameter.name, value, error)
            assert code is None or error.get("code") == code, (parameter.name, value, error)


@pytest.mark.parametrize("operation", [o for o in BY_KEY if "{" in o.path], ids=_name)
def test_an_object_that_is_not_there(account: Account, operation: Operation) -> None:
    """404 with the parameter, before anything else is looked at; version 2 has another code."""
    answer = account.send(operation.method, Call(_path(operation), _call(account, operation).params))
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (404, "invalid_request_error"), answer.text
    if error["message"] == f"Invalid subscription_item id: {NONE}":
        return  # recorded, without a code
    assert error["code"] == ("resource_missing" if operation.version == 1 else "not_found")
    if operation.version == 1:
        assert error["param"].removesuffix("_token") in {*_PLACEHOLDER.findall(operation.path), "id"}
        assert error["message"].startswith("No such ")
        assert error["message"].endswith(f": '{NONE}'")


# Lists


def _is_list(operation: Operation) -> bool:
    return operation.method == "GET" and {"limit"} <= operation.params.fields.keys()


LISTS = [operation for operation in OPERATIONS if _is_list(operation)]
OF_CURSORS = [operation for operation in LISTS if "starting_after" in operation.params.fields]
OF_PAGES = [operation for operation in LISTS if "page" in operation.params.fields]


def _call(account: Account, operation: Operation) -> Call:
    make = CALLS.get(_name(operation))
    call = make(account) if make is not None else Call(operation.path)
    if not call.path.endswith("/event_summaries"):
        return call
    for age in (0, 7200):  # now, whatever time it was when the account was furnished
        account.make("billing/meter_events", {**account.usage(account.customer), "timestamp": account.server.clock() - age})
    return Call(call.path, {**call.params, "value_grouping_window": "hour"})


def test_every_list_is_one_of_both() -> None:
    assert len(OF_CURSORS) + len(OF_PAGES) == len(LISTS)
    answers_with_list = {o.path for o in OPERATIONS if o.method == "GET" and o.path.endswith("s") and "{" not in o.path}
    assert answers_with_list <= {o.path for o in LISTS}


@pytest.mark.parametrize("operation", OF_CURSORS, ids=_name)
def test_every_list_pages(account: Account, operation: Operation) -> None:
    """One at a time, forth and back, the same as all at once; an unknown cursor is refused by name."""
    call = _call(account, operation)

    def read(**more: Any) -> dict[str, Any]:
        answer = account.send("GET", Call(call.path, {**call.params, **more}))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    whole = read(limit=100)
    assert (whole["object"], whole["url"].partition("?")[0]) == ("list", call.path)
    ids = [one["id"] for one in whole["data"]][:6]
    assert len(ids) > 1, "there is nothing to page through"
    last = whole["data"][-1:]
    for cursor, order in (("starting_after", ids), ("ending_before", ids[::-1])):
        for before, here in itertools.pairwise(order):
            page = read(limit=1, **{cursor: before})
            assert [one["id"] for one in page["data"]] == [here]
            at_end = here == (last[0]["id"] if cursor == "starting_after" else ids[0])
            assert page["has_more"] is not at_end
    assert read(limit=1)["has_more"] is (len(whole["data"]) > 1)
    for cursor in ("starting_after", "ending_before"):
        error = _refused(account.send("GET", Call(call.path, {**call.params, cursor: NONE})))
        assert (error["param"], error["code"]) == (cursor, "resource_missing")
    both = {"starting_after": ids[0], "ending_before": ids[0]}
    assert _refused(account.send("GET", Call(call.path, {**call.params, **both})))
    for limit in ("0", "101"):
        error = _refused(account.send("GET", Call(call.path, {**call.params, "limit": limit})))
        assert (error["param"], error["code"]) == ("limit", "parameter_invalid_integer")


@pytest.mark.parametrize("operation", OF_PAGES, ids=_name)
def test_every_search_and_list_of_version_2_pages(account: Account, operation: Operation) -> None:
    call = _call(account, operation)
    whole = account.send("GET", Call(call.path, {**call.params, "limit": 100})).json()["data"]
    ids = [one["id"] for one in whole][:5]
    assert len(ids) > 1
    found, params = [], {**call.params, "limit": 1}
    path = call.path
    while len(found) < len(ids):
        answer = account.send("GET", Call(path, params)).json()
        found += [one["id"] for one in answer["data"]]
        if operation.version == 2:
            path, params = answer["next_page_url"] or "", {}
            assert bool(path) is (len(found) < len(whole))
            if not path:
                break
            parsed = httpx.URL(path)
            path, params = parsed.path, dict(parsed.params)
        else:
            assert answer["has_more"] is (answer["next_page"] is not None) is (len(found) < len(whole))
            params = {**params, "page": answer["next_page"]}
    assert found == ids
    assert account.send("GET", Call(call.path, {**call.params, "page": "nonsense"})).status_code == 400


# Kill -9


def _answers(account: Account, calls: dict[str, Call]) -> Iterator[tuple[str, Any]]:
    for place, call in calls.items():
        answer = account.send("GET", call)
        assert answer.status_code == 200, (place, answer.text)
        yield place, answer.json()


def _writing(account: Account, operation: Operation) -> Call:
    """A call of an operation that writes: on an object that is made for it, where it has no parameters."""
    if _name(operation) in CALLS or "{" not in operation.path:
        return _call(account, operation)
    within, _, rest = operation.path.rpartition("/{")
    making = CALLS[f"POST {within}"](account)
    made = account.send("POST", making).json()
    return Call(f"{making.path}/{made['id']}{rest.partition('}')[2]}")


def _reads(account: Account) -> dict[str, Call]:
    """A call of every operation that reads, where the objects are that were made last."""
    found: dict[str, Call] = {}
    for operation in (o for o in OPERATIONS if o.method == "GET" and "/preview" not in o.path):
        if _name(operation) in CALLS or "{" not in operation.path:
            found[_name(operation)] = _call(account, operation)
    for operation in (o for o in OPERATIONS if o.method == "GET" and "{" in o.path and _name(o) not in found):
        of, _, last = operation.path.rpartition("/")
        if last == "discount":
            continue  # nobody gets a customer's own any more
        listed = found[f"GET {of}"]
        (first, *_) = account.send("GET", listed).json()["data"]
        found[_name(operation)] = Call(f"{listed.path}/{first['id']}")
    return found


@pytest.mark.thorough
def test_everything_that_every_operation_makes_survives_kill_9(tmp_path: Path) -> None:
    """After each operation that writes has been carried out, each one that reads answers after the kill as before it."""
    with LocalStripe(tmp_path / "stripe.db") as server:
        account = furnished(server)
        writing = [operation for operation in BY_KEY if operation.method != "GET"]
        came = {_name(operation): account.send(operation.method, _writing(account, operation)) for operation in writing}
        assert {place for place, answer in came.items() if answer.status_code != 200} == set(ALWAYS_REFUSED)
        server.clock(advance=60)  # a test clock that was moved gets there, and errors of usage are told
        calls = _reads(account)
        assert len(calls) > 80
        before = dict(_answers(account, calls))
        url = server.url
        server.kill()
        server.start()
        after = dict(_answers(account, calls))
    for place, answer in before.items():
        assert _elsewhere(after[place], server.url) == _elsewhere(answer, url), place


def _elsewhere(answer: Any, url: str) -> Any:
    """The answer, wherever the server listens."""
    if isinstance(answer, dict):
        return {name: _elsewhere(value, url) for name, value in answer.items()}
    if isinstance(answer, list):
        return [_elsewhere(value, url) for value in answer]
    return answer.replace(url, "") if isinstance(answer, str) else answer
