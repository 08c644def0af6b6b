"""What a training begins with: the network, and the examples as it takes them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

from tfx.components.trainer.fn_args_utils import FnArgs

from models import frozen_vectors
from models.declaration import Declaration
from models.frozen_vectors import FrozenVectors, can_be_once
from models.hub.module import Module, resolve, told_as
from models.network import Network
from models.training import inputs
from models.training.options import TrainingOptions
from models.transform_graph import TransformGraph
from models.user_code import PREPROCESS, functions_of
from models.user_network import UserNetwork, network_of


@dataclasses.dataclass(frozen=True)
class Prepared:
    """All that a process needs to train."""

    declaration: Declaration
    transform: TransformGraph
    network: Network | UserNetwork
    train_shards: Sequence[str]
    eval_shards: Sequence[str]
    examples: inputs.Examples
    """Of these shards, or with vectors in place of what is frozen."""
    module: Module | None
    trainable: bool
    """Whether the module is trained on."""
    modules: Mapping[str, Module]
    """Those that features have for themselves."""


def prepare(fn_args: FnArgs, options: TrainingOptions, scratch: str) -> Prepared:
    """Reads what the Trainer is told, see models.trainer.run_fn.

    Args:
      scratch: a folder that goes afterwards.

    Raises:
      HubError: a module cannot be used.
      InputsError: there are no examples.
      UserCodeError: a network of the user's own cannot be made.
    """
    config = fn_args.custom_config
    declaration = Declaration.model_validate_json(config["declaration"])
    module, modules = modules_of(config)
    trainable = bool(config["hub"] and config["hub"]["trainable"])
    functions = functions_of(config)
    transform = TransformGraph(
        fn_args.transform_output, declaration, is_users=PREPROCESS in functions
    )
    own = network_of(functions, declaration, transform, options.seed, options.options)
    network = own or Network(
        declaration,
        module,
        trainable=trainable,
        seed=options.seed,
        sizes=transform.sizes,
        modules=modules,
        options=options,
    )
    train_shards = inputs.find_shards(fn_args.train_files)
    eval_shards = inputs.find_shards(fn_args.eval_files)
    examples = inputs.Examples(train_shards, eval_shards, transform.parse, transform.specs)
    if isinstance(network, Network) and can_be_once(network, transform, augment=options.augment):
        folder = _vectors_folder(config, [*train_shards, *eval_shards], fn_args, scratch)
        examples = FrozenVectors(network, transform, folder).examples(train_shards, eval_shards)
    network.label.look_at(
        lambda: inputs.labels(examples.train, examples.parse), options.class_weights
    )
    return Prepared(
        declaration,
        transform,
        network,
        train_shards,
        eval_shards,
        examples,
        module,
        trainable,
        modules,
    )


def modules_of(config: Mapping[str, Any]) -> tuple[Module | None, dict[str, Module]]:
    """The module of all images, if there is one, and those that features have for themselves, by
    name. Raises HubError."""
    own = config.get("modules", {})
    return _module(config["hub"]), {name: _own_module(name, of) for name, of in own.items()}


def _module(given: dict[str, Any] | None) -> Module | None:
    if given is None:
        return None
    return resolve(
        given["handle"],
        sha256=given.get("sha256"),
        max_megabytes=given["max_megabytes"],
        allow_http=given.get("allow_http", False),
    )


def _own_module(name: str, given: dict[str, Any]) -> Module:
    with told_as(f"features.{name}.module"):
        found = _module(given)
        assert found
        return found


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
