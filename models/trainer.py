"""run_fn of the Trainer: from examples, a transform graph and a Hub module to a SavedModel."""

from __future__ import annotations

import gc
import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence

import tensorflow as tf
from tfx.components.trainer.fn_args_utils import FnArgs

from documents.features import Features, Table
from documents.mistakes import Mistakes
from documents.reader import parse_or_none
from documents.saved_model import EXTRA
from documents.training_record import HubModule, TrainingRecord
from documents.writer import write
from models import mistakes
from models.declaration import Declaration
from models.description import describe
from models.dry_run import check
from models.evaluation import Evaluation
from models.export import export
from models.hub.module import Module
from models.observed import observed
from models.reference import reference
from models.reference.asked_rows import AskedRows
from models.training import checkpoints, inputs
from models.training.loop import Training, fit
from models.training.options import TrainingOptions
from models.training.prepared import Prepared, prepare
from models.training.replicas import replicas_of
from models.training.training_report import Report
from models.training.worker import lead
from models.user_network import UserNetwork


def run_fn(fn_args: FnArgs) -> None:
    """Trains, and writes what docs/model.md lists into the folder of the Model artifact.

    `fn_args.custom_config` holds `declaration` (a models.declaration.Declaration as JSON),
    `training` (see TrainingOptions), `hub` (arguments of models.hub.module.resolve, and
    `trainable`; None for no module), `modules` (the same of features that have one for themselves,
    by name, where there are any), `code` (the user's functions, see models.user_code.UserFunction;
    not there without any) and `checkpoints` (a folder, or None for none).
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
    options = TrainingOptions.validated(fn_args.custom_config["training"])
    replicas = replicas_of(options.strategy, options.batch_size)
    lead(fn_args, replicas)
    told = prepare(fn_args, options, scratch)
    declaration, transform = told.declaration, told.transform
    network, examples, eval_shards = told.network, told.examples, told.eval_shards
    kept = _checkpoint_folder(fn_args, [*told.train_shards, *eval_shards])
    report = Report(
        fn_args.model_run_dir, network, transform, declaration, options, examples, eval_shards
    )
    if isinstance(network, UserNetwork):
        own = network
        check(
            own,
            told.train_shards,
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
        lambda: replicas.chiefs(report.eval_loss()),
        around=report.around,
        replicas=replicas,
    )
    replicas.is_busy = False
    evaluation = report.finish(training.steps)
    head = network.label
    measure = head.evaluated(evaluation.predictions, evaluation.labels)

    model_folder = os.path.dirname(fn_args.serving_model_dir)
    export(network, transform, declaration, fn_args.serving_model_dir)
    _describe(told, evaluation, report.predict, fn_args.serving_model_dir)
    record = _record(told, options, training, measure if head.measure == "accuracy" else None)
    write(record, os.path.join(model_folder, TrainingRecord.FILE), _write)
    worst = mistakes.document(head, evaluation, _split(eval_shards))
    write(worst, os.path.join(model_folder, Mistakes.FILE), _write)
    if kept:
        checkpoints.remove(kept)
    return transform.tracked is not None


def _describe(
    told: Prepared, evaluation: Evaluation, predict: reference.Predict, serving_model_dir: str
) -> None:
    """Writes what the model takes, and what it answers to some examples, beside and into it."""
    declaration, folder = told.declaration, os.path.dirname(serving_model_dir)
    places = reference.places(evaluation.predictions)
    found = inputs.records_at(told.eval_shards, places)
    records = [found[place] for place in places]
    asking = reference.AskedImages if declaration.only_image else AskedRows
    asked = asking(declaration, told.transform, predict)
    document = describe(
        declaration,
        asked.example(records[0]),
        observed(told.train_shards, declaration),
        _table(told.train_shards),
    )
    extra = os.path.join(serving_model_dir, EXTRA)
    tf.io.gfile.makedirs(extra)
    for place in (folder, extra):
        write(document, os.path.join(place, Features.FILE), _write)
    reference.write_reference(
        folder,
        records,
        evaluation.predictions[places],
        asked.questions(records, seed=_seed(evaluation)),
    )


def _record(
    told: Prepared, options: TrainingOptions, training: Training, accuracy: float | None
) -> TrainingRecord:
    declaration, module = told.declaration, told.module
    return TrainingRecord(
        hub=HubModule(handle=module.handle, sha256=module.sha256, trainable=told.trainable)
        if module
        else None,
        modules=_modules(declaration, told.modules) or None,
        training=options.model_dump(),
        steps=training.steps,
        examples_seen=training.examples_seen,
        seconds=training.seconds,
        final_loss=training.final_loss,
        eval_accuracy=accuracy,
        labels=declaration.label.names,
    )


def _table(shards: Sequence[str]) -> Table | None:
    """How the files were written that the examples are of, as the document beside them says."""
    path = os.path.join(os.path.dirname(os.path.dirname(shards[0])), Features.FILE)
    if not tf.io.gfile.exists(path):
        return None
    with tf.io.gfile.GFile(path, "rb") as file:
        found = parse_or_none(Features, file.read(), path)
    return found.table if found else None


def _split(shards: Sequence[str]) -> str:
    """TFX's folders of splits are named `Split-eval`; elsewhere the folder's own name."""
    return os.path.basename(os.path.dirname(shards[0])).removeprefix("Split-")


def _seed(evaluation: Evaluation) -> int:
    """Of questions that nobody can know before the training has ended."""
    return int.from_bytes(hashlib.sha256(evaluation.predictions.tobytes()).digest()[:8], "big")


def _write(path: str, content: bytes) -> None:
    with tf.io.gfile.GFile(path, "wb") as file:
        file.write(content)


def _modules(declaration: Declaration, modules: Mapping[str, Module]) -> dict[str, HubModule]:
    return {
        name: HubModule(
            handle=module.handle,
            sha256=module.sha256,
            trainable=declaration.modules[name].trainable,
        )
        for name, module in modules.items()
    }


def _checkpoint_folder(fn_args: FnArgs, shards: list[str]) -> str | None:
    config = fn_args.custom_config
    if not config.get("checkpoints"):
        return None
    name = checkpoints.fingerprint(config, shards, fn_args.transform_output)
    return os.path.join(config["checkpoints"], name)
