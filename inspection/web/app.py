"""The explorer's WSGI application: from an address to a page."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, PathConverter, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import wrap_file

from documents.reader import noticed
from inspection.evidence.damage import content_of
from inspection.evidence.files import as_text
from inspection.history.ids import Record, UnknownIdError, resolve, resolve_run, short
from inspection.history.records import Artifact, Run, Step
from inspection.questions.lineage import Reach
from inspection.questions.runs.compared import TooManyRunsError
from inspection.reports.rendering import compile_templates, render
from inspection.reports.report import run_report
from inspection.store import StoreError
from inspection.web.pages import (
    artifact,
    browse,
    comparison,
    evaluation,
    examples,
    files,
    garbage,
    metrics,
    mistakes,
    models,
    run,
    runs,
    search,
    serving,
    statistics,
    step,
)
from inspection.web.pages.page import MissingError, Page
from inspection.web.source import Snapshot, Source
from serving.base_path.errors import BasePathError
from serving.pages.site import Site, static_file

LONGEST_SEARCH = 200
_STATIC = Path(__file__).with_name("static")
_FOLDERS: dict[type, str] = {Run: "runs", Step: "steps", Artifact: "artifacts"}
# A file of the workspace, shown as it is: it may look like anything, but not act.
_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def href(record: Record) -> str:
    """Where a record's page is: its short id in the folder of its kind."""
    return f"/{_FOLDERS[type(record)]}/{short(record)}"


def _page(path: str, endpoint: str) -> Rule:
    return Rule(path, endpoint=endpoint, methods=["GET"])


class _AnyPath(PathConverter):
    """Names of files may have line ends."""

    regex = r"(?s:[^/].*?)"


