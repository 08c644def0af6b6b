"""Decides whether there is new data: TFX's file-based driver with a fingerprint of the content."""

from __future__ import annotations

from collections.abc import Iterable

from tfx.components.example_gen import driver, input_processor
from tfx.proto import example_gen_pb2, range_config_pb2

from components.example_gen import inputs, spans


class ContentInputProcessor(input_processor.FileBasedInputProcessor):
    """TFX's span and version handling; the fingerprint is a sha256, not sizes and times.

    With upstream's fingerprint a touched copy is new data, and other data of the same size and
    second is not.
    """

    def resolve_span_and_version(self) -> tuple[int, int | None]:
        """The span of the range, or the latest, and its latest version; 0 and None without spans.

        Upstream decides alike, but says of a missing span only that no pattern fits.

        Raises:
          SpanError: no span fits, or the one that fits is incomplete.
        """
        patterns = {split.name: split.pattern for split in self._splits}
        if not any(spans.has_spans(pattern) for pattern in patterns.values()):
            return 0, None
        wanted = None
        if self._range_config and self._range_config.HasField("static_range"):
            wanted = self._range_config.static_range.start_span_number
        return spans.choose(
            {
                split: spans.find(self._input_base_uri, pattern, self.list_found)
                for split, pattern in patterns.items()
            },
            wanted,
            where=f"{self._input_base_uri} ({', '.join(patterns.values())})",
            folders=spans.folders(self._input_base_uri, patterns.values(), self.list_found),
        )

    def list_found(self, base: str, pattern: str) -> list[str]:
        """What fits a pattern below a folder."""
        return inputs.files(base, pattern)

    def get_input_fingerprint(self, span: int, version: int | None) -> str:
        """Hex sha256 over the files' contents.

        Raises:
          IdxError: a file is missing.
        """
        patterns = {
            split.name: self.get_pattern_for_span_version(split.pattern, span, version)
            for split in self._splits
        }
        return inputs.fingerprint(inputs.find_pairs(self._input_base_uri, patterns))


class Driver(driver.FileBasedDriver):
    """Fills in span, version and `input_fingerprint`, the key of the cache."""

    def get_input_processor(
        self,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None = None,
        input_base_uri: str | None = None,
    ) -> ContentInputProcessor:
        """The processor behind `resolve_exec_properties`; needs `input_base_uri`."""
        assert input_base_uri
        return ContentInputProcessor(input_base_uri, splits, range_config)
