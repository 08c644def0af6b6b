"""run_fn of the Trainer: from examples, a transform graph and a Hub module to a SavedModel."""

from __future__ import annotations

import gc
import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf
from tfx.components.trainer.fn_args_utils import FnArgs

from documents.features import Features
from documents.mistakes import Mistakes
from documents.saved_model import EXTRA
from documents.training_record import HubModule, TrainingRecord
from documents.writer import write
from models import checkpoints, frozen_vectors, hub, inputs, mistakes, reference
from models.asked_rows import AskedRows
from models.declaration import Declaration
from models.description import describe
from models.dry_run import check
from models.evaluation import Evaluation
from models.export import export
from models.frozen_vectors import FrozenVectors, can_be_once
from models.network import Network
from models.observed import observed
from models.options import TrainingOptions
from models.training import fit
from models.training_report import Report
from models.transform_graph import TransformGraph
from models.user_code import PREPROCESS, functions_of
from models.user_network import network_of


def run_fn(fn_args: FnArgs) -> None:
    """Trains, and writes what docs/model.md lists into the folder of the Model artifact.

    `fn_args.custom_config` holds `declaration` (a models.declaration.Declaration as JSON),
    `training` (see TrainingOptions), `hub` (arguments of models.hub.resolve, and `trainable`; None
    for no module), `text_modules` (the same of texts by name, where there are any), `code` (the
    user's functions, see models.user_code.Reference; not there without any) and `checkpoints` (a
    folder, or None for none).
    """
    with tempfile.TemporaryDirectory() as scratch:
        has_tables = _train(fn_args, scratch)
    if has_tables:
        # Functions with tables must not live until Python ends, when TensorFlow cannot delete them.
        gc.collect()


def _train(fn_args: FnArgs, scratch: str) -> bool:
    """Does all of it; whether the transform graph looks words up in tables.

    Args:
      scratch: a folder that goes afterwards.
    """
    config = fn_args.custom_config
    options = TrainingOptions.validated(config["training"])
    declaration = Declaration.model_validate_json(config["declaration"])
    module, texts = modules_of(config)
    trainable = bool(config["hub"] and config["hub"]["trainable"])
    functions = functions_of(config)
    transform = TransformGraph(
        fn_args.transform_output, declaration, is_users=PREPROCESS in functions
    )
    own = network_of(functions, declaration, transform, options.seed, options.options)
    network = own or Network(
        declaration,
        module,
        trainable=trainable or not module,
        seed=options.seed,
        sizes=transform.sizes,
        text_modules=texts,
        options=options,
    )
    train_shards = inputs.find_shards(fn_args.train_files)
    eval_shards = inputs.find_shards(fn_args.eval_files)
    kept = _checkpoint_folder(fn_args, [*train_shards, *eval_shards])
    examples = inputs.Examples(train_shards, eval_shards, transform.parse, transform.specs)
    if isinstance(network, Network) and can_be_once(network, transform, augment=options.augment):
        folder = _vectors_folder(config, [*train_shards, *eval_shards], fn_args, scratch)
        examples = FrozenVectors(network, transform, folder).examples(train_shards, eval_shards)
    report = Report(
        fn_args.model_run_dir, network, transform, declaration, options, examples, eval_shards
    )

    network.label.look_at(
        lambda: inputs.labels(examples.train, examples.parse), options.class_weights
    )
    if own:
        check(
            own,
            train_shards,
            transform.parse,
            options,
            lambda folder: export(own, transform, declaration, folder),
        )
    training = fit(
        network,
        examples.train,
        examples.parse,
        options,
        report,
        kept,
        report.eval_loss,
        around=report.around,
    )
    evaluation = report.finish(training.steps)
    head = network.label
    measure = head.evaluated(evaluation.predictions, evaluation.labels)

    model_folder = os.path.dirname(fn_args.serving_model_dir)
    records = inputs.first_records(eval_shards, reference.COUNT)
    asking = reference.AskedImages if declaration.only_image else AskedRows
    asked = asking(declaration, transform, report.predict)
    document = describe(declaration, asked.example(records[0]), observed(train_shards, declaration))
    export(network, transform, declaration, fn_args.serving_model_dir)
    extra = os.path.join(fn_args.serving_model_dir, EXTRA)
    tf.io.gfile.makedirs(extra)
    for folder in (model_folder, extra):
        write(document, os.path.join(folder, Features.FILE), _write)
    reference.write_reference(
        model_folder,
        records,
        evaluation.predictions[: reference.COUNT],
        asked.questions(records, seed=_seed(evaluation)),
    )
    record = TrainingRecord(
        hub=HubModule(handle=module.handle, sha256=module.sha256, trainable=trainable)
        if module
        else None,
        text_modules=_texts_record(declaration, texts) or None,
        training=options.model_dump(),
        steps=training.steps,
        examples_seen=training.examples_seen,
        seconds=training.seconds,
        final_loss=training.final_loss,
        eval_accuracy=measure if head.measure == "accuracy" else None,
        labels=declaration.label.names,
    )
    write(record, os.path.join(model_folder, TrainingRecord.FILE), _write)
    worst = mistakes.document(head, evaluation, _split(eval_shards))
    write(worst, os.path.join(model_folder, Mistakes.FILE), _write)
    if kept:
        checkpoints.remove(kept)
    return transform.tracked is not None


def _split(shards: Sequence[str]) -> str:
    """TFX's folders of splits are named `Split-eval`; elsewhere the folder's own name."""
    return os.path.basename(os.path.dirname(shards[0])).removeprefix("Split-")


def _seed(evaluation: Evaluation) -> int:
    """Of questions that nobody can know before the training has ended."""
    return int.from_bytes(hashlib.sha256(evaluation.predictions.tobytes()).digest()[:8], "big")


def _write(path: str, content: bytes) -> None:
    with tf.io.gfile.GFile(path, "wb") as file:
        file.write(content)


def modules_of(config: Mapping[str, Any]) -> tuple[hub.Module | None, dict[str, hub.Module]]:
    """The module of the images, if there is one, and those of texts by name. Raises HubError."""
    texts = config.get("text_modules", {})
    return _module(config["hub"]), {name: _text_module(name, of) for name, of in texts.items()}


def _module(given: dict[str, Any] | None) -> hub.Module | None:
    if given is None:
        return None
    return hub.resolve(
        given["handle"],
        sha256=given.get("sha256"),
        max_megabytes=given["max_megabytes"],
        allow_http=given.get("allow_http", False),
    )


def _text_module(name: str, given: dict[str, Any]) -> hub.Module:
    with hub.told_as(f"features.{name}.module"):
        found = _module(given)
        assert found
        return found


def _texts_record(
    declaration: Declaration, modules: Mapping[str, hub.Module]
) -> dict[str, HubModule]:
    return {
        name: HubModule(
            handle=module.handle,
            sha256=module.sha256,
            trainable=declaration.text_modules[name].trainable,
        )
        for name, module in modules.items()
    }


def _checkpoint_folder(fn_args: FnArgs, shards: list[str]) -> str | None:
    config = fn_args.custom_config
    if not config.get("checkpoints"):
        return None
    name = checkpoints.fingerprint(config, shards, fn_args.transform_output)
    return os.path.join(config["checkpoints"], name)


def _vectors_folder(
    config: Mapping[str, Any], shards: list[str], fn_args: FnArgs, scratch: str
) -> str:
    """Where vectors of frozen modules are kept for the next training, where anything is."""
    kept = config.get("checkpoints")
    if not kept or "://" in kept:
        return scratch
    return frozen_vectors.place(
        os.path.join(kept, "vectors"), config, shards, fn_args.transform_output
    )
