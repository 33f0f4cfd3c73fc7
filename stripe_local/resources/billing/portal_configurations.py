"""Portal configuration: what customers can do by themselves. https://docs.stripe.com/api/customer_portal/configuration

At Stripe the account's default one comes from the Dashboard; here it exists from the
start, as `DEFAULT`.
"""

from __future__ import annotations

from typing import Any

from stripe_local.resources.products import prices
from stripe_local.resources.shared import INTERVAL, copy, existing, merge_metadata
from stripe_local.store.ids import new_id, random_text
from stripe_local.store.kinds import PRODUCT
from stripe_local.store.objects import Body, equal, public
from stripe_local.wire.errors import invalid, missing_param
from stripe_local.wire.expand import Included, register, unavailable
from stripe_local.wire.operation import Context, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import Bool, Enum, Int, ListOf, Metadata, Obj, Param, Refused, Str

KIND = "billing_portal.configuration"
DEFAULT = "bpc_local_default"
_URL = "/v1/billing_portal/configurations"
_PRODUCTS = "features[subscription_update][products]"

_ENABLED = {"enabled": Bool(required=True)}
_PRORATION = Enum("always_invoice", "create_prorations", "none")
_REASONS = (
    *("customer_service", "low_quality", "missing_features", "other"),
    *("switched_service", "too_complex", "too_expensive", "unused"),
)
_CUSTOMER = ("address", "email", "name", "phone", "shipping", "tax_id")
_PAUSE = Obj(
    {
        "duration": Obj(
            {
                "interval_options": ListOf(
                    Obj({"interval": Enum(*INTERVAL, required=True), "interval_count": Int(minimum=1)}), clearable=True
                ),
                "type": Enum("indefinite", "interval_options", required=True),
            }
        ),
        "enabled": Bool(),
    }
)
_PRODUCT = Obj(
    {
        "adjustable_quantity": Obj({**_ENABLED, "maximum": Int(minimum=0), "minimum": Int(minimum=0)}),
        "prices": ListOf(Str(clearable=False), required=True),
        "product": Str(required=True),
    }
)
_CONDITION = Obj({"type": Enum("decreasing_item_amount", "shortening_interval", required=True)})


def _features(*, creating: bool) -> Obj:
    """The features; a new configuration says of each of them whether it is on."""
    enabled = Bool(required=creating)
    reason: dict[str, Param] = {
        **_ENABLED,
        "feedback_options": Refused("feedback options do not exist here."),
        "options": ListOf(Enum(*_REASONS), required=creating, clearable=True),
    }
    cancel: dict[str, Param] = {
        "cancellation_reason": Obj(reason),
        "enabled": enabled,
        "mode": Enum("at_period_end", "immediately"),
        "proration_behavior": _PRORATION,
    }
    update: dict[str, Param] = {
        "billing_cycle_anchor": Enum("now", "unchanged"),
        "default_allowed_updates": ListOf(Enum("price", "promotion_code", "quantity"), clearable=True),
        "enabled": enabled,
        "products": ListOf(_PRODUCT, clearable=True, max_items=10),
        "proration_behavior": _PRORATION,
        "schedule_at_period_end": Obj({"conditions": ListOf(_CONDITION, clearable=True)}),
        "trial_update_behavior": Enum("continue_trial", "end_trial"),
    }
    return Obj(
        {
            "customer_update": Obj({"allowed_updates": ListOf(Enum(*_CUSTOMER), clearable=True), "enabled": enabled}),
            "invoice_history": Obj(_ENABLED),
            "payment_method_update": Obj({**_ENABLED, "payment_method_configuration": Str()}),
            "subscription_cancel": Obj(cancel),
            "subscription_pause": _PAUSE,
            "subscription_update": Obj(update),
        },
        required=creating,
    )


