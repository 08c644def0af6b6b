from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from documents.variants import Measurement, Variant, VariantMetric, Variants
from documents.writer import write
from inspection.__main__ import main
from inspection.questions.models.variants import VariantsAnswer
from tests.inspection.store_writer import Out, StoreWriter
from tests.inspection.web.pages_shown import explore


@pytest.fixture
def ask(store, capsys):
    def run(*arguments: str, code: int = 0) -> str:
        assert main(["variants", *arguments, "--store", str(store.root)]) == code
        return capsys.readouterr().out

    return run


def row(drop: float, *, ok: bool) -> VariantMetric:
    return VariantMetric(
        metric="Accuracy",
        slice="label=6",
        before=0.9,
        now=0.9 - drop,
        drop=drop,
        max_drop=0.03,
        ok=ok,
    )


def made(store: StoreWriter, model: int | None = None, **keys: Any) -> None:
    context = store.context("pipeline", "own")
    _, outputs = store.execution(
        "Variants",
        [context],
        inputs={} if model is None else {"model": model},
        outputs={"variants": Out("ModelVariants")},
    )
    [artifact] = store.client.get_artifacts_by_id([outputs["variants"]])
    document = Variants.model_validate({"model": "own", "version": 7, **keys})
    write(document, str(Path(artifact.uri) / Variants.FILE))


GOOD = Variant(
    name="int8",
    blessed=True,
    file="int8.tflite",
    measured=Measurement(bytes=166_168, p50_ms=0.0533, p95_ms=0.0574, peak_bytes=4_059_136),
    metrics=(row(0.002, ok=True),),
)
BAD = Variant(name="float16", blessed=False, reason="float16: no.", metrics=(row(0.2, ok=False),))
WHOLE = Measurement(bytes=786_836, p50_ms=3.3)


def test_13_is_the_optimised_variant_as_good(store, ask):
    made(store, variants=(GOOD,), float_model=WHOLE, path="/x/exports/own/7")
    first, header, whole, int8 = ask().splitlines()
    assert first == (
        "Of own version 7, int8 is as good as the model within the limits; published in"
        " /x/exports/own/7."
    )
    assert header.split("  ")[0] == "variant"
    assert whole.split() == ["the", "model", "786.8", "kB", "3.30"]
    assert int8.split()[:7] == ["int8", "blessed", "166.2", "kB", "0.05", "0.06", "4.1"]
    assert int8.endswith("Accuracy on label=6 0.8980, -0.0020 (limit -0.03)")


def test_variant_that_is_not_as_good_has_an_exit_code(store, ask):
    made(store, variants=(GOOD, BAD), float_model=WHOLE, path="/x")
    first, *_, last = ask(code=3).splitlines()
    assert "int8 is as good as the model within the limits, 1 is not" in first
    assert last.split()[:2] == ["float16", "refused"]
    assert json.loads(ask("--json", code=3))["document"]["variants"][1]["name"] == "float16"


@pytest.mark.parametrize(
    ("blessed", "said"),
    [
        ((), "no variant is as good"),
        (("a",), "a is as good"),
        (("a", "b"), "a and b are as good"),
        (("a", "b", "c"), "a, b and c are as good"),
    ],
)
def test_which_are_as_good(blessed: tuple[str, ...], said: str):
    variants = (*(Variant(name=name, blessed=True) for name in blessed), BAD)
    document = Variants(model="own", variants=variants, reason="None is published.")
    assert f"Of own, {said} as the model" in VariantsAnswer(1, document).headline


def test_model_that_can_have_none_says_why(store, ask):
    made(store, reason="The model looks words up in a table for remark (text).")
    assert ask() == (
        "No variant of own version 7 was made: The model looks words up in a table for remark"
        " (text).\n"
    )


def test_store_without_variants(store, ask):
    store.execution("Trainer", [store.context("pipeline", "own")])
    assert ask().startswith("No variants were ever made: ")


def test_page_of_the_model_has_them_too(store):
    context = store.context("pipeline", "own")
    _, outputs = store.execution("Trainer", [context], outputs={"model": Out("Model")})
    made(store, outputs["model"], variants=(GOOD, BAD), float_model=WHOLE, path="/x")
    page = explore(store.root).get(f"/artifacts/a{outputs['model']}").text
    assert "int8 is as good as the model within the limits, 1 is not; published in /x." in page
    assert "166.2 kB" in page
    assert "0.05 ms" in page
    assert "Accuracy on label=6 0.7000, -0.2000 (limit -0.03)" in page


def test_variants_of_a_withdrawn_version_are_for_nobody(store, ask):
    folder = store.root / "exports/own/7"
    made(store, variants=(GOOD,), float_model=WHOLE, path=str(folder))
    assert ask().startswith("Of own version 7, int8 is as good")
    folder.with_name(".withdrawn-7").mkdir(parents=True)
    first = ask(code=3).splitlines()[0]
    assert first == (
        "Of own version 7, int8 is as good as the model within the limits, but they were withdrawn"
        f" with the version; they lie in {folder.with_name('.withdrawn-7')}."
    )
