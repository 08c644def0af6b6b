"""Which models have variants, and what a variant may cost."""

from __future__ import annotations

import pydantic
import pytest

from components.variants.options import VariantOptions, unfit


def test_images_and_numbers_have_variants():
    assert unfit({}) is None
    assert unfit({"photo": "image", "fare": "number"}) is None


def test_features_that_need_a_table_keep_a_model_from_having_any():
    assert str(unfit({"fare": "number", "remark": "text", "city": "category"})) == (
        "The model looks words up in a table for remark (text), city (category), which TensorFlow"
        " Lite has no operations for; leave `variants` out, or declare those features"
        " `kind: ignore`."
    )


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, " and 1 more"), (8, " and 3 more")])
def test_five_of_them_are_named(count, more):
    told = str(unfit({f"c{number}": "category" for number in range(count)}))
    assert f"c4 (category){more}, which TensorFlow" in told
    assert "c5" not in told


def test_a_variant_is_named_once():
    with pytest.raises(pydantic.ValidationError, match="int8 stands there twice; name each"):
        VariantOptions.model_validate({"make": ["int8", "pruned", "int8"]})


def test_a_metric_may_have_limits_of_its_own_overall_and_on_slices():
    options = VariantOptions.model_validate(
        {"max_drop": 0.1, "max_slice_drop": 0.2, "metrics": {"AUC": {"overall": 0.0}}}
    )
    assert options.limit("Recall", overall=True) == 0.1
    assert options.limit("Recall", overall=False) == 0.2
    assert options.limit("AUC", overall=True) == 0.0
    assert options.limit("AUC", overall=False) == 0.2
