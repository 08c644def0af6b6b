"""A lineage as text that other tools draw: Mermaid and Graphviz's dot."""

from __future__ import annotations

from collections.abc import Iterator

from documents.shown import shown
from inspection.history.history import History
from inspection.questions.lineage import Lineage


def mermaid(history: History, lineage: Lineage) -> list[str]:
    """A flowchart, as GitHub and many wikis draw it."""
    lines = ["flowchart TD"]
    for id, title, is_step in _nodes(history, lineage):
        text = title.replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
        lines.append(f'  {id}["{text}"]' if is_step else f'  {id}(["{text}"])')
    return lines + [f"  {edge.source} --> {edge.target}" for edge in lineage.edges]


def dot(history: History, lineage: Lineage) -> list[str]:
    """A digraph."""
    lines = ["digraph lineage {"]
    for id, title, is_step in _nodes(history, lineage):
        text = title.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'  {id} [label="{text}", shape={"box" if is_step else "ellipse"}];')
    return [*lines, *(f"  {edge.source} -> {edge.target};" for edge in lineage.edges), "}"]


def _nodes(history: History, lineage: Lineage) -> Iterator[tuple[str, str, bool]]:
    for step in lineage.steps:
        yield f"s{step}", shown(f"{history.steps[step].node} s{step}"), True
    for artifact in lineage.artifacts:
        yield f"a{artifact}", shown(f"{history.artifacts[artifact].type} a{artifact}"), False