_SHARED: dict[str, Param] = {
    "business_profile": Obj({"headline": Str(60), "privacy_policy_url": Str(), "terms_of_service_url": Str()}),
    "default_return_url": Str(),
    "login_page": Obj(_ENABLED),
    "metadata": Metadata(),
    "name": Str(),
}
CREATE: dict[str, Param] = {**_SHARED, "features": _features(creating=True)}
UPDATE: dict[str, Param] = {**_SHARED, "active": Bool(), "features": _features(creating=False)}
LIST: dict[str, Param] = {"active": Bool(), "is_default": Bool(), **PAGE}


def _new(context: Context, id: str, *, is_default: bool) -> Body:
    return {
        "id": id,
        "object": KIND,
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": context.now,
        "default_return_url": None,
        "features": {
            "customer_update": {"allowed_updates": [], "enabled": False},
            "invoice_history": {"enabled": False},
            "payment_method_update": {"enabled": False, "payment_method_configuration": None},
            "subscription_cancel": {
                "cancellation_reason": {"enabled": False, "feedback_options": None, "options": []},
                "enabled": False,
                "mode": "at_period_end",
                "proration_behavior": "none",
            },
            "subscription_pause": {
                "duration": {"interval_options": [{"interval": "month", "interval_count": 1}], "type": "interval_options"},
                "enabled": False,
            },
            "subscription_update": {
                "billing_cycle_anchor": None,
                "default_allowed_updates": [],
                "enabled": False,
                "products": None,
                "proration_behavior": "none",
                "schedule_at_period_end": {"conditions": []},
                "trial_update_behavior": "end_trial",
            },
        },
        "is_default": is_default,
        "livemode": context.livemode,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": context.now,
        "_code": random_text(18),
    }


def of_session(context: Context, id: str | None) -> Body:
    """The configuration of a session: the one that is named, or the default one. Raises StripeError."""
    default = context.objects.get(KIND, DEFAULT) or _new(context, DEFAULT, is_default=True)
    if id in (None, DEFAULT):
        return default
    body = existing(context, KIND, "configuration", str(id), "configuration")
    if not body["active"]:
        raise invalid(f"The configuration {id} is not active.", "configuration")
    return body


def keep_default(context: Context, body: Body) -> None:
    """Store the default configuration where it is used for the first time: with that, as at Stripe, it is told to be made."""
    if body["is_default"] and not context.objects.exists(KIND, equal("id", DEFAULT)):
        context.objects.insert(KIND, body)


def render(context: Context, id: str) -> Body:
    """The configuration with this id."""
    return _shown(of_session(context, id))


def _get(context: Context) -> Body:
    id = context.path["configuration"]
    if id == DEFAULT and not context.objects.exists(KIND, equal("id", DEFAULT)):
        return _new(context, DEFAULT, is_default=True)
    return existing(context, KIND, "configuration", id, "configuration", in_path=True)


def _shown(body: Body) -> Body:
    """As Stripe shows it: products only when they are asked for."""
    features = body["features"]
    update = {name: value for name, value in features["subscription_update"].items() if name != "products"}
    return {**public(body), "features": {**features, "subscription_update": update}}


def _merge(kept: Body, wanted: dict[str, Any]) -> None:
    """Hashes are merged at every depth; lists are replaced, and cleared to none."""
    for name, value in wanted.items():
        if isinstance(value, dict) and isinstance(kept.get(name), dict):
            _merge(kept[name], value)
        else:
            kept[name] = [] if value is None and isinstance(kept.get(name), list) else value


