"""Values as YAML that `pipeline.yaml_values` reads as they were."""

from __future__ import annotations

import re
from typing import Any

import yaml

FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)[eE][-+]?[0-9]+\Z")
"""What is a number in YAML 1.2 and in settings, such as `1e-3`, and text to PyYAML alone."""
FIRST_OF_FLOAT = list("-+0123456789.")


class _Plain(yaml.SafeDumper):
    """Writes what stands twice twice, rather than as an anchor and an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


# A class that is called 1e5 needs quotes.
_Plain.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, FIRST_OF_FLOAT)


def yaml_text(value: Any) -> str:
    """The text of a value of dict, list, str, int, float, bool and None."""
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
