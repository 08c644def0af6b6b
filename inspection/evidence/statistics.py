"""What StatisticsGen found out about each feature."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from inspection.files.stored_file import StoredFile
from inspection.files.workspace import Workspace

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import statistics_pb2

FILE = "FeatureStats.pb"
SPLIT_PREFIX = "Split-"


@dataclasses.dataclass(frozen=True)
class Bucket:
    """So many values from `low` to `high`."""

    low: float
    high: float
    count: float


@dataclasses.dataclass(frozen=True)
class Feature:
    """One feature of one split."""

    name: str
    type: str
    """`int`, `float`, `string`, `bytes` or `struct`."""
    examples: int
    """That have at least one value."""
    missing: int
    facts: Mapping[str, float]
    """`mean`, `std dev`, `min`, `median`, `max`, `zeros`, `unique`, …: those that apply."""
    buckets: tuple[Bucket, ...]
    """Of equal width; empty for texts."""
    values: Mapping[str, float]
    """How often the most frequent values occur; empty for numbers."""

    @property
    def shares(self) -> dict[str, float]:
        """The part of each of `values` in all of them, 0 to 1."""
        total = sum(self.values.values()) or 1.0
        return {key: count / total for key, count in self.values.items()}


@dataclasses.dataclass(frozen=True)
class Statistics:
    """One split."""

    split: str
    examples: int
    features: Mapping[str, Feature]
    """By name."""


def read_statistics(workspace: Workspace, uri: str) -> list[Statistics]:
    """The statistics of each split of an ExampleStatistics artifact, in order of their names.

    Empty when the files are gone; a damaged one is passed over.
    """
    return [
        found
        for split, file in splits(workspace, uri, FILE)
        if (found := _read(split, file)) is not None
    ]


def splits(workspace: Workspace, uri: str, name: str) -> Iterator[tuple[str, StoredFile]]:
    """The file of that name in each `Split-…` folder of an artifact, with the split's name.

    Transform leaves one file over all splits, named `all` here.
    """
    found = workspace.files(uri, f"{SPLIT_PREFIX}*/{name}")
    for file in found:
        yield file.path.partition("/")[0].removeprefix(SPLIT_PREFIX), file
    if not found:
        yield from (("all", file) for file in workspace.files(uri, name))


def distance(before: Feature, now: Feature) -> float | None:
    """How far apart two distributions are, 0 to 1; None when they cannot be compared.

    The L-infinity norm of the difference for values, the Jensen-Shannon divergence (base 2) of
    histograms for numbers: what TensorFlow Data Validation's drift comparators take
    (FeatureComparator in tensorflow_metadata/proto/v0/schema.proto).
    """
    if before.values and now.values:
        old, new = before.shares, now.shares
        return max(abs(old.get(key, 0.0) - new.get(key, 0.0)) for key in old.keys() | new.keys())
    if before.buckets and now.buckets:
        edges = sorted(
            {edge for each in (*before.buckets, *now.buckets) for edge in (each.low, each.high)}
        )
        return _divergence(_spread(before.buckets, edges), _spread(now.buckets, edges))
    return None


def _read(split: str, file: StoredFile) -> Statistics | None:
    from tensorflow_metadata.proto.v0 import statistics_pb2

    from inspection.evidence.damage import read_message

    found = read_message(statistics_pb2.DatasetFeatureStatisticsList, file)
    # Slices of the split, where there are any, come after the split as a whole.
    for dataset in found.datasets[:1] if found else ():
        features = map(_feature, dataset.features)
        return Statistics(split, dataset.num_examples, {each.name: each for each in features})
    return None


def _feature(found: statistics_pb2.FeatureNameStatistics) -> Feature:
    name = found.name or ".".join(found.path.step)
    kind = found.WhichOneof("stats")
    type_name = type(found).Type.Name(found.type).lower()
    if kind is None:
        return Feature(name, type_name, 0, 0, {}, (), {})
    stats = getattr(found, kind)
    common = stats.common_stats
    facts: dict[str, float] = {}
    buckets: tuple[Bucket, ...] = ()
    values: dict[str, float] = {}
    if kind == "num_stats":
        facts = {
            "mean": stats.mean,
            "std dev": stats.std_dev,
            "min": stats.min,
            "median": stats.median,
            "max": stats.max,
            "zeros": stats.num_zeros,
        }
        buckets = _histogram(stats.histograms)
    elif kind == "string_stats":
        facts = {"unique": stats.unique}
        ranked = stats.rank_histogram.buckets
        values = {bucket.label: bucket.sample_count for bucket in ranked} or {
            top.value: top.frequency for top in stats.top_values
        }
    elif kind == "bytes_stats":
        facts = {
            "mean bytes": stats.avg_num_bytes,
            "min bytes": stats.min_num_bytes,
            "max bytes": stats.max_num_bytes,
        }
    return Feature(
        name, type_name, common.num_non_missing, common.num_missing, facts, buckets, values
    )


def _histogram(histograms: statistics_pb2.HistogramList) -> tuple[Bucket, ...]:
    """The one with buckets of equal width."""
    for each in histograms:
        if each.type == type(each).STANDARD:
            found = (Bucket(b.low_value, b.high_value, b.sample_count) for b in each.buckets)
            return tuple(
                bucket
                for bucket in found
                if math.isfinite(bucket.low) and math.isfinite(bucket.high)
            )
    return ()


def _spread(buckets: tuple[Bucket, ...], edges: list[float]) -> list[float]:
    """The share of all values in each interval of `edges`, taken as even within a bucket.

    A bucket that is a single point counts with the interval that begins there.
    """
    total = sum(bucket.count for bucket in buckets) or 1.0
    shares = [0.0] * len(edges)
    for bucket in buckets:
        for index, low in enumerate(edges):
            high = edges[index + 1] if index + 1 < len(edges) else low
            if bucket.low == bucket.high:
                shares[index] += bucket.count / total if low == bucket.low else 0.0
            elif low >= bucket.low and high <= bucket.high:
                part = (high - low) / (bucket.high - bucket.low)
                shares[index] += bucket.count / total * part
    return shares


def _divergence(first: list[float], second: list[float]) -> float:
    total = 0.0
    for one, other in zip(first, second, strict=True):
        middle = (one + other) / 2
        for share in (one, other):
            if share > 0:
                total += share / 2 * math.log2(share / middle)
    return max(0.0, min(1.0, total))
