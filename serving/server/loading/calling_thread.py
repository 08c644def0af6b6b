"""Which graphs run on the thread that brings the request, rather than on TensorFlow's pool.

TensorFlow hands the ops of a graph to a pool of threads. A model of a table has dozens of them that
take microseconds each, and most of what a request costs is then the handing over: of 0.59 CPU ms
for one taxi trip 0.22 are left without it (RunOptions.inter_op_thread_pool in
tensorflow/core/protobuf/config.proto, which advises it for simple graphs only).
"""

from __future__ import annotations

import re
from itertools import chain

from tensorflow.core.framework import graph_pb2

_NEEDS_POOL = re.compile(
    r"""
    # What goes on for as long as it likes: only the pool looks at the time meanwhile.
    (Stateless|Risc|Xla)?While | (Ref)?(Enter|NextIteration) | LoopCond | MapDefun
    | (Remote|Symbolic)\w* | \w*PyFunc\w* | \w*Dataset\w* | \w*Iterator\w*
    | Xla(Launch|CallModule)\w*
    # What waits for another request, or for another machine.
    | (Un)?[Bb]atch(Function|V2)? | \w*(Queue|Barrier|Mutex|Accumulator|Stage|Collective)\w*
    | (Ordered)?Map(Unstage\w*|Peek|Clear) | _?(Host)?(Send|Recv) | \w*Summary\w*
    # What takes so long that a branch beside it is worth a thread; one op has them all anyway.
    | \w*Conv(\d[Dd])?\w* | \w*(Decode|Resize)\w* | Cudnn\w* | \w*(LSTM|GRU)Block\w*
    """,
    re.VERBOSE,
)


def suits(graph: graph_pb2.GraphDef) -> bool:
    """Whether the graph and all its functions are of ops that neither wait, nor repeat others, nor
    take long by themselves."""
    functions = (function.node_def for function in graph.library.function)
    return not any(
        _NEEDS_POOL.fullmatch(op) for op in {x.op for x in chain(graph.node, *functions)}
    )
