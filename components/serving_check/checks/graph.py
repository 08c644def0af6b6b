"""Can an answer depend on anything but the request? A look at the graph, without running it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tensorflow.python.framework import op_def_registry

from components.serving_check.candidate import INIT_SIGNATURE, SERVE_TAG, served_graphs
from components.serving_check.checks.check import Check
from components.serving_check.checks.features_read import features_read
from components.serving_check.checks.files_read import (
    computed_paths,
    fixed_paths,
    node_name,
    outside_assets,
    told_places,
)
from components.serving_check.checks.generators import counting
from components.serving_check.checks.races import races
from components.serving_check.options import Options
from documents.features import Features
from documents.saved_model import SAVED_MODEL
from serving.server.loading.meta_graphs import asset_files

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "graph"

_HARMLESS = re.compile(
    r"""
    VarHandleOp | ReadVariableOp | _?ReadVariablesOp | VarIsInitializedOp | VariableShape
    | Variable(V2)? | ResourceGather(Nd)? | GuaranteeConst
    # Tables are read; what fills them runs once, when the model is loaded.
    | (Anonymous)?(Mutable)?(Dense)?HashTable(OfTensors)?(V2)? | LookupTable(Find|Size|Export)(V2)?
    | If | While | RiscWhile | Case | StatefulPartitionedCall | XlaIf | XlaWhile
    | StatelessRandomGetAlg | Assert | CheckNumerics(V2)? | DeepCopy | DeviceIndex
    # These live as long as one request.
    | TensorArray\w* | Stack(Push|Pop|Close)?(V2)? | CudnnRNN\w*
    | AnonymousIterator(V2|V3)? | MakeIterator | IteratorGetNext(Sync|AsOptional)? | DeleteIterator
    | (Range|Tensor|TensorSlice|SparseTensorSlice|Reduce)Dataset | DatasetToSingleElement
    # Called like what touches files, and computing what they are given.
    | DecodeCSV | (Scalar|Histogram|Image|Audio|Tensor|Merge)Summary(V2)? | Snapshot
    | BoostedTreesMakeStatsSummary
    """,
    re.VERBOSE,
)
"""Operations that TensorFlow calls stateful, or that are called like others that are, and that a
prediction may use."""
_CHANCE = re.compile(
    r"""
    Random\w+ | Shuffle\w*Dataset\w* | SamplingDataset
    | Multinomial | ParameterizedTruncatedNormal | TruncatedNormal
    | Stateful(Uniform|StandardNormal|TruncatedNormal|RandomBinomial)\w* | RngReadAndSkip
    | NonDeterministicInts | (All|(Log)?Uniform|FixedUnigram)CandidateSampler
    | SampleDistortedBoundingBox(V2)? | Fractional(Avg|Max)Pool
    # Whatever was in memory, and programs that are not looked into.
    | Empty | XlaLaunch | XlaCallModule
    """,
    re.VERBOSE,
)
"""Those that leave their outputs to chance, which is judged by what it does to the answers."""
_UNKNOWN = re.compile("Empty|Xla(Launch|CallModule)")
"""Those of them that may be as good as a function of what they are given."""
_LEFT_TO_CHANCE = "draws random numbers"
_UNPACKED = "runs a graph that is packed into a text"
_FROM_MACHINE = "reads a file whose path stands in it"
_TO_LOG = "writes what it is asked to the server's log"
_EFFECTS = (
    ("calls Python", r"(Eager)?PyFunc\w*|NumpyFunction"),
    ("ends the server", r"Abort"),
    (_TO_LOG, r"Print(V2)?"),
    ("reads the clock", r"Timestamp"),
    ("sleeps", r"(Experimental)?Sleep\w*"),
    # It would have to be unpacked to be looked at, and can be made while it is asked.
    (_UNPACKED, r"DatasetFromGraph|TfLiteSubgraphExecute"),
    # One that fails, or that a model answers by its company, is another client's.
    ("puts requests together with those of others", r"Batch(Function)?|Unbatch(Grad)?"),
    (
        "talks to other machines",
        r"_?(Host)?(Send|Recv)|RegisterDataset\w*|Rpc\w*|RemoteCall|DataService\w*|\w*Collective\w*|_?Nccl\w*",
    ),
    (
        "writes files",
        r"WriteFile|Save\w*|MergeV2Checkpoints|DistributedSave|Debug\w+|Copy(Host)?|DumpTensor"
        r"|\w*Summary\w*",
    ),
    (
        "touches files",
        r"\w*File\w*|Reader\w*|\w*Reader(V2)?|Restore\w*|LoadDataset|LoadAndRemapMatrix|ImportEvent"
        r"|CacheDataset\w*|GenerateVocabRemapping"
        r"|\w*(TFRecord|TextLine|CSV|Sql|LMDB|Snapshot)\w*",
    ),
    (
        "changes state",
        r"Assign\w*|\w*Scatter(Nd)?(Add|Sub|Mul|Div|Min|Max|Update)|(Resource)?(Sparse)?Apply\w+"
        r"|\w*CountUpTo|ResourceStridedSliceAssign|LookupTable(Insert|Remove|Import)\w*"
        r"|InitializeTable\w*|Rng\w+|DestroyResourceOp|DestroyTemporaryVariable|TemporaryVariable"
        r"|\w*Queue\w*|\w*Barrier\w*|\w*Accumulator\w*|StridedSliceAssign|SdcaShrinkL1"
        # Into the very memory that they are given, be it a variable's or a constant's.
        r"|(Alias)?Inplace\w+",
    ),
)
_WHILE_LOADING = (
    "calls Python",
    "ends the server",
    _LEFT_TO_CHANCE,
    _UNPACKED,
    _FROM_MACHINE,
    "talks to other machines",
    "reads the clock",
    "sleeps",
    "writes files",
)
"""What not even the operations that run when a model is loaded may do."""
_INIT_COLLECTIONS = ("saved_model_main_op", "legacy_init_op")
"""Where older models name the operation that is run when they are loaded."""
_FILE_ATTRIBUTES = ("descriptor_source", "vocab_file", "memory_region_name")
"""Of operations that read a file as soon as they are there; no server can tell them its place."""
_RESTORE = "the loading of the variables"
_LOADS = (INIT_SIGNATURE, _RESTORE)
_OTHER_FILES = ("saved_model.cpb",)
"""Files of which newer servers take the graph, rather than of the one that was checked."""
_STATELESS_SCATTERS = re.compile(r"TensorScatter\w+|ScatterNd(NonAliasingAdd)?")


@dataclasses.dataclass(frozen=True)
class Graph:
    """What was looked at."""

    signatures: tuple[str, ...]
    operations: int
    """In the graphs of the signatures and in all functions that they reach."""
    problems: tuple[str, ...]
    chance: bool
    """Whether the same request can have another answer, for all that is known of the graph."""


def measure(served: Served) -> Graph:
    """Looks at the candidate's graph, once."""
    if NAME not in served.learnt:
        served.learnt[NAME] = _looked_at(served)
    found: Graph = served.learnt[NAME]
    return found


