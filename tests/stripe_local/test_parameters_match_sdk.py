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
    "POST /v1/coupons": ("_coupon_create_params", "CouponCreateParams"),
    "GET /v1/coupons": ("_coupon_list_params", "CouponListParams"),
    "GET /v1/coupons/{coupon}": ("_coupon_retrieve_params", "CouponRetrieveParams"),
    "POST /v1/coupons/{coupon}": ("_coupon_update_params", "CouponUpdateParams"),
    "DELETE /v1/coupons/{coupon}": ("_coupon_delete_params", "CouponDeleteParams"),
    "POST /v1/promotion_codes": ("_promotion_code_create_params", "PromotionCodeCreateParams"),
    "GET /v1/promotion_codes": ("_promotion_code_list_params", "PromotionCodeListParams"),
    "GET /v1/promotion_codes/{promotion_code}": ("_promotion_code_retrieve_params", "PromotionCodeRetrieveParams"),
    "POST /v1/promotion_codes/{promotion_code}": ("_promotion_code_update_params", "PromotionCodeUpdateParams"),
    "POST /v1/tax_rates": ("_tax_rate_create_params", "TaxRateCreateParams"),
    "GET /v1/tax_rates": ("_tax_rate_list_params", "TaxRateListParams"),
    "GET /v1/tax_rates/{tax_rate}": ("_tax_rate_retrieve_params", "TaxRateRetrieveParams"),
    "POST /v1/tax_rates/{tax_rate}": ("_tax_rate_update_params", "TaxRateUpdateParams"),
    "POST /v1/entitlements/features": ("entitlements._feature_create_params", "FeatureCreateParams"),
    "GET /v1/entitlements/features": ("entitlements._feature_list_params", "FeatureListParams"),
    "GET /v1/entitlements/features/{id}": ("entitlements._feature_retrieve_params", "FeatureRetrieveParams"),
    "POST /v1/entitlements/features/{id}": ("entitlements._feature_update_params", "FeatureUpdateParams"),
    "POST /v1/products/{product}/features": ("_product_feature_create_params", "ProductFeatureCreateParams"),
    "GET /v1/products/{product}/features": ("_product_feature_list_params", "ProductFeatureListParams"),
    "GET /v1/products/{product}/features/{id}": ("_product_feature_retrieve_params", "ProductFeatureRetrieveParams"),
    "DELETE /v1/products/{product}/features/{id}": ("_product_feature_delete_params", "ProductFeatureDeleteParams"),
    "POST /v1/billing/credit_grants": ("billing._credit_grant_create_params", "CreditGrantCreateParams"),
    "GET /v1/billing/credit_grants": ("billing._credit_grant_list_params", "CreditGrantListParams"),
    "GET /v1/billing/credit_grants/{id}": ("billing._credit_grant_retrieve_params", "CreditGrantRetrieveParams"),
    "POST /v1/billing/credit_grants/{id}": ("billing._credit_grant_update_params", "CreditGrantUpdateParams"),
    "POST /v1/billing/credit_grants/{id}/void": ("billing._credit_grant_void_grant_params", "CreditGrantVoidGrantParams"),
    "POST /v1/billing/credit_grants/{id}/expire": ("billing._credit_grant_expire_params", "CreditGrantExpireParams"),
    "GET /v1/billing/credit_balance_summary": (
        "billing._credit_balance_summary_retrieve_params",
        "CreditBalanceSummaryRetrieveParams",
    ),
    "POST /v1/billing/alerts": ("billing._alert_create_params", "AlertCreateParams"),
    "GET /v1/billing/alerts": ("billing._alert_list_params", "AlertListParams"),
    "GET /v1/billing/alerts/{id}": ("billing._alert_retrieve_params", "AlertRetrieveParams"),
    "POST /v1/billing/alerts/{id}/activate": ("billing._alert_activate_params", "AlertActivateParams"),
    "POST /v1/billing/alerts/{id}/deactivate": ("billing._alert_deactivate_params", "AlertDeactivateParams"),
    "POST /v1/billing/alerts/{id}/archive": ("billing._alert_archive_params", "AlertArchiveParams"),
    "POST /v1/checkout/sessions": ("checkout._session_create_params", "SessionCreateParams"),
    "GET /v1/checkout/sessions": ("checkout._session_list_params", "SessionListParams"),
    "GET /v1/checkout/sessions/{session}": ("checkout._session_retrieve_params", "SessionRetrieveParams"),
    "POST /v1/checkout/sessions/{session}": ("checkout._session_update_params", "SessionUpdateParams"),
    "GET /v1/checkout/sessions/{session}/line_items": ("checkout._session_list_line_items_params", "SessionListLineItemsParams"),
    "POST /v1/checkout/sessions/{session}/expire": ("checkout._session_expire_params", "SessionExpireParams"),
    "GET /v1/events": ("_event_list_params", "EventListParams"),
    "GET /v1/events/{id}": ("_event_retrieve_params", "EventRetrieveParams"),
    "POST /v1/webhook_endpoints": ("_webhook_endpoint_create_params", "WebhookEndpointCreateParams"),
    "GET /v1/webhook_endpoints": ("_webhook_endpoint_list_params", "WebhookEndpointListParams"),
    "GET /v1/webhook_endpoints/{webhook_endpoint}": ("_webhook_endpoint_retrieve_params", "WebhookEndpointRetrieveParams"),
    "POST /v1/webhook_endpoints/{webhook_endpoint}": ("_webhook_endpoint_update_params", "WebhookEndpointUpdateParams"),
    "DELETE /v1/webhook_endpoints/{webhook_endpoint}": ("_webhook_endpoint_delete_params", "WebhookEndpointDeleteParams"),
    "POST /v1/payment_links": ("_payment_link_create_params", "PaymentLinkCreateParams"),
    "GET /v1/payment_links": ("_payment_link_list_params", "PaymentLinkListParams"),
    "GET /v1/payment_links/{payment_link}": ("_payment_link_retrieve_params", "PaymentLinkRetrieveParams"),
    "POST /v1/payment_links/{payment_link}": ("_payment_link_update_params", "PaymentLinkUpdateParams"),
    "GET /v1/payment_links/{payment_link}/line_items": ("_payment_link_line_item_list_params", "PaymentLinkLineItemListParams"),
    "POST /v1/billing_portal/configurations": ("billing_portal._configuration_create_params", "ConfigurationCreateParams"),
    "GET /v1/billing_portal/configurations": ("billing_portal._configuration_list_params", "ConfigurationListParams"),
    "GET /v1/billing_portal/configurations/{configuration}": (
        "billing_portal._configuration_retrieve_params",
        "ConfigurationRetrieveParams",
    ),
    "POST /v1/billing_portal/configurations/{configuration}": (
        "billing_portal._configuration_update_params",
        "ConfigurationUpdateParams",
    ),
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
    "POST /v1/checkout/sessions locale": "any language is stored as it is",
    "enabled_events": "any event can be named; a test of the resource holds the list against the SDK",
    "POST /v1/webhook_endpoints api_version": "any version is stored as it is",
    "payment_settings[payment_method_types]": "any type of payment method is stored as it is",
}
# Required by the SDK, and not here.
OPTIONAL = {
    "POST /v1/payment_links line_items[quantity]": "a metered price has none, as at checkout; any other price is refused without",
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
        if param.required != required and f"{place} {here}" not in OPTIONAL:
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
