"""What is refused before anything runs."""

from pathlib import Path

import pytest

from documents.workspace import Workspace
from pipeline.data.dataset import DatasetError
from pipeline.files.download import DownloadError
from pipeline.preflight import preflight
from pipeline.settings import REPOSITORY, Settings, SettingsError, load_settings
from tests.pipeline.preflight.trips import trips
from tests.there import there


def _settings(*overrides: str) -> Settings:
    return load_settings(REPOSITORY / "configs" / "quick.yaml", overrides)


def test_root_is_made_and_nothing_is_left_in_the_base_path(tmp_path: Path):
    workspace = Workspace(tmp_path / "new" / "root")
    base_path = preflight.check_places(_settings(), workspace)
    assert base_path == str(workspace.root / "serving" / "fashion_mnist")
    assert list(Path(base_path).iterdir()) == []


def test_the_sample_does_not_take_the_place_of_named_data():
    with pytest.raises(SettingsError, match=r"data\.folder = /data and data\.source = sample name"):
        preflight.gather_data(_settings("data.folder=/data"))


@pytest.mark.parametrize("name", ["Fashion_mnist", "fashion-mnist"])
def test_names_that_would_be_recorded_alike_need_their_own_root(tmp_path: Path, name: str):
    preflight.check_places(_settings(), Workspace(tmp_path / "root"))
    preflight.check_places(_settings(), Workspace(tmp_path / "root"))
    preflight.check_places(_settings("name=fashion_mnist2"), Workspace(tmp_path / "root"))
    with pytest.raises(SettingsError, match=rf"name = {name} is recorded as fashion-mnist, as"):
        preflight.check_places(_settings(f"name={name}"), Workspace(tmp_path / "root"))
    preflight.check_places(_settings(f"name={name}"), Workspace(tmp_path / "another"))


@pytest.mark.parametrize("address", ["gs://bucket/models", "s3://bucket/models"])
def test_a_base_path_in_an_object_store_is_taken_as_it_is(tmp_path: Path, address: str):
    settings = _settings(f"push.base_path={address}")
    assert preflight.check_places(settings, Workspace(tmp_path)) == address


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_where_a_folder_belongs_is_named(tmp_path: Path, place: str):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=rf"--root .*{place}: .*file is a file"):
        preflight.check_places(_settings(), Workspace(tmp_path / place))
    with pytest.raises(SettingsError, match=r"push\.base_path .* is a file"):
        preflight.check_places(
            _settings(f"push.base_path={tmp_path / place}"), Workspace(tmp_path / "root")
        )


def test_a_missing_schema_is_named(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"schema_file = .*nowhere\.pbtxt does not exist"):
        preflight.check_places(_settings("schema_file=nowhere.pbtxt"), Workspace(tmp_path))


def test_the_places_pin_the_hub_module_by_content(tmp_path: Path):
    settings = _settings()
    places = preflight.gather_places(
        settings, Workspace(tmp_path), "/srv/models", preflight.gather_data(settings)
    )
    assert len(there(places.module_sha256)) == 64
    assert places.data_source == "sample"
    assert places.base_path == "/srv/models"


def test_a_relative_base_path_starts_where_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    base_path = preflight.check_places(
        _settings("push.base_path='x/../odd (1) {b} #c'"), Workspace(tmp_path / "root")
    )
    assert base_path == str(tmp_path / "odd (1) {b} #c")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(SettingsError, match="current folder, which was deleted"):
        preflight.check_places(_settings("push.base_path=x"), Workspace(tmp_path / "root"))
    with pytest.raises(DatasetError, match="current folder, which was deleted"):
        preflight.gather_data(_settings("data.source=auto", "data.folder=x"))


class TestCacheFolder:
    def test_is_where_xdg_says(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
        assert preflight.cache_folder() == Path("/caches/tfx-pipeline")

    @pytest.mark.parametrize("named", [None, "", "~/.cache", "relative"])
    def test_is_in_the_home_folder_otherwise(
        self, monkeypatch: pytest.MonkeyPatch, named: str | None
    ):
        monkeypatch.setenv("HOME", "/home/me")
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        if named is not None:
            monkeypatch.setenv("XDG_CACHE_HOME", named)
        assert preflight.cache_folder() == Path("/home/me/.cache/tfx-pipeline")

    def test_is_asked_for_only_when_it_is_needed(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("os.getuid", lambda: 3_999_999)
        monkeypatch.delenv("HOME")
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        with pytest.raises(DownloadError, match="no home folder: set XDG_CACHE_HOME"):
            preflight.cache_folder()
        assert preflight.gather_data(_settings()).source == "sample"


def test_no_base_path_is_one_that_tensorflow_takes_for_a_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    here = tmp_path / "here [1]"
    here.mkdir()
    monkeypatch.chdir(here)
    with pytest.raises(SettingsError, match=r"push\.base_path = .*/models is refused: it holds"):
        preflight.check_places(_settings("push.base_path=models"), Workspace(tmp_path / "root"))


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("features={fare: {kind: number}}", "`hub.handle` = .* no feature is one; leave hub out"),
        (
            "features.image.module=models/modules/fashion_mnist_encoder",
            "`hub.handle` = .* every image has a module of its own; leave hub out",
        ),
    ],
)
def test_what_no_model_learns_yet_is_refused(tmp_path: Path, override: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        preflight.check_places(_settings(override), Workspace(tmp_path))


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("label.first=1", r"`label\.first` = 1 .* format csv holds texts; .* \{'1': no\}"),
        ("data.sample_config=configs/quick.yaml", "data.sample_config is for format idx, not csv"),
    ],
)
def test_what_a_table_does_not_use_is_refused(tmp_path: Path, override: str, said: str) -> None:
    config = trips(tmp_path)
    preflight.check_places(load_settings(config), Workspace(tmp_path / "root"))
    with pytest.raises(SettingsError, match=said):
        preflight.check_places(load_settings(config, [override]), Workspace(tmp_path / "root"))
