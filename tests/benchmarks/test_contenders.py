"""The commands that are compared."""

import json
from pathlib import Path

import pytest

from benchmarks.contenders import CachedPipeline, Pipeline, Prototype, StockTfx, WorkError
from benchmarks.work import Work, plan
from pipeline.settings import REPOSITORY


@pytest.fixture
def work() -> Work:
    return plan(REPOSITORY / "configs" / "quick.yaml", ["training.augment=false"])


def test_the_whole_recipe_reaches_every_contender(work: Work, tmp_path: Path):
    script = Prototype(work, tmp_path).command()
    for key, value in {**work.recipe, "augment": 0}.items():
        assert f"--{key.replace('_', '-')}={value}" in script
    [config] = [
        argument.removeprefix("--config=")
        for argument in StockTfx(work, tmp_path).command()
        if argument.startswith("--config=")
    ]
    assert json.loads(config)["training"] == work.recipe
    assert "--set=training.augment=false" in Pipeline(work, tmp_path).command()


def test_the_script_knows_each_option_that_it_is_given(work: Work, tmp_path: Path):
    script, *options = Prototype(work, tmp_path).command()
    # Its parser is known without TensorFlow by its text only.
    text = (REPOSITORY / script).read_text()
    for option in options:
        assert f'add_argument("{option.partition("=")[0]}"' in text


def test_the_cached_run_finds_what_the_pipeline_left(work: Work, tmp_path: Path):
    first, again = Pipeline(work, tmp_path), CachedPipeline(work, tmp_path)
    assert first.command() == again.command()
    assert first.output != again.output


def test_a_script_with_other_steps_is_refused(work: Work, tmp_path: Path):
    script = Prototype(work, tmp_path)
    script.folder.mkdir()
    script.output.write_text(json.dumps({"accuracy": 0.9, "steps": work.steps - 1}))
    with pytest.raises(WorkError, match=f"{work.steps - 1} steps, not {work.steps}"):
        script.accuracy()


def test_a_cached_run_that_ran_a_node_is_refused(work: Work, tmp_path: Path):
    cached = CachedPipeline(work, tmp_path)
    cached.folder.mkdir()
    nodes = [{"node": "Trainer", "state": "cached"}, {"node": "Pusher", "state": "done"}]
    cached.output.write_text(json.dumps({"nodes": nodes, "test_accuracy": 0.9}))
    with pytest.raises(WorkError, match="ran Pusher"):
        cached.accuracy()


def test_a_contender_without_a_model_is_refused(work: Work, tmp_path: Path):
    with pytest.raises(WorkError, match="pushed nothing"):
        Pipeline(work, tmp_path).accuracy()
