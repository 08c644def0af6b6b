"""What a model was made from, as the provenance of a version has it."""

from __future__ import annotations

from documents.provenance import Provenance
from documents.training_record import HubModule
from inspection.questions.models.origin import origin_of_version

IMAGES = HubModule(handle="models/encoder", sha256="a" * 64, trainable=True)
TEXTS = HubModule(handle="https://example.org/nnlm/2", sha256="b" * 64, trainable=False)


def test_every_module_is_named():
    found = origin_of_version(Provenance(version=7, hub=IMAGES, modules={"remarks": TEXTS}))
    assert found.hub_headline == (
        "version 7 holds Hub module models/encoder, sha256 aaaaaaaaaaaa, trained further and"
        " https://example.org/nnlm/2, sha256 bbbbbbbbbbbb, frozen (of remarks)."
    )
    only = origin_of_version(Provenance(version=7, modules={"remarks": TEXTS}))
    assert "holds Hub module https://example.org/nnlm/2" in only.hub_headline
    assert "No Hub module" in origin_of_version(Provenance(version=7)).hub_headline
