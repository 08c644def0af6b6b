"""A predict request as people copy it: a shell command, and a few lines of Python."""

from __future__ import annotations

import base64
import json
import math
import shlex
from typing import Any

from serving.clients.url import model_path

LONGEST_ARGUMENT = 100_000
"""Characters of a request that stands in its command as it is."""

_PYTHON = """\
import base64, json, urllib.request

instance = {instance}
body = json.dumps({{"signature_name": {signature}, "instances": [instance]}})
request = urllib.request.Request({address}, body.encode())
with urllib.request.urlopen(request) as answer:
    print(json.load(answer)["predictions"][0])"""


def curl(
    url: str,
    model_name: str,
    version: int | None,
    signature: str,
    instance: Any,
    file: str | None = None,
) -> str:
    """A shell command that asks about one instance; it can be copied as it stands.

    An argument of a command is at most 128 KiB long (execve(2)): what is larger goes through a
    pipe, from `file` where that holds the instance.
    """
    body = json.dumps({"signature_name": signature, "instances": [instance]}, default=_plain)
    address = _address(url, model_name, version)
    command = ["curl --silent --show-error --data", shlex.quote(address)]
    if len(body) <= LONGEST_ARGUMENT:
        return f"{command[0]} {shlex.quote(body)} {command[1]}"
    if file is None:
        return f"{command[0]} @- {command[1]} <<'END'\n{body}\nEND"
    empty = json.dumps({"signature_name": signature, "instances": [{"b64": ""}]})
    start, end = empty.rsplit('""', 1)
    before, after = shlex.quote(f'{start}"'), shlex.quote(f'"{end}')
    return (
        f"(printf %s {before}; base64 < {shlex.quote(file)} | tr -d '\\n';"
        f" printf %s {after}) |\n{command[0]} @- {command[1]}"
    )


def python(
    url: str,
    model_name: str,
    version: int | None,
    signature: str,
    instance: Any,
    file: str | None = None,
) -> str:
    """A program that asks about one instance and needs nothing but Python.

    Args:
      file: holds the instance, which is then read from there.
    """
    spelled = _literal(instance)
    if file is not None:
        spelled = f'{{"b64": base64.b64encode(open({file!a}, "rb").read()).decode()}}'
    program = _PYTHON.format(
        instance=spelled,
        signature=ascii(signature),
        address=ascii(_address(url, model_name, version)),
    )
    return program if "base64." in spelled else program.replace("import base64, ", "import ")


def _address(url: str, model_name: str, version: int | None) -> str:
    return url.rstrip("/") + model_path(model_name, version, "predict")


def _literal(value: Any) -> str:
    """As Python spells it, whatever it holds; NaN, which has no literal, as a call."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!a}: {_literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if value is None or isinstance(value, bool | int | float | str):
        return ascii(value)
    return _literal(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode()}
    return value.tolist()
