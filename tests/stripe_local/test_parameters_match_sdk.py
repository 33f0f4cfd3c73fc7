"""The declared parameters against those of the installed SDK, so that an upgrade shows what is new.

For every operation: each parameter that the SDK knows is declared (accepted, or refused by name with a reason), nothing is
declared that it does not know, and required parameters and enums agree. What differs is listed here, with its reason.
"""

from __future__ import annotations

import importlib
import sys
import typing
from collections.abc import Iterator
from typing import Any

import pytest
import typing_extensions as te
from stripe._request_options import RequestOptions
from stripe._stripe_context import StripeContext

from stripe_local.resources import OPERATIONS
from stripe_local.wire.params import Enum, ListOf, MapOf, Metadata, Obj, OneOf, Param, Refused

# Operation -> the module and class of its parameters in stripe.params; None where the SDK has none.
SDK: dict[str, tuple[str, str] | None] = {
    "GET /v1/account": None,
    "POST /v1/billing/meters": ("billing._meter_create_params", "MeterCreateParams"),
    "GET /v1/billing/meters": ("billing._meter_list_params", "MeterListParams"),
    "GET /v1/billing/meters/{id}": ("billing._meter_retrieve_params", "MeterRetrieveParams"),
    "POST /v1/billing/meters/{id}": ("billing._meter_update_params", "MeterUpdateParams"),
    "POST /v1/billing/meters/{id}/deactivate": ("billing._meter_deactivate_params", "MeterDeactivateParams"),
    "POST /v1/billing/meters/{id}/reactivate": ("billing._meter_reactivate_params", "MeterReactivateParams"),
    "GET /v1/billing/meters/{id}/event_summaries": ("billing._meter_event_summary_list_params", "MeterEventSummaryListParams"),
    "POST /v1/billing/meter_events": ("billing._meter_event_create_params", "MeterEventCreateParams"),
    "POST /v1/billing/meter_event_adjustments": (
        "billing._meter_event_adjustment_create_params",
        "MeterEventAdjustmentCreateParams",
    ),
    "POST /v2/billing/meter_events": ("v2.billing._meter_event_create_params", "MeterEventCreateParams"),
    "POST /v2/billing/meter_event_adjustments": (
        "v2.billing._meter_event_adjustment_create_params",
        "MeterEventAdjustmentCreateParams",
    ),
    "POST /v2/billing/meter_event_session": ("v2.billing._meter_event_session_create_params", "MeterEventSessionCreateParams"),
    "POST /v2/billing/meter_event_stream": ("v2.billing._meter_event_stream_create_params", "MeterEventStreamCreateParams"),
    "POST /v1/products": ("_product_create_params", "ProductCreateParams"),
    "GET /v1/products": ("_product_list_params", "ProductListParams"),
    "GET /v1/products/search": ("_product_search_params", "ProductSearchParams"),
    "GET /v1/products/{id}": ("_product_retrieve_params", "ProductRetrieveParams"),
    "POST /v1/products/{id}": ("_product_update_params", "ProductUpdateParams"),
    "DELETE /v1/products/{id}": ("_product_delete_params", "ProductDeleteParams"),
    "POST /v1/prices": ("_price_create_params", "PriceCreateParams"),
    "GET /v1/prices": ("_price_list_params", "PriceListParams"),
    "GET /v1/prices/search": ("_price_search_params", "PriceSearchParams"),
    "GET /v1/prices/{price}": ("_price_retrieve_params", "PriceRetrieveParams"),
    "POST /v1/prices/{price}": ("_price_update_params", "PriceUpdateParams"),
    "POST /v1/customers": ("_customer_create_params", "CustomerCreateParams"),
    "GET /v1/customers": ("_customer_list_params", "CustomerListParams"),
    "GET /v1/customers/search": ("_customer_search_params", "CustomerSearchParams"),
    "GET /v1/customers/{customer}": ("_customer_retrieve_params", "CustomerRetrieveParams"),
    "POST /v1/customers/{customer}": ("_customer_update_params", "CustomerUpdateParams"),
    "DELETE /v1/customers/{customer}": ("_customer_delete_params", "CustomerDeleteParams"),
    "POST /v1/subscriptions": ("_subscription_create_params", "SubscriptionCreateParams"),
    "GET /v1/subscriptions": ("_subscription_list_params", "SubscriptionListParams"),
    "GET /v1/subscriptions/search": ("_subscription_search_params", "SubscriptionSearchParams"),
    "GET /v1/subscriptions/{id}": ("_subscription_retrieve_params", "SubscriptionRetrieveParams"),
    "POST /v1/subscriptions/{id}": ("_subscription_update_params", "SubscriptionUpdateParams"),
    "DELETE /v1/subscriptions/{id}": ("_subscription_cancel_params", "SubscriptionCancelParams"),
    "POST /v1/subscriptions/{id}/migrate": ("_subscription_migrate_params", "SubscriptionMigrateParams"),
    "POST /v1/subscriptions/{id}/pause": ("_subscription_pause_params", "SubscriptionPauseParams"),
    "POST /v1/subscriptions/{id}/resume": ("_subscription_resume_params", "SubscriptionResumeParams"),
    "POST /v1/subscription_items": ("_subscription_item_create_params", "SubscriptionItemCreateParams"),
    "GET /v1/subscription_items": ("_subscription_item_list_params", "SubscriptionItemListParams"),
    "GET /v1/subscription_items/{item}": ("_subscription_item_retrieve_params", "SubscriptionItemRetrieveParams"),
    "POST /v1/subscription_items/{item}": ("_subscription_item_update_params", "SubscriptionItemUpdateParams"),
    "DELETE /v1/subscription_items/{item}": ("_subscription_item_delete_params", "SubscriptionItemDeleteParams"),
    "POST /v1/invoices/create_preview": ("_invoice_create_preview_params", "InvoiceCreatePreviewParams"),
    "GET /v1/invoices": ("_invoice_list_params", "InvoiceListParams"),
    "GET /v1/invoices/search": ("_invoice_search_params", "InvoiceSearchParams"),
    "GET /v1/invoices/{invoice}": ("_invoice_retrieve_params", "InvoiceRetrieveParams"),
    "GET /v1/invoices/{invoice}/lines": ("_invoice_line_item_list_params", "InvoiceLineItemListParams"),
    "GET /v1/invoiceitems": ("_invoice_item_list_params", "InvoiceItemListParams"),
    "GET /v1/invoiceitems/{invoiceitem}": ("_invoice_item_retrieve_params", "InvoiceItemRetrieveParams"),
}

