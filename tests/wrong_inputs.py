"""Wrong inputs, each with the field that a preview must name. Used on the handlers alone and, end to end, on the engines."""

from typing import Any, NamedTuple


class Wrong(NamedTuple):
    name: str
    kind: str
    args: dict[str, Any]
    field: str
    """What the message must begin with."""


METER: dict[str, Any] = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
PRODUCT: dict[str, Any] = {"name": "Hypernian"}
PRICE: dict[str, Any] = {
    "currency": "usd",
    "product": "prod_1",
    "unit_amount": 4,
    "recurring": {"interval": "month", "usage_type": "metered", "meter": "mtr_1"},
}
TIERED: dict[str, Any] = {
    **{k: v for k, v in PRICE.items() if k != "unit_amount"},
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "tiers": [{"up_to": 100, "unit_amount": 4}, {"up_to": "inf", "unit_amount": 3}],
}
DEFAULT_PRICE: dict[str, Any] = {"product": "prod_1", "default_price": "price_1"}
CUSTOMER: dict[str, Any] = {"name": "John Doe"}
SUBSCRIPTION: dict[str, Any] = {"customer": "cus_1", "items": [{"price": "price_1"}]}

COUPON: dict[str, Any] = {"percent_off": 25}
AMOUNT_OFF: dict[str, Any] = {"amount_off": 500, "currency": "usd"}
PROMOTION_CODE: dict[str, Any] = {"promotion": {"type": "coupon", "coupon": "SUMMER"}, "code": "SUMMER20"}
TAX_RATE: dict[str, Any] = {"display_name": "VAT", "inclusive": False, "percentage": 23}
FEATURE: dict[str, Any] = {"lookup_key": "long-context", "name": "Long context"}
PRODUCT_FEATURE: dict[str, Any] = {"product": "prod_1", "entitlement_feature": "feat_1"}
CREDIT_GRANT: dict[str, Any] = {
    "customer": "cus_1",
    "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
    "applicability_config": {"scope": {"price_type": "metered"}},
}
ALERT: dict[str, Any] = {
    "title": "A million tokens",
    "alert_type": "usage_threshold",
    "usage_threshold": {"gte": 1000000, "meter": "mtr_1", "recurrence": "one_time"},
}
WEBHOOK_ENDPOINT: dict[str, Any] = {"url": "https://example.com/stripe", "enabled_events": ["billing.alert.triggered"]}
PAYMENT_LINK: dict[str, Any] = {"line_items": [{"price": "price_1"}]}
PORTAL: dict[str, Any] = {"features": {"invoice_history": {"enabled": True}}}

RIGHT = {
    "Meter": METER,
    "Product": PRODUCT,
    "Price": PRICE,
    "DefaultPrice": DEFAULT_PRICE,
    "Customer": CUSTOMER,
    "Subscription": SUBSCRIPTION,
    "Coupon": COUPON,
    "PromotionCode": PROMOTION_CODE,
    "TaxRate": TAX_RATE,
    "EntitlementFeature": FEATURE,
    "ProductFeature": PRODUCT_FEATURE,
    "CreditGrant": CREDIT_GRANT,
    "Alert": ALERT,
    "WebhookEndpoint": WEBHOOK_ENDPOINT,
    "PaymentLink": PAYMENT_LINK,
    "PortalConfiguration": PORTAL,
}


def without(args: dict[str, Any], *names: str) -> dict[str, Any]:
    return {k: v for k, v in args.items() if k not in names}


MONTHLY = {"interval": "month"}

