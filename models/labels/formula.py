"""A label that is computed from columns: `tips > 0.2 * fare`, `log(price)`. Without TensorFlow.

The formula is read as an expression of Python and then walked here: nothing is ever handed to
Python to run, so a settings file holds no code.
"""

from __future__ import annotations

import ast
import dataclasses
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

LONGEST = 500
"""Characters, which also bounds how deep it nests."""
FUNCTIONS: dict[str, Callable[[float], float]] = {"abs": abs, "log": math.log}

_Evaluate = Callable[[Mapping[str, float]], float]

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class FormulaError(ValueError):
    """The text is no formula; the message is the end of a sentence."""


@dataclasses.dataclass(frozen=True)
class Formula:
    """What a label is computed from, and how."""

    columns: tuple[str, ...]
    """Columns of numbers and dates, in the order in which they are named."""
    compares: bool
    """Whether the result is true or false instead of a number."""
    _evaluate: _Evaluate

    def __call__(self, numbers: Mapping[str, float | None]) -> float | bool | None:
        """The result for the numbers of a row.

        None where there is none, as of a division by 0, or where one is missing.
        """
        if None in numbers.values():
            return None
        try:
            result = self._evaluate(numbers)  # type: ignore[arg-type]
        except (ArithmeticError, ValueError):
            return None
        return result if math.isfinite(result) else None


def parse(text: str) -> Formula:
    """Reads a formula.

    Args:
      text: numbers, columns, + - * /, brackets, `log` and `abs`, and at the outermost place a
        comparison or none. A column whose name is no word stands in quotes.

    Raises:
      FormulaError: it holds anything else.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"it is longer than {LONGEST} characters")
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError("it cannot be read; write it as in: tips > 0.2 * fare") from error
    columns: dict[str, None] = {}
    compares = isinstance(body, ast.Compare)
    evaluate = _comparison(body, columns) if isinstance(body, ast.Compare) else _of(body, columns)
    if not columns:
        raise FormulaError("it names no column")
    return Formula(tuple(columns), compares, evaluate)


def _comparison(node: ast.Compare, columns: dict[str, None]) -> _Evaluate:
    compare = _COMPARISONS.get(type(node.ops[0]))
    if compare is None or len(node.ops) > 1:
        raise FormulaError("it may compare two things with one of > >= < <= == !=")
    left, right = _of(node.left, columns), _of(node.comparators[0], columns)
    return lambda numbers: compare(left(numbers), right(numbers))


def _of(node: ast.expr, columns: dict[str, None]) -> _Evaluate:
    if isinstance(node, ast.Name):
        return _column(node.id, columns)
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, str):
            return _column(value, columns)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return lambda numbers: value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _of(node.operand, columns)
        return lambda numbers: -inner(numbers)
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        apply = _ARITHMETIC[type(node.op)]
        left, right = _of(node.left, columns), _of(node.right, columns)
        return lambda numbers: apply(left(numbers), right(numbers))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        function = FUNCTIONS.get(node.func.id)
        if function is not None and len(node.args) == 1:
            argument = _of(node.args[0], columns)
            return lambda numbers: function(argument(numbers))
    raise FormulaError(
        f"{ast.unparse(node)[:40]!r} is none of: a number, a column, + - * /,"
        f" {', '.join(FUNCTIONS)}; a comparison stands outermost"
    )


def _column(name: str, columns: dict[str, None]) -> _Evaluate:
    columns[name] = None
    return lambda numbers: numbers[name]
