"""Settings: what a person gets for a right and for a wrong file."""

import os
from pathlib import Path

import pytest
import yaml

from pipeline.settings import REPOSITORY, SettingsError, load_settings, sample_settings
from tests.there import there

QUICK = REPOSITORY / "configs" / "quick.yaml"


@pytest.mark.parametrize("config", sorted((REPOSITORY / "configs").glob("*.yaml")), ids=str)
def test_every_shipped_config_loads_and_declares_its_data(config: Path):
    settings = load_settings(config)
    known = {"taxi": (2, None), "reviews": (2, None), "digits": (10, (8, 8))}
    classes, shape = known.get(config.stem, (10, (28, 28)))
    assert len(there(settings.label.names)) == classes
    image = settings.declaration.only_image
    assert (image and image[1].shape) == shape


@pytest.mark.medium
@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("features.image.kind=picture", "`features.image.kind` = 'picture' in --set is refused: c"),
        (
            "features.image.sizes=[1, 2]",
            "Unknown key `features.image.sizes` in --set: did you mean",
        ),
        ("features.image.size=[28]", "`features.image.size.1` is missing in --set"),
        ("features.image.size=[0, 28]", "`features.image.size.0` = 0 in --set is refused: it sho"),
        ("features.image.channels=4", "`features.image.channels` = 4 in --set is refused: it sh"),
        ("features.label={kind: number}", "'label' is the label, so it can be no feature"),
        ("features={}", "`features` in --set is refused: it should have at least 1 item"),
        ("label.values=[yes, no]", "`label.values` in --set is refused: True is no text; put"),
        ("label.values=[A]", "values must name 2 to 10,000 classes, and name 1"),
        ("label.values=[A, A]", "values name 'A' twice"),
        ("label.first=-1", "`label.first` = -1 in --set is refused"),
        ("label.kind=class", "`label.kind` = 'class' in --set is refused: did you mean classes?"),
        ("data.origin={package: p, sha256: {a: b}}", "package needs installed"),
        ("data.sample=null", "data.source is sample, but data.sample names none"),
    ],
)
def test_what_cannot_be_declared_is_told_in_one_sentence(override: str, said: str):
    with pytest.raises(SettingsError) as caught:
        load_settings(QUICK, [override])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_override_wins_and_is_read_as_yaml():
    settings = load_settings(QUICK, ["training.epochs=3", "hub.trainable=false", "data.folder=/x"])
    assert settings.training.epochs == 3
    assert there(settings.hub).trainable is False
    assert settings.data.folder == Path("/x")


def test_an_override_may_open_a_section_that_the_file_lacks():
    assert load_settings(QUICK, ["push.base_path=/srv/models"]).push.base_path == "/srv/models"


