"""A store as Kubeflow's driver and launcher write it is told as one of the local runner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ml_metadata.metadata_store.metadata_store import MetadataStore
from ml_metadata.proto import metadata_store_pb2 as mlmd

from inspection.__main__ import main
from inspection.history.history import History
from inspection.questions.fate.fate import fate_of_run
from inspection.store import open_history

servers = pytest.importorskip("tests.metadata_servers")

DESTINATION = "gs://bucket/serving/fashion_mnist/7"


class Recorder:
    """Puts one run into a store, call by call as metadata/client.go of kubeflow/pipelines does."""

    def __init__(self, store: MetadataStore, run: str):
        self._store = store
        self._contexts = [self._context("system.Pipeline", "fashion-mnist")]
        self._contexts.append(
            self._context("system.PipelineRun", run, pipeline_root=f"gs://bucket/root/{run}")
        )
        [known] = store.get_parent_contexts_by_context(self._contexts[1].id) or [None]
        if known is None:
            store.put_parent_contexts(
                [mlmd.ParentContext(child_id=self._contexts[1].id, parent_id=self._contexts[0].id)]
            )
        self._graph = self._execution("system.DAGExecution", "", mlmd.Execution.RUNNING, {})

    def node(
        self,
        name: str,
        inputs: Mapping[str, int],
        outputs: Mapping[str, tuple[str, str, Mapping[str, Any]]],
        parameters: Mapping[str, Any],
        state: Any = mlmd.Execution.COMPLETE,
    ) -> dict[str, int]:
        """Artifacts by key; `outputs` have TFX's type, an address and metadata."""
        execution = self._execution(
            "system.ContainerExecution",
            name,
            state,
            parameters,
            parent_dag_id=self._graph,
            pod_name=f"tiny-{name.lower()}",
            pod_uid="0",
            namespace="kubeflow",
            image="example.com/tfx@sha256:0",
            cache_fingerprint="f",
        )
        made = {
            key: self._artifact(*output, display_name=key, store_session_info='{"Provider":"gs"}')
            for key, output in outputs.items()
        }
        events = []
        for kind, artifacts in ((mlmd.Event.INPUT, inputs), (mlmd.Event.OUTPUT, made)):
            for key, artifact in artifacts.items():
                event = mlmd.Event(execution_id=execution, artifact_id=artifact, type=kind)
                event.path.steps.add().key = key
                event.path.steps.add().index = 0
                events.append(event)
        self._store.put_events(events)
        return made

    def _context(self, kind: str, name: str, **properties: Any) -> Any:
        found = self._store.get_context_by_type_and_name(kind, name)
        if found:
            return found
        type_id = self._store.put_context_type(mlmd.ContextType(name=kind))
        context = mlmd.Context(type_id=type_id, name=name)
        _set(context, properties)
        [context.id] = self._store.put_contexts([context])
        return context

    def _execution(
        self, kind: str, name: str, state: Any, parameters: Mapping[str, Any], **properties: Any
    ) -> int:
        type_id = self._store.put_execution_type(mlmd.ExecutionType(name=kind))
        execution = mlmd.Execution(type_id=type_id, last_known_state=state)
        _set(execution, {"display_name": name, "task_name": name, **properties})
        inputs = execution.custom_properties["inputs"].struct_value
        inputs.SetInParent()
        inputs.update(parameters)
        [made] = self._store.put_executions([execution])
        associations = [
            mlmd.Association(execution_id=made, context_id=context.id) for context in self._contexts
        ]
        self._store.put_attributions_and_associations([], associations)
        return int(made)

    def _artifact(self, kind: str, uri: str, metadata: Mapping[str, Any], **more: str) -> int:
        type_id = self._store.put_artifact_type(mlmd.ArtifactType(name=f"tfx.{kind}"))
        artifact = mlmd.Artifact(type_id=type_id, uri=uri, state=mlmd.Artifact.LIVE)
        # Numbers of JSON are doubles.
        _set(artifact, {**metadata, **more})
        [made] = self._store.put_artifacts([artifact])
        return int(made)


