"""Tax id: the number by which a tax office knows a customer, or the account itself. https://docs.stripe.com/api/tax_ids"""

from __future__ import annotations

from stripe_local.resources.shared import NO_CONNECT, NO_CUSTOMER_ACCOUNTS, deleted, existing
from stripe_local.store.ids import new_id
from stripe_local.store.kinds import CUSTOMER
from stripe_local.store.objects import Body, Where, equal, public
from stripe_local.wire.errors import invalid, missing_param, no_such
from stripe_local.wire.expand import Ref, register, unavailable
from stripe_local.wire.operation import Context, delete, get, post
from stripe_local.wire.pagination import PAGE, list_object, page
from stripe_local.wire.params import AnyWord, Enum, Obj, Param, Str

KIND = "tax_id"
_OF_CUSTOMER = "/v1/customers/{customer}/tax_ids"

TAX_ID: dict[str, Param] = {"type": AnyWord(required=True), "value": Str(required=True)}
_OWNER = Obj(
    {
        "account": NO_CONNECT,
        "customer": Str(clearable=False),
        "customer_account": NO_CUSTOMER_ACCOUNTS,
        "type": Enum(
            *("account", "application", "customer", "self"),
            required=True,
            refused=dict.fromkeys(("account", "application"), NO_CONNECT.reason),
        ),
    }
)
CREATE: dict[str, Param] = {"owner": _OWNER, **TAX_ID}
LIST: dict[str, Param] = {"owner": _OWNER, **PAGE}

# Of these the value says the country; of all others the type does.
_OF_MANY_COUNTRIES = ("eu_oss_vat", "eu_vat", "unknown")


def make(context: Context, customer: str | None, wanted: dict[str, str]) -> Body:
    """Store a tax id of a customer, or (None) of the account."""
    type, value = wanted["type"], wanted["value"]
    many = type in _OF_MANY_COUNTRIES
    return context.objects.insert(
        KIND,
        {
            "id": new_id("txi"),
            "object": KIND,
            "country": (value if many and value[:2].isalpha() else "" if many else type)[:2].upper() or None,
            "created": context.now,
            "customer": customer,
            "customer_account": None,
            "livemode": context.livemode,
            "owner": {**({"customer": customer, "type": "customer"} if customer else {"type": "self"}), "customer_account": None},
            "type": type,
            "value": value,
            "verification": customer and {"status": "unavailable", "verified_address": None, "verified_name": None},
        },
    )


def of_customer(context: Context, customer: str) -> list[Body]:
    """A customer's tax ids, newest first."""
    return context.objects.find(KIND, [equal("customer", customer)], newest_first=True)


def numbers(context: Context, customer: str) -> list[Body]:
    """A customer's tax ids as invoices show them."""
    return [{"type": body["type"], "value": body["value"]} for body in reversed(of_customer(context, customer))]


def _customer(context: Context) -> str:
    return str(existing(context, CUSTOMER, "customer", context.path["customer"], "customer", in_path=True)["id"])


def _owner(context: Context) -> str | None:
    """The customer that a parameter names, or None for the account. Raises StripeError."""
    owner = context.params.get("owner", {"type": "self"})
    if owner["type"] == "customer":
        if owner.get("customer") is None:
            raise missing_param("owner[customer]")
        return str(existing(context, CUSTOMER, "customer", owner["customer"], "owner[customer]")["id"])
    if "customer" in owner:
        raise invalid("`owner[customer]` can only be set where `owner[type]` is `customer`.", "owner[customer]")
    return None


def _existing(context: Context) -> Body:
    return existing(context, KIND, "tax_id", context.path["id"], "id", in_path=True)


def _existing_of_customer(context: Context) -> Body:
    customer, body = _customer(context), _existing(context)
    if body["customer"] != customer:
        raise no_such("tax_id", body["id"], "id", status=404)
    return body


def _remove(context: Context, body: Body) -> Body:
    context.objects.remove(KIND, body["id"])
    return deleted(KIND, body["id"])


def _listed(context: Context, customer: str | None, url: str) -> Body:
    where = Where("customer", "is null", None) if customer is None else equal("customer", customer)
    found, more = page(context.objects, KIND, "tax_id", context.params, [where])
    return {**list_object(url, [public(body) for body in found], more), "_type": KIND}


def create(context: Context) -> Body:
    """`POST /v1/tax_ids`: of the account, unless `owner` names a customer."""
    return public(make(context, _owner(context), context.params))


def create_of_customer(context: Context) -> Body:
    """`POST /v1/customers/{customer}/tax_ids`."""
    return public(make(context, _customer(context), context.params))


def render(context: Context, id: str) -> Body:
    """The tax id with this id."""
    return public(existing(context, KIND, "tax_id", id, "id", in_path=True))


def retrieve(context: Context) -> Body:
    """`GET /v1/tax_ids/{id}`."""
    return public(_existing(context))


def retrieve_of_customer(context: Context) -> Body:
    """`GET /v1/customers/{customer}/tax_ids/{id}`."""
    return public(_existing_of_customer(context))


def delete_(context: Context) -> Body:
    """`DELETE /v1/tax_ids/{id}`."""
    return _remove(context, _existing(context))


def delete_of_customer(context: Context) -> Body:
    """`DELETE /v1/customers/{customer}/tax_ids/{id}`."""
    return _remove(context, _existing_of_customer(context))


def list_(context: Context) -> Body:
    """`GET /v1/tax_ids`: the account's, unless `owner` names a customer."""
    return _listed(context, _owner(context), "/v1/tax_ids")


def list_of_customer(context: Context) -> Body:
    """`GET /v1/customers/{customer}/tax_ids`."""
    customer = _customer(context)
    return _listed(context, customer, f"/v1/customers/{customer}/tax_ids")


INDEXED = {KIND: ("customer",)}

register(
    KIND,
    {"customer": Ref(CUSTOMER), "owner.customer": Ref(CUSTOMER), **unavailable("owner.account", "owner.application")},
    render,
)

OPERATIONS = [
    post("/v1/tax_ids", create, CREATE),
    get("/v1/tax_ids", list_, LIST),
    get("/v1/tax_ids/{id}", retrieve),
    delete("/v1/tax_ids/{id}", delete_),
    post(_OF_CUSTOMER, create_of_customer, TAX_ID),
    get(_OF_CUSTOMER, list_of_customer, PAGE),
    get(f"{_OF_CUSTOMER}/{{id}}", retrieve_of_customer),
    delete(f"{_OF_CUSTOMER}/{{id}}", delete_of_customer),
]