# Declared although the SDK does not know it.
EXTRA = {
    "expand": "the SDK leaves it out of a few operations on which Stripe's API accepts it",
}
# Words for enums that the SDK does not spell out, or that it spells out and Stripe widens.
OPEN_ENUMS = {
    "POST /v1/customers tax_id_data[type]": "any type of tax id is stored as it is",
    "payment_settings[payment_method_types]": "any type of payment method is stored as it is",
}


def _hints(kind: Any) -> dict[str, Any]:
    names = {**vars(typing), "StripeContext": StripeContext, **vars(sys.modules[kind.__module__])}
    options = RequestOptions.__annotations__
    return {name: hint for name, hint in te.get_type_hints(kind, names, include_extras=True).items() if name not in options}


def _parts(hint: Any) -> Iterator[Any]:
    origin = te.get_origin(hint)
    if origin in (te.NotRequired, te.Required):
        yield from _parts(te.get_args(hint)[0])
    elif origin in (typing.Union, type(int | str)):
        for part in te.get_args(hint):
            yield from _parts(part)
    else:
        yield hint


def _typed_dicts(hint: Any) -> list[Any]:
    found = []
    for part in _parts(hint):
        if te.is_typeddict(part):
            found.append(part)
        elif te.get_origin(part) in (list, dict):
            found += _typed_dicts(te.get_args(part)[-1])
    return found


def _words(hint: Any) -> set[str]:
    return {word for part in _parts(hint) if te.get_origin(part) is te.Literal for word in te.get_args(part) if word != ""}


def _objects(param: Param) -> list[Obj]:
    if isinstance(param, Obj):
        return [param]
    if isinstance(param, ListOf):
        return _objects(param.element)
    if isinstance(param, MapOf) and not isinstance(param, Metadata):
        return _objects(param.value)
    if isinstance(param, OneOf):
        return [found for form in param.forms for found in _objects(form)]
    return []


def _enum(param: Param) -> set[str]:
    if isinstance(param, Enum):
        return set(param.values)
    if isinstance(param, OneOf):
        return {word for form in param.forms for word in _enum(form)}
    return set()


def differences(declared: Obj, kind: Any, place: str, path: str = "") -> Iterator[str]:
    hints = _hints(kind)
    for name, hint in hints.items():
        here = f"{path}[{name}]" if path else name
        if name not in declared.fields:
            yield f"{place}: {here} is new in the SDK"
            continue
        param = declared.fields[name]
        if isinstance(param, Refused):
            assert param.reason
            continue
        required = name in kind.__required_keys__
        if param.required != required:
            yield f"{place}: {here} is {'' if required else 'not '}required in the SDK"
        open_enum = any(key in (here, f"{place} {here}") for key in OPEN_ENUMS)
        if not open_enum and _words(hint) != _enum(param):
            yield f"{place}: {here} takes {sorted(_words(hint))} in the SDK, {sorted(_enum(param))} here"
        inner, objects = _typed_dicts(hint), _objects(param)
        if inner and not objects:
            yield f"{place}: {here} is a hash in the SDK"
        for kind_inside, object_inside in zip(inner, objects, strict=False):
            yield from differences(object_inside, kind_inside, place, here)
    for name in declared.fields:
        if name not in hints and name not in EXTRA:
            yield f"{place}: {path}[{name}] is not known to the SDK"


def _name(operation: Any) -> str:
    return f"{operation.method} {operation.path}"


def test_every_operation_is_compared() -> None:
    assert sorted(map(_name, OPERATIONS)) == sorted(SDK)


@pytest.mark.parametrize("operation", [found for found in OPERATIONS if SDK.get(_name(found))], ids=_name)
def test_parameters(operation: Any) -> None:
    place = SDK[_name(operation)]
    assert place is not None
    kind = getattr(importlib.import_module(f"stripe.params.{place[0]}"), place[1])
    assert list(differences(operation.params, kind, _name(operation))) == []


def test_the_comparison_finds_what_is_missing() -> None:
    operation = next(found for found in OPERATIONS if _name(found) == "POST /v1/prices")
    kind = importlib.import_module("stripe.params._price_create_params").PriceCreateParams
    fields = dict(operation.params.fields)
    del fields["lookup_key"]
    fields["nonsense"] = fields["nickname"]
    assert list(differences(Obj(fields), kind, "x")) == [
        "x: lookup_key is new in the SDK",
        "x: [nonsense] is not known to the SDK",
    ]
