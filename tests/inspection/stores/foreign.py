"""Stores as Kubeflow and Vertex write them."""

from __future__ import annotations

from ml_metadata.proto import metadata_store_pb2 as mlmd

from tests.inspection.store_writer import Out, StoreWriter

MATRIX = {
    "annotationSpecs": [{"displayName": "cat"}, {"displayName": "dog"}],
    "rows": [{"row": [9, 1]}, {"row": [2, 8]}],
}


def kubeflow(store: StoreWriter, failing: bool) -> None:
    """A loop of two rounds in a sub-pipeline, as Kubeflow's driver nests graphs."""
    pipeline = store.context("system.Pipeline", "nested")
    run = store.context("system.PipelineRun", "nested-1")
    store.client.put_parent_contexts([mlmd.ParentContext(child_id=run, parent_id=pipeline)])
    graph, node = "system.DAGExecution", "system.ContainerExecution"
    state = "failed" if failing else "complete"
    whole, _ = store.execution(graph, [run], state=state, properties={"display_name": "nested"})
    loop, _ = store.execution(
        graph,
        [run],
        state=state,
        properties={"task_name": "for-each", "parent_dag_id": whole, "iteration_count": 2},
    )
    for number in range(2):
        round, _ = store.execution(
            graph,
            [run],
            state=state if number else "complete",
            properties={"task_name": "for-each", "parent_dag_id": loop, "iteration_index": number},
        )
        store.execution(
            node,
            [run],
            state=state if number else "complete",
            properties={"task_name": "train", "parent_dag_id": round},
            outputs={
                "model": Out("system.Model", {"display_name": f"model-{number}"}),
                "metrics": Out("system.Metrics", {"auc": 0.5 + number / 4, "display_name": "m"}),
                "classes": Out("system.ClassificationMetrics", {"confusionMatrix": MATRIX}),
            },
        )


def vertex(store: StoreWriter) -> None:
    experiment = store.context("system.Experiment", "fraud")
    run = store.context("system.ExperimentRun", "fraud-run-1")
    store.client.put_parent_contexts([mlmd.ParentContext(child_id=run, parent_id=experiment)])
    store.execution(
        "system.Run",
        [run],
        name="fraud-run-1-training",
        outputs={
            "model": Out("google.VertexModel", uri="projects/p/models/7"),
            "metrics": Out("google.ClassificationMetrics", {"auPrc": 0.9, "logLoss": 0.1}),
        },
    )