def _looked_at(served: Served) -> Graph:
    """Walks from the outputs of each signature through the graph and the functions it calls."""
    graphs = served_graphs(served.candidate)
    if not graphs:
        return Graph((), 0, ("no graph that can be read",), chance=True)
    meta_graph = graphs[0]
    walk = _Walk(meta_graph.graph_def)
    operations = 0
    problems: dict[str, None] = {}
    if len(graphs) > 1:
        problems[f"{len(graphs)} graphs have the tag {SERVE_TAG} and no other"] = None
    for name in _OTHER_FILES:
        if (served.candidate / name).exists():
            problems[f"{name} beside {SAVED_MODEL} is what newer servers load instead"] = None
    for path in outside_assets(asset_files(meta_graph)):
        problems[f"the asset {path!r} lies outside the model's folder"] = None
    chance = False
    assets = {node_name(each.tensor_info.name) for each in asset_files(meta_graph)}
    run: dict[bool, dict[str, Any]] = {True: {}, False: {}}
    """By whether it is while the model is loaded: nodes of the graph by name."""
    starts = _starts(meta_graph)
    for name, tensors in sorted(starts.items()):
        bodies = list(walk.bodies(tensors))
        nodes = [node for body in bodies for node in body]
        operations += len(nodes)
        loading = name in _LOADS
        run[loading] |= {node.name: node for node in bodies[0]}
        chance = chance or not all(map(walk.is_function_of_inputs, nodes))
        for feature, node in _not_trained_on(bodies, served.reference.described):
            told = f"{name} looks for the feature {feature!r}, which it was not trained on"
            problems[f"{told} ({node.op} {node.name!r})"] = None
        for node in counting(bodies):
            problems[f"{name} keeps count of what is drawn ({node.op} {node.name!r})"] = None
        for node in nodes:
            effect = effect_of(node) or (loading and _left_to_chance(node))
            if effect and (not loading or effect in _WHILE_LOADING):
                problems[f"{name} {effect} ({node.op} {node.name!r})"] = None
        if loading and any(map(_touches_files, nodes)):
            for path, node in fixed_paths(bodies, assets, _touches_files):
                told = f"{name} reads {path!r}, which is none of its assets"
                problems[f"{told} ({node.op} {node.name!r})"] = None
            for node in computed_paths(bodies[0], walk.functions, _touches_files):
                problems[f"{name} makes the path of a file ({node.op} {node.name!r})"] = None
    of_graph = [*run[True].values()], [*run[False].values()]
    places = {*assets, node_name(meta_graph.saver_def.filename_tensor_name)}
    for node in told_places(*of_graph, places, walk.functions, _touches_files):
        problems[f"answers are made of where the model lies ({node.op} {node.name!r})"] = None
    # A request for several signatures has all of their outputs made at once.
    answered = [tensor for name in starts if name not in _LOADS for tensor in starts[name]]
    for node in races(walk.bodies(answered)):
        problems[f"another operation may be there before it ({node.op} {node.name!r})"] = None
    chance = chance or bool(problems)
    return Graph(tuple(sorted(meta_graph.signature_def)), operations, tuple(problems), chance)