def _check(context: Context, features: Body) -> None:
    update, cancel = features["subscription_update"], features["subscription_cancel"]
    if update["enabled"] and not update["products"]:
        raise missing_param(_PRODUCTS)
    for index, product in enumerate(update["products"] or []):
        place = f"{_PRODUCTS}[{index}]"
        existing(context, PRODUCT, "product", product["product"], f"{place}[product]")
        for number, id in enumerate(product["prices"]):
            price = prices.usable(context, id, f"{place}[prices][{number}]")
            if price["product"] != product["product"]:
                raise invalid(
                    f"The price {id} does not belong to the product {product['product']}.", f"{place}[prices][{number}]"
                )
        product["adjustable_quantity"] = {
            "maximum": None,
            "minimum": 1,
            **(product.get("adjustable_quantity") or {"enabled": False}),
        }
    for option in (features["subscription_pause"]["duration"] or {}).get("interval_options") or []:
        option.setdefault("interval_count", 1)
    place = "features[subscription_cancel][proration_behavior]"
    if cancel["proration_behavior"] == "always_invoice":
        raise invalid("`always_invoice` is not supported when subscriptions are cancelled in the portal.", place)
    if cancel["proration_behavior"] == "create_prorations" and cancel["mode"] != "immediately":
        raise invalid("`create_prorations` is only supported with `mode` `immediately`.", place)


def _apply(context: Context, body: Body, params: dict[str, Any]) -> None:
    copy(body, params, "default_return_url", "name")
    for name in ("business_profile", "features"):
        _merge(body[name], params.get(name, {}))
    for place in ("privacy_policy_url", "terms_of_service_url"):
        _check_address(body["business_profile"][place], f"business_profile[{place}]")
    _check_address(body["default_return_url"], "default_return_url")
    _check(context, body["features"])
    if "login_page" in params:
        enabled = params["login_page"]["enabled"]
        mode = "" if context.livemode else "test_"
        body["login_page"] = {
            "enabled": enabled,
            "url": f"https://billing.stripe.com/p/login/{mode}{body['_code']}" if enabled else None,
        }
    merge_metadata(body, params)
    body["updated"] = context.now


def _check_address(url: str | None, param: str) -> None:
    if url is not None and not url.startswith(("http://", "https://")):
        raise invalid("Not a valid URL", param, "url_invalid")


def create(context: Context) -> Body:
    """`POST /v1/billing_portal/configurations`."""
    body = _new(context, new_id("bpc"), is_default=False)
    _apply(context, body, context.params)
    return _shown(context.objects.insert(KIND, body))


def retrieve(context: Context) -> Body:
    """`GET /v1/billing_portal/configurations/{configuration}`."""
    return _shown(_get(context))


def update(context: Context) -> Body:
    """`POST /v1/billing_portal/configurations/{configuration}`."""
    body = _get(context)
    if body["is_default"] and context.params.get("active") is False:
        # Users report that Stripe refuses it; its words are not known.
        raise invalid("The default configuration cannot be deactivated.", "active")
    copy(body, context.params, "active")
    _apply(context, body, context.params)
    stored = context.objects.exists(KIND, equal("id", body["id"]))
    return _shown(context.objects.put(KIND, body) if stored else context.objects.insert(KIND, body))


def list_(context: Context) -> Body:
    """`GET /v1/billing_portal/configurations`; the default one is among them once it has been changed or used."""
    conditions = [equal(name, context.params[name]) for name in ("active", "is_default") if name in context.params]
    found, more = page(context.objects, KIND, "configuration", context.params, conditions)
    if not found and context.params.get("is_default"):
        found = [_new(context, DEFAULT, is_default=True)]
    return {**list_object(_URL, [_shown(body) for body in found], more), "_type": KIND}


def _products(context: Context, id: str) -> Any:
    body = context.objects.get(KIND, id)
    return body["features"]["subscription_update"]["products"] if body else None


register(
    KIND,
    {
        "features.subscription_update.products": Included(_products),
        **unavailable("application", "features.subscription_cancel.cancellation_reason.feedback_options"),
    },
    render,
)

OPERATIONS = [
    post(_URL, create, CREATE),
    get(_URL, list_, LIST),
    get(f"{_URL}/{{configuration}}", retrieve),
    post(f"{_URL}/{{configuration}}", update, UPDATE),
]
