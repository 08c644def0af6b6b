"""What people type: an example or two of each command, which its `--help` shows."""

from __future__ import annotations

from collections.abc import Mapping

CALLS: Mapping[str, tuple[str, ...]] = {
    "runs": (
        "runs --state failed --since 7d",
        "runs --where training.seed=1 --order SparseCategoricalAccuracy",
        "runs --store copy/metadata.db --json",
    ),
    "note": ('note latest "trained on the new labels"', "note latest"),
    "tag": ("tag r2 good-enough", "tag r2 good-enough --remove"),
    "list": ("list artifacts --type Model --last 5", "list types"),
    "show": ("show latest", "show a12"),
    "why": ("why latest", "why Trainer", "why 1795627850"),
    "lineage": ("lineage ExampleGen --down", "lineage a12 --mermaid"),
    "origin": ("origin latest",),
    "examples": ("examples latest --slice label=6", "examples a1 --split train --last 5"),
    "compare": ("compare latest latest~1 r2", "compare a7 a12 --tolerance 0.01"),
    "diff": ("diff latest~1 latest",),
    "serving": ('serving --at "2h ago"', "serving --url http://127.0.0.1:8501"),
    "drift": ("drift SparseCategoricalAccuracy", "drift AUC --slice hour=8"),
    "variants": ("variants", "variants r2"),
    "tuning": ("tuning",),
    "rebuild": ("rebuild latest --settings rebuilt.yaml",),
    "gc": ("gc --dry-run --older-than 30d",),
    "report": ("report latest --html report.html", "report latest --markdown"),
    "export": ("export --json",),
    "web": ("web --open", "web --port 0 --url http://127.0.0.1:8501"),
}


def epilog(command: str) -> str:
    """The end of what `--help` prints of a command."""
    lines = "\n".join(f"  python -m inspection {call}" for call in CALLS[command])
    return f"examples:\n{lines}\n\nexit codes: python -m inspection --help"
