"""Account: the one that a key opens. https://docs.stripe.com/api/accounts/object"""

from __future__ import annotations

from stripe_local.store.objects import Body
from stripe_local.wire.operation import Context, get

# When the account was created; it is as old as the emulator's schema, not as the file.
_CREATED = 1735689600

_PROFILE = (
    *("mcc", "minority_owned_business_designation", "product_description", "specified_commercial_transactions_act_url"),
    *("support_address", "support_email", "support_phone", "support_url", "url"),
)
_JAPANESE = ("_kana", "_kanji")
_JAPANESE_PREFIXES = ("_prefix_kana", "_prefix_kanji")


def account(context: Context) -> Body:
    """The account that the key belongs to."""
    return {
        "id": context.settings.account,
        "object": "account",
        "business_profile": {**dict.fromkeys(_PROFILE), "name": "Local Stripe"},
        "business_type": "company",
        "capabilities": {},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": _CREATED,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "account@example.com",
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{context.settings.account}/external_accounts",
        },
        "metadata": {},
        "payouts_enabled": True,
        "settings": {
            "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
            "card_payments": dict.fromkeys(f"statement_descriptor{which}" for which in ("_prefix", *_JAPANESE_PREFIXES)),
            "dashboard": {"display_name": "Local Stripe", "timezone": "Etc/UTC"},
            "payments": dict.fromkeys(f"statement_descriptor{which}" for which in ("", *_JAPANESE, *_JAPANESE_PREFIXES)),
        },
        "type": "standard",
    }


OPERATIONS = [get("/v1/account", account)]
