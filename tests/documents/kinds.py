"""Every kind of document."""

from __future__ import annotations

from documents.base_path_change import BasePathChange
from documents.document import Document
from documents.evaluator_verdict import EvaluatorVerdict
from documents.ledger_entry import LedgerEntry
from documents.manifest import Manifest
from documents.provenance import Provenance
from documents.questions import Questions
from documents.serving_report import ServingReport
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingRecord

KINDS: list[type[Document]] = [
    *(BasePathChange, EvaluatorVerdict, LedgerEntry, Manifest),
    *(Provenance, Questions, ServingReport, ServingVerdict, TrainingRecord),
]
