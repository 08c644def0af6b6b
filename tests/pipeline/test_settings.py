"""Settings: what a person gets for a right and for a wrong file."""

from pathlib import Path

import pytest
import yaml

from pipeline.settings import REPOSITORY, SettingsError, load_settings, sample_settings

QUICK = REPOSITORY / "configs" / "quick.yaml"


@pytest.mark.parametrize("config", sorted((REPOSITORY / "configs").glob("*.yaml")), ids=str)
def test_every_shipped_config_loads_and_names_an_existing_schema(config: Path):
    assert load_settings(config).schema_file.is_file()


def test_an_override_wins_and_is_read_as_yaml():
    settings = load_settings(QUICK, ["training.epochs=3", "hub.trainable=false", "data.folder=/x"])
    assert settings.training.epochs == 3
    assert settings.hub.trainable is False
    assert settings.data.folder == Path("/x")


def test_an_override_may_open_a_section_that_the_file_lacks():
    assert load_settings(QUICK, ["push.base_path=/srv/models"]).push.base_path == "/srv/models"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epoch=3", "Unknown key `training.epoch` in .*: did you mean `training.epochs`?"),
        ("nam=x", "Unknown key `nam` .* did you mean `name`"),
        ("zzzzzz=1", "Unknown key `zzzzzz` .* known keys: .*anomalies"),
        ("training.epochs=0", "`training.epochs` = 0 .* greater than or equal to 1"),
        ("training.epochs=many", "`training.epochs` = 'many' .* valid integer"),
        ("anomalies=ignore", "`anomalies` = 'ignore' .* 'stop' or 'warn'"),
        ("name=9lives", "`name` = '9lives'"),
        ("serving_check.p99=1", "Unknown key `serving_check.p99` .* did you mean `.*p99_ms`"),
        ("serving_check.p99_ms=0", "`serving_check.p99_ms` = 0 .* greater than 0"),
        ("evaluation.metrics=[]", "`evaluation.metrics` .* at least 1"),
        ("evaluation.metrics=[{metric: Precision}]", "set at least one threshold"),
        ("evaluation.metrics=[{metric: A, overal: {min: 1}}]", "did you mean `.*overall`"),
        ("beam.args=[--runner=DaskRunner]", "loses data"),
        ("training", "--set 'training' must read key=value"),
        ("name.first=x", "`name` is a value, not a section"),
        ("name=[1", "not a YAML value"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(override: str, message: str):
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(QUICK, [override])
    assert "\n" not in str(caught.value)


def test_a_missing_key_is_named(tmp_path: Path):
    document = yaml.safe_load(QUICK.read_text())
    del document["hub"]["handle"]
    config = tmp_path / "mine.yaml"
    config.write_text(yaml.safe_dump(document))
    with pytest.raises(SettingsError, match=r"`hub.handle` is missing in .*mine\.yaml"):
        load_settings(config)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "Cannot read config"), ("a: [", "not valid YAML"), ("- 1", "must hold a mapping")],
)
def test_a_file_that_is_no_config_is_refused(tmp_path: Path, content: str | None, message: str):
    config = tmp_path / "mine.yaml"
    if content is not None:
        config.write_text(content)
    with pytest.raises(SettingsError, match=message):
        load_settings(config)


def test_yaml_tags_that_would_run_code_are_refused(tmp_path: Path):
    config = tmp_path / "mine.yaml"
    config.write_text("name: !!python/object/apply:os.system ['true']")
    with pytest.raises(SettingsError, match="not valid YAML"):
        load_settings(config)


def test_the_sample_gets_settings_of_its_own_with_the_same_overrides():
    overrides = ["training.epochs=2"]
    full = load_settings(REPOSITORY / "configs" / "fashion_mnist.yaml", overrides)
    fallen_back = sample_settings(full, overrides)
    assert fallen_back == load_settings(QUICK, overrides)
    assert fallen_back.data.eval_examples < full.data.eval_examples


def test_settings_that_ask_for_the_sample_are_kept():
    quick = load_settings(QUICK)
    assert sample_settings(quick) is quick


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["data.pattern=span"], r"Setting `data.pattern` = 'span' .* must hold {SPAN} once"),
        (["data.span=3"], "data.span needs data.pattern"),
        (["data.pattern=s-{SPAN}"], "the bundled sample has no spans"),
        (
            ["data.source=auto", "data.pattern=s-{SPAN}", "data.sha256={a: b}"],
            "data.sha256 pins one set of files",
        ),
    ],
)
def test_spans_that_cannot_be_had_are_refused(overrides: list[str], said: str):
    with pytest.raises(SettingsError, match=said):
        load_settings(QUICK, overrides)


def test_a_confirming_server_is_an_http_address():
    url = "https://serving.example:8501"
    assert load_settings(QUICK, [f"push.confirm_url={url}"]).push.confirm_url == url
    with pytest.raises(SettingsError, match=r"push\.confirm_url"):
        load_settings(QUICK, ["push.confirm_url=serving.example"])
    with pytest.raises(SettingsError, match=r"push\.confirm_seconds"):
        load_settings(QUICK, ["push.confirm_seconds=0"])