def _set(record: Any, properties: Mapping[str, Any]) -> None:
    for name, value in properties.items():
        if isinstance(value, str):
            record.custom_properties[name].string_value = value
        elif name == "parent_dag_id":
            record.custom_properties[name].int_value = value
        else:
            record.custom_properties[name].double_value = value


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kubeflow") / "metadata.db"
    config = mlmd.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    config.sqlite.connection_mode = mlmd.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    _record(MetadataStore(config), "0a1b-first", epochs=3, outcome="pushed")
    _record(MetadataStore(config), "0a1b-second", epochs=4, outcome="refused")
    return path


def _record(store: MetadataStore, run: str, *, epochs: int, outcome: str) -> None:
    root = f"gs://bucket/root/{run}"
    run_of = Recorder(store, run)
    examples = run_of.node(
        "ExampleGen",
        {},
        {"examples": ("Examples", f"{root}/examples", {"span": 1.0, "fingerprint": "x:1"})},
        {"input_base": "gs://bucket/data"},
    )
    model = run_of.node(
        "Trainer",
        examples,
        {"model": ("Model", f"{root}/model", {})},
        {"custom_config": f'{{"epochs": {epochs}}}', "seed": 7.0, "code_hash": "abc"},
    )
    pushed = {"pushed": float(outcome == "pushed"), "outcome": outcome}
    more = (
        {"pushed_version": "7", "pushed_destination": DESTINATION}
        if outcome == "pushed"
        else {"reason": "Evaluator did not bless it"}
    )
    run_of.node(
        "Pusher", model, {"pushed_model": ("PushedModel", f"{root}/pushed", {**pushed, **more})}, {}
    )


def check(history: History) -> None:
    assert [(run.name, run.pipeline, run.state) for run in history.runs.values()] == [
        ("0a1b-first", "fashion-mnist", "complete"),
        ("0a1b-second", "fashion-mnist", "complete"),
    ]
    first, second = history.runs.values()
    # The graph's own execution is no node, and stays "running" in some versions.
    assert [step.node for step in history.steps_of(first.id)] == ["ExampleGen", "Trainer", "Pusher"]
    _, trainer, _ = history.steps_of(first.id)
    told = {name: value for name, value in trainer.properties.items() if name[:2] != "__"}
    assert told == {
        "display_name": "Trainer",
        "task_name": "Trainer",
        "image": "example.com/tfx@sha256:0",
        "custom_config": '{"epochs": 3}',
        "seed": 7,
        "code_hash": "abc",
    }
    assert trainer.properties["__pod_name__"] == "tiny-trainer"
    [examples] = history.input_artifacts(trainer.id)
    assert examples.type == "Examples"
    assert examples.properties["span"] == 1
    assert isinstance(examples.properties["span"], int)
    assert "store_session_info" not in examples.properties
    fate = fate_of_run(history, first)
    assert (fate.outcome, fate.version) == ("pushed", 7)
    assert fate_of_run(history, second).outcome == "refused"


def test_from_a_file(store: Path) -> None:
    check(open_history(store))


def test_from_the_service_that_kubeflow_has(store: Path) -> None:
    with servers.mlmd_server(store) as port:
        check(open_history(f"grpc://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("runs",), "2 runs; the last one, 0a1b-second, refused its model"),
        (("why", "0a1b-second"), "Evaluator did not bless it"),
        (("diff", "0a1b-first", "0a1b-second"), "custom_config"),
        (("lineage", "7"), "s2  ExampleGen          a1"),
    ],
)
def test_commands_tell_of_it(
    store: Path, capsys: pytest.CaptureFixture[str], command, said
) -> None:
    main([*command, "--store", str(store)])
    said_all = capsys.readouterr()
    assert said in said_all.out + said_all.err
    assert "__pod" not in said_all.out
