"""What is said of a job that failed elsewhere; the texts are shortened from real ones."""

import pytest

from pipeline.beam_workers.cause import cause
from pipeline.local.failures.failure import sentence

LACKING = """Pipeline job-1f2 failed in state FAILED: Traceback (most recent call last):
  File "…/apache_beam/runners/worker/sdk_worker.py", line 362, in task
    lambda: self.create_worker().do_instruction(request), request)
  File "…/apache_beam/internal/cloudpickle_pickler.py", line 168, in loads
    unpickled = cloudpickle.loads(s)
ModuleNotFoundError: No module named 'pipeline'
"""
RAISED = """Pipeline job-1f2 failed in state FAILED: bundle inst005 failed:Traceback (most recent \
call last):
  File "apache_beam/runners/common.py", line 1498, in apache_beam.runners.common.DoFnRunner.process
  File "…/pipeline/beam_workers/canary.py", line 130, in look
    raise WorkersError(
pipeline.beam_workers.canary.WorkersError: worker w1 cannot read /data; mount it

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "…/apache_beam/runners/common.py", line 1589, in _reraise_augmented
    raise new_exn
pipeline.beam_workers.canary.WorkersError: worker w1 cannot read /data; mount it \
[while running 'Look-ptransform-8']
"""
LOST = """Pipeline job-002 failed in state FAILED: bundle inst002 stage-005 failed:SDK worker \
disconnected: worker[job-002[job]_ref_Environment_default_environment_1], 2 active instructions, \
error: context canceled"""
RPC = """<_MultiThreadedRendezvous of RPC that terminated with:
\tstatus = StatusCode.UNAVAILABLE
\tdetails = "failed to connect to all addresses; Connection refused (111)"
\tdebug_error_string = "UNKNOWN:Error received from peer  {grpc_status:14}"
>"""
NESTED_RPC = f"""Traceback (most recent call last):
  File "…/worker_handlers.py", line 626, in start_worker
    response = stub.StartWorker(
grpc._channel._InactiveRpcError: {RPC}"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LACKING, "ModuleNotFoundError: No module named 'pipeline'"),
        (RAISED, "worker w1 cannot read /data; mount it"),
        (LOST, "a worker of the job service died in the middle of its work"),
        (RPC, "failed to connect to all addresses; Connection refused (111)"),
        (NESTED_RPC, "failed to connect to all addresses; Connection refused (111)"),
        ("RuntimeError: Pipeline job-1 failed in state FAILED: unknown error", "RuntimeError: "),
        ("something\nelse.", "else"),
        ("", "no reason given"),
    ],
)
def test_the_words_that_matter(text: str, expected: str):
    assert cause(text).startswith(expected)
    assert "Traceback" not in cause(text)


def test_a_node_that_failed_elsewhere_is_told_by_them():
    assert sentence(RuntimeError(LACKING)) == "ModuleNotFoundError: No module named 'pipeline'"
    assert "inst002" not in sentence(RuntimeError(LOST))
    assert "Rendezvous" not in sentence(RuntimeError(RPC))
