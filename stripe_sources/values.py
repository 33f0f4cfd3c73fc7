"""What a row adds to a meter: `count`, a column, or sums of columns times constants. Pure.

Only such values are taken, since a sum of them is made of sums of columns: an engine adds up columns as they are, and the
constants are multiplied here. So the decimals of engines, each of which rounds products in its own way, never meet.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow

from .errors import Wrong
from .numbers import number_of, shown, value_of

_EXACT = Context(prec=400, traps=[DivisionByZero, Inexact, InvalidOperation, Overflow])
_LONGEST = 1000
_REMEDY = "give count, a column, or a sum such as input_tokens + output_tokens * 4; for anything else, give rows.query"


@dataclass(frozen=True)
class Value:
    """What each row adds: a constant, and `factors` of columns."""

    factors: dict[str, Decimal]
    constant: Decimal

    def total(self, rows: int, sums: Iterable[Decimal]) -> Decimal:
        """Of so many rows, whose columns (in the order of `factors`) have these sums. Exact."""
        total = _EXACT.multiply(self.constant, Decimal(rows))
        for factor, column in zip(self.factors.values(), sums, strict=True):
            total = _EXACT.add(total, _EXACT.multiply(factor, column))
        return total


def parse(text: str) -> Value:
    """Raises `Wrong`."""
    text = " ".join(text.split())
    try:
        if len(text) > _LONGEST:
            raise SyntaxError
        factors = _linear(ast.parse(text, mode="eval").body, text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Wrong(f"{shown(text)} cannot be read; {_REMEDY}") from None
    constant = factors.pop("", Decimal(0))
    if not constant and not any(factors.values()):
        raise Wrong(f"{shown(text)} is always 0; {_REMEDY}")
    return Value({name: factor for name, factor in factors.items() if factor}, constant)


def _linear(node: ast.expr, text: str) -> dict[str, Decimal]:
    """The factor of each column, and of 1 under the empty name."""
    match node:
        case ast.Constant():
            return {"": Decimal(value_of(number_of(ast.get_source_segment(text, node))))}
        case ast.Name("count"):
            return {"": Decimal(1)}
        case ast.Name() | ast.Attribute():
            return {_name(node, text): Decimal(1)}
        case ast.UnaryOp(ast.USub(), operand):
            return _times(_linear(operand, text), Decimal(-1))
        case ast.BinOp(left, ast.Add() | ast.Sub() as operator, right):
            found = _linear(left, text)
            for name, factor in _times(_linear(right, text), Decimal(1 if isinstance(operator, ast.Add) else -1)).items():
                found[name] = _EXACT.add(found.get(name, Decimal(0)), factor)
            return found
        case ast.BinOp(left, ast.Mult(), right):
            one, other = _linear(left, text), _linear(right, text)
            if one.keys() == {""}:
                return _times(other, one[""])
            if other.keys() == {""}:
                return _times(one, other[""])
            raise Wrong(f"{shown(text)} multiplies columns; give the product as a column of rows.query")
    raise Wrong(f"{shown(ast.get_source_segment(text, node) or text)} is no part of a value; {_REMEDY}")


def _name(node: ast.expr, text: str) -> str:
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(inner, name):
            return f"{_name(inner, text)}.{name}"
    raise Wrong(f"{shown(text)} is not a column; {_REMEDY}")


def _times(factors: dict[str, Decimal], factor: Decimal) -> dict[str, Decimal]:
    return {name: _EXACT.multiply(one, factor) for name, one in factors.items()}
