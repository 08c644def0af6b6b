"""How Argo and Kubernetes want things called, after k8s.io/apimachinery pkg/util/validation. Pure.

Each function says why a name is refused, as the end of a sentence; None is taken.
"""

from __future__ import annotations

import re

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_ARGO = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_OF_VERTEX = re.compile(r"(NVIDIA|TPU)_[A-Z0-9_]+")
_QUANTITY = re.compile(r"\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+|[EPTGM]i?|k|Ki|[num])?")
_SCALES = {
    **{suffix: 1000.0**power for power, suffix in enumerate(("", "k", "M", "G", "T", "P", "E"))},
    **{
        suffix: 1024.0**power
        for power, suffix in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))
    },
    **{"m": 1e-3, "u": 1e-6, "n": 1e-9},
}


def not_label(name: str) -> str | None:
    """Of volumes, and so of claims and secrets that are mounted."""
    if _LABEL.fullmatch(name) and len(name) <= 63:
        return None
    return "must be small letters, digits and `-` inside, at most 63 of them"


def not_subdomain(name: str) -> str | None:
    """Of most objects, such as secrets."""
    if _SUBDOMAIN.fullmatch(name) and len(name) <= 253:
        return None
    return "must be small letters, digits, `-` and `.` inside, at most 253 of them"


def not_qualified(name: str) -> str | None:
    """Of keys of labels, annotations, taints and of extended resources."""
    prefix, slash, rest = name.rpartition("/")
    good = _QUALIFIED.fullmatch(rest) and len(rest) <= 63
    if good and (not slash or (prefix and not_subdomain(prefix) is None)):
        return None
    return "must be at most 63 letters, digits and `-_.` inside, maybe with a domain and / in front"


def not_label_value(value: str) -> str | None:
    if not value or (_QUALIFIED.fullmatch(value) and len(value) <= 63):
        return None
    return "must be at most 63 letters, digits and `-_.` inside"


def not_variable(name: str) -> str | None:
    """Of environment variables."""
    if _VARIABLE.fullmatch(name):
        return None
    return "must be letters, digits and `-_.`, not beginning with a digit"


def not_key(name: str) -> str | None:
    """Of what is in a secret or a ConfigMap."""
    if _KEY.fullmatch(name) and len(name) <= 253 and name not in (".", ".."):
        return None
    return "must be letters, digits and `-_.`, at most 253 of them"


def not_argo(name: str, longest: int = 128) -> str | None:
    """Of tasks and templates."""
    if _ARGO.fullmatch(name) and len(name) <= longest:
        return None
    return f"must be letters, digits and `-`, at most {longest} of them"


def is_of_vertex(accelerator: str) -> bool:
    """Whether Vertex AI would name an accelerator so, e.g. NVIDIA_TESLA_T4."""
    return bool(_OF_VERTEX.fullmatch(accelerator))


def not_mount_path(path: str) -> str | None:
    if path.startswith("/") and ":" not in path and path.strip("/"):
        return None
    return "must be an absolute path below /, without `:`"


def quantity(text: str) -> float | None:
    """What a quantity of Kubernetes such as 500m or 4Gi stands for; None if it is none."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        return None
    number, suffix = float(found[1]), found[3] or ""
    return number * _SCALES[suffix] if suffix in _SCALES else float(found[1] + suffix)
