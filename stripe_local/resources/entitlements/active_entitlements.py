"""Active entitlement: a feature that a customer may use now. https://docs.stripe.com/api/entitlements/active-entitlement

They follow from the subscriptions that a customer has, and the features that the products in them had when the subscription
began, got other prices, or began a period: "Existing subscriptions will create active entitlements for any product feature
changes at the start of the next billing period" (https://docs.stripe.com/billing/entitlements). What each subscription gives is
stored, and an event tells when a customer's entitlements are others
(https://docs.stripe.com/api/events/types#event_types-entitlements.active_entitlement_summary.updated).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from stripe_local.resources.shared import existing
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body, equal
from stripe_local.wire.changes import Change, Happened
from stripe_local.wire.differences import previous_attributes
from stripe_local.wire.errors import no_such
from stripe_local.wire.expand import Ref, register
from stripe_local.wire.operation import Context, get
from stripe_local.wire.pagination import PAGE, list_object, page_of
from stripe_local.wire.params import Param, Str

from . import features

KIND = "entitlements.active_entitlement"
_SUMMARY = "entitlements.active_entitlement_summary"
_URL = "/v1/entitlements/active_entitlements"

_GIVEN = "_entitled"
"""What a customer's subscriptions give: by subscription, the ids of features. None is stored where that is nothing."""

LIST: dict[str, Param] = {"customer": Str(required=True), **PAGE}

_ENTITLE = ("active", "past_due", "trialing")
_CUSTOMER, _FEATURE, _PREFIX = "cus_", "feat_", "ent_"
_SEPARATOR = "0feat0"


def _given(context: Context, customer: str) -> Body:
    found = context.objects.get(_GIVEN, f"{customer}:features")
    return {} if found is None else dict(found["by"])


def _features(given: Body) -> list[str]:
    """Each once, the one that was made last first."""
    return sorted({id for ids in given.values() for id in ids}, reverse=True)


def _all(context: Context, customer: str, ids: Iterable[str]) -> list[Body]:
    return [_shown(customer, feature) for id in ids if (feature := context.objects.get(features.KIND, id)) is not None]


def _of(context: Context, customer: str) -> list[Body]:
    return _all(context, customer, _features(_given(context, customer)))


def _shown(customer: str, feature: Body) -> Body:
    place = customer.removeprefix(_CUSTOMER) + _SEPARATOR + feature["id"].removeprefix(_FEATURE)
    return {
        "id": _PREFIX + place,
        "object": KIND,
        "feature": feature["id"],
        "livemode": feature["livemode"],
        "lookup_key": feature["lookup_key"],
    }


def follow(context: Context, changes: Sequence[Change]) -> Iterator[Happened]:
    """Store what the changed subscriptions give from now on, and tell each customer whose entitlements are others thereby."""
    by_customer: dict[str, list[Change]] = {}
    for change in changes:
        if _counts(change):
            by_customer.setdefault(_subscription(change)["customer"], []).append(change)
    if not by_customer or not context.objects.has_any(features.ATTACHED, _GIVEN):
        return
    for customer, counted in by_customer.items():
        before = _given(context, customer)
        after = {**before, **{_subscription(change)["id"]: _gives(context, change.after) for change in counted}}
        after = {id: ids for id, ids in after.items() if ids}
        _store(context, customer, before, after)
        had, has = _features(before), _features(after)
        if has != had:
            was, now = _summary(context, customer, had), _summary(context, customer, has)
            # Recorded: no request is named, also where one changed the subscription.
            yield Happened(f"{_SUMMARY}.updated", now, previous_attributes(was, now), None, asked=False)


def _subscription(change: Change) -> Body:
    shown = change.after or change.before
    assert shown is not None
    return shown


def _counts(change: Change) -> bool:
    """Whether what a subscription gives is looked at anew."""
    return _basis(change.before) != _basis(change.after)


def _basis(subscription: Body | None) -> list[tuple[str, str, int]]:
    if subscription is None or subscription["status"] not in _ENTITLE:
        return []
    items = subscription["items"]["data"]
    return [(item["id"], item["price"]["id"], item["current_period_start"]) for item in items]


def _gives(context: Context, subscription: Body | None) -> list[str]:
    if subscription is None or subscription["status"] not in _ENTITLE:
        return []
    products = dict.fromkeys(item["price"]["product"] for item in subscription["items"]["data"])
    attached = [body for product in products for body in context.objects.find(features.ATTACHED, [equal("_product", product)])]
    return [body["_feature"] for body in attached]


def _store(context: Context, customer: str, before: Body, after: Body) -> None:
    body: Body = {"id": f"{customer}:features", "by": after}
    if after and before:
        context.objects.put(_GIVEN, body)
    elif after:
        context.objects.insert(_GIVEN, body)
    elif before:
        context.objects.remove(_GIVEN, body["id"])


def _summary(context: Context, customer: str, ids: Sequence[str]) -> Body:
    """As events show it; the address is the one that is recorded, at which nothing answers."""
    found, more = page_of(_all(context, customer, ids), "active entitlement", {})
    entitlements = list_object(f"/v1/customer/{customer}/entitlements", found, more)
    return {"object": _SUMMARY, "customer": customer, "entitlements": entitlements, "livemode": context.livemode}


def list_(context: Context) -> Body:
    """`GET /v1/entitlements/active_entitlements`: those of a customer."""
    params = context.params
    customer = existing(context, CUSTOMER, "customer", params["customer"], "customer")["id"]
    found, more = page_of(_of(context, customer), "active entitlement", params)
    return {**list_object(_URL, found, more), "_type": KIND}


def render(context: Context, id: str) -> Body:
    """The active entitlement with this id."""
    customer = _CUSTOMER + id.removeprefix(_PREFIX).partition(_SEPARATOR)[0]
    found = next((one for one in _of(context, customer) if one["id"] == id), None)
    if found is None:
        raise no_such("active entitlement", id, "id", status=404)
    return found


def retrieve(context: Context) -> Body:
    """`GET /v1/entitlements/active_entitlements/{id}`."""
    return render(context, context.path["id"])


register(KIND, {"feature": Ref(features.KIND)}, render)

OPERATIONS = [get(_URL, list_, LIST), get(f"{_URL}/{{id}}", retrieve)]
