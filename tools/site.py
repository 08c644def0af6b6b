"""What MkDocs is told beside mkdocs.yml: pages from outside docs/, and the API.

README is the first page. Other files of the project that pages link to (settings, results, the
license) are put into the site as they are, so that a link to one that is missing fails the build.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "configs/fashion_mnist_sample/README.md",
    "docker/README.md",
    "models/modules/MODEL_CARD.md",
)
"""Beside those of docs/; README.md is `index.md`."""
API = {
    "inspection": ("The metadata in Python", ("inspection.api", "inspection.questions")),
    "serving": (
        "Clients and the base path",
        (
            "serving.clients.rest_client",
            "serving.clients.grpc_client",
            "serving.launch",
            "serving.base_path.versions",
        ),
    ),
    "kinds": (
        "Kinds of features and labels",
        ("models.features.kind", "models.labels.kind", "documents.cells.cell"),
    ),
    "formats": (
        "Formats of data",
        ("components.example_gen.formats.format", "components.example_gen.formats.options"),
    ),
    "settings": (
        "Settings",
        (
            "pipeline.settings",
            "pipeline.sections.data",
            "pipeline.sections.evaluation",
            "models.training.options",
        ),
    ),
    "documents": ("Documents", ("documents",)),
}
"""Pages of the API: the title, and modules or whole packages with the folders in them."""
_LINK = re.compile(r"(\]\()([^)#:\s]+)((?:#[^)\s]*)?\))")
_FENCE = re.compile(r"^(?:```.*?^```|~~~.*?^~~~)", re.MULTILINE | re.DOTALL)


def placed(path: str) -> str:
    """Where a file of the repository stands in the site; both relative, with slashes."""
    if path == "README.md":
        return "index.md"
    return path[len("docs/") :] if path.startswith("docs/") else path


def linked(text: str, page: str) -> list[str]:
    """The files of the repository that a page links to.

    Args:
      page: its path in the repository.
    """
    folder = posixpath.dirname(page)
    targets = [match[2] for match in _LINK.finditer(_FENCE.sub("", text))]
    return [posixpath.normpath(posixpath.join(folder, target)) for target in targets]


def moved(text: str, page: str) -> str:
    """A page whose links lead where `placed` puts their targets."""
    folder, here = posixpath.dirname(page), posixpath.dirname(placed(page))

    def link(match: re.Match[str]) -> str:
        target = placed(posixpath.normpath(posixpath.join(folder, match[2])))
        return f"{match[1]}{posixpath.relpath(target, here or '.')}{match[3]}"

    blocks = _FENCE.findall(text)
    parts = [_LINK.sub(link, part) for part in _FENCE.split(text)]
    return "".join(part + block for part, block in zip(parts, [*blocks, ""], strict=True))


def api_page(title: str, names: tuple[str, ...], repository: Path = REPOSITORY) -> str:
    """A page that mkdocstrings fills: of each module, what is public in it.

    What another page names itself is left out of the package that it lies in.
    """
    elsewhere = {each for _, modules in API.values() for each in modules} - {*names}
    modules: list[str] = []
    for name in names:
        path = repository.joinpath(*name.split("."))
        inside = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
        found = [
            ".".join(file.relative_to(repository).with_suffix("").parts)
            for file in inside
            if not file.name.startswith("_") and file.is_file()
        ]
        modules += [module for module in found if module not in elsewhere]
    return "\n\n".join([f"# {title}", *(f"::: {module}" for module in modules)]) + "\n"


def on_files(files: Any, config: Any) -> Any:
    """MkDocs' hook: puts into the site what stands outside docs/."""
    from mkdocs.structure.files import File

    def add(place: str, text: str | None = None, path: Path | None = None) -> None:
        if files.get_file_from_path(place) is None:
            source = {"content": text} if path is None else {"abs_src_path": str(path)}
            files.append(File.generated(config, place, **source))

    pages = [f"docs/{file.src_uri}" for file in files.documentation_pages()]
    for page in ("README.md", *PAGES):
        add(placed(page), (REPOSITORY / page).read_text(encoding="utf-8"))
    for page in ("README.md", *PAGES, *pages):
        for target in linked((REPOSITORY / page).read_text(encoding="utf-8"), page):
            path = REPOSITORY / target
            if path.is_file() and not target.endswith(".md") and path.is_relative_to(REPOSITORY):
                add(placed(target), path=path)
    for name, (title, modules) in API.items():
        add(f"api/{name}.md", api_page(title, modules))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """MkDocs' hook: links as they are in the repository, as they are in the site."""
    place = page.file.src_uri
    if place.startswith("api/"):
        return markdown
    outside = {placed(path): path for path in ("README.md", *PAGES)}
    return moved(markdown, outside.get(place, f"docs/{place}"))
