"""What settings mean to the contenders."""

import pytest

from benchmarks.work import plan
from pipeline.settings import REPOSITORY, SettingsError
from tests.fashion_mnist import SAMPLE

QUICK = REPOSITORY / "configs" / "quick.yaml"


def test_the_work_is_that_of_the_settings():
    work = plan(QUICK, ["training.epochs=3"])
    assert work.data == SAMPLE
    assert work.source == "sample"
    assert work.train_examples == 1_350
    assert work.steps == 1_350 // 64 * 3
    assert work.recipe["epochs"] == 3
    assert (work.module / "saved_model.pb").exists()


def test_the_test_set_is_read_whole():
    images, labels = plan(QUICK).test_set()
    assert images.shape == (len(labels), 28, 28)
    assert set(labels) == set(range(10))


def test_settings_without_a_module_are_told_what_measures_them():
    with pytest.raises(SettingsError, match=r"taxi.yaml has no `hub` module.*benchmarks.data"):
        plan(REPOSITORY / "configs" / "taxi.yaml")
