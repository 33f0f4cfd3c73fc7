"""The one HTTP client: Stripe's own SDK, below Stripe's rate limit, with retries, and a guard on account and mode."""

from __future__ import annotations

import copy
import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .errors import NOBODY_LISTENS, RUN_AGAIN, ConfigurationError, Refused, Unreachable
from .pace import Pace
from .retry import Outcome, Tries, delay
from .settings import DEFAULT_API_BASE, Settings
from .version import DISTRIBUTION, version

if TYPE_CHECKING:
    import stripe

TIMEOUT_SECONDS = 80
HASTY_TIMEOUT_SECONDS = 10
LONGEST_TEXT = 500
NOT_STRIPES = "what answers is not Stripe; is there a proxy on the way?"


@dataclass(frozen=True)
class Answer:
    """A successful answer: the object, and whether it is that of an earlier request with the same idempotency key."""

    body: dict[str, Any]
    replayed: bool = False
    text: str = ""
    """The body as it came: JSON."""


class _Owner:
    """The account that a key belongs to; "" as long as nobody has asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.id = ""


class Client:
    """Requests to one account. Safe to use from several threads.

    Raises `ConfigurationError` before the first request if a setting is wrong or the key belongs to another account,
    `Refused` and `Unreachable` for requests that failed for good.
    """

    def __init__(self, settings: Settings, sleep: Callable[[float], None] = time.sleep) -> None:
        self._settings, self._sleep = settings, sleep
        self._pace = Pace(settings.requests_per_second)
        self._lock = threading.Lock()
        self._writes = 0
        self._sdk: stripe.StripeClient | None = None
        self._owner = _Owner()
        self._patient = True
        self._given_up: Unreachable | None = None
        self._answered = False

    def hasty(self) -> Client:
        """A client of the same account for what can be done without: it tries once, and not again once there was no answer."""
        found = copy.copy(self)
        found._patient, found._sdk = False, None
        return found

    @property
    def writes(self) -> int:
        """A number that changes whenever this client may have changed something at Stripe: what was read before is then stale."""
        with self._lock:
            return self._writes

    def get(self, path: str, params: Mapping[str, Any] | None = None, kind: str = "") -> dict[str, Any]:
        """The object or list at `path`. `kind` is what its `object` has to say, such as "price": else it is no answer."""
        return self._send("get", path, params or {}, None, kind).body

    def get_exact(self, path: str, params: Mapping[str, Any] | None = None, kind: str = "") -> dict[str, Any]:
        """As `get`, with numbers that are not whole as Decimal: no digit is lost."""
        exact: dict[str, Any] = json.loads(self._send("get", path, params or {}, None, kind).text, parse_float=Decimal)
        return exact

    def page(self, path: str, params: Mapping[str, Any] | None = None, *, exact: bool = False) -> dict[str, Any]:
        """One page of a list, with `exact` as `get_exact` has it. Raises `Unreachable` where the answer is none."""
        found = (self.get_exact if exact else self.get)(path, params)
        if not _is_page(found):
            raise Unreachable(f"GET {path}", self._settings.api_base, NOT_STRIPES, 1, RUN_AGAIN)
        return found

    def pages(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list, 100 objects at a time, newest first; each is asked for when it is needed.

        https://docs.stripe.com/api/pagination, https://docs.stripe.com/api-v2-overview#list-pagination
        """
        asked = {**(params or {}), "limit": 100}
        while True:
            page = self.page(path, asked)
            yield page["data"]
            if "next_page_url" in page:  # version 2 of the API
                if not page["next_page_url"]:
                    return
                path, asked = page["next_page_url"], {}
            elif page["has_more"]:
                asked["starting_after"] = page["data"][-1]["id"]
            else:
                return

    def post(self, path: str, params: Mapping[str, Any], idempotency_key: str | None = None, kind: str = "") -> Answer:
        """Creates or changes. Without an idempotency key each call is a new request; its retries are safe in any case.
        `kind` as in `get`.

        A parameter that is None is removed: that is null in the JSON of version 2 of the API, "" in the forms of version 1.
        """
        params = params if path.startswith("/v2/") else _form(params)
        return self._send("post", path, params, idempotency_key or f"pulumi-{uuid.uuid4()}", kind)

    def delete(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Deletes or cancels; Stripe's DELETE requests are idempotent by themselves."""
        return self._send("delete", path, params or {}, None).body

    # -- sending

    def _send(self, method: str, path: str, params: Mapping[str, Any], key: str | None, kind: str = "") -> Answer:
        self.verify()
        if method == "get":
            return self._attempts(method, path, params, key, kind)
        self._wrote()  # before and after: what is read meanwhile may be stale on arrival
        try:
            return self._attempts(method, path, params, key, kind)
        finally:
            self._wrote()

    def _wrote(self) -> None:
        with self._lock:
            self._writes += 1

    def _attempts(self, method: str, path: str, params: Mapping[str, Any], key: str | None, kind: str = "") -> Answer:
        import stripe  # takes 0.2 s, which a preview without changes need not spend

        options = {"idempotency_key": key} if key else {}
        tries = Tries()
        if self._given_up:
            raise self._given_up
        while True:
            self._pace.wait()
            try:
                response = self._answer(method, path, params, options)
                own = not key or response.headers.get("idempotency-key", key) == key  # without one the SDK makes up its own
                if not own or not _is_stripes(response.data) or kind not in ("", response.data.get("object")):
                    raise stripe.APIConnectionError(NOT_STRIPES, should_retry=True)  # type: ignore[no-untyped-call]
            except stripe.StripeError as e:
                self._answered |= bool(e.http_status)
                headers = {k.lower(): v for k, v in (e.headers or {}).items()}
                outcome = Outcome(_status(e), e.code or "", headers, final=_certificate_failed(e) or self._nobody_listens(e))
                tries = tries.failed(outcome)
                if outcome.too_fast:
                    self._pace.slow_down(outcome.retry_after)
                wait = delay(tries, outcome, random.random()) if self._patient else None
                if wait is None:
                    failure = self._failure(f"{method.upper()} {path}", e, headers, tries.attempts)
                    if isinstance(failure, Unreachable) and not self._patient:
                        self._given_up = failure
                    raise failure from None
                tries = tries.after(wait)
                self._sleep(wait)
            else:
                self._answered = True
                replayed = response.headers.get("idempotent-replayed") == "true"
                return Answer(response.data, replayed, response.body)

    def _answer(self, method: str, path: str, params: Mapping[str, Any], options: Mapping[str, str]) -> Any:
        import stripe

        try:
            return self._connect().raw_request(method, path, **params, **options)
        except UnicodeDecodeError:  # the SDK takes every answer for text
            raise stripe.APIConnectionError(NOT_STRIPES, should_retry=True) from None  # type: ignore[no-untyped-call]

    def _failure(self, request: str, e: stripe.StripeError, headers: Mapping[str, str], attempts: int) -> Refused | Unreachable:
        if not (status := _status(e)):
            reason, remedy = self._one_line(_cause(e)), NOBODY_LISTENS if self._nobody_listens(e) else RUN_AGAIN
            return Unreachable(request, self._settings.api_base, reason, attempts, remedy)
        error = (e.json_body or {}).get("error", {}) if isinstance(e.json_body, Mapping) else {}
        return Refused(
            request,
            status,
            self._one_line(error.get("message") or e.user_message or "no reason given").rstrip("."),
            type_=str(error.get("type") or ""),
            code=str(error.get("code") or ""),
            param=str(error.get("param") or ""),
            request_id=e.request_id or "",
            replayed=headers.get("idempotent-replayed") == "true",
            attempts=attempts,
        )

    def _nobody_listens(self, e: stripe.StripeError) -> bool:
        """Whether the address that was set refuses connections: no retry helps as long as nothing is started there.

        What has answered before may be on its way back.
        """
        elsewhere = self._settings.api_base != DEFAULT_API_BASE and not self._answered
        return elsewhere and isinstance(_root(e), ConnectionRefusedError)

    def _one_line(self, text: object) -> str:
        """A text from outside, fit for a message, without the key that it may quote."""
        return " ".join(str(text).split()).replace(self._settings.api_key, "(the key)")[:LONGEST_TEXT]

    def _connect(self) -> stripe.StripeClient:
        import stripe

        with self._lock:
            if self._sdk is None:
                stripe.set_app_info(DISTRIBUTION, version=version())
                stripe.enable_telemetry = False  # else the first request writes a file into the home directory
                self._sdk = stripe.StripeClient(
                    self._settings.api_key,
                    base_addresses={"api": self._settings.api_base},
                    max_network_retries=0,
                    http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS if self._patient else HASTY_TIMEOUT_SECONDS),
                )
            return self._sdk

    # -- the right account

    def verify(self) -> None:
        """Refuses a wrong key before anything else is sent. Only a declared account takes a request, one for hasty clients too.

        Raises `ConfigurationError`; and as any request does, where the account cannot be asked for.
        """
        if self._settings.problems:
            raise ConfigurationError("; ".join(self._settings.problems))
        if not self._settings.account:
            return
        with self._owner.lock:
            if not self._owner.id:
                self._owner.id = str(self._attempts("get", "/v1/account", {}, None).body.get("id", ""))
        if self._owner.id != self._settings.account:
            raise ConfigurationError(
                f"stripe:account: this stack deploys to {self._settings.account}, but the key belongs to {self._owner.id}; "
                "use a key of the stack's account, or correct the configuration"
            )


