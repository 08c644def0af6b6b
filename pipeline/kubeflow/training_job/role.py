"""The role under which a step makes a TFJob, from role.yaml beside this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("role.yaml")


def rules() -> list[Mapping[str, Any]]:
    """The rules of the Role, as Kubernetes writes them."""
    documents = list(yaml.safe_load_all(FILE.read_text()))
    return list(next(each["rules"] for each in documents if each["kind"] == "Role"))


def allows(rules: Sequence[Mapping[str, Any]], group: str, resource: str, verb: str) -> bool:
    """Whether one of the rules does; the group of pods is empty."""
    return any(
        group in rule["apiGroups"] and resource in rule["resources"] and verb in rule["verbs"]
        for rule in rules
    )
