"""Currencies. https://docs.stripe.com/currencies"""

from __future__ import annotations

from typing import Any

from .errors import invalid
from .params import MapOf, Param

_CODES = """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp
    cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl hrk htg huf idr ils
    inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk
    mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp
    sle sll sos srd std svc szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xcg xof xpf
    yer zar zmw
"""
CURRENCIES = frozenset(_CODES.split())


class Currency(Param):
    """A three-letter ISO code that Stripe supports, in lower case."""

    def convert(self, raw: Any, path: str) -> str:
        """The code in lower case."""
        code = str(raw).lower()
        if code not in CURRENCIES:
            raise invalid(
                f"Invalid currency: {raw}. Stripe currently supports these currencies: {', '.join(sorted(CURRENCIES))}",
                path,
            )
        return code


class ByCurrency(MapOf):
    """A hash of values by currency."""

    def convert(self, raw: Any, path: str) -> dict[str, Any]:
        """As `Param.convert`. Recorded for 2026-08-26.dahlia: a code is not brought into lower case here."""
        for code in raw if isinstance(raw, dict) else ():
            known = Currency().convert(code, f"{path}[{code}]")
            if code != known:
                raise invalid(
                    f"Currencies must be lowercase when used as keys in a map. Use `{known}` instead of `{code}`.",
                    f"{path}[{code}]",
                )
        return super().convert(raw, path)