WRONG = [
    Wrong("no event name", "Meter", without(METER, "event_name"), "event_name"),
    Wrong("display name too long", "Meter", {**METER, "display_name": "x" * 251}, "display_name"),
    Wrong("event name too long", "Meter", {**METER, "event_name": "x" * 101}, "event_name"),
    Wrong("unknown formula", "Meter", {**METER, "default_aggregation": {"formula": "max"}}, "default_aggregation.formula"),
    Wrong("unknown mapping", "Meter", {**METER, "customer_mapping": {"type": "by_name", "event_payload_key": "c"}}, "customer_mapping.type"),
    Wrong("mapping without key", "Meter", {**METER, "customer_mapping": {"type": "by_id"}}, "customer_mapping.event_payload_key"),
    Wrong("unknown field", "Meter", {**METER, "dimensions": ["model"]}, "dimensions"),
    Wrong("misspelt field", "Product", {**PRODUCT, "descripton": "tokens"}, "descripton"),
    Wrong("product without name", "Product", {"description": "tokens"}, "name"),
    Wrong("statement descriptor too long", "Product", {**PRODUCT, "statement_descriptor": "x" * 23}, "statement_descriptor"),
    Wrong("nine images", "Product", {**PRODUCT, "images": [f"https://example.com/{i}.png" for i in range(9)]}, "images"),
    Wrong("url without scheme", "Product", {**PRODUCT, "url": "example.com"}, "url"),
    Wrong("boolean as text", "Product", {**PRODUCT, "shippable": "yes"}, "shippable"),
    Wrong("metadata key too long", "Product", {**PRODUCT, "metadata": {"k" * 41: "v"}}, 'metadata["'),
    Wrong("metadata value too long", "Product", {**PRODUCT, "metadata": {"k": "v" * 501}}, 'metadata["k"]'),
    Wrong("too much metadata", "Product", {**PRODUCT, "metadata": {f"k{i}": "v" for i in range(50)}}, "metadata"),
    Wrong("metadata is no text", "Product", {**PRODUCT, "metadata": {"k": 1}}, 'metadata["k"]'),
    Wrong("no currency", "Price", without(PRICE, "currency"), "currency"),
    Wrong("currency in capitals", "Price", {**PRICE, "currency": "USD"}, "currency"),
    Wrong("no product", "Price", without(PRICE, "product"), "product"),
    Wrong("two products", "Price", {**PRICE, "product_data": {"name": "Hypernian"}}, "product_data"),
    Wrong("no amount", "Price", without(PRICE, "unit_amount"), "unit_amount"),
    Wrong("two amounts", "Price", {**PRICE, "unit_amount_decimal": "4"}, "unit_amount_decimal"),
    Wrong("negative amount", "Price", {**PRICE, "unit_amount": -1}, "unit_amount"),
    Wrong("fraction of a cent as a number", "Price", {**PRICE, "unit_amount": 0.5}, "unit_amount"),
    Wrong("decimal as a number", "Price", {**without(PRICE, "unit_amount"), "unit_amount_decimal": 0.5}, "unit_amount_decimal"),
    Wrong("thirteen decimal places", "Price", {**without(PRICE, "unit_amount"), "unit_amount_decimal": "0.0000000000001"}, "unit_amount_decimal"),
    Wrong("metered without meter", "Price", {**PRICE, "recurring": {**MONTHLY, "usage_type": "metered"}}, "recurring.meter"),
    Wrong("meter without metered", "Price", {**PRICE, "recurring": {**MONTHLY, "meter": "mtr_1"}}, "recurring.meter"),
    Wrong("unknown interval", "Price", {**PRICE, "recurring": {"interval": "quarter"}}, "recurring.interval"),
    Wrong("four years", "Price", {**PRICE, "recurring": {"interval": "month", "interval_count": 37}}, "recurring.interval_count"),
    Wrong("tiers per unit", "Price", {**PRICE, "tiers": TIERED["tiers"]}, "tiers"),
    Wrong("tiered without tiers", "Price", without(TIERED, "tiers"), "tiers"),
    Wrong("tiered without mode", "Price", without(TIERED, "tiers_mode"), "tiers_mode"),
    Wrong("tiers without end", "Price", {**TIERED, "tiers": [{"up_to": 100, "unit_amount": 4}]}, "tiers[0].up_to"),
    Wrong("falling tiers", "Price", {**TIERED, "tiers": [{"up_to": 9, "unit_amount": 4}, {"up_to": 5, "unit_amount": 3}, {"up_to": "inf", "unit_amount": 2}]}, "tiers[1].up_to"),
    Wrong("tier without amount", "Price", {**TIERED, "tiers": [{"up_to": "inf"}]}, "tiers[0]"),
    Wrong("packages of tiers", "Price", {**TIERED, "transform_quantity": {"divide_by": 100, "round": "up"}}, "transform_quantity"),
    Wrong("packages of nothing", "Price", {**PRICE, "transform_quantity": {"divide_by": 0, "round": "up"}}, "transform_quantity.divide_by"),
    Wrong("own currency as an option", "Price", {**PRICE, "currency_options": {"usd": {"unit_amount": 4}}}, 'currency_options["usd"]'),
    Wrong("option without amount", "Price", {**PRICE, "currency_options": {"eur": {}}}, 'currency_options["eur"]'),
    Wrong("transfer of no key", "Price", {**PRICE, "transfer_lookup_key": True}, "transfer_lookup_key"),
    Wrong("subscriptions left out in the cold", "Price", {**PRICE, "existing_subscriptions": "cancel"}, "existing_subscriptions"),
    Wrong("default price of nothing", "DefaultPrice", without(DEFAULT_PRICE, "product"), "product"),
    Wrong("no default price", "DefaultPrice", without(DEFAULT_PRICE, "default_price"), "default_price"),
    Wrong("no address", "Customer", {**CUSTOMER, "email": "john"}, "email"),
    Wrong("long phone", "Customer", {**CUSTOMER, "phone": "0" * 21}, "phone"),
    Wrong("country by name", "Customer", {**CUSTOMER, "address": {"country": "Ireland"}}, "address.country"),
    Wrong("a location found out by itself at first", "Customer", {**CUSTOMER, "tax": {"validate_location": "auto"}}, "tax.validate_location"),
    Wrong("no customer", "Subscription", without(SUBSCRIPTION, "customer"), "customer"),
    Wrong("no items", "Subscription", without(SUBSCRIPTION, "items"), "items"),
    Wrong("no item", "Subscription", {**SUBSCRIPTION, "items": []}, "items"),
    Wrong("one price twice", "Subscription", {**SUBSCRIPTION, "items": [{"price": "p"}, {"price": "p"}]}, "items[1].price"),
    Wrong("invoice without a due date", "Subscription", {**SUBSCRIPTION, "collection_method": "send_invoice"}, "days_until_due"),
    Wrong("due date without invoice", "Subscription", {**SUBSCRIPTION, "days_until_due": 30}, "days_until_due"),
    Wrong("two ends of a trial", "Subscription", {**SUBSCRIPTION, "trial_end": "now", "trial_period_days": 7}, "trial_period_days"),
    Wrong("two ends", "Subscription", {**SUBSCRIPTION, "cancel_at": 1800000000, "cancel_at_period_end": True}, "cancel_at"),
]  # fmt: skip