class App(Site):
    """Reads, and nothing else: every address takes GET only."""

    urls = Map(
        [
            _page("/", "runs"),
            _page("/static/<name>", "static"),
            _page("/runs/<id>", "run"),
            _page("/runs/<id>/report", "run_report"),
            _page("/steps/<id>", "step"),
            _page("/steps/<id>/evaluation", "evaluation"),
            _page("/artifacts/<id>", "artifact"),
            _page("/artifacts/<id>/statistics", "statistics"),
            _page("/artifacts/<id>/report", "artifact_report"),
            _page("/artifacts/<id>/examples", "examples"),
            _page("/artifacts/<id>/mistakes", "mistakes"),
            _page("/artifacts/<id>/files", "files"),
            _page("/artifacts/<id>/files/<any_path:path>", "file"),
            _page("/compare", "compare"),
            _page("/serving", "serving"),
            _page("/serving/<model>/<int:version>", "version"),
            _page("/metrics", "metrics"),
            _page("/models", "models"),
            _page("/garbage", "garbage"),
            _page("/browse/<kind>", "browse"),
            _page("/search", "search"),
        ],
        converters={"any_path": _AnyPath},
    )

    def __init__(self, source: Source, hosts: Iterable[str]) -> None:
        """Shows `source` to browsers that call this server by one of `hosts`."""
        super().__init__(hosts)
        self._source = source

    def warm_up(self) -> None:
        """Does what only the first visit would have to wait for.

        Raises:
          StoreError: the store cannot be read.
        """
        compile_templates()
        now = self._source.now()
        now.history.expect_many()
        for page in (runs.page, metrics.page):
            page(now, {})
        if now.server is not None:
            importlib.import_module("serving.clients.rest_client")  # which the page puts off

    def refuse(self, request: Request, status: int, message: str) -> Response:
        title = {404: "Not here", 403: "Refused"}.get(status, "That did not work")
        page = Page("error.html.j2", title, {"message": message})
        return _html(request, page, status=status)

    def fail(self, request: Request, error: Exception) -> Response:
        if isinstance(error, (UnknownIdError, MissingError, TooManyRunsError)):
            return self.refuse(request, 404, str(error))
        if isinstance(error, (StoreError, BasePathError)):
            return self.refuse(request, 503, str(error))
        raise error

    def on_static(self, request: Request, name: str) -> Response:
        return static_file(_STATIC, name)

    def on_runs(self, request: Request) -> Response:
        return self._show(request, lambda now: runs.page(now, request.args))

    def on_run(self, request: Request, id: str) -> Response:
        return self._show(request, lambda now: run.page(now, _find(now, id, Run)))

    def on_run_report(self, request: Request, id: str) -> Response:
        now = self._source.now()
        record = _find(now, id, Run)
        return Response(
            run_report(now.history, now.workspace, record, now.now, now.standings),
            mimetype="text/html",
            headers={
                "Content-Security-Policy": _SANDBOX,
                "Content-Disposition": f'attachment; filename="run_{short(record)}.html"',
            },
        )

    def on_step(self, request: Request, id: str) -> Response:
        return self._show(
            request, lambda now: step.page(now, _find(now, id, Step), _reach(request))
        )

    def on_evaluation(self, request: Request, id: str) -> Response:
        return self._show(request, lambda now: evaluation.page(now, _find(now, id, Step)))

    def on_artifact(self, request: Request, id: str) -> Response:
        return self._show(
            request, lambda now: artifact.page(now, _find(now, id, Artifact), _reach(request))
        )

    def on_statistics(self, request: Request, id: str) -> Response:
        other = request.args.get("with")

        def page(now: Snapshot) -> Page:
            compared = _find(now, other, Artifact) if other else None
            return statistics.page(now, _find(now, id, Artifact), compared)

        return self._show(request, page)

    def on_examples(self, request: Request, id: str) -> Response:
        return self._show(
            request, lambda now: examples.page(now, _find(now, id, Artifact), request.args)
        )

    def on_mistakes(self, request: Request, id: str) -> Response:
        return self._show(
            request, lambda now: mistakes.page(now, _find(now, id, Artifact), request.args)
        )

    def on_artifact_report(self, request: Request, id: str) -> Response:
        now = self._source.now()
        found = artifact.report_of(now, _find(now, id, Artifact))
        if found is None:
            raise MissingError(f"{id} has no report, or its files are not at hand.")
        try:
            content = content_of(found)
        except OSError as error:
            raise MissingError(
                f"{found.place} cannot be read: {error.strerror or error}."
            ) from error
        return Response(
            content, mimetype="text/html", headers={"Content-Security-Policy": _SANDBOX}
        )

    def on_files(self, request: Request, id: str) -> Response:
        return self._show(request, lambda now: files.page(now, _find(now, id, Artifact)))

    def on_file(self, request: Request, id: str, path: str) -> Response:
        if "download" not in request.args:
            return self._show(
                request, lambda now: files.file_page(now, _find(now, id, Artifact), path)
            )
        now = self._source.now()
        found = files.file_of(now, _find(now, id, Artifact), path)
        try:
            file = found.open()
        except OSError as error:
            raise MissingError(f"{path} cannot be read: {error.strerror or error}.") from error
        # Whatever it is, a browser keeps it and does not open it.
        return Response(
            wrap_file(request.environ, file),
            mimetype="application/octet-stream",
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(as_text(found.name))}",
                "Content-Security-Policy": _SANDBOX,
            },
            direct_passthrough=True,
        )

    def on_compare(self, request: Request) -> Response:
        pair = [request.args.get(name, "") for name in ("before", "now")]
        names = [name for name in request.args.getlist("run") if name]
        if len(names) > 2 or "without" in request.args:
            refused = request.args.get("without") != "refused"
            return self._show(
                request,
                lambda now: comparison.many(
                    now, [resolve_run(now.history, name) for name in names], refused
                ),
            )
        if len(names) < 2 and not all(pair):
            raise MissingError("Name two runs or more: /compare?run=RUN&run=RUN")

        def page(now: Snapshot) -> Page:
            if len(names) < 2:
                found = [resolve_run(now.history, name) for name in pair]
            else:
                runs = (resolve_run(now.history, name) for name in names)
                found = sorted(runs, key=lambda run: run.id)
            return comparison.page(now, *found)

        return self._show(request, page)

    def on_serving(self, request: Request) -> Response:
        return self._show(request, serving.page)

    def on_version(self, request: Request, model: str, version: int) -> Response:
        path = request.args.get("in")
        return self._show(request, lambda now: serving.version_page(now, model, version, path))

    def on_metrics(self, request: Request) -> Response:
        return self._show(request, lambda now: metrics.page(now, request.args))

    def on_models(self, request: Request) -> Response:
        return self._show(request, models.page)

    def on_garbage(self, request: Request) -> Response:
        return self._show(request, garbage.page)

    def on_browse(self, request: Request, kind: str) -> Response:
        return self._show(request, lambda now: browse.page(now, kind, request.args))

    def on_search(self, request: Request) -> Response:
        text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
        if text:
            try:
                # A short id, a run, a node or a version leads straight there.
                return redirect(href(resolve(self._source.now().history, text)))
            except UnknownIdError:
                pass
        return self._show(request, lambda now: search.page(now, text))

    def _show(self, request: Request, page: Callable[[Snapshot], Page]) -> Response:
        with noticed() as damage:
            now = self._source.now()
            return _html(request, page(now), now, damage=damage)


def _html(
    request: Request,
    page: Page,
    snapshot: Snapshot | None = None,
    status: int = 200,
    damage: Collection[str] = (),
) -> Response:
    common = {
        "title": page.title,
        "here": request.path,
        "query": request.args.get("q", ""),
        "history": snapshot.history if snapshot else None,
        "damage": damage,
        "live": False,
    }
    text = render(page.template, {**common, **page.values}, href)
    return Response(text, status, mimetype="text/html")


def _find(snapshot: Snapshot, id: str, kind: type) -> Any:
    record = resolve(snapshot.history, id)
    if not isinstance(record, kind):
        raise NotFound(f"{id} is no {kind.__name__.lower()}; see {href(record)}.")
    return record


def _reach(request: Request) -> Reach:
    wanted = request.args.get("reach", "both")
    return next((each for each in get_args(Reach) if each == wanted), "both")
