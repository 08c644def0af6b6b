"""A graph that knows nothing of the processes which trained it.

TensorFlow writes the configuration of its process into each call of a function, and a process that
trains with others sees devices of its own task only: a model server has none of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tensorflow.core.protobuf import config_pb2

_CONFIG = "config_proto"


def forget_cluster(graph: Any) -> None:
    """Mends configurations in a GraphDef that name other processes; changes nothing else."""
    for node in _nodes(graph):
        if _CONFIG not in node.attr:
            continue
        config = config_pb2.ConfigProto.FromString(node.attr[_CONFIG].s)
        if not config.device_filters:
            continue
        config.ClearField("device_filters")
        for name in ("collective_group_leader", "coordination_config"):
            config.experimental.ClearField(name)
        for name in ("scoped_allocator_optimization", "scoped_allocator_opts"):
            config.graph_options.rewrite_options.ClearField(name)
        if not config.graph_options.rewrite_options.ByteSize():
            config.graph_options.ClearField("rewrite_options")
        if not config.graph_options.ByteSize():
            config.ClearField("graph_options")
        node.attr[_CONFIG].s = config.SerializeToString(deterministic=True)


def _nodes(graph: Any) -> Iterator[Any]:
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def
