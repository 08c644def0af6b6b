"""The explorer's WSGI application: from an address to a page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from inspection.ids import Record, UnknownIdError, resolve, resolve_run, short
from inspection.questions.lineage import Reach
from inspection.records import Artifact, Run, Step
from inspection.rendering import render
from inspection.report import run_report
from inspection.store import StoreError
from inspection.web.pages import (
    artifact,
    comparison,
    evaluation,
    garbage,
    metrics,
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
from serving.base_path import BasePathError
from serving.site import Site, static_file


def _page(path: str, endpoint: str) -> Rule:
    return Rule(path, endpoint=endpoint, methods=["GET"])


_STATIC = Path(__file__).with_name("static")
_FOLDERS: dict[type, str] = {Run: "runs", Step: "steps", Artifact: "artifacts"}
# A file of the workspace, shown as it is: it may look like anything, but not act.
_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def href(record: Record) -> str:
    """Where a record's page is: its short id in the folder of its kind."""
    return f"/{_FOLDERS[type(record)]}/{short(record)}"


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
            _page("/artifacts/<id>/report", "serving_report"),
            _page("/compare", "compare"),
            _page("/serving", "serving"),
            _page("/serving/<model>/<int:version>", "version"),
            _page("/metrics", "metrics"),
            _page("/models", "models"),
            _page("/garbage", "garbage"),
            _page("/search", "search"),
        ]
    )

    def __init__(self, source: Source, hosts: Iterable[str]) -> None:
        """Shows `source` to browsers that call this server by one of `hosts`."""
        super().__init__(hosts)
        self._source = source

    def refuse(self, request: Request, status: int, message: str) -> Response:
        title = {404: "Not here", 403: "Refused"}.get(status, "That did not work")
        return self._html(request, Page("error.html.j2", title, {"message": message}), status)

    def fail(self, request: Request, error: Exception) -> Response:
        if isinstance(error, (UnknownIdError, MissingError)):
            return self.refuse(request, 404, str(error))
        if isinstance(error, (StoreError, BasePathError)):
            return self.refuse(request, 503, str(error))
        raise error

    def on_static(self, request: Request, name: str) -> Response:
        return static_file(_STATIC, name)

    def on_runs(self, request: Request) -> Response:
        snapshot = self._source.now()
        return self._html(request, runs.page(snapshot, request.args), snapshot=snapshot)

    def on_run(self, request: Request, id: str) -> Response:
        snapshot = self._source.now()
        record = _find(snapshot, id, Run)
        return self._html(request, run.page(snapshot, record), snapshot=snapshot)

    def on_run_report(self, request: Request, id: str) -> Response:
        snapshot = self._source.now()
        record = _find(snapshot, id, Run)
        text = run_report(snapshot.history, snapshot.workspace, record, snapshot.now)
        name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in id)
        return Response(
            text,
            mimetype="text/html",
            headers={
                "Content-Security-Policy": _SANDBOX,
                "Content-Disposition": f'attachment; filename="run_{name}.html"',
            },
        )

    def on_step(self, request: Request, id: str) -> Response:
        snapshot = self._source.now()
        record = _find(snapshot, id, Step)
        return self._html(request, step.page(snapshot, record, _reach(request)), snapshot=snapshot)

    def on_evaluation(self, request: Request, id: str) -> Response:
        snapshot = self._source.now()
        record = _find(snapshot, id, Step)
        return self._html(request, evaluation.page(snapshot, record), snapshot=snapshot)

    def on_artifact(self, request: Request, id: str) -> Response:
        snapshot = self._source.now()
        record = _find(snapshot, id, Artifact)
        page = artifact.page(snapshot, record, _reach(request))
        return self._html(request, page, snapshot=snapshot)

    def on_statistics(self, request: Request, id: str) -> Response:
        snapshot = self._source.now()
        record = _find(snapshot, id, Artifact)
        other = request.args.get("with")
        compared = _find(snapshot, other, Artifact) if other else None
        return self._html(request, statistics.page(snapshot, record, compared), snapshot=snapshot)

    def on_serving_report(self, request: Request, id: str) -> Response:
        snapshot = self._source.now()
        path = artifact.serving_report(snapshot, _find(snapshot, id, Artifact))
        if path is None:
            raise MissingError(f"{id} is no serving report, or its files are not at hand.")
        return Response(
            path.read_bytes(), mimetype="text/html", headers={"Content-Security-Policy": _SANDBOX}
        )

    def on_compare(self, request: Request) -> Response:
        snapshot = self._source.now()
        names = [request.args.get(name, "") for name in ("before", "now")]
        if not all(names):
            raise MissingError("Name two runs: /compare?before=RUN&now=RUN")
        before, now = (resolve_run(snapshot.history, name) for name in names)
        return self._html(request, comparison.page(snapshot, before, now), snapshot=snapshot)

    def on_serving(self, request: Request) -> Response:
        snapshot = self._source.now()
        return self._html(request, serving.page(snapshot), snapshot=snapshot)

    def on_version(self, request: Request, model: str, version: int) -> Response:
        snapshot = self._source.now()
        page = serving.version_page(snapshot, model, version)
        return self._html(request, page, snapshot=snapshot)

    def on_metrics(self, request: Request) -> Response:
        snapshot = self._source.now()
        return self._html(request, metrics.page(snapshot, request.args), snapshot=snapshot)

    def on_models(self, request: Request) -> Response:
        snapshot = self._source.now()
        return self._html(request, models.page(snapshot), snapshot=snapshot)

    def on_garbage(self, request: Request) -> Response:
        snapshot = self._source.now()
        return self._html(request, garbage.page(snapshot), snapshot=snapshot)

    def on_search(self, request: Request) -> Response:
        snapshot = self._source.now()
        text = request.args.get("q", "").strip()[:200]
        try:
            # A short id, a run, a node or a version leads straight there.
            return (
                redirect(href(resolve(snapshot.history, text)))
                if text
                else self._found(request, snapshot, text)
            )
        except UnknownIdError:
            return self._found(request, snapshot, text)

    def _found(self, request: Request, snapshot: Snapshot, text: str) -> Response:
        return self._html(request, search.page(snapshot, text), snapshot=snapshot)

    def _html(
        self, request: Request, page: Page, status: int = 200, snapshot: Snapshot | None = None
    ) -> Response:
        common = {
            "title": page.title,
            "here": request.path,
            "query": request.args.get("q", ""),
            "history": snapshot.history if snapshot else None,
        }
        return Response(
            render(page.template, {**common, **page.values}, href), status, mimetype="text/html"
        )


def _find(snapshot: Snapshot, id: str, kind: type) -> Any:
    record = resolve(snapshot.history, id)
    if not isinstance(record, kind):
        raise NotFound(f"{id} is no {kind.__name__.lower()}; see {href(record)}.")
    return record


def _reach(request: Request) -> Reach:
    wanted = request.args.get("reach", "both")
    return next((each for each in get_args(Reach) if each == wanted), "both")
