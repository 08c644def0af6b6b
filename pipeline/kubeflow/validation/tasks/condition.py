"""Conditions of tasks: is it an expression of CEL that says yes or no? Pure.

The driver compiles it with the fields of ExecutorInput and one more function, parseJson
(kubeflow/pipelines backend/src/v2/expression). The grammar is that of google/cel-spec.
"""

from __future__ import annotations

import re
from collections.abc import Callable

VARIABLES = ("inputs", "outputs")
_TOKENS = re.compile(
    r"""\s*(?:(?P<text>[bBrR]{0,2}(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))"""
    r"""|(?P<number>0[xX][0-9a-fA-F]+u?|[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+(?:[eE][-+]?[0-9]+|u)?)"""
    r"""|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}]))"""
)
_FUNCTIONS = frozenset(
    (
        *("parseJson", "size", "int", "uint", "double", "string", "bytes", "bool"),
        *("timestamp", "duration", "type", "dyn", "has"),
    )
)
_MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
_TESTS = frozenset({"contains", "endsWith", "startsWith", "matches"})
_METHODS = _MACROS | _TESTS | {"size"}
_YES_OR_NO = _TESTS | {"bool", "has", "all", "exists", "exists_one"}
_RELATIONS = ("==", "!=", "<=", ">=", "<", ">")
_DEEPEST = 50


class ConditionError(ValueError):
    """Why it is none, as the end of a sentence."""


def check_condition(text: str) -> None:
    """Raises:
    ConditionError: it is no expression, uses unknown names, or does not say yes or no.
    """
    reader = _Reader(_tokens(text))
    kind = reader.ternary()
    if reader.position < len(reader.tokens):
        raise ConditionError(f"goes on after its end, at {reader.tokens[reader.position][1]!r}")
    if kind not in ("bool", "any"):
        raise ConditionError("is not true or false")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while text[position:].strip():
        token = _TOKENS.match(text, position)
        if token is None:
            raise ConditionError(f"cannot be read at {text[position:].strip()[:20]!r}")
        found.append((str(token.lastgroup), token[str(token.lastgroup)]))
        position = token.end()
    return found


class _Reader:
    """Recursive descent; each method returns `bool`, `other` or, where nobody knows, `any`."""

    def __init__(self, tokens: list[tuple[str, str]]):
        self.tokens = tokens
        self.position = 0
        self._depth = 0
        self._names = list(VARIABLES)

    def _peek(self) -> str:
        return self.tokens[self.position][1] if self.position < len(self.tokens) else ""

    def _take(self, *wanted: str) -> str:
        if self.position < len(self.tokens):
            kind, token = self.tokens[self.position]
            if token in wanted and kind in ("sign", "name"):
                self.position += 1
                return token
        return ""

    def _must(self, wanted: str) -> None:
        if not self._take(wanted):
            raise ConditionError(f"lacks {wanted!r} before {self._peek() or 'its end'!r}")

    def ternary(self) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ConditionError(f"is nested more than {_DEEPEST} deep")
        kind = self._or()
        if self._take("?"):
            _need_bool(kind, "?")
            kind = self._or()
            self._must(":")
            other = self.ternary()
            kind = kind if kind == other else "any"
        self._depth -= 1
        return kind

    def _or(self) -> str:
        return self._logical("||", lambda: self._logical("&&", self._relation))

    def _logical(self, sign: str, part: Callable[[], str]) -> str:
        kind = part()
        while self._take(sign):
            _need_bool(kind, sign)
            _need_bool(part(), sign)
            kind = "bool"
        return kind

    def _relation(self) -> str:
        kind = self._sum()
        while self._take(*_RELATIONS, "in"):
            self._sum()
            kind = "bool"
        return kind

    def _sum(self) -> str:
        kind = self._unary()
        while self._take("+", "-", "*", "/", "%"):
            if "bool" in (kind, self._unary()):
                raise ConditionError("calculates with true or false")
            kind = "other"
        return kind

    def _unary(self) -> str:
        if self._take("!"):
            _need_bool(self._unary(), "!")
            return "bool"
        if self._take("-"):
            self._unary()
            return "other"
        return self._member()

    def _member(self) -> str:
        kind = self._primary()
        while True:
            if self._take("."):
                name = self._name()
                kind = "any"
                if self._take("("):
                    if name not in _METHODS:
                        raise ConditionError(f"calls {name}, which is unknown")
                    self._arguments(")", macro=name in _MACROS)
                    kind = "bool" if name in _YES_OR_NO else "any"
            elif self._take("["):
                self.ternary()
                self._must("]")
                kind = "any"
            else:
                return kind

    def _name(self) -> str:
        if self.position < len(self.tokens) and self.tokens[self.position][0] == "name":
            self.position += 1
            return self.tokens[self.position - 1][1]
        raise ConditionError(f"lacks a name before {self._peek() or 'its end'!r}")

    def _primary(self) -> str:
        if self.position >= len(self.tokens):
            raise ConditionError("ends too early")
        kind = self.tokens[self.position][0]
        if kind in ("text", "number"):
            self.position += 1
            return "other"
        if self._take("("):
            inner = self.ternary()
            self._must(")")
            return inner
        if self._take("["):
            self._arguments("]")
            return "other"
        if self._take("{"):
            self._arguments("}", pairs=True)
            return "other"
        name = self._name()
        if name in ("true", "false"):
            return "bool"
        if name == "null":
            return "other"
        if self._take("("):
            if name not in _FUNCTIONS:
                raise ConditionError(f"calls {name}, which is unknown")
            self._arguments(")")
            return "bool" if name in _YES_OR_NO else "any"
        if name not in self._names:
            raise ConditionError(f"names {name}; known are {', '.join(VARIABLES)}")
        return "any"

    def _arguments(self, end: str, *, macro: bool = False, pairs: bool = False) -> None:
        if macro:
            # The first argument is the name of each item in the second.
            self._names.append(self._name())
            self._must(",")
        while not self._take(end):
            self.ternary()
            if pairs:
                self._must(":")
                self.ternary()
            if not self._take(","):
                self._must(end)
                break
        if macro:
            self._names.pop()


def _need_bool(kind: str, sign: str) -> None:
    if kind == "other":
        raise ConditionError(f"has something beside {sign} that is not true or false")
