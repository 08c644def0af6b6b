from __future__ import annotations

import tensorflow as tf
from tensorflow.core.protobuf import config_pb2

from models.lone_graph import forget_cluster


def graph(config: config_pb2.ConfigProto) -> tf.compat.v1.GraphDef:
    """A call in the graph and one in a function, as TensorFlow writes them."""
    found = tf.compat.v1.GraphDef()
    for node in (found.node.add(op="Call"), found.library.function.add().node_def.add(op="Call")):
        node.attr["config_proto"].s = config.SerializeToString()
    found.node.add(op="Const")
    return found


def test_a_call_forgets_the_processes_that_trained_it() -> None:
    alone = config_pb2.ConfigProto(device_count={"CPU": 1}, allow_soft_placement=False)
    alone.experimental.disable_functional_ops_lowering = True
    among = config_pb2.ConfigProto()
    among.CopyFrom(alone)
    among.device_filters.append("/job:worker/task:1")
    among.experimental.collective_group_leader = "/job:worker/replica:0/task:0"
    among.experimental.coordination_config.service_type = "standalone"
    rewrite = among.graph_options.rewrite_options
    rewrite.scoped_allocator_opts.enable_op.append("CollectiveReduce")
    found = graph(among)
    forget_cluster(found)
    assert found == graph(alone)


def test_another_configuration_stays_what_it_is() -> None:
    config = config_pb2.ConfigProto(device_count={"CPU": 2})
    config.graph_options.rewrite_options.scoped_allocator_opts.enable_op.append("CollectiveReduce")
    found = graph(config)
    forget_cluster(found)
    assert found == graph(config)
