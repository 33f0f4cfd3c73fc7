"""Customer: what tests need to know of it, and what it does specially."""

from __future__ import annotations

import stripe.params as params

from tests.stripe_resources.run import Run, read
from tests.stripe_resources.sample import A_AND_B, Drift, Sample, Values, Wrong
from tests.stripe_resources.world import World

CUSTOMER: Values = {"name": "John Doe"}
UNKNOWN_TAX_IDS = (
    *("au_acn", "au_wpn", "bw_vat", "ci_vat", "cz_dic", "fr_siren", "fr_siret", "fr_spi", "gh_tin", "is_kt", "md_cf", "mu_vat"),
    *("mz_nuit", "nz_bn", "pt_nif", "sm_coe", "tt_bir", "tt_vat"),
)

SAMPLE = Sample(
    "Customer",
    "/v1/customers",
    CUSTOMER,
    params.CustomerCreateParams,
    params.CustomerUpdateParams,
    texts={"[0-9A-Fa-f.:]+": "203.0.113.7"},
    wrong=[
        Wrong("no address", {**CUSTOMER, "email": "john"}, "email"),
        Wrong("long phone", {**CUSTOMER, "phone": "0" * 21}, "phone"),
        Wrong("country by name", {**CUSTOMER, "address": {"country": "Ireland"}}, "address.country"),
        Wrong(
            "a location found out by itself at first", {**CUSTOMER, "tax": {"validate_location": "auto"}}, "tax.validate_location"
        ),
    ],
    mutable=[
        Drift("address", {"city": "Cork", "country": "IE"}, {"city": "Dublin", "country": "IE"}),
        Drift("business_name", "Hypernian", "Theirs"),
        Drift("description", "a customer", "Theirs"),
        Drift("email", "john@example.com", "theirs@example.com"),
        Drift("individual_name", "John Doe", "Theirs"),
        Drift("invoice_prefix", "HYPER", "THEIRS"),
        Drift("invoice_settings", {"footer": "Thanks"}, {"footer": "Theirs"}, left={"footer": None}),
        Drift("metadata", *A_AND_B, left={"a": None, "b": None}),
        Drift("name", "John Doe", "Theirs"),
        Drift("phone", "555", "556"),
        Drift("preferred_locales", ["en", "de"], ["de", "en"]),
        Drift("shipping", {"name": "John", "address": {"city": "Cork"}}, {"name": "John", "address": {"city": "Dublin"}}),
        Drift("tax_exempt", "exempt", "reverse", left="none"),
    ],
    absent={"default_source": "card_1"},
    tried_elsewhere={"test_clock": "below: it needs a test clock"},
    newer={
        "validate": "not in the description of 2026-08-26.dahlia",
        **{f"tax_id_data.type={value}": "not in the description of 2026-08-26.dahlia" for value in UNKNOWN_TAX_IDS},
    },
    not_at_creation={"tax.validate_location=auto": "Stripe takes this value when a customer is updated only"},
)


def test_a_test_clock_is_for_good(run: Run, world: World) -> None:
    """https://docs.stripe.com/api/customers/create: it cannot be changed later."""
    one, other = (world.made("/v1/test_helpers/test_clocks", frozen_time=at)["id"] for at in (1_900_000_000, 2_000_000_000))
    id_, outputs = run.create("Customer", "it", {**CUSTOMER, "test_clock": one})
    assert outputs["test_clock"] == one
    assert read(run, "Customer", id_, outputs) == outputs
    new, after = run.replace("Customer", id_, outputs, {**CUSTOMER, "test_clock": other})
    assert after["test_clock"] == world.live("Customer", new)["test_clock"] == other
