"""Tasks, components, versions, and who takes what from whom."""

from __future__ import annotations

from tests.pipeline.kubeflow.validation.defects.compiled import Defects, condition, moved, pod

DEFECTS: Defects = {
    # Versions, names, components
    "schema of 2.0": (lambda f: f.spec.update(schemaVersion="2.0.0"), "schema-version"),
    "no schema": (lambda f: f.spec.pop("schemaVersion"), "schema-version"),
    "no sdk": (lambda f: f.spec.pop("sdkVersion"), "sdk-version"),
    "constant of 2.0": (
        lambda f: f.given("run_fn").update(runtimeValue={"constantValue": {"stringValue": "a"}}),
        "old-constants",
    ),
    "type of 2.0": (
        lambda f: f.takes()["parameters"].update(run_fn={"type": "STRING"}),
        "parameter-types",
    ),
    "no pipeline name": (lambda f: f.spec["pipelineInfo"].clear(), "names"),
    "pipeline name with a space": (lambda f: f.spec["pipelineInfo"].update(name="a b"), "names"),
    "pipeline name with capitals": (lambda f: f.spec["pipelineInfo"].update(name="Mnist"), "names"),
    "pipeline name of 129": (lambda f: f.spec["pipelineInfo"].update(name="a" * 129), "names"),
    "underscore in a node id": (
        lambda f: moved(f.tasks(), "Pusher", f.tasks(), "My_Pusher"),
        "names",
    ),
    "node id of 122": (lambda f: moved(f.tasks(), "Pusher", f.tasks(), "P" * 122), "names"),
    "node id of a driver": (
        lambda f: moved(f.tasks(), "Pusher", f.tasks(), "Trainer-driver"),
        "names",
    ),
    "a component called root": (
        lambda f: f.spec["components"].update(root=f.component("Pusher")),
        "names",
    ),
    "an output called executor-logs": (
        lambda f: f.gives().update({"executor-logs": f.gives()["model"]}),
        "names",
    ),
    "an output with a slash": (lambda f: moved(f.gives(), "model_run", f.gives(), "a/b"), "names"),
    "no taskInfo": (lambda f: f.task().pop("taskInfo"), "components"),
    "no componentRef": (lambda f: f.task().pop("componentRef"), "components"),
    "dangling componentRef": (lambda f: f.task()["componentRef"].update(name="X"), "components"),
    "dangling executorLabel": (lambda f: f.component().update(executorLabel="x"), "components"),
    "no implementation": (lambda f: f.component().pop("executorLabel"), "components"),
    "no tasks": (lambda f: f.tasks().clear(), "components"),
    "an empty executor": (lambda f: f.executors()["Trainer_executor"].clear(), "executor-kinds"),
    "a resolver": (
        lambda f: f.executors().update(Trainer_executor={"resolver": {}}),
        "executor-kinds",
    ),
    "one container for two": (
        lambda f: f.executors()["Pusher_executor"].update(container=f.container()),
        "shared-containers",
    ),
    # Who takes what
    "unknown producer": (
        lambda f: f.task()["inputs"]["artifacts"]["schema"]["taskOutputArtifact"].update(
            producerTask="SchemaGen"
        ),
        "producers",
    ),
    "unknown output": (
        lambda f: f.task()["inputs"]["artifacts"]["schema"]["taskOutputArtifact"].update(
            outputArtifactKey="schemas"
        ),
        "producers",
    ),
    "output parameter that is not there": (
        lambda f: f.task()["inputs"]["parameters"].update(
            run_fn={
                "taskOutputParameter": {"producerTask": "Transform", "outputParameterKey": "fn"}
            }
        ),
        "producers",
    ),
    "unknown upstream": (lambda f: f.task()["dependentTasks"].append("SchemaGen"), "producers"),
    "a cycle": (lambda f: f.task("Transform")["dependentTasks"].append("Trainer"), "cycles"),
    "a task after itself": (lambda f: f.task()["dependentTasks"].append("Trainer"), "cycles"),
    "artifact of another type": (
        lambda f: f.task("Pusher")["inputs"]["artifacts"]["model"]["taskOutputArtifact"].update(
            producerTask="Evaluator", outputArtifactKey="evaluation"
        ),
        "artifacts",
    ),
    "artifact without source": (
        lambda f: f.task()["inputs"]["artifacts"].update(schema={}),
        "artifacts",
    ),
    "artifact that is not given": (
        lambda f: f.task()["inputs"]["artifacts"].pop("schema"),
        "artifacts",
    ),
    "artifact that nobody takes": (
        lambda f: f.takes()["artifacts"].pop("schema"),
        "artifacts",
    ),
    "list of artifacts": (
        lambda f: f.takes("Pusher")["artifacts"]["model"].update(isArtifactList=True),
        "artifacts",
    ),
    "output without type": (lambda f: f.gives()["model"].pop("artifactType"), "artifact-types"),
    "output with an empty type": (
        lambda f: f.gives()["model"].update(artifactType={}),
        "artifact-types",
    ),
    "type without title": (
        lambda f: f.gives()["model"].update(artifactType={"instanceSchema": "type: object"}),
        "artifact-types",
    ),
    "type that is no YAML": (
        lambda f: f.gives()["model"].update(artifactType={"instanceSchema": "title: ["}),
        "artifact-types",
    ),
    "type by address": (
        lambda f: f.gives()["model"].update(artifactType={"schemaUri": "gs://a/b"}),
        "artifact-types",
    ),
    "class of an artifact that is not there": (
        lambda f: f.gives()["model"].update(artifactType={"schemaTitle": "tfx.Modell"}),
        "artifact-types",
    ),
    # The graph
    "a component that holds itself": (
        lambda f: (
            f.spec["components"].update(
                loop={"dag": {"tasks": {"again": {"componentRef": {"name": "loop"}}}}}
            ),
            f.tasks().update(loop={"componentRef": {"name": "loop"}, "taskInfo": {"name": "loop"}}),
        ),
        "recursion",
    ),
    "an artifact that nobody gives to the pipeline": (
        lambda f: f.spec["root"].update(
            outputDefinitions={"artifacts": {"m": {"artifactType": {"schemaTitle": "tfx.Model"}}}}
        ),
        "outputs",
    ),
    "an artifact that the pipeline takes": (
        lambda f: f.spec["root"]["inputDefinitions"].update(
            artifacts={"m": {"artifactType": {"schemaTitle": "tfx.Model"}}}
        ),
        "pipeline-artifacts",
    ),
    "an optional parameter that is needed": (
        lambda f: (
            f.parameters()["data"].update(isOptional=True),
            f.parameters()["data"].pop("defaultValue"),
        ),
        "sources",
    ),
    "the end of a task that it does not come after": (
        lambda f: (
            f.takes("Pusher")["parameters"].update(end={"parameterType": "TASK_FINAL_STATUS"}),
            f.task("Pusher")["inputs"]["parameters"].update(
                end={"taskFinalStatus": {"producerTask": "Nobody"}}
            ),
        ),
        "sources",
    ),
    "numbers for a text": (
        lambda f: f.task().update(
            parameterIterator={"items": {"raw": "[1, 2]"}, "itemInput": "run_fn"}
        ),
        "iterators",
    ),
    "fewer than none at once": (
        lambda f: f.task().update(iteratorPolicy={"parallelismLimit": -1}),
        "iterators",
    ),
    "condition of what is not there yet": (
        condition("outputs.parameter_values['a'] == 1.0"),
        "conditions",
    ),
    "condition of old parameters": (condition("inputs.parameters['epochs'] > 1.0"), "conditions"),
    "type of no version": (
        lambda f: f.gives()["model"]["artifactType"].update(schemaVersion="one"),
        "artifact-types",
    ),
    "type that is a list": (
        lambda f: f.gives()["model"].update(
            artifactType={"instanceSchema": "title: tfx.Model\ntype: array\n"}
        ),
        "artifact-types",
    ),
    "type with properties of no type": (
        lambda f: f.gives()["model"].update(
            artifactType={
                "instanceSchema": "title: tfx.Model\ntype: object\nproperties: {a: {type: date}}\n"
            }
        ),
        "artifact-types",
    ),
    "no time": (pod(activeDeadlineSeconds=0), "deadlines"),
}
