"""Inputs that Stripe's documentation rules out, written by reading what it says of each parameter, not what is declared here.

https://docs.stripe.com/api
"""

from __future__ import annotations

from .sample import Values, Wrong
from .samples import SAMPLES

LATER = 1_900_000_000
"""In March 2030."""
PRICE = {"currency": "usd", "product": "prod_x", "unit_amount": 4}
MONTHLY = {**PRICE, "recurring": {"interval": "month"}}
PRODUCT = {"name": "P"}
PERCENT_OFF = {"percent_off": 25, "duration": "once"}
AMOUNT_OFF = {"amount_off": 500, "currency": "usd", "duration": "once"}
CUSTOMER = {"name": "N"}
SUBSCRIPTION = {"customer": "cus_x", "items": [{"price": "price_x"}]}
GRANT, TAX_RATE, ENDPOINT, SHIPPING, METER, LINK, PORTAL, CODE, ALERT, DESTINATION = (
    SAMPLES[kind].args
    for kind in (
        *("CreditGrant", "TaxRate", "WebhookEndpoint", "ShippingRate", "Meter", "PaymentLink", "PortalConfiguration"),
        *("PromotionCode", "Alert", "EventDestination"),
    )
)
TIERED = {
    "currency": "usd",
    "product": "prod_x",
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "recurring": {"interval": "month"},
}


def tier(*tiers: Values) -> Values:
    """A price with these tiers."""
    return {**TIERED, "tiers": list(tiers)}