def _not_trained_on(
    bodies: Sequence[Sequence[Any]], described: Features | None
) -> Iterator[tuple[str, Any]]:
    """Yields features of tf.Examples that are looked for beside those of the description, each with
    its node; whoever brings signatures of their own has none, and knows what these read."""
    if described:
        known = {feature.name for feature in described.features}
        yield from ((name, node) for name, node in features_read(bodies) if name not in known)


def _starts(meta_graph: Any) -> dict[str, list[str]]:
    """What each signature answers, and the operation that is run when the model is loaded."""
    starts = {
        name: [info.name for info in signature.outputs.values()]
        for name, signature in meta_graph.signature_def.items()
    }
    if INIT_SIGNATURE not in starts:
        starts[INIT_SIGNATURE] = [
            operation
            for collection in _INIT_COLLECTIONS
            if collection in meta_graph.collection_def
            for operation in meta_graph.collection_def[collection].node_list.value
        ]
    starts[_RESTORE] = [meta_graph.saver_def.restore_op_name]
    return starts


def judge(found: Graph, options: Options) -> list[Check]:
    """Passes when no signature reaches an operation with an effect or a memory."""
    return [
        Check(
            NAME,
            ok=not found.problems,
            expected="answers from the request alone: no state, file, clock, Python or network",
            found=_told(found.problems) or f"{found.operations:,} operations, all of them free",
        )
    ]


