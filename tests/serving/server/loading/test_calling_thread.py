"""Where a graph runs: on the thread of its request, or on the pool of TensorFlow."""

from __future__ import annotations

import pytest
from tensorflow.core.framework import graph_pb2

from serving.server.loading.calling_thread import suits


def graph(*called: str, inside: tuple[str, ...] = ()) -> graph_pb2.GraphDef:
    made = graph_pb2.GraphDef()
    for number, op in enumerate(called):
        made.node.add(name=f"node_{number}", op=op)
    for number, op in enumerate(inside):
        function = made.library.function.add()
        function.signature.name = f"function_{number}"
        function.node_def.add(name="node", op=op)
    return made


SMALL = ("Placeholder", "VarHandleOp", "ReadVariableOp", "MatMul", "LookupTableFindV2", "Softmax")


def test_a_model_of_a_table_runs_on_the_thread_of_its_request():
    assert suits(graph(*SMALL, "PartitionedCall", inside=("ParseExampleV2", "BiasAdd", "Relu")))
    assert suits(graph(*SMALL, inside=("StringNGrams", "RegexReplace", "RaggedGather", "Unpack")))


@pytest.mark.parametrize(
    "op",
    [
        "While",
        "StatelessWhile",
        "Enter",
        "MapDefun",
        "EagerPyFunc",
        "ReduceDataset",
        "IteratorGetNext",
        "BatchFunction",
        "QueueDequeueV2",
        "MutexLock",
        "Conv2D",
        "_FusedConv2D",
        "DepthwiseConv2dNative",
        "DecodeImage",
        "ResizeBilinear",
        "RemoteCall",
        "XlaCallModule",
    ],
)
def test_what_waits_repeats_or_takes_long_needs_the_pool_wherever_it_stands(op: str):
    assert not suits(graph(*SMALL, op))
    assert not suits(graph(*SMALL, inside=("Identity", op)))


@pytest.mark.parametrize("op", ["BatchMatMulV2", "Sendoff", "Barley", "Case"])
def test_an_op_is_not_taken_for_another_of_a_like_name(op: str):
    assert suits(graph(op))