DOCUMENTED: dict[str, list[Wrong]] = {
    "Price": [
        Wrong("tiers without inf", tier({"up_to": 10, "unit_amount": 1}), "tiers[0].up_to"),
        Wrong("tiers inf not last", tier({"up_to": "inf", "unit_amount": 1}, {"up_to": 10, "unit_amount": 1}), "tiers[0].up_to"),
        Wrong(
            "tiers decreasing",
            tier({"up_to": 10, "unit_amount": 1}, {"up_to": 5, "unit_amount": 1}, {"up_to": "inf", "unit_amount": 1}),
            "tiers[1].up_to",
        ),
        Wrong(
            "tiers equal",
            tier({"up_to": 10, "unit_amount": 1}, {"up_to": 10, "unit_amount": 2}, {"up_to": "inf", "unit_amount": 1}),
            "tiers[1].up_to",
        ),
        Wrong("tier up_to 0", tier({"up_to": 0, "unit_amount": 1}, {"up_to": "inf", "unit_amount": 1}), "tiers[0].up_to"),
        Wrong(
            "tier both amounts",
            tier({"up_to": "inf", "unit_amount": 1, "unit_amount_decimal": "1"}),
            "tiers[0].unit_amount_decimal",
        ),
        Wrong(
            "tier both flats",
            tier({"up_to": "inf", "flat_amount": 1, "flat_amount_decimal": "1"}),
            "tiers[0].flat_amount_decimal",
        ),
        Wrong("tier no amount", tier({"up_to": "inf"}), "tiers[0]"),
        Wrong("tier negative", tier({"up_to": "inf", "unit_amount": -1}), "tiers[0].unit_amount"),
        Wrong("tier misspelt inf", tier({"up_to": "infinity", "unit_amount": 1}), "tiers[0].up_to"),
        Wrong("tiers on per_unit", {**PRICE, "tiers": [{"up_to": "inf", "unit_amount": 1}], "tiers_mode": "volume"}, "tiers"),
        Wrong("tiered with unit_amount", {**tier({"up_to": "inf", "unit_amount": 1}), "unit_amount": 4}, "unit_amount"),
        Wrong("tiered no mode", {**tier({"up_to": "inf", "unit_amount": 1}), "tiers_mode": None}, "tiers_mode"),
        Wrong("tiered no tiers", TIERED, "tiers"),
        Wrong(
            "tiered with transform",
            {**tier({"up_to": "inf", "unit_amount": 1}), "transform_quantity": {"divide_by": 10, "round": "up"}},
            "transform_quantity",
        ),
        Wrong(
            "decimal 13 places", {**PRICE, "unit_amount": None, "unit_amount_decimal": "0.0000000000001"}, "unit_amount_decimal"
        ),
        Wrong("decimal comma", {**PRICE, "unit_amount": None, "unit_amount_decimal": "0,5"}, "unit_amount_decimal"),
        Wrong("decimal negative", {**PRICE, "unit_amount": None, "unit_amount_decimal": "-1"}, "unit_amount_decimal"),
        Wrong("decimal nan", {**PRICE, "unit_amount": None, "unit_amount_decimal": "NaN"}, "unit_amount_decimal"),
        Wrong("decimal usd sign", {**PRICE, "unit_amount": None, "unit_amount_decimal": "$5"}, "unit_amount_decimal"),
        Wrong("amount float", {**PRICE, "unit_amount": 4.5}, "unit_amount"),
        Wrong("amount bool", {**PRICE, "unit_amount": True}, "unit_amount"),
        Wrong("amount string", {**PRICE, "unit_amount": "4"}, "unit_amount"),
        Wrong("amount huge", {**PRICE, "unit_amount": 10**30}, "unit_amount"),
        Wrong("currency upper", {**PRICE, "currency": "USD"}, "currency"),
        Wrong("currency name", {**PRICE, "currency": "dollar"}, "currency"),
        Wrong("currency empty", {**PRICE, "currency": ""}, "currency"),
        Wrong("interval quarter", {**MONTHLY, "recurring": {"interval": "quarter"}}, "recurring.interval"),
        Wrong(
            "interval count 0", {**MONTHLY, "recurring": {"interval": "month", "interval_count": 0}}, "recurring.interval_count"
        ),
        Wrong("4 years", {**MONTHLY, "recurring": {"interval": "year", "interval_count": 4}}, "recurring.interval_count"),
        Wrong("37 months", {**MONTHLY, "recurring": {"interval": "month", "interval_count": 37}}, "recurring.interval_count"),
        Wrong("157 weeks", {**MONTHLY, "recurring": {"interval": "week", "interval_count": 157}}, "recurring.interval_count"),
        Wrong("no interval", {**MONTHLY, "recurring": {}}, "recurring.interval"),
        Wrong("meter licensed", {**MONTHLY, "recurring": {"interval": "month", "meter": "mtr_1"}}, "recurring.meter"),
        Wrong("metered no meter", {**MONTHLY, "recurring": {"interval": "month", "usage_type": "metered"}}, "recurring.meter"),
        Wrong("recurring string", {**MONTHLY, "recurring": "month"}, "recurring"),
        Wrong(
            "recurring aggregate_usage",
            {**MONTHLY, "recurring": {"interval": "month", "usage_type": "metered", "aggregate_usage": "sum"}},
            "recurring.aggregate_usage",
        ),
        Wrong(
            "trial days 731",
            {**MONTHLY, "recurring": {"interval": "month", "trial_period_days": 731}},
            "recurring.trial_period_days",
        ),
        Wrong("divide_by 0", {**MONTHLY, "transform_quantity": {"divide_by": 0, "round": "up"}}, "transform_quantity.divide_by"),
        Wrong(
            "round nearest", {**MONTHLY, "transform_quantity": {"divide_by": 10, "round": "nearest"}}, "transform_quantity.round"
        ),
        Wrong("no round", {**MONTHLY, "transform_quantity": {"divide_by": 10}}, "transform_quantity.round"),
        Wrong(
            "custom recurring", {**MONTHLY, "unit_amount": None, "custom_unit_amount": {"enabled": True}}, "custom_unit_amount"
        ),
        Wrong(
            "custom min>max",
            {**PRICE, "unit_amount": None, "custom_unit_amount": {"enabled": True, "minimum": 100, "maximum": 50}},
            "custom_unit_amount.minimum",
        ),
        Wrong(
            "custom preset outside",
            {**PRICE, "unit_amount": None, "custom_unit_amount": {"enabled": True, "minimum": 100, "maximum": 500, "preset": 50}},
            "custom_unit_amount.minimum",
        ),
        Wrong("lookup_key long", {**PRICE, "lookup_key": "x" * 201}, "lookup_key"),
        Wrong("nickname long", {**PRICE, "nickname": "x" * 5001}, "nickname"),
        Wrong("product object", {**PRICE, "product": {"name": "x"}}, "product"),
        Wrong("product and data", {**PRICE, "product_data": {"name": "n"}}, "product_data"),
        Wrong("product_data no name", {**PRICE, "product": None, "product_data": {}}, "product_data.name"),
        Wrong(
            "product_data descriptor",
            {**PRICE, "product": None, "product_data": {"name": "n", "statement_descriptor": "<bad>"}},
            "product_data.statement_descriptor",
        ),
        Wrong(
            "product_data descriptor long",
            {**PRICE, "product": None, "product_data": {"name": "n", "statement_descriptor": "x" * 23}},
            "product_data.statement_descriptor",
        ),
        Wrong("tax_behavior", {**PRICE, "tax_behavior": "include"}, "tax_behavior"),
        Wrong("billing_scheme", {**PRICE, "billing_scheme": "flat"}, "billing_scheme"),
        Wrong("currency option own", {**PRICE, "currency_options": {"usd": {"unit_amount": 1}}}, 'currency_options["usd"]'),
        Wrong("currency option upper", {**PRICE, "currency_options": {"EUR": {"unit_amount": 1}}}, 'currency_options["EUR"]'),
        Wrong("currency option none", {**PRICE, "currency_options": {"eur": {}}}, 'currency_options["eur"]'),
        Wrong(
            "currency option tiers on per_unit",
            {**PRICE, "currency_options": {"eur": {"tiers": [{"up_to": "inf", "unit_amount": 1}]}}},
            'currency_options["eur"]',
        ),
        Wrong(
            "currency option amounts on tiered",
            {**tier({"up_to": "inf", "unit_amount": 1}), "currency_options": {"eur": {"unit_amount": 1}}},
            'currency_options["eur"]',
        ),
        Wrong(
            "currency option negative",
            {**PRICE, "currency_options": {"eur": {"unit_amount": -1}}},
            'currency_options["eur"].unit_amount',
        ),
        Wrong(
            "metadata key long", {**PRICE, "metadata": {"k" * 41: "v"}}, 'metadata["kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"]'
        ),
        Wrong("metadata value long", {**PRICE, "metadata": {"k": "v" * 501}}, 'metadata["k"]'),
        Wrong("metadata bracket", {**PRICE, "metadata": {"a[b]": "v"}}, 'metadata["a[b]"]'),
        Wrong("metadata number", {**PRICE, "metadata": {"a": 1}}, 'metadata["a"]'),
        Wrong("metadata nested", {**PRICE, "metadata": {"a": {"b": "c"}}}, 'metadata["a"]'),
        Wrong("metadata 49", {**PRICE, "metadata": {str(i): "v" for i in range(49)}}, "metadata"),
        Wrong("metadata empty key", {**PRICE, "metadata": {"": "v"}}, 'metadata[""]'),
        Wrong("metadata empty value", {**PRICE, "metadata": {"a": ""}}, 'metadata["a"]'),
        Wrong("misspelt", {**PRICE, "unitAmount": 4}, "unitAmount"),
        Wrong("type", {**PRICE, "type": "recurring"}, "type"),
        Wrong("active string", {**PRICE, "active": "true"}, "active"),
        Wrong("existing_subscriptions", {**PRICE, "existing_subscriptions": "move"}, "existing_subscriptions"),
        Wrong(
            "metered one meter custom",
            {
                **MONTHLY,
                "unit_amount": None,
                "recurring": {"interval": "month", "usage_type": "metered", "meter": "mtr"},
                "custom_unit_amount": {"enabled": True},
            },
            "custom_unit_amount",
        ),
    ],
    "Product": [
        Wrong("name empty", {"name": ""}, "name"),
        Wrong("name none", {"name": None}, "name"),
        Wrong("name long", {"name": "x" * 5001}, "name"),
        Wrong("name number", {"name": 5}, "name"),
        Wrong("descriptor short", {**PRODUCT, "statement_descriptor": "1234"}, "statement_descriptor"),
        Wrong("descriptor lt", {**PRODUCT, "statement_descriptor": "A<B"}, "statement_descriptor"),
        Wrong("descriptor quote", {**PRODUCT, "statement_descriptor": "IT'S"}, "statement_descriptor"),
        Wrong("descriptor digits", {**PRODUCT, "statement_descriptor": "123456"}, "statement_descriptor"),
        Wrong("descriptor long", {**PRODUCT, "statement_descriptor": "A" * 23}, "statement_descriptor"),
        Wrong("descriptor unicode", {**PRODUCT, "statement_descriptor": "HYPERNIÄN"}, "statement_descriptor"),
        Wrong("descriptor backslash", {**PRODUCT, "statement_descriptor": "HYP\\ERN"}, "statement_descriptor"),
        Wrong("images 9", {**PRODUCT, "images": ["https://x.example/a.png"] * 9}, "images"),
        Wrong("image url", {**PRODUCT, "images": ["a.png"]}, "images[0]"),
        Wrong("url", {**PRODUCT, "url": "hypernian"}, "url"),
        Wrong("url ftp", {**PRODUCT, "url": "ftp://x.example"}, "url"),
        Wrong("features 16", {**PRODUCT, "marketing_features": [{"name": str(i)} for i in range(16)]}, "marketing_features"),
        Wrong("feature no name", {**PRODUCT, "marketing_features": [{}]}, "marketing_features[0].name"),
        Wrong("feature long", {**PRODUCT, "marketing_features": [{"name": "x" * 81}]}, "marketing_features[0].name"),
        Wrong("unit_label long", {**PRODUCT, "unit_label": "x" * 13}, "unit_label"),
        Wrong("tax_code", {**PRODUCT, "tax_code": "software"}, "tax_code"),
        Wrong("type", {**PRODUCT, "type": "goods!"}, "type"),
        Wrong(
            "dims negative",
            {**PRODUCT, "package_dimensions": {"height": -1, "length": 1, "weight": 1, "width": 1}},
            "package_dimensions.height",
        ),
        Wrong("dims missing", {**PRODUCT, "package_dimensions": {"height": 1}}, "package_dimensions.length"),
        Wrong(
            "dims places",
            {**PRODUCT, "package_dimensions": {"height": 1.234, "length": 1, "weight": 1, "width": 1}},
            "package_dimensions.height",
        ),
        Wrong("product_id blank", {**PRODUCT, "product_id": "a b"}, "product_id"),
        Wrong("product_id slash", {**PRODUCT, "product_id": "a/b"}, "product_id"),
        Wrong(
            "default price data no currency", {**PRODUCT, "default_price_data": {"unit_amount": 4}}, "default_price_data.currency"
        ),
        Wrong(
            "default price data both",
            {**PRODUCT, "default_price_data": {"currency": "usd", "unit_amount": 4, "unit_amount_decimal": "4"}},
            "default_price_data.unit_amount_decimal",
        ),
        Wrong(
            "default price data none", {**PRODUCT, "default_price_data": {"currency": "usd"}}, "default_price_data.unit_amount"
        ),
        Wrong(
            "default price and data",
            {**PRODUCT, "default_price": "price_1", "default_price_data": {"currency": "usd", "unit_amount": 4}},
            "default_price_data",
        ),
        Wrong("shippable string", {**PRODUCT, "shippable": "yes"}, "shippable"),
        Wrong("images string", {**PRODUCT, "images": "https://x.example"}, "images"),
        Wrong("description long", {**PRODUCT, "description": "x" * 40001}, "description"),
    ],
    "Coupon": [
        Wrong("percent 0", {**PERCENT_OFF, "percent_off": 0}, "percent_off"),
        Wrong("percent 100.01", {**PERCENT_OFF, "percent_off": 100.01}, "percent_off"),
        Wrong("percent nan", {**PERCENT_OFF, "percent_off": float("nan")}, "percent_off"),
        Wrong("percent string", {**PERCENT_OFF, "percent_off": "25%"}, "percent_off"),
        Wrong("amount 0", {**AMOUNT_OFF, "amount_off": 0}, "amount_off"),
        Wrong("amount float", {**AMOUNT_OFF, "amount_off": 5.5}, "amount_off"),
        Wrong("months 0", {**PERCENT_OFF, "duration": "repeating", "duration_in_months": 0}, "duration_in_months"),
        Wrong("months float", {**PERCENT_OFF, "duration": "repeating", "duration_in_months": 1.5}, "duration_in_months"),
        Wrong("redeem_by ms", {**PERCENT_OFF, "redeem_by": 1_900_000_000_000}, "redeem_by"),
        Wrong("redeem_by string", {**PERCENT_OFF, "redeem_by": "2030-01-01"}, "redeem_by"),
        Wrong("name long", {**PERCENT_OFF, "name": "x" * 41}, "name"),
        Wrong("applies string", {**PERCENT_OFF, "applies_to": ["prod"]}, "applies_to"),
        Wrong("applies empty", {**PERCENT_OFF, "applies_to": {}}, "applies_to.products"),
        Wrong("id slash", {**PERCENT_OFF, "coupon_id": "a/b"}, "coupon_id"),
        Wrong("max_redemptions neg", {**PERCENT_OFF, "max_redemptions": -1}, "max_redemptions"),
        Wrong("max_redemptions float", {**PERCENT_OFF, "max_redemptions": 1.5}, "max_redemptions"),
        Wrong("options upper", {**AMOUNT_OFF, "currency_options": {"EUR": {"amount_off": 1}}}, 'currency_options["EUR"]'),
        Wrong("options no amount", {**AMOUNT_OFF, "currency_options": {"eur": {}}}, 'currency_options["eur"].amount_off'),
    ],
    "PromotionCode": [
        Wrong("code blank", {**CODE, "code": "SAVE 10"}, "code"),
        Wrong("code umlaut", {**CODE, "code": "SÄVE"}, "code"),
        Wrong("code long", {**CODE, "code": "X" * 501}, "code"),
        Wrong("code dash", {**CODE, "code": "SAVE_10!"}, "code"),
        Wrong("max 0", {**CODE, "max_redemptions": 0}, "max_redemptions"),
        Wrong("min no currency", {**CODE, "restrictions": {"minimum_amount": 100}}, "restrictions.minimum_amount_currency"),
        Wrong("currency no min", {**CODE, "restrictions": {"minimum_amount_currency": "usd"}}, "restrictions.minimum_amount"),
        Wrong(
            "min 0",
            {**CODE, "restrictions": {"minimum_amount": 0, "minimum_amount_currency": "usd"}},
            "restrictions.minimum_amount",
        ),
        Wrong("promotion none", {**CODE, "promotion": None}, "promotion"),
        Wrong("promotion type", {**CODE, "promotion": {"type": "gift", "coupon": "c"}}, "promotion.type"),
        Wrong("promotion no coupon", {**CODE, "promotion": {"type": "coupon"}}, "promotion.coupon"),
        Wrong("customer both", {**CODE, "customer": "cus_1", "customer_account": "acct_1"}, "customer_account"),
        Wrong("expires string", {**CODE, "expires_at": "tomorrow"}, "expires_at"),
    ],
    "Subscription": [
        Wrong("21 items", {**SUBSCRIPTION, "items": [{"price": f"p{i}"} for i in range(21)]}, "items"),
        Wrong("quantity neg", {**SUBSCRIPTION, "items": [{"price": "p", "quantity": -1}]}, "items[0].quantity"),
        Wrong("quantity float", {**SUBSCRIPTION, "items": [{"price": "p", "quantity": 1.5}]}, "items[0].quantity"),
        Wrong("quantity string", {**SUBSCRIPTION, "items": [{"price": "p", "quantity": "2"}]}, "items[0].quantity"),
        Wrong("item no price", {**SUBSCRIPTION, "items": [{"quantity": 1}]}, "items[0].price"),
        Wrong(
            "item price and data",
            {
                **SUBSCRIPTION,
                "items": [
                    {
                        "price": "p",
                        "price_data": {
                            "currency": "usd",
                            "product": "prod",
                            "unit_amount": 1,
                            "recurring": {"interval": "month"},
                        },
                    }
                ],
            },
            "items[0].price_data",
        ),
        Wrong("item plan", {**SUBSCRIPTION, "items": [{"plan": "p"}]}, "items[0].plan"),
        Wrong("item extra", {**SUBSCRIPTION, "items": [{"price": "p", "qty": 2}]}, "items[0].qty"),
        Wrong("trial both", {**SUBSCRIPTION, "trial_end": LATER, "trial_period_days": 3}, "trial_period_days"),
        Wrong("trial 731", {**SUBSCRIPTION, "trial_period_days": 731}, "trial_period_days"),
        Wrong("trial 0", {**SUBSCRIPTION, "trial_period_days": 0}, "trial_period_days"),
        Wrong("trial_end string", {**SUBSCRIPTION, "trial_end": "later"}, "trial_end"),
        Wrong("trial_end ms", {**SUBSCRIPTION, "trial_end": LATER * 1000}, "trial_end"),
        Wrong(
            "trial settings",
            {**SUBSCRIPTION, "trial_period_days": 3, "trial_settings": {"end_behavior": {"missing_payment_method": "stop"}}},
            "trial_settings.end_behavior.missing_payment_method",
        ),
        Wrong("trial settings empty", {**SUBSCRIPTION, "trial_settings": {}}, "trial_settings.end_behavior"),
        Wrong(
            "anchor both",
            {**SUBSCRIPTION, "billing_cycle_anchor": LATER, "billing_cycle_anchor_config": {"day_of_month": 1}},
            "billing_cycle_anchor_config",
        ),
        Wrong(
            "anchor day 32",
            {**SUBSCRIPTION, "billing_cycle_anchor_config": {"day_of_month": 32}},
            "billing_cycle_anchor_config.day_of_month",
        ),
        Wrong(
            "anchor no day",
            {**SUBSCRIPTION, "billing_cycle_anchor_config": {"hour": 1}},
            "billing_cycle_anchor_config.day_of_month",
        ),
        Wrong(
            "anchor hour 24",
            {**SUBSCRIPTION, "billing_cycle_anchor_config": {"day_of_month": 1, "hour": 24}},
            "billing_cycle_anchor_config.hour",
        ),
        Wrong(
            "anchor month 13",
            {**SUBSCRIPTION, "billing_cycle_anchor_config": {"day_of_month": 1, "month": 13}},
            "billing_cycle_anchor_config.month",
        ),
        Wrong(
            "anchor minute 60",
            {**SUBSCRIPTION, "billing_cycle_anchor_config": {"day_of_month": 1, "hour": 1, "minute": 60}},
            "billing_cycle_anchor_config.minute",
        ),
        Wrong("cancel both", {**SUBSCRIPTION, "cancel_at": LATER, "cancel_at_period_end": True}, "cancel_at"),
        Wrong("cancel_at string", {**SUBSCRIPTION, "cancel_at": "soon"}, "cancel_at"),
        Wrong("collection", {**SUBSCRIPTION, "collection_method": "invoice"}, "collection_method"),
        Wrong(
            "days_until_due neg", {**SUBSCRIPTION, "collection_method": "send_invoice", "days_until_due": -1}, "days_until_due"
        ),
        Wrong("proration", {**SUBSCRIPTION, "proration_behavior": "always"}, "proration_behavior"),
        Wrong("payment_behavior", {**SUBSCRIPTION, "payment_behavior": "allow"}, "payment_behavior"),
        Wrong("fee 101", {**SUBSCRIPTION, "application_fee_percent": 101}, "application_fee_percent"),
        Wrong("fee neg", {**SUBSCRIPTION, "application_fee_percent": -1}, "application_fee_percent"),
        Wrong("pause", {**SUBSCRIPTION, "pause_collection": {"behavior": "stop"}}, "pause_collection.behavior"),
        Wrong("pause none", {**SUBSCRIPTION, "pause_collection": {}}, "pause_collection.behavior"),
        Wrong(
            "pending",
            {**SUBSCRIPTION, "pending_invoice_item_interval": {"interval": "quarter"}},
            "pending_invoice_item_interval.interval",
        ),
        Wrong("thresholds", {**SUBSCRIPTION, "billing_thresholds": {"amount_gte": 0}}, "billing_thresholds.amount_gte"),
        Wrong("thresholds neg", {**SUBSCRIPTION, "billing_thresholds": {"amount_gte": -5}}, "billing_thresholds.amount_gte"),
        Wrong(
            "discount two", {**SUBSCRIPTION, "discounts": [{"coupon": "c", "promotion_code": "p"}]}, "discounts[0].promotion_code"
        ),
        Wrong("discount none", {**SUBSCRIPTION, "discounts": [{}]}, "discounts[0].coupon"),
        Wrong("discounts string", {**SUBSCRIPTION, "discounts": ["c"]}, "discounts[0]"),
        Wrong("coupon old", {**SUBSCRIPTION, "coupon": "c"}, "coupon"),
        Wrong("description long", {**SUBSCRIPTION, "description": "x" * 501}, "description"),
        Wrong("customer none", {**SUBSCRIPTION, "customer": None}, "customer"),
        Wrong("customer empty", {**SUBSCRIPTION, "customer": ""}, "customer"),
        Wrong("currency", {**SUBSCRIPTION, "currency": "USD"}, "currency"),
        Wrong("billing_mode", {**SUBSCRIPTION, "billing_mode": {"type": "modern"}}, "billing_mode.type"),
        Wrong("billing_mode empty", {**SUBSCRIPTION, "billing_mode": {}}, "billing_mode.type"),
        Wrong("transfer no dest", {**SUBSCRIPTION, "transfer_data": {"amount_percent": 5}}, "transfer_data.destination"),
        Wrong("invoice items no price", {**SUBSCRIPTION, "add_invoice_items": [{"quantity": 2}]}, "add_invoice_items[0].price"),
        Wrong(
            "invoice items 21",
            {**SUBSCRIPTION, "add_invoice_items": [{"price": f"p{i}"} for i in range(21)]},
            "add_invoice_items",
        ),
        Wrong(
            "item metadata", {**SUBSCRIPTION, "items": [{"price": "p", "metadata": {"a": "v" * 501}}]}, 'items[0].metadata["a"]'
        ),
        Wrong(
            "item thresholds",
            {**SUBSCRIPTION, "items": [{"price": "p", "billing_thresholds": {}}]},
            "items[0].billing_thresholds.usage_gte",
        ),
        Wrong(
            "item data no recurring",
            {**SUBSCRIPTION, "items": [{"price_data": {"currency": "usd", "product": "prod", "unit_amount": 1}}]},
            "items[0].price_data",
        ),
        Wrong(
            "item data no amount",
            {
                **SUBSCRIPTION,
                "items": [{"price_data": {"currency": "usd", "product": "prod", "recurring": {"interval": "month"}}}],
            },
            "items[0].price_data",
        ),
        Wrong(
            "payment settings type",
            {**SUBSCRIPTION, "payment_settings": {"payment_method_types": ["cash"]}},
            "payment_settings.payment_method_types[0]",
        ),
        Wrong(
            "save_default",
            {**SUBSCRIPTION, "payment_settings": {"save_default_payment_method": "yes"}},
            "payment_settings.save_default_payment_method",
        ),
        Wrong("cancel_at_period_end string", {**SUBSCRIPTION, "cancel_at_period_end": "yes"}, "cancel_at_period_end"),
    ],
    "Meter": [
        Wrong("event name empty", {**METER, "event_name": ""}, "event_name"),
        Wrong("event name long", {**METER, "event_name": "x" * 101}, "event_name"),
        Wrong("display long", {**METER, "display_name": "x" * 251}, "display_name"),
        Wrong("formula", {**METER, "default_aggregation": {"formula": "avg"}}, "default_aggregation.formula"),
        Wrong("formula max", {**METER, "default_aggregation": {"formula": "max"}}, "default_aggregation.formula"),
        Wrong("formula none", {**METER, "default_aggregation": {}}, "default_aggregation.formula"),
        Wrong("window", {**METER, "event_time_window": "minute"}, "event_time_window"),
        Wrong(
            "mapping type", {**METER, "customer_mapping": {"type": "by_email", "event_payload_key": "c"}}, "customer_mapping.type"
        ),
        Wrong("mapping no key", {**METER, "customer_mapping": {"type": "by_id"}}, "customer_mapping.event_payload_key"),
        Wrong(
            "mapping long",
            {**METER, "customer_mapping": {"type": "by_id", "event_payload_key": "x" * 101}},
            "customer_mapping.event_payload_key",
        ),
        Wrong("value key empty", {**METER, "value_settings": {"event_payload_key": ""}}, "value_settings.event_payload_key"),
        Wrong("value no key", {**METER, "value_settings": {}}, "value_settings.event_payload_key"),
        Wrong("metadata", {**METER, "metadata": {"a": "b"}}, "metadata"),
    ],
    "CreditGrant": [
        Wrong("amount none", {**GRANT, "amount": None}, "amount"),
        Wrong(
            "amount neg",
            {**GRANT, "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": -1}}},
            "amount.monetary.value",
        ),
        Wrong(
            "amount 0",
            {**GRANT, "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 0}}},
            "amount.monetary.value",
        ),
        Wrong("amount type", {**GRANT, "amount": {"type": "units", "monetary": {"currency": "usd", "value": 5}}}, "amount.type"),
        Wrong(
            "amount float",
            {**GRANT, "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 5.5}}},
            "amount.monetary.value",
        ),
        Wrong("no monetary", {**GRANT, "amount": {"type": "monetary"}}, "amount.monetary"),
        Wrong("category", {**GRANT, "category": "free"}, "category"),
        Wrong("priority 101", {**GRANT, "priority": 101}, "priority"),
        Wrong("priority neg", {**GRANT, "priority": -1}, "priority"),
        Wrong("expires before effective", {**GRANT, "effective_at": LATER + 100, "expires_at": LATER}, "expires_at"),
        Wrong("scope none", {**GRANT, "applicability_config": {}}, "applicability_config.scope"),
        Wrong("scope empty", {**GRANT, "applicability_config": {"scope": {}}}, "applicability_config.scope.price_type"),
        Wrong(
            "scope both",
            {**GRANT, "applicability_config": {"scope": {"price_type": "metered", "prices": [{"id": "p"}]}}},
            "applicability_config.scope.prices",
        ),
        Wrong(
            "scope licensed",
            {**GRANT, "applicability_config": {"scope": {"price_type": "licensed"}}},
            "applicability_config.scope.price_type",
        ),
        Wrong(
            "scope billable and prices",
            {**GRANT, "applicability_config": {"scope": {"billable_items": [{"id": "bi"}], "prices": [{"id": "p"}]}}},
            "applicability_config.scope.billable_items",
        ),
        Wrong("name long", {**GRANT, "name": "x" * 101}, "name"),
        Wrong("customer both", {**GRANT, "customer": "cus", "customer_account": "acct"}, "customer_account"),
    ],
    "Customer": [
        Wrong("email", {**CUSTOMER, "email": "not an address"}, "email"),
        Wrong("email long", {**CUSTOMER, "email": "a@" + "x" * 512}, "email"),
        Wrong("name long", {"name": "x" * 257}, "name"),
        Wrong("phone long", {**CUSTOMER, "phone": "1" * 21}, "phone"),
        Wrong("tax_exempt", {**CUSTOMER, "tax_exempt": "yes"}, "tax_exempt"),
        Wrong("balance float", {**CUSTOMER, "balance": 1.5}, "balance"),
        Wrong("invoice_prefix lower", {**CUSTOMER, "invoice_prefix": "abc"}, "invoice_prefix"),
        Wrong("invoice_prefix short", {**CUSTOMER, "invoice_prefix": "AB"}, "invoice_prefix"),
        Wrong("invoice_prefix long", {**CUSTOMER, "invoice_prefix": "ABCDEFGHIJKLM"}, "invoice_prefix"),
        Wrong("sequence 0", {**CUSTOMER, "next_invoice_sequence": 0}, "next_invoice_sequence"),
        Wrong("country", {**CUSTOMER, "address": {"country": "Germany"}}, "address.country"),
        Wrong("country lower", {**CUSTOMER, "address": {"country": "de"}}, "address.country"),
        Wrong("shipping no address", {**CUSTOMER, "shipping": {"name": "N"}}, "shipping.address"),
        Wrong("shipping no name", {**CUSTOMER, "shipping": {"address": {"line1": "x"}}}, "shipping.name"),
        Wrong("tax id type", {**CUSTOMER, "tax_id_data": [{"type": "vat", "value": "x"}]}, "tax_id_data[0].type"),
        Wrong("tax id no value", {**CUSTOMER, "tax_id_data": [{"type": "eu_vat"}]}, "tax_id_data[0].value"),
        Wrong(
            "custom fields 5",
            {**CUSTOMER, "invoice_settings": {"custom_fields": [{"name": str(i), "value": "v"} for i in range(5)]}},
            "invoice_settings.custom_fields",
        ),
        Wrong(
            "custom field long",
            {**CUSTOMER, "invoice_settings": {"custom_fields": [{"name": "x" * 41, "value": "v"}]}},
            "invoice_settings.custom_fields[0].name",
        ),
        Wrong(
            "custom value long",
            {**CUSTOMER, "invoice_settings": {"custom_fields": [{"name": "x", "value": "v" * 141}]}},
            "invoice_settings.custom_fields[0].value",
        ),
        Wrong("tax location", {**CUSTOMER, "tax": {"validate_location": "maybe"}}, "tax.validate_location"),
        Wrong("tax ip", {**CUSTOMER, "tax": {"ip_address": "home"}}, "tax.ip_address"),
        Wrong("description long", {**CUSTOMER, "description": "x" * 5001}, "description"),
        Wrong("business long", {**CUSTOMER, "business_name": "x" * 151}, "business_name"),
        Wrong(
            "amount tax display",
            {**CUSTOMER, "invoice_settings": {"rendering_options": {"amount_tax_display": "gross"}}},
            "invoice_settings.rendering_options.amount_tax_display",
        ),
    ],
    "TaxRate": [
        Wrong("percentage 101", {**TAX_RATE, "percentage": 101}, "percentage"),
        Wrong("percentage neg", {**TAX_RATE, "percentage": -1}, "percentage"),
        Wrong("percentage places", {**TAX_RATE, "percentage": 19.00001}, "percentage"),
        Wrong("percentage string", {**TAX_RATE, "percentage": "19%"}, "percentage"),
        Wrong("inclusive string", {**TAX_RATE, "inclusive": "yes"}, "inclusive"),
        Wrong("display long", {**TAX_RATE, "display_name": "x" * 51}, "display_name"),
        Wrong("display empty", {**TAX_RATE, "display_name": ""}, "display_name"),
        Wrong("country", {**TAX_RATE, "country": "Germany"}, "country"),
        Wrong("country lower", {**TAX_RATE, "country": "de"}, "country"),
        Wrong("state", {**TAX_RATE, "country": "US", "state": "California"}, "state"),
        Wrong("tax_type", {**TAX_RATE, "tax_type": "mwst"}, "tax_type"),
        Wrong("jurisdiction long", {**TAX_RATE, "jurisdiction": "x" * 51}, "jurisdiction"),
        Wrong("inclusive none", {**TAX_RATE, "inclusive": None}, "inclusive"),
        Wrong("description long", {**TAX_RATE, "description": "x" * 5001}, "description"),
    ],
    "WebhookEndpoint": [
        Wrong("url http", {**ENDPOINT, "url": "hypernian"}, "url"),
        Wrong("url ftp", {**ENDPOINT, "url": "ftp://x.example/h"}, "url"),
        Wrong("url local", {**ENDPOINT, "url": "http://"}, "url"),
        Wrong("url blank", {**ENDPOINT, "url": "https://x.example/a b"}, "url"),
        Wrong("url brackets", {**ENDPOINT, "url": "http://[::1"}, "url"),
        Wrong("events empty", {**ENDPOINT, "enabled_events": []}, "enabled_events"),
        Wrong("events unknown", {**ENDPOINT, "enabled_events": ["invoice.payed"]}, "enabled_events[0]"),
        Wrong("events dup", {**ENDPOINT, "enabled_events": ["invoice.paid", "invoice.paid"]}, "enabled_events[1]"),
        Wrong("events string", {**ENDPOINT, "enabled_events": "*"}, "enabled_events"),
        Wrong("api version", {**ENDPOINT, "api_version": "2020"}, "api_version"),
        Wrong("description long", {**ENDPOINT, "description": "x" * 5001}, "description"),
    ],
    "ShippingRate": [
        Wrong("display long", {**SHIPPING, "display_name": "x" * 101}, "display_name"),
        Wrong("display empty", {**SHIPPING, "display_name": ""}, "display_name"),
        Wrong("amount none", {**SHIPPING, "fixed_amount": None}, "fixed_amount"),
        Wrong("amount neg", {**SHIPPING, "fixed_amount": {"amount": -1, "currency": "usd"}}, "fixed_amount.amount"),
        Wrong("amount no currency", {**SHIPPING, "fixed_amount": {"amount": 1}}, "fixed_amount.currency"),
        Wrong(
            "estimate unit",
            {**SHIPPING, "delivery_estimate": {"minimum": {"unit": "minute", "value": 1}}},
            "delivery_estimate.minimum.unit",
        ),
        Wrong(
            "estimate 0",
            {**SHIPPING, "delivery_estimate": {"minimum": {"unit": "day", "value": 0}}},
            "delivery_estimate.minimum.value",
        ),
        Wrong("tax code", {**SHIPPING, "tax_code": "shipping"}, "tax_code"),
        Wrong(
            "own option",
            {**SHIPPING, "fixed_amount": {"amount": 1, "currency": "usd", "currency_options": {"usd": {"amount": 2}}}},
            'fixed_amount.currency_options["usd"]',
        ),
    ],
    "Alert": [
        Wrong("title long", {**ALERT, "title": "x" * 257}, "title"),
        Wrong("gte 0", {**ALERT, "usage_threshold": {**ALERT["usage_threshold"], "gte": 0}}, "usage_threshold.gte"),
        Wrong("gte neg", {**ALERT, "usage_threshold": {**ALERT["usage_threshold"], "gte": -1}}, "usage_threshold.gte"),
        Wrong(
            "recurrence",
            {**ALERT, "usage_threshold": {**ALERT["usage_threshold"], "recurrence": "monthly"}},
            "usage_threshold.recurrence",
        ),
        Wrong("type", {**ALERT, "alert_type": "spend"}, "alert_type"),
        Wrong("no meter", {**ALERT, "usage_threshold": {"gte": 5, "recurrence": "one_time"}}, "usage_threshold.meter"),
        Wrong(
            "filters 2",
            {
                **ALERT,
                "usage_threshold": {
                    **ALERT["usage_threshold"],
                    "filters": [{"type": "customer", "customer": "a"}, {"type": "customer", "customer": "b"}],
                },
            },
            "usage_threshold.filters",
        ),
        Wrong(
            "filter no customer",
            {**ALERT, "usage_threshold": {**ALERT["usage_threshold"], "filters": [{"type": "customer"}]}},
            "usage_threshold.filters[0].customer",
        ),
    ],
    "EntitlementFeature": [
        Wrong("lookup long", {"name": "n", "lookup_key": "x" * 81}, "lookup_key"),
        Wrong("lookup empty", {"name": "n", "lookup_key": ""}, "lookup_key"),
        Wrong("name long", {"name": "x" * 81, "lookup_key": "k"}, "name"),
        Wrong("name empty", {"name": "", "lookup_key": "k"}, "name"),
    ],
    "PaymentLink": [
        Wrong("no items", {"line_items": []}, "line_items"),
        Wrong("21 items", {"line_items": [{"price": f"p{i}", "quantity": 1} for i in range(21)]}, "line_items"),
        Wrong("quantity 0", {"line_items": [{"price": "p", "quantity": 0}]}, "line_items[0].quantity"),
        Wrong(
            "adjust min>max",
            {"line_items": [{"price": "p", "quantity": 1, "adjustable_quantity": {"enabled": True, "minimum": 5, "maximum": 2}}]},
            "line_items[0].adjustable_quantity.minimum",
        ),
        Wrong(
            "adjust max",
            {"line_items": [{"price": "p", "quantity": 1, "adjustable_quantity": {"enabled": True, "maximum": 1000000}}]},
            "line_items[0].adjustable_quantity.maximum",
        ),
        Wrong("redirect no url", {**LINK, "after_completion": {"type": "redirect"}}, "after_completion.redirect"),
        Wrong(
            "redirect bad url",
            {**LINK, "after_completion": {"type": "redirect", "redirect": {"url": "home"}}},
            "after_completion.redirect.url",
        ),
        Wrong("custom text long", {**LINK, "custom_text": {"submit": {"message": "x" * 1201}}}, "custom_text.submit.message"),
        Wrong(
            "restrictions 0",
            {**LINK, "restrictions": {"completed_sessions": {"limit": 0}}},
            "restrictions.completed_sessions.limit",
        ),
        Wrong("trial 731", {**LINK, "subscription_data": {"trial_period_days": 731}}, "subscription_data.trial_period_days"),
        Wrong("trial 0", {**LINK, "subscription_data": {"trial_period_days": 0}}, "subscription_data.trial_period_days"),
        Wrong("submit", {**LINK, "submit_type": "buy"}, "submit_type"),
        Wrong("inactive long", {**LINK, "inactive_message": "x" * 501}, "inactive_message"),
        Wrong("sub desc long", {**LINK, "subscription_data": {"description": "x" * 501}}, "subscription_data.description"),
    ],
    "PortalConfiguration": [
        Wrong("no features", {"features": {}}, "features"),
        Wrong("url", {**PORTAL, "default_return_url": "home"}, "default_return_url"),
        Wrong("headline long", {**PORTAL, "business_profile": {"headline": "x" * 61}}, "business_profile.headline"),
        Wrong("privacy", {**PORTAL, "business_profile": {"privacy_policy_url": "x"}}, "business_profile.privacy_policy_url"),
        Wrong(
            "cancel mode",
            {"features": {"subscription_cancel": {"enabled": True, "mode": "later"}}},
            "features.subscription_cancel.mode",
        ),
        Wrong(
            "reason no options",
            {"features": {"subscription_cancel": {"enabled": True, "cancellation_reason": {"enabled": True}}}},
            "features.subscription_cancel.cancellation_reason.options",
        ),
        Wrong(
            "reason option",
            {
                "features": {
                    "subscription_cancel": {"enabled": True, "cancellation_reason": {"enabled": True, "options": ["bored"]}}
                }
            },
            "features.subscription_cancel.cancellation_reason.options[0]",
        ),
        Wrong(
            "update no products",
            {"features": {"subscription_update": {"enabled": True, "default_allowed_updates": ["price"]}}},
            "features.subscription_update.products",
        ),
        Wrong(
            "update allowed",
            {
                "features": {
                    "subscription_update": {
                        "enabled": True,
                        "default_allowed_updates": ["color"],
                        "products": [{"product": "p", "prices": ["x"]}],
                    }
                }
            },
            "features.subscription_update.default_allowed_updates[0]",
        ),
        Wrong(
            "customer update",
            {"features": {"customer_update": {"enabled": True, "allowed_updates": ["password"]}}},
            "features.customer_update.allowed_updates[0]",
        ),
        Wrong(
            "products 11",
            {
                "features": {
                    "subscription_update": {
                        "enabled": True,
                        "default_allowed_updates": ["price"],
                        "products": [{"product": f"p{i}", "prices": ["x"]} for i in range(11)],
                    }
                }
            },
            "features.subscription_update.products",
        ),
        Wrong("login none", {**PORTAL, "login_page": {}}, "login_page.enabled"),
        Wrong(
            "immediately with proration",
            {
                "features": {
                    "subscription_cancel": {"enabled": True, "mode": "at_period_end", "proration_behavior": "always_invoice"}
                }
            },
            "features.subscription_cancel.proration_behavior",
        ),
    ],
    "EventDestination": [
        Wrong("type", {**DESTINATION, "type": "lambda"}, "type"),
        Wrong("events empty", {**DESTINATION, "enabled_events": []}, "enabled_events"),
        Wrong("payload", {**DESTINATION, "event_payload": "fat"}, "event_payload"),
        Wrong("name empty", {**DESTINATION, "name": ""}, "name"),
        Wrong(
            "no target",
            {k: v for k, v in DESTINATION.items() if k not in ("webhook_endpoint", "amazon_eventbridge")},
            "webhook_endpoint",
        ),
        Wrong("url", {**DESTINATION, "type": "webhook_endpoint", "webhook_endpoint": {"url": "home"}}, "webhook_endpoint.url"),
        Wrong("metadata long", {**DESTINATION, "metadata": {"a": "v" * 501}}, 'metadata["a"]'),
    ],
}
