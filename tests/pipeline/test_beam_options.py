"""Options for Beam that it would pass over."""

import pytest

from pipeline.beam_options import check_options
from pipeline.sections.beam import BeamSettings
from pipeline.settings import SettingsError


@pytest.mark.parametrize(
    "args",
    [
        BeamSettings().arguments,
        [],
        ["--runner=DirectRunner", "--direct_num_workers=2"],
        ["--runner", "direct"],
        ["--setup_file=/x/setup.py"],
        # Its job service knows options that nobody else does.
        ["--runner=FlinkRunner", "--flink_master=host:8081", "--some_option_of_the_job_service=1"],
    ],
)
def test_what_beam_knows_is_taken(args: list[str]):
    check_options(args)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--direct_num_worker=2"], "no option of Beam: did you mean --direct_num_workers?"),
        (["--nothing_like_it=2"], "'--nothing_like_it=2', which is no option of Beam"),
        (["direct"], "'direct', which is no option of Beam"),
        (["--help"], "'--help', which is no option of Beam"),
        ([""], "'', which is no option of Beam"),
        (["--direct_num_workers=two"], "--direct_num_workers: invalid int value: 'two'"),
        (["--direct_running_mode=fast"], "invalid choice: 'fast'"),
        (["--runner"], "--runner: expected one argument"),
        (["--runner=Nobody"], "the runner 'Nobody', which cannot be had here"),
        (["--runner=no.such.Runner"], "the runner 'no.such.Runner', which cannot be had here"),
        (["--runner=collections.OrderedDict"], "it is no PipelineRunner"),
    ],
)
def test_what_beam_does_not_know_is_refused(args: list[str], said: str):
    with pytest.raises(SettingsError) as caught:
        check_options(args)
    assert said in str(caught.value)
    assert str(caught.value).startswith("Setting `beam")