def _form(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _form(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_form(v) for v in value]
    return "" if value is None else value


def _certificate_failed(e: stripe.StripeError) -> bool:
    import stripe

    return isinstance(e, stripe.APIConnectionError) and not e.should_retry


def _is_stripes(answer: Any) -> bool:
    """Whether an answer is an object or a list of Stripe's, and not what a proxy says in its place."""
    return isinstance(answer, Mapping) and ("object" in answer or "data" in answer)


def _is_page(answer: Mapping[str, Any]) -> bool:
    """Whether it is a page of a list, of which it says whether more follow it: the rest must not get lost."""
    data = answer.get("data")
    if not isinstance(data, list) or not all(isinstance(each, Mapping) for each in data):
        return False
    if "next_page_url" in answer:  # version 2 of the API
        return answer["next_page_url"] is None or isinstance(answer["next_page_url"], str)
    more = answer.get("has_more")
    return more is False or (more is True and bool(data) and "id" in data[-1])


def _status(e: stripe.StripeError) -> int:
    """Of Stripe's answer; 0 where there is none, as where a proxy says that all is well in words of its own."""
    return e.http_status if e.http_status and not 200 <= e.http_status < 300 else 0


def _cause(e: stripe.StripeError) -> str:
    """Why there was no answer, in the words of the operating system: the text around them advises to write to Stripe."""
    return NOT_STRIPES if e.http_status else _words(_root(e))


def _words(e: BaseException) -> str:
    return (isinstance(e, OSError) and e.strerror) or str(e) or type(e).__name__


def _root(e: BaseException) -> BaseException:
    while inner := e.__cause__ or e.__context__:
        e = inner
    return e
