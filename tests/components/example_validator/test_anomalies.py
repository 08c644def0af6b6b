"""Anomalies in words."""

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.example_validator.anomalies import describe, refusal

TRAIN = """
anomaly_info {
  key: "label"
  value { description: "Unexpectedly large value: 11." short_description: "Out-of-range values" }
}
dataset_anomaly_info { reason { description: "The dataset has too few examples." } }
"""


def _anomalies(text: str) -> anomalies_pb2.Anomalies:
    return text_format.Parse(text, anomalies_pb2.Anomalies())


def test_every_finding_names_its_split_and_feature():
    assert describe({"train": _anomalies(TRAIN), "eval": _anomalies("")}) == [
        "split train, feature label: Unexpectedly large value: 11",
        "split train: The dataset has too few examples",
    ]


def test_clean_examples_have_no_findings():
    assert describe({"train": _anomalies(""), "eval": _anomalies("")}) == []


def test_the_gate_says_what_how_many_and_what_to_do():
    assert refusal(["split train, feature label: x", "split train: y"]) == (
        "The examples do not fit the schema: split train, feature label: x (and 1 more); mend the "
        "data or the schema_file, or go on with --set anomalies=warn."
    )
