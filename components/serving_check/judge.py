"""Whether an answer is right: every output of it, whoever asked, in whatever company."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.serving_check.company import Company
from components.serving_check.options import Options
from components.serving_check.pool import Pool
from components.serving_check.reference import MissingReferenceError, Reference
from components.serving_check.rules import (
    NAMED,
    RULES,
    Expected,
    Rule,
    Wrong,
    class_scores,
    classes_alone,
    distribution,
    finite,
    probabilities,
)
from documents.tolerance import Tolerance
from serving.clients.tensors import DTYPES

OWN = Tolerance(1e-6, 1e-6)
"""Of what follows from the probabilities in the same answer, which are numbers of one request."""

Outputs = Mapping[str, NDArray[Any]]
Declared = Mapping[str, Mapping[str, Any]]
"""TensorInfo of each output, in proto3 JSON form."""


class Judge:
    """Holds outputs against the reference, and those without one against what they were before."""

    def __init__(self, reference: Reference, options: Options) -> None:
        """Learns what there is to hold answers against.

        Raises:
          MissingReferenceError: a signature answers labels, and nobody wrote the labels down.
        """
        self._labels, self._tagging = reference.labels, reference.tagging
        self._options = options
        # Logits and scores of other models are held against the reference alone.
        sums = reference.probabilities.sum(axis=1, dtype=np.float64)
        self._distribution = reference.probabilities.shape[1] > 1 and bool(
            (reference.probabilities >= 0).all() and np.allclose(sums, 1, atol=1e-4)
        )
        # Sums of a softmax are as exact as float32, whatever the probabilities are.
        self._sums = float(np.abs(sums - 1).max()) + options.parity_absolute
        likely = reference.probabilities
        self._bounded = bool(self._labels) and bool(((likely >= 0) & (likely <= 1)).all())
        self._company_of: dict[tuple[str, str], Company] = {}
        for name, signature in options.signatures.items():
            for output, tensor in signature.outputs.items():
                is_known = self._labels is not None and (output != "tags" or self._tagging)
                if output in NAMED and tensor.dtype == "DT_STRING" and not is_known:
                    raise MissingReferenceError(
                        f"The serving check needs the list of labels to hold {output} of {name} "
                        "against: train again, so that run_fn writes reference/questions.json "
                        "beside the SavedModel."
                    )

    def problem(
        self,
        signature: str,
        outputs: Outputs,
        declared: Declared,
        pool: Pool,
        places: Sequence[int],
    ) -> str | None:
        """What is wrong with the answer to inputs of the signature's pool; None for nothing."""
        expected = self._expected(pool.probabilities[list(places)])
        found = self._form(outputs, declared, len(places)) or self._rules(outputs, expected)
        if found is None:
            found = self._company(signature, outputs, pool, places)
        if found is None:
            return None
        output, wrong = found
        if not places:
            return f"{output} of {signature} is {wrong.what} for an empty batch"
        where = f"at place {wrong.row + 1} of {len(places)}" if len(places) > 1 else "asked alone"
        return f"{output} of {signature} is {wrong.what} for {pool.name(places[wrong.row])} {where}"

    def inconsistency(
        self, signature: str, outputs: Outputs, declared: Declared, count: int
    ) -> str | None:
        """What is wrong with an answer to `count` inputs that nobody knows the answer to."""
        values = outputs.get(self._options.output)
        found = self._form(outputs, declared, count)
        if found is None and values is not None and values.ndim == 2:
            wrong = distribution(values) if self._distribution else None
            if wrong:
                found = (self._options.output, wrong)
            else:
                found = self._rules(outputs, self._expected(values.astype(np.float64)))
        if found is None:
            return None
        output, wrong = found
        return f"{output} of {signature} is {wrong.what}"

    def classification(
        self, signature: str, outputs: Outputs, pool: Pool, places: Sequence[int]
    ) -> str | None:
        """What is wrong with the `classes` and `scores` of a signature for classify."""
        named, scores = outputs.get("classes"), outputs.get("scores")
        if self._labels is None:
            return None
        expected = self._expected(pool.probabilities[list(places)])
        output, wrong = "scores", None
        if named is not None and scores is not None:
            wrong = class_scores(named, scores, expected)
        elif named is not None:
            output, wrong = "classes", classes_alone(named, expected)
        elif scores is not None and scores.shape == expected.probabilities.shape:
            wrong = probabilities(scores, expected)
        where = f" for {pool.name(places[wrong.row])}" if wrong and places else ""
        return f"{output} of {signature} is {wrong.what}{where}" if wrong else None

    def regression(
        self, signature: str, outputs: Outputs, pool: Pool, places: Sequence[int]
    ) -> str | None:
        """What is wrong with the `outputs` of a signature for regress, where the model answers a
        number."""
        values = outputs.get("outputs")
        expected = self._expected(pool.probabilities[list(places)])
        if values is None or expected.probabilities.shape[1] != 1:
            return None
        wrong = probabilities(values, expected)
        where = f" for {pool.name(places[wrong.row])}" if wrong and places else ""
        return f"outputs of {signature} is {wrong.what}{where}" if wrong else None

    def _expected(self, values: NDArray[np.float64]) -> Expected:
        sums = self._sums if self._distribution else None
        parity = self._options.parity
        return Expected(values, self._labels, parity, self._tagging, self._bounded, sums)

    def _form(self, outputs: Outputs, declared: Declared, count: int) -> tuple[str, Wrong] | None:
        """Types, shapes and numbers, of every output there is."""
        for name in sorted(set(outputs) ^ set(declared)):
            there = "there, though not declared" if name in outputs else "missing"
            return name, Wrong(0, there)
        for name, values in outputs.items():
            dtype = DTYPES.get(str(declared[name].get("dtype")))
            if values.dtype != dtype:
                return name, Wrong(0, f"{values.dtype} instead of {declared[name].get('dtype')}")
            if values.ndim < 1 or len(values) != count or not _fits(values.shape, declared[name]):
                return name, Wrong(0, f"of shape {list(values.shape)}")
            if wrong := finite(values):
                return name, wrong
        return None

    def _rules(self, outputs: Outputs, expected: Expected) -> tuple[str, Wrong] | None:
        """First the probabilities; what follows from them is held against those of the answer, and
        so more closely than the tolerance of another machine lets these be."""
        known = self._options.output
        own = outputs.get(known)
        if own is not None:
            if wrong := probabilities(own, expected):
                return known, wrong
            likely = own.astype(np.float64).reshape(expected.probabilities.shape)
            expected = dataclasses.replace(expected, probabilities=likely, tolerance=OWN)
        for name, values in outputs.items():
            rule = None if name == known else self._rule(name)
            if rule and (wrong := rule(values, expected)):
                return name, wrong
        return None

    def _rule(self, output: str) -> Rule | None:
        """Of an output beside the probabilities; one called `tags` may be anything elsewhere."""
        return None if output == "tags" and self._tagging is None else RULES.get(output)

    def _company(
        self, signature: str, outputs: Outputs, pool: Pool, places: Sequence[int]
    ) -> tuple[str, Wrong] | None:
        """Outputs that no rule knows."""
        options = self._options
        for name, values in outputs.items() if places else ():
            if name == options.output or self._rule(name):
                continue
            key = signature, name
            if key not in self._company_of:
                self._company_of[key] = Company(len(pool), values, options.consistency)
            company = self._company_of[key]
            if company.shape != values.shape[1:]:
                return name, Wrong(0, f"of shape {list(values.shape)}, and was of another one")
            row = company.other_row(places, values)
            if row is not None:
                return name, Wrong(row, "another one than before")
        return None


def _fits(shape: tuple[int, ...], info: Mapping[str, Any]) -> bool:
    """Whether an output has the shape that its signature declares, in which -1 is any size."""
    declared = info.get("tensor_shape", {})
    if declared.get("unknown_rank"):
        return True
    sizes = [int(dimension.get("size", 0)) for dimension in declared.get("dim", [])]
    return len(sizes) == len(shape) and all(
        size in (-1, actual) for size, actual in zip(sizes, shape, strict=True)
    )