def effect_of(node: Any) -> str | None:
    """What an operation does beside computing its outputs; None for nothing."""
    operation = node.op
    if "output_stream" in node.attr and node.attr["output_stream"].s.startswith(b"file:"):
        return "writes files"
    if any(_names_file(node.attr[key].s) for key in _FILE_ATTRIBUTES if key in node.attr):
        return _FROM_MACHINE
    if any(each.fullmatch(operation) for each in (_HARMLESS, _CHANCE, _STATELESS_SCATTERS)):
        return None
    for effect, pattern in _EFFECTS:
        if re.fullmatch(pattern, operation):
            return effect
    definition = op_def_registry.get(operation)
    return "keeps state" if definition is not None and definition.is_stateful else None


def _touches_files(node: Any) -> bool:
    return effect_of(node) == "touches files"


def _left_to_chance(node: Any) -> str | None:
    """What is drawn while a model is loaded is another thing with each load."""
    drawn = _CHANCE.fullmatch(node.op) and not _UNKNOWN.fullmatch(node.op)
    return _LEFT_TO_CHANCE if drawn else None


def _names_file(value: bytes) -> bool:
    """Whether an attribute that can name a file does so, rather than hold what would be in it."""
    return bool(value) and not value.startswith((b"local://", b"bytes://"))


def _told(problems: tuple[str, ...]) -> str:
    more = len(problems) - 1
    return "; ".join(problems[:1]) + (f"; and {more} more" if more > 0 else "")


class _Walk:
    """Follows inputs, control inputs and calls."""

    def __init__(self, graph: Any) -> None:
        self._graph: Mapping[str, Any] = {node.name: node for node in graph.node}
        self.functions = {each.signature.name: each for each in graph.library.function}
        self._gradients = {
            each.function_name: each.gradient_func for each in graph.library.gradient
        }
        self._alike: dict[bytes, list[str]] = {}
        for name, function in self.functions.items():
            self._alike.setdefault(_purpose(function), []).append(name)

    def bodies(self, tensors: list[str]) -> Iterator[Sequence[Any]]:
        """Yields the nodes of the graph that have a part in the tensors, each once, and those of
        each function that they call."""
        waiting = [node_name(tensor) for tensor in tensors]
        seen: dict[str, Any] = {}
        while waiting:
            name = waiting.pop()
            if name not in seen and name in self._graph:
                seen[name] = self._graph[name]
                waiting += map(node_name, seen[name].input)
        yield list(seen.values())
        called: set[str] = set()
        for node in seen.values():
            yield from self._called(node, called)

    def is_function_of_inputs(self, node: Any) -> bool:
        """Whether nothing in an operation is random, and nothing unknown."""
        if _CHANCE.fullmatch(node.op):
            return False
        return op_def_registry.get(node.op) is not None or node.op in self.functions

    def _called(self, node: Any, called: set[str]) -> Iterator[Sequence[Any]]:
        """Yields the body of every function that a node calls, directly or not, with dead nodes:
        whatever has an effect runs with the body, asked for or not."""
        waiting = list(_calls(node))
        while waiting:
            name = waiting.pop()
            if name in called or name not in self.functions:
                continue
            called.add(name)
            body = self.functions[name].node_def
            yield body
            # TensorFlow may put another one of the same purpose in its place.
            if purpose := _purpose(self.functions[name]):
                waiting += self._alike[purpose]
            if name in self._gradients:  # Of SymbolicGradient, which names the function alone.
                waiting.append(self._gradients[name])
            for inner in body:
                waiting += _calls(inner)


def _calls(node: Any) -> Iterator[str]:
    yield node.op
    for value in node.attr.values():
        if value.HasField("func"):
            yield value.func.name
        elif value.HasField("list"):
            yield from (each.name for each in value.list.func)


def _purpose(function: Any) -> bytes:
    """What a function says it is for, tensorflow/core/grappler/optimizers/function_api_info.h."""
    found: bytes = function.attr["api_implements"].s if "api_implements" in function.attr else b""
    return found
