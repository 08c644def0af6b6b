"""The TensorFlow Hub modules that settings name, as they lie on this machine."""

from __future__ import annotations

from models.hub.module import Module, resolve, told_as
from models.module_settings import HubSettings
from pipeline.files.paths import MODELS, refuse_patterns
from pipeline.settings import Settings, SettingsError


def resolve_module(settings: Settings) -> Module | None:
    """The TensorFlow Hub module that the settings name, verified, local and one of images.

    Raises:
      HubError: the module cannot be resolved, is damaged, or not one that the network can use.
      SettingsError: TensorFlow could not load it from where it lies.
    """
    if settings.hub is None:
        return None
    module = _resolved(settings.hub, "hub")
    from models.hub.interface import read_interface

    read_interface(module)
    return module


def module_digests(settings: Settings) -> dict[str, str]:
    """Digests of the modules that features have for themselves; each is resolved and looked at.

    Raises:
      HubError, SettingsError: as `resolve_module`.
    """
    found = {}
    for name, module_settings in settings.declaration.modules.items():
        from models.hub.interface import read_interface, text_vector_length

        read = read_interface if name in settings.declaration.images else text_vector_length
        key = f"features.{name}.module"
        with told_as(key):
            module = _resolved(module_settings, key)
            read(module)
        found[name] = module.sha256
    return found


def _resolved(settings: HubSettings, key: str) -> Module:
    module = resolve(
        settings.handle,
        sha256=settings.sha256,
        max_megabytes=settings.max_megabytes,
        allow_http=settings.allow_http,
    )
    try:
        refuse_patterns(module.path, MODELS)
    except ValueError as error:
        raise SettingsError(
            f"The module of {key}.handle lies in {module.path}: {error}; move it, or set "
            "TFHUB_CACHE_DIR to another folder if it was downloaded."
        ) from error
    return module
