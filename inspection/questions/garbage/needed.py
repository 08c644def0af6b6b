"""Which artifacts are needed, and why: by what is served or can come back, and by the next run."""

from __future__ import annotations

import datetime
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from inspection.files.base_path import BasePath, is_at, knows, match
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.links import Links
from inspection.history.pushes import pushed_models, says_pushed, told_destination, told_pushes
from inspection.history.records import Artifact, Run
from inspection.history.states import SUCCESSFUL
from inspection.questions.garbage.underway import may_be_at_work
from inspection.questions.models.models import candidate_id, type_passes_on
from serving.base_path.versions import provenance_of

(
    *(LIVE, ROLLBACK, UNSEEN, LAST, SINCE, COMPLETE, NODE, BLESSED, RUNNING, MAYBE, UNKNOWN),
    FOREIGN,
) = REASONS = (
    "the live version's lineage and evidence",
    "lineage and evidence of versions that can be rolled back to or restored",
    "lineage and evidence of versions in base paths that are not at hand",
    "the last run of a pipeline, for the cache",
    "a run since the last complete one of its pipeline, for the cache and resolvers",
    "the last complete run of a pipeline, for the cache",
    "the last success of a node, for the cache",
    "the newest blessed model of a pipeline, for its next baseline",
    "a run or an execution that is going on",
    "what may be going on: of no known state, or a run of the last day that lacks nodes",
    "of a pipeline of which nobody knows what is served",
    "no run of the store made it",
)


_REWRITER = "Rewriter"


def needed(
    history: History, workspace: Workspace, bases: Sequence[BasePath], now: datetime.datetime
) -> tuple[dict[int, str], list[str]]:
    """The first of REASONS that holds, by artifact id; and a sentence on each pipeline of which
    nobody knows what is served, and so everything is needed.

    Args:
      history: all artifacts.
      workspace: where folders are looked for.
      bases: where versions are looked for.
      now: to tell what may be going on.
    """
    # An empty folder may be a disk that is not mounted.
    bases = [base for base in bases if base.folders or base.ledger]
    links = history.expect_many()
    found: dict[int, str] = {}

    def keep(ids: Iterable[int], reason: str) -> None:
        for id in ids:
            found.setdefault(id, reason)

    roots: dict[str, list[Artifact]] = {reason: [] for reason in (LIVE, ROLLBACK, UNSEEN)}
    for artifact, reason in _roots(history, workspace, bases):
        roots[reason].append(artifact)
    for reason, artifacts in roots.items():
        steps = {id for each in artifacts for id in _speaking_for(history, links, each.id)}
        evidence = links.touched_by(steps)
        keep(links.upstream((*evidence, *(each.id for each in artifacts))), reason)
    unknown = _not_understood(history, workspace, bases)
    runs_of: defaultdict[str, list[Run]] = defaultdict(list)
    for run in history.runs.values():
        for pipeline in run.pipelines:
            runs_of[pipeline].append(run)
    for pipeline, runs in runs_of.items():
        for ids, reason in _for_the_next(history, links, runs):
            keep(ids, reason)
        if pipeline in unknown:
            keep(links.touched_by(step for run in runs for step in run.steps), UNKNOWN)
    for steps, reason in zip(may_be_at_work(history, runs_of, now), (RUNNING, MAYBE), strict=True):
        keep(links.touched_by(steps), reason)
    keep(_newest_blessed(history, set(runs_of) - set(unknown)), BLESSED)
    run_of = history.steps.run_of
    own = history.steps.of_types(lambda type: not type_passes_on(type))
    keep(links.not_made_by(id for id in own if run_of(id) is not None), FOREIGN)
    return found, list(unknown.values())


def _for_the_next(
    history: History, links: Links, runs: Sequence[Run]
) -> Iterator[tuple[Iterable[int], str]]:
    """What runs of one pipeline leave to the next one."""
    yield links.touched_by(_that_tell(history, runs[-1].id)), LAST
    complete = [place for place, run in enumerate(runs) if run.state == "complete"][-1:]
    for place in complete:
        yield links.touched_by(_that_tell(history, runs[place].id)), COMPLETE
    # What a resolver finds, a window of spans or the newest model, may be of any of these.
    since = runs[complete[0] + 1 :] if complete else runs
    yield links.touched_by(step for run in since for step in _that_tell(history, run.id)), SINCE
    # A run of a part of the pipeline is complete, too.
    steps, last = history.steps, dict[str, int]()
    for run in reversed(runs):
        if steps.nodes_of(run.steps) <= last.keys():
            continue
        for id in reversed(run.steps):
            if steps.state_of(id) in SUCCESSFUL:
                last.setdefault(steps.node_of(id), id)
    yield links.touched_by(last.values()), NODE


def _that_tell(history: History, run: int) -> Sequence[int]:
    """The ids of the steps of a run without those that came to nothing and were tried again, whose
    outputs nobody takes."""
    gone = history.replaced_in(run)
    steps, state_of = history.runs[run].steps, history.steps.state_of
    return [id for id in steps if id not in gone or state_of(id) in SUCCESSFUL] if gone else steps