@pytest.mark.medium
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epoch=3", "Unknown key `training.epoch` in .*: did you mean `training.epochs`?"),
        ("nam=x", "Unknown key `nam` .* did you mean `name`"),
        ("zzzzzz=1", "Unknown key `zzzzzz` .* known keys: .*anomalies"),
        ("training.epochs=0", "`training.epochs` = 0 .* greater than or equal to 1"),
        (
            "training.strategy=mirror",
            "`training.strategy` = 'mirror' .* 'none', 'mirrored' or 'mul",
        ),
        ("training.epochs=many", "`training.epochs` = 'many' .* valid integer"),
        ("anomalies=ignore", "`anomalies` = 'ignore' .* 'stop' or 'warn'"),
        ("name=9lives", "`name` = '9lives'"),
        ("serving_check.p99=1", "Unknown key `serving_check.p99` .* did you mean `.*p99_ms`"),
        ("serving_check.data_source=x", "Unknown key `serving_check.data_source` in "),
        ("serving_check.p99_ms=0", "`serving_check.p99_ms` = 0 .* greater than 0"),
        ("beam.args=[--runner=DaskRunner]", "loses data"),
        ("variants={make: [int4]}", r"`variants.make.0` = 'int4' .* 'int8'"),
        ("variants={make: [int8, int8]}", "`variants.make` .* int8 stands there twice"),
        ("variants={make: []}", "`variants.make` .* at least 1"),
        ("variants={max_drop: -1}", "`variants.max_drop` = -1"),
        ("variants={metrics: {AUC: {}}}", "variants.metrics names AUC, .* choose among Sparse"),
        ("training", "--set 'training' must read key=value"),
        ("name.first=x", "`name` is a value, not a section"),
        ("name=[1", r"--set name=\[1 is not valid YAML: .* expected ',' or '\]'"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(override: str, message: str):
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(QUICK, [override])
    assert "\n" not in str(caught.value)


def test_a_feature_that_no_variant_can_have_is_named_before_anything_runs():
    features = "features={hour: {kind: date}, fare: {kind: number}, old: {kind: ignore}}"
    with pytest.raises(SettingsError, match=r"in a table for hour \(date\), which TensorFlow Lite"):
        load_settings(QUICK, [features, "variants={make: [int8]}"])


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
    with pytest.raises(SettingsError, match=r"`name` in line 1 with the tag .*os\.system"):
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


@pytest.mark.medium
@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("", "--set '' must read key=value"),
        ("=", "--set '=' must read key=value"),
        ("=3", "--set '=3' must read key=value"),
        ("training..epochs=3", "must read key=value"),
        (".=3", "must read key=value"),
        ("a.b.c.d=1", "Unknown key `a` in --set: known keys: features, label, name, "),
        ("training.epochs.most=1", "`epochs` is a value, not a section; set it as a whole"),
        ("evaluation.metrics.0.metric=A", "`metrics` is a value, not a section"),
        (".".join(["a"] * 5_000) + "=1", "Unknown key `a` in --set"),
        ("training={epochs: 1, epochs: 2}", "has `training.epochs` and before that: two settings"),
        ("training.epochs=2026-13-45", "`training.epochs` = '2026-13-45' in --set is refused"),
        ("training.epochs=" + "9" * 5_000, "no whole number that fits into 64 bits"),
        ("training.epochs=!!int 'x'", "has `training.epochs` = 'x', which is no whole number"),
        ("training.epochs=!!python/name:os.system", "which no setting takes"),
        ("training.epochs=100000000000000000000", "which is no whole number"),
        ("training.epochs=1000000000", "less than or equal to 100000"),
        ("training.epochs=true", "`training.epochs` = True in --set is refused"),
        ("training.epochs='3'", "`training.epochs` = '3' in --set is refused"),
        ("training.epochs=3.0", "`training.epochs` = 3.0 in --set is refused"),
        ("training.learning_rate=.inf", "should be a finite number"),
        ("training.learning_rate=.nan", "should be a finite number"),
        ("training.learning_rate=1e999", "should be a finite number"),
        ("training.learning_rate=1e300", "less than or equal to 1000"),
        ("training.weight_decay=.inf", "should be a finite number"),
        ("training.seed=-1", "greater than or equal to 0"),
        ("training.seed=2147483648", "less than or equal to 2147483647"),
        ("training=", "`training` = None in --set is refused: it should be a mapping of"),
        ("training=[1]", "`training` in --set is refused: it should be a mapping of"),
        ("data.pattern=/x/{SPAN}", "may neither begin with /"),
        ("data.pattern=../{SPAN}", "lead up with .."),
        ("data.pattern='{SPAN}[12]'", "has no wildcards but * and ?"),
        ("name=2026", "`name` = 2026 in --set is refused: it should be a valid string"),
        ("name=a/b", "`name` = 'a/b'"),
        ("name=-a", "`name` = '-a'"),
        ("name=größe", "`name` = 'größe'"),
        ("name=a b", "`name` = 'a b'"),
        ("name=" + "a" * 101, "at most 100 characters"),
        ('name="a\\n"', r"`name` = 'a\n'"),
        ("data.folder=" + "a" * 256, "it has a name of 256 bytes"),
        ("data.folder=" + "a/" * 2_100, "it is 4200 bytes long"),
        ('data.folder="a\\n"', r"it holds the control character '\n'"),
        ('data.folder="a\\0"', r"the control character '\x00'"),
        ("data.folder=''", "it is empty"),
        ("data.folder=/data #2", "goes on after its value, with a comment: quote the value"),
        ("training={epochs: 3} # 5", "goes on after its value, with a comment"),
        ("data.folder=gs://bucket/data", "it is an address with gs:"),
        ("data.folder=~nobody-of-that-name/x", "no home folder for ~nobody-of-that-name: set HOME"),
        ("push.base_path=ftp://host/models", "must be a path or begin with gs:// or s3://"),
        ("push.base_path=s3://buck_et/models", "no bucket is called buck_et"),
        ("push.base_path=gs:/bucket", "must be a path or begin with gs://"),
        ("push.base_path=GS://bucket", "must be a path or begin with gs://"),
        ("push.base_path=gs://", "must be a path or begin with gs://"),
        ("push.base_path=file://other/models", "names the machine 'other'"),
        ("push.base_path=''", "it is empty"),
        ("pipeline_root=minio://bucket/runs", "begin with gs:// or s3:// and a bucket"),
        ("pipeline_root=s3://bucket_1/runs", "no bucket is called bucket_1"),
        ("pipeline_root=/srv/runs", "folders of this machine are named with --root"),
        ("pipeline_root=gs://bucket/a*", "it holds '*'"),
        ("pipeline_root=gs://bucket/{SPAN}", "no placeholder is filled in there"),
        ("pipeline_root=gs://buck et", "no bucket is called buck et"),
        ("push.base_path=" + "a" * 300, "it has a name of 300 bytes"),
        ("serving_check.load_seconds=.inf", "finite number"),
        ("serving_check.latency_requests=1000000000000", "less than or equal to"),
        ("kubeflow.nodes.Trainer.gpus=one", "valid integer"),
    ],
)
def test_what_cannot_be_set_is_told_in_one_sentence(override: str, said: str):
    with pytest.raises(SettingsError) as caught:
        load_settings(QUICK, ["data.source=auto", override])
    shown = str(caught.value)
    assert said in shown
    assert shown.isprintable()
    assert len(shown) < 700


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("training.learning_rate=1e-3", "training.learning_rate", 1e-3),
        ("training.learning_rate=1", "training.learning_rate", 1.0),
        (" training.epochs = 3", "training.epochs", 3),
        ("data.folder=2026-11-23", "data.folder", Path("2026-11-23")),
        ("data.folder=file:///a%20b", "data.folder", Path("/a b")),
        ("data.folder=/data#2", "data.folder", Path("/data#2")),
        ("data.folder=./~", "data.folder", Path("~")),
        ("data.folder='a [1] {b} #c'", "data.folder", Path("a [1] {b} #c")),
        ("push.base_path=file:///srv/models", "push.base_path", "/srv/models"),
        ("push.base_path=gs://bucket/models", "push.base_path", "gs://bucket/models"),
    ],
)
def test_what_can_be_set_is_what_was_meant(override: str, key: str, value: object):
    section, _, name = key.partition(".")
    settings = load_settings(QUICK, [override])
    assert getattr(getattr(settings, section), name) == value