SCOPE = "applicability_config.scope"


def scoped(**scope: Any) -> dict[str, Any]:
    return {**CREDIT_GRANT, "applicability_config": {"scope": scope}}


def threshold(**changes: Any) -> dict[str, Any]:
    return {**ALERT, "usage_threshold": {**ALERT["usage_threshold"], **changes}}


def restricted(**restrictions: Any) -> dict[str, Any]:
    return {**PROMOTION_CODE, "restrictions": restrictions}


def portal(**features: Any) -> dict[str, Any]:
    return {"features": features}


PRODUCTS = "features.subscription_update.products"
CANCEL = "features.subscription_cancel"

WRONG_OFFERS = [
    Wrong("no discount", "Coupon", {}, "amount_off"),
    Wrong("two discounts", "Coupon", {**COUPON, **AMOUNT_OFF}, "percent_off"),
    Wrong("nothing off", "Coupon", {"percent_off": 0}, "percent_off"),
    Wrong("more than all off", "Coupon", {"percent_off": 101}, "percent_off"),
    Wrong("negative discount", "Coupon", {**AMOUNT_OFF, "amount_off": -5}, "amount_off"),
    Wrong("amount without currency", "Coupon", {"amount_off": 500}, "currency"),
    Wrong("currency without amount", "Coupon", {**COUPON, "currency": "usd"}, "currency"),
    Wrong("options without amount", "Coupon", {**COUPON, "currency_options": {"eur": {"amount_off": 4}}}, "currency_options"),
    Wrong("own currency as an option", "Coupon", {**AMOUNT_OFF, "currency_options": {"usd": {"amount_off": 4}}}, 'currency_options["usd"]'),
    Wrong("repeating without end", "Coupon", {**COUPON, "duration": "repeating"}, "duration_in_months"),
    Wrong("months of one discount", "Coupon", {**COUPON, "duration_in_months": 3}, "duration_in_months"),
    Wrong("unknown duration", "Coupon", {**COUPON, "duration": "yearly"}, "duration"),
    Wrong("long name", "Coupon", {**COUPON, "name": "x" * 41}, "name"),
    Wrong("never redeemed", "Coupon", {**COUPON, "max_redemptions": 0}, "max_redemptions"),
    Wrong("blank in an id", "Coupon", {**COUPON, "coupon_id": "25 OFF"}, "coupon_id"),
    Wrong("for no product", "Coupon", {**COUPON, "applies_to": {"products": []}}, "applies_to.products"),
    Wrong("no promotion", "PromotionCode", without(PROMOTION_CODE, "promotion"), "promotion"),
    Wrong("promotion without coupon", "PromotionCode", {"promotion": {"type": "coupon"}}, "promotion.coupon"),
    Wrong("blank in a code", "PromotionCode", {**PROMOTION_CODE, "code": "SUMMER 20"}, "code"),
    Wrong("two customers", "PromotionCode", {**PROMOTION_CODE, "customer": "c", "customer_account": "a"}, "customer_account"),
    Wrong("least amount without currency", "PromotionCode", restricted(minimum_amount=100), "restrictions.minimum_amount_currency"),
    Wrong("currency of no least amount", "PromotionCode", restricted(minimum_amount_currency="usd"), "restrictions.minimum_amount"),
    Wrong("further amounts beside none", "PromotionCode", restricted(currency_options={"eur": {"minimum_amount": 1}}), "restrictions.currency_options"),
    Wrong("least amount twice", "PromotionCode", restricted(minimum_amount=5, minimum_amount_currency="usd", currency_options={"usd": {"minimum_amount": 1}}), 'restrictions.currency_options["usd"]'),
    Wrong("tax without a name", "TaxRate", without(TAX_RATE, "display_name"), "display_name"),
    Wrong("tax in or on top", "TaxRate", without(TAX_RATE, "inclusive"), "inclusive"),
    Wrong("percentage as text", "TaxRate", {**TAX_RATE, "percentage": "23"}, "percentage"),
    Wrong("five decimal places", "TaxRate", {**TAX_RATE, "percentage": 8.87505}, "percentage"),
    Wrong("unknown tax", "TaxRate", {**TAX_RATE, "tax_type": "window_tax"}, "tax_type"),
    Wrong("country in full", "TaxRate", {**TAX_RATE, "country": "Ireland"}, "country"),
    Wrong("state with its country", "TaxRate", {**TAX_RATE, "state": "US-NY"}, "state"),
    Wrong("feature without key", "EntitlementFeature", without(FEATURE, "lookup_key"), "lookup_key"),
    Wrong("feature with a long key", "EntitlementFeature", {**FEATURE, "lookup_key": "x" * 81}, "lookup_key"),
    Wrong("feature without name", "EntitlementFeature", without(FEATURE, "name"), "name"),
    Wrong("feature of nothing", "ProductFeature", without(PRODUCT_FEATURE, "product"), "product"),
    Wrong("no feature", "ProductFeature", without(PRODUCT_FEATURE, "entitlement_feature"), "entitlement_feature"),
    Wrong("credits of nobody", "CreditGrant", without(CREDIT_GRANT, "customer"), "customer"),
    Wrong("credits of two", "CreditGrant", {**CREDIT_GRANT, "customer_account": "acct_1"}, "customer_account"),
    Wrong("no credits", "CreditGrant", {**CREDIT_GRANT, "amount": {"type": "monetary"}}, "amount.monetary"),
    Wrong("credits of nothing", "CreditGrant", {**CREDIT_GRANT, "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 0}}}, "amount.monetary.value"),
    Wrong("fraction of a cent", "CreditGrant", {**CREDIT_GRANT, "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 0.5}}}, "amount.monetary.value"),
    Wrong("no scope", "CreditGrant", scoped(), f"{SCOPE}.price_type"),
    Wrong("two scopes", "CreditGrant", scoped(price_type="metered", prices=[{"id": "p"}]), f"{SCOPE}.prices"),
    Wrong("too many prices", "CreditGrant", scoped(prices=[{"id": f"p{i}"} for i in range(21)]), f"{SCOPE}.prices"),
    Wrong("expired before effective", "CreditGrant", {**CREDIT_GRANT, "effective_at": 1900000000, "expires_at": 1900000000}, "expires_at"),
    Wrong("no such priority", "CreditGrant", {**CREDIT_GRANT, "priority": 101}, "priority"),
    Wrong("alert without title", "Alert", without(ALERT, "title"), "title"),
    Wrong("alert of nothing", "Alert", without(ALERT, "usage_threshold"), "usage_threshold"),
    Wrong("threshold of nothing", "Alert", threshold(gte=0), "usage_threshold.gte"),
    Wrong("unknown recurrence", "Alert", threshold(recurrence="monthly"), "usage_threshold.recurrence"),
    Wrong("two filters", "Alert", threshold(filters=[{"type": "customer", "customer": "c"}] * 2), "usage_threshold.filters"),
    Wrong("filter without customer", "Alert", threshold(filters=[{"type": "customer"}]), "usage_threshold.filters[0].customer"),
    Wrong("endpoint without address", "WebhookEndpoint", without(WEBHOOK_ENDPOINT, "url"), "url"),
    Wrong("address without scheme", "WebhookEndpoint", {**WEBHOOK_ENDPOINT, "url": "example.com"}, "url"),
    Wrong("no events", "WebhookEndpoint", {**WEBHOOK_ENDPOINT, "enabled_events": []}, "enabled_events"),
    Wrong("unknown event", "WebhookEndpoint", {**WEBHOOK_ENDPOINT, "enabled_events": ["billing.alert.trigered"]}, "enabled_events[0]"),
    Wrong("one event twice", "WebhookEndpoint", {**WEBHOOK_ENDPOINT, "enabled_events": ["*", "*"]}, "enabled_events[1]"),
    Wrong("link to nothing", "PaymentLink", {}, "line_items"),
    Wrong("link to no price", "PaymentLink", {"line_items": []}, "line_items"),
    Wrong("link to more than it shows", "PaymentLink", {"line_items": [{"price": f"p{i}"} for i in range(11)]}, "line_items"),
    Wrong("none of a price", "PaymentLink", {"line_items": [{"price": "p", "quantity": 0}]}, "line_items[0].quantity"),
    Wrong("redirect to nowhere", "PaymentLink", {**PAYMENT_LINK, "after_completion": {"type": "redirect"}}, "after_completion.redirect"),
    Wrong("two pages afterwards", "PaymentLink", {**PAYMENT_LINK, "after_completion": {"type": "redirect", "redirect": {"url": "https://a"}, "hosted_confirmation": {}}}, "after_completion.hosted_confirmation"),
    Wrong("trial without a day", "PaymentLink", {**PAYMENT_LINK, "subscription_data": {"trial_period_days": 0}}, "subscription_data.trial_period_days"),
    Wrong("subscriptions with empty metadata", "PaymentLink", {**PAYMENT_LINK, "subscription_data": {"metadata": {"a": ""}}}, 'subscription_data.metadata["a"]'),
    Wrong("portal without features", "PortalConfiguration", {}, "features"),
    Wrong("portal with no feature", "PortalConfiguration", {"features": {}}, "features"),
    Wrong("portal changes to nothing", "PortalConfiguration", portal(subscription_update={"enabled": True}), PRODUCTS),
    Wrong("portal has a product twice", "PortalConfiguration", portal(subscription_update={"enabled": True, "products": [{"product": "p", "prices": ["a"]}, {"product": "p", "prices": ["b"]}]}), f"{PRODUCTS}[1].product"),
    Wrong("portal has a product without prices", "PortalConfiguration", portal(subscription_update={"enabled": True, "products": [{"product": "p", "prices": []}]}), f"{PRODUCTS}[0].prices"),
    Wrong("portal invoices cancellations", "PortalConfiguration", portal(subscription_cancel={"enabled": True, "proration_behavior": "always_invoice"}), f"{CANCEL}.proration_behavior"),
    Wrong("portal prorates at the period's end", "PortalConfiguration", portal(subscription_cancel={"enabled": True, "proration_behavior": "create_prorations"}), f"{CANCEL}.proration_behavior"),
    Wrong("portal pauses for no time", "PortalConfiguration", portal(subscription_pause={"enabled": True, "duration": {"type": "interval_options"}}), "features.subscription_pause.duration.interval_options"),
    Wrong("unknown reason to cancel", "PortalConfiguration", portal(subscription_cancel={"enabled": True, "cancellation_reason": {"enabled": True, "options": ["bored"]}}), f"{CANCEL}.cancellation_reason.options[0]"),
    Wrong("long headline", "PortalConfiguration", {**PORTAL, "business_profile": {"headline": "x" * 61}}, "business_profile.headline"),
    Wrong("privacy without scheme", "PortalConfiguration", {**PORTAL, "business_profile": {"privacy_policy_url": "example.com"}}, "business_profile.privacy_policy_url"),
    Wrong("a secret of one's own", "WebhookEndpoint", {**WEBHOOK_ENDPOINT, "secret": "whsec_x"}, "secret"),
]  # fmt: skip
"""Of what the guide's next steps declare: refused by the same provider, so that no engine runs for each of them."""
