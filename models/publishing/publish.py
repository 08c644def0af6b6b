"""Publishes a version's trained encoder as a module: made, packed, checked, and only then there."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from documents.digest import file_digest
from documents.scratch import scratch
from models.features.image.kind import Image
from models.hub.interface import read_interface, text_vector_length
from models.hub.module import Module, resolve
from models.publishing.archive import ARCHIVE, CARD, DIGEST, pack
from models.publishing.card import Facts, card
from models.publishing.check import check
from models.publishing.encoder import Encoder, trained_encoder
from models.publishing.version import PublishError, choose_feature, open_version
from models.stable_names import stabilize

_LARGEST_MEGABYTES = 10_000


@dataclass(frozen=True)
class PublishedModule:
    """A module in its folder."""

    folder: Path
    handle: str
    """Its place below the folder that `serve` serves: model/feature/version."""
    sha256: str
    nbytes: int
    takes: str
    gives: str
    is_new: bool
    """False where the same module was there already."""

    @property
    def archive(self) -> Path:
        """The packed module."""
        return self.folder / ARCHIVE


def publish_module(
    base_path: str, number: str, feature: str | None, target: Path, licence: str | None = None
) -> PublishedModule:
    """Writes `target/MODEL/FEATURE/VERSION/` with the archive, its sha256 and the model card.

    The folder appears complete, by one rename, after the packed module was resolved as any other,
    loaded, held against the version and fine-tuned; or not at all.

    Raises:
      PublishError: there is no such version or encoder, or another module is there.
      CheckError: the module is not fit to be published.
      HubError: the packed module is none that a pipeline takes.
      OSError: the folder cannot be written.
    """
    version = open_version(base_path, number)
    name, kind = choose_feature(version, feature)
    encoder = trained_encoder(version, name, kind)
    handle = f"{_part(version.model)}/{_part(name)}/{version.number}"
    target.mkdir(parents=True, exist_ok=True)
    with scratch(target) as place:
        made = place / "made"
        archive = made / ARCHIVE
        module = _packed(encoder, archive, place)
        (read_interface if isinstance(kind, Image) else text_vector_length)(module)
        checked = check(module.path, encoder)
        nbytes = archive.stat().st_size
        text = card(
            Facts(
                model=version.model,
                feature=name,
                number=version.number,
                kind=kind,
                others=[key for key in version.declaration.used if key != name],
                label=version.declaration.label.name,
                provenance=version.provenance,
                checked=checked,
                sha256=module.sha256,
                nbytes=nbytes,
                licence=licence,
            )
        )
        (made / DIGEST).write_text(f"{module.sha256}  {ARCHIVE}\n")
        (made / CARD).write_text(text, encoding="utf-8")
        folder = target / handle
        is_new = not _is_there(folder, module.sha256)
        if is_new:
            folder.parent.mkdir(parents=True, exist_ok=True)
            made.rename(folder)
        else:
            shutil.copy(made / CARD, folder / CARD)  # it may say more by now, such as a licence
    return PublishedModule(
        folder, handle, module.sha256, nbytes, checked.takes, checked.gives, is_new
    )


def _packed(encoder: Encoder, archive: Path, place: Path) -> Module:
    """Saves an encoder into an archive, and resolves that as any other; `place` is for scratch."""
    saved = place / "saved"
    encoder.save(str(saved))
    stabilize(str(saved))
    archive.parent.mkdir()
    pack(saved, archive)
    return resolve(
        str(archive.absolute()),
        max_megabytes=_LARGEST_MEGABYTES,
        cache=(place / "cache").absolute(),
    )


def _is_there(folder: Path, sha256: str) -> bool:
    """Whether just this module is there already.

    Raises:
      PublishError: something else is.
    """
    if not folder.exists():
        return False
    if (folder / ARCHIVE).is_file() and file_digest(folder / ARCHIVE) == sha256:
        return True
    raise PublishError(
        f"{folder} holds another module; whoever pinned that must still find it, so publish into"
        " another folder with --to, or remove it."
    )


def _part(name: str) -> str:
    """A name as a part of an address."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") or "feature"