def test_the_home_folder_is_meant_by_a_tilde(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/of mine")
    settings = load_settings(QUICK, ["data.folder=~/data", "push.base_path=~/m"])
    assert settings.data.folder == Path("/home/of mine/data")
    assert settings.push.base_path == "/home/of mine/m"


def test_the_later_of_two_overrides_counts():
    assert load_settings(QUICK, ["training.epochs=3", "training.epochs=4"]).training.epochs == 4


def test_two_settings_with_one_key_are_refused(tmp_path: Path):
    config = tmp_path / "mine.yaml"
    config.write_text(QUICK.read_text().replace("  seed: 0", "  seed: 0\n  epochs: 9"))
    with pytest.raises(SettingsError, match=r"`training\.epochs` in line 36 and before"):
        load_settings(config)


@pytest.mark.parametrize("kind", ["folder", "fifo", "device", "long", "nul", "huge", "empty"])
def test_what_is_no_file_of_settings_is_refused_at_once(tmp_path: Path, kind: str):
    config = tmp_path / "mine.yaml"
    if kind == "folder":
        config.mkdir()
    elif kind == "fifo":
        os.mkfifo(config)
    elif kind == "device":
        config = Path("/dev/zero")
    elif kind == "long":
        config = tmp_path / ("a" * 300)
    elif kind == "nul":
        config = tmp_path / "a\0b"
    elif kind == "huge":
        with config.open("wb") as file:
            file.truncate(5 << 30)
    else:
        config.touch()
    with pytest.raises(SettingsError) as caught:
        load_settings(config)
    assert "onfig" in str(caught.value)
    assert str(caught.value).isprintable()