def _newest_blessed(history: History, pipelines: set[str]) -> Iterator[int]:
    """Of each pipeline the model that TFX's resolver would take, and its blessing."""
    wanted = set(pipelines)
    for id in reversed(history.ids_of_type("ModelBlessing")):
        if not wanted:
            return
        step = history.producer(id)
        pipeline = history.pipeline_of(step) or ""
        if step and pipeline in wanted and history.artifacts[id].properties.get("blessed") == 1:
            wanted.remove(pipeline)
            model = candidate_id(history, step.id)
            yield from (id, *(() if model is None else (model,)))


def _roots(
    history: History, workspace: Workspace, bases: Sequence[BasePath]
) -> Iterator[tuple[Artifact, str]]:
    """What stands for versions that are there, or may be."""
    known = functools.cache(lambda recorded: match(history, recorded, bases, workspace))
    for artifact, recorded, number in told_pushes(history):
        base = known(recorded) if recorded else None
        if base is None or recorded is None or number is None:
            yield artifact, UNSEEN
        elif number == base.live:
            yield artifact, LIVE
        elif number in base.folders:
            yield artifact, ROLLBACK
        elif not is_at(recorded, base) and not knows(base, number):
            # What was moved, or only has the same name, tells nothing of what it does not know.
            yield artifact, UNSEEN
    # What does not say that it was not may have been.
    for artifact in pushed_models(history):
        if says_pushed(artifact) is None:
            yield artifact, UNSEEN
    # A run that was killed just after its push left a version, but no PushedModel.
    for base in bases:
        for number, path in base.places.items():
            provenance = provenance_of(path)
            for told in (provenance.artifacts or {}).values() if provenance else ():
                named = history.artifacts.get(told.id) if told.id is not None else None
                if named and named.uri == told.uri:
                    yield named, LIVE if number == base.live else ROLLBACK


def _speaking_for(history: History, links: Links, artifact: int) -> set[int]:
    """Ids of the steps that a version was made in, and of those that found out about it."""

    def beside(step: int | None) -> Sequence[int]:
        run = history.steps.run_of(step) if step is not None else None
        return _that_tell(history, run) if run is not None else ()

    producer = links.maker_of(artifact)
    model = candidate_id(history, producer) if producer is not None else None
    steps = set(beside(producer))
    seen: set[int] = set()
    while model is not None and model not in seen:
        seen.add(model)
        maker = links.maker_of(model)
        steps.update(links.steps_of(model, False))
        steps.update(beside(maker))
        # What was found out about a model speaks for the form that TFX's Rewriter gave it.
        rewritten = maker is not None and _REWRITER in history.steps.type_of(maker)
        model = candidate_id(history, maker) if maker is not None and rewritten else None
    return steps


def _not_understood(
    history: History, workspace: Workspace, bases: Sequence[BasePath]
) -> Mapping[str, str]:
    """A sentence on each pipeline that has no base path among `bases`, or one with a version that
    nobody knows the making of, by its name."""
    told: defaultdict[str, dict[str, None]] = defaultdict(dict)
    known = functools.cache(lambda recorded: match(history, recorded, bases, workspace))
    numbers: defaultdict[str, set[int | None]] = defaultdict(set)
    for artifact, recorded, number in told_pushes(history):
        place = recorded or str(artifact.properties.get("pushed_destination", ""))
        told[history.pipeline_of(history.producer(artifact.id)) or ""][place] = None
        base = known(place)
        if base:
            numbers[base.path].add(number)
    for step in map(history.steps.__getitem__, history.steps.of_types(_ends_pusher)):
        told[history.pipeline_of(step) or ""][told_destination(step) or ""] = None
    strangers = functools.cache(
        lambda base: [
            number
            for number, path in base.places.items()
            if number not in numbers[base.path] and not _names_artifacts(path)
        ]
    )
    claimed = {
        base.path
        for places in told.values()
        for place in places
        if place and (base := known(place))
    }
    # What somebody put there by hand may be of any run.
    ownerless = [
        (base, number) for base in bases if base.path not in claimed for number in strangers(base)
    ]
    found = {}
    names = (name for run in history.runs.values() for name in run.pipelines)
    for pipeline in dict.fromkeys(names):
        named = [place for place in told[pipeline] if place]
        here = [base for base in map(known, named) if base]
        odd = [(base, number) for base in here for number in strangers(base)]
        odd = odd or (ownerless if here else [])
        if odd or not here or not pipeline:
            found[pipeline] = _why_not(pipeline, named, odd[-1] if odd else None)
    return found


def _why_not(pipeline: str, named: Sequence[str], odd: tuple[BasePath, int] | None) -> str:
    """The sentence on a pipeline.

    Args:
      pipeline: its name, or nothing, for runs without one.
      named: where it pushes.
      odd: a version there that nobody knows the making of.
    """
    what = f"of pipeline {pipeline}" if pipeline else "of runs without a pipeline"
    if pipeline and odd:
        base, number = odd
        return (
            f"{what} nobody can say what version {number} in {base.path} was made from: no "
            "push of the store names it, nor does it hold a provenance.json that could."
        )
    return f"{what} nobody can say which models are served: " + (
        f"it pushes to {named[-1]}, which is not at hand; name its base path with --base-path."
        if named
        else "no push of it is recorded."
    )


def _ends_pusher(type: str) -> bool:
    return type.endswith("Pusher")


def _names_artifacts(path: str) -> bool:
    """Whether a version tells which artifacts it was made from, of this store or of another."""
    provenance = provenance_of(path)
    return bool(provenance and provenance.artifacts)
