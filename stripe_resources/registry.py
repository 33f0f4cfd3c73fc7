"""The kinds of resources there are, by token. Tokens are part of every stack's state: never rename or remove one."""

from __future__ import annotations

from . import customer, default_price, meter, price, product, subscription
from ._core.behaviour import Behaviour
from ._core.schema import Schema

KINDS: dict[str, tuple[Schema, Behaviour]] = {
    module.SCHEMA.token: (module.SCHEMA, module.BEHAVIOUR)
    for module in (meter, product, price, default_price, customer, subscription)
}
