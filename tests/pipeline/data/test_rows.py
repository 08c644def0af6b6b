from pathlib import Path

import pytest

from components.example_gen.formats.format import FormatError
from components.example_gen.spans import SpanError
from pipeline.data.dataset import Dataset, DatasetError
from pipeline.preflight import preflight
from pipeline.settings import Settings, SettingsError, load_settings

SETTINGS = """
name: trips
features: {fare: {kind: number}}
label: {name: tip, kind: classes, values: ["no", "yes"]}
data: {format: csv, files: FILES}
evaluation: {metrics: [{metric: SparseCategoricalAccuracy, overall: {min: 0.5}}]}
"""


def settings(folder: Path, files: str, *overrides: str) -> Settings:
    config = folder / "trips.yaml"
    config.write_text(SETTINGS.replace("FILES", repr(files)))
    return load_settings(config, overrides)


def check(found: Settings) -> Dataset:
    dataset = preflight.gather_data(found)
    preflight.check_data(found, dataset)
    return dataset


def test_data_are_looked_at_before_any_node_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "trips [1] {ü}"
    folder.mkdir()
    (folder / "a.csv").write_text("tip,fare\nno,1\n")
    assert check(settings(tmp_path, f"{folder}/*.csv")).folder == folder
    assert check(settings(tmp_path, f"{folder}/a.csv")).folder == folder
    assert check(settings(tmp_path, str(folder))).folder == tmp_path
    monkeypatch.chdir(folder)
    assert check(settings(tmp_path, "*.csv")).folder == folder
    (folder / "b.csv").write_text("tip,Fare\nno,1\n")
    with pytest.raises(FormatError, match=r"b\.csv has no column 'fare'; if it is 'Fare' now"):
        check(settings(tmp_path, "*.csv"))


def test_data_that_are_not_there(tmp_path: Path):
    with pytest.raises(DatasetError, match=r"data\.files = /nowhere/\*\.csv fits no file"):
        check(settings(tmp_path, "/nowhere/*.csv"))
    with pytest.raises(SpanError, match=r"No span in .*; check data\.files"):
        check(settings(tmp_path, f"{tmp_path}/span-{{SPAN}}.csv"))


@pytest.mark.parametrize(
    ("files", "address", "place"),
    [
        # What is no pattern is the data themselves.
        ("/data/trips.csv", "gs://bucket/taxi.csv", ("gs://bucket", "taxi.csv")),
        ("photos", "gs://bucket/pets/", ("gs://bucket", "pets")),
        # A pattern stays, below another folder or instead of one.
        ("/data/*.csv", "gs://bucket/trips", ("gs://bucket/trips", "*.csv")),
        ("/data/span-{SPAN}/a*.csv", "gs://b/t/", ("gs://b/t", "span-{SPAN}/a*.csv")),
        ("/data/*.csv", "gs://bucket/trips/x-?.tsv", ("gs://bucket/trips", "x-?.tsv")),
        ("/data/trips.csv", "/mnt/{YYYY}-{MM}-{DD}", ("/mnt", "{YYYY}-{MM}-{DD}")),
    ],
)
def test_the_same_data_elsewhere(tmp_path: Path, files: str, address: str, place: tuple[str, str]):
    moved = settings(tmp_path, files).data.at(address)
    assert moved.place == place
    assert moved.format == "csv"


def test_spans_elsewhere_have_to_be_spans(tmp_path: Path):
    with pytest.raises(SpanError, match=r"must hold \{SPAN\} once"):
        settings(tmp_path, "/data/*.csv").data.at("gs://bucket/{SPAN}-{SPAN}")


def test_a_span_that_is_about_to_arrive_is_waited_for(tmp_path: Path):
    (tmp_path / "span-1").mkdir()
    (tmp_path / "span-1/a.csv").write_text("tip,fare\nno,1\n")
    check(settings(tmp_path, f"{tmp_path}/span-{{SPAN}}/*.csv"))
    (tmp_path / "span-2").mkdir()
    with pytest.raises(SpanError, match=r"Span 2 in .* has no files for data; add them, wait"):
        check(settings(tmp_path, f"{tmp_path}/span-{{SPAN}}/*.csv"))


def test_spans(tmp_path: Path):
    for span in (1, 2):
        (tmp_path / f"span-{span}.csv").write_text(f"tip,fare\nno,{span}\n")
    found = settings(tmp_path, f"{tmp_path}/span-{{SPAN}}.csv")
    assert found.data.has_spans
    assert check(found).folder == tmp_path
    (tmp_path / "span-2.csv").write_text("tip\nno\n")
    assert check(settings(tmp_path, f"{tmp_path}/span-{{SPAN}}.csv", "data.span=1"))
    with pytest.raises(FormatError, match=r"span-2\.csv has no column 'fare'"):
        check(found)


@pytest.mark.parametrize(
    ("override", "why"),
    [
        ("data.format=cvs", "`data.format` = 'cvs' in --set is refused: did you mean csv?"),
        ("data.format=xml", "choose among code, csv, idx, image_folder"),
        ("data.files=null", "data.format = csv needs data.files: a file, a folder, or a pattern"),
        (
            "data={eval_examples: 300, split: {}}",
            "data.split needs data.files, and a data.format that",
        ),
        (
            "data={format: idx, files: x, folder: y}",
            "data.folder does not go with data.files; leave",
        ),
        ("data.folder=/data", "data.folder is for format idx, not csv; leave it out"),
        ("data.eval_examples=500", "data.eval_examples is for format idx, not csv"),
        ("data.span=3", "data.span needs {SPAN} in data.files, e.g. span-{SPAN}"),
        ("data.files=/data/{SPAN}-{SPAN}", "must hold {SPAN} once"),
        ("data.files=s3://bucket/x.csv", "it must be a path or begin with gs://"),
        ("data.split={by: group}", "by: group needs column"),
        ("data.split={by: order}", "`data.split.by` = 'order' in --set is refused"),
        ("data.split={tain: 8}", "Unknown key `data.split.tain` in --set: did you mean"),
        ("data.quarantine=2", "`data.quarantine` = 2 in --set is refused"),
        ("data.csv={delimiter: ;;}", "`data.csv.delimiter` = ';;' in --set is refused"),
        ("data.csv={encoding: utf-9}", "it is no encoding; e.g. utf-8, utf-16, latin-1, cp1252"),
        ("data.csv={columns: [a, a]}", "it names 'a' twice"),
        ("data.split={by: content, before: _}", "before is for by: group"),
        ("data.pixels={size: [8, 8]}", "data.pixels is for the format pixels"),
        ("data.format=pixels", "data.format = pixels needs data.pixels, e.g. {size: [28, 28]}"),
        ("data={format: parquet, files: x, csv: {}}", "data.csv is for the formats csv, manif"),
    ],
)
def test_settings_that_do_not_fit_together(tmp_path: Path, override: str, why: str):
    with pytest.raises(SettingsError) as refused:
        settings(tmp_path, "/data/*.csv", override)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)
