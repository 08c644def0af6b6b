"""The modules that settings name, found and refused before anything runs."""

import shutil
from pathlib import Path

import pytest

from documents.workspace import Workspace
from models.hub.module import HubError
from pipeline.preflight.hub_modules import module_digests, resolve_module
from pipeline.preflight.preflight import check_places
from pipeline.settings import REPOSITORY, Settings, SettingsError, load_settings
from tests.models.text_module import save_text_module
from tests.pipeline.preflight.trips import trips


def _settings(*overrides: str) -> Settings:
    return load_settings(REPOSITORY / "configs" / "quick.yaml", overrides)


def test_a_module_that_the_network_cannot_use_is_named(tmp_path: Path):
    module = tmp_path / "module"
    module.mkdir()
    (module / "saved_model.pb").write_bytes(b"graph" * 100)
    settings = _settings(f"hub.handle={module}", "hub.sha256=null")
    with pytest.raises(HubError, match=rf"^hub\.handle {module} has a damaged saved_model\.pb: "):
        resolve_module(settings)


def test_no_module_lies_in_a_path_that_tensorflow_takes_for_a_pattern(tmp_path: Path):
    module = tmp_path / "module [1]"
    shutil.copytree(REPOSITORY / "models" / "modules" / "fashion_mnist_encoder", module)
    with pytest.raises(SettingsError, match=r"hub\.handle lies in .*\[1\]: it holds '\['"):
        resolve_module(_settings(f"hub.handle='{module}'"))


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("nowhere/nnlm", r"^features\.note\.module\.handle nowhere/nnlm does not exist"),
        (
            "http://example.org/hub.sha256/1",
            r"^features\.note\.module\.handle http://example.org/hub\.sha256/1 is plain http.* or "
            r"set features\.note\.module\.allow_http=true",
        ),
        (
            "models/modules/fashion_mnist_encoder",
            r"^features\.note\.module\.handle .* takes float32 \[N, 28, 28, 1\] instead of texts",
        ),
        (
            "{handle: models/modules/fashion_mnist_encoder, sha256: '00'}",
            r"has features\.note\.module\.sha256=00, which is not 64 hexadecimal digits",
        ),
    ],
)
def test_a_module_that_takes_no_texts_is_named_by_its_setting(
    tmp_path: Path, override: str, said: str
) -> None:
    config = trips(tmp_path)
    settings = load_settings(config, [f"features.note.module={override}"])
    with pytest.raises(HubError, match=said):
        module_digests(settings)


@pytest.mark.medium
def test_a_module_of_texts_is_pinned_by_content(tmp_path: Path) -> None:
    module = save_text_module(tmp_path / "module")
    config = trips(tmp_path)
    settings = load_settings(config, [f"features.note.module={module}"])
    check_places(settings, Workspace(tmp_path / "root"))
    [(name, digest)] = module_digests(settings).items()
    assert (name, len(digest)) == ("note", 64)
    with pytest.raises(SettingsError, match="ngrams is for texts without a module; leave it out"):
        load_settings(config, [f"features.note={{kind: text, module: {module}, ngrams: 3}}"])


@pytest.mark.medium
def test_a_module_of_one_image_is_pinned_by_content_and_decides_what_is_frozen(tmp_path: Path):
    module = "models/modules/fashion_mnist_encoder"
    settings = _settings("hub=null", f"features.image.module={module}")
    check_places(settings, Workspace(tmp_path / "root"))
    [(name, digest)] = module_digests(settings).items()
    assert (name, len(digest)) == ("image", 64)
    assert settings.training.augment
    frozen = f"features.image.module={{handle: {module}, trainable: false}}"
    config = tmp_path / "shoes.yaml"
    config.write_text(SHOES)
    assert load_settings(config).training.augment
    assert not load_settings(config, [frozen]).training.augment
    words = save_text_module(tmp_path / "words")
    with pytest.raises(HubError, match=r"^features\.image\.module\.handle .* takes string"):
        module_digests(_settings("hub=null", f"features.image.module={words}"))


SHOES = """
name: shoes
data: {format: image_folder, files: shoes}
features: {image: {kind: image, size: [28, 28]}}
label: {name: kind, kind: classes, values: [boot, sandal]}
"""
