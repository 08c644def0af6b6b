from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kubeflow.remote.cron import WhenError, parse_cron, parse_every
from tests.there import there

WEDNESDAY = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    ("cron", "text", "following"),
    [
        ("0 3 * * *", "0 0 3 * * *", "2026-11-26 03:00:00"),
        ("5 0 3 * * *", "5 0 3 * * *", "2026-11-26 03:00:05"),
        ("@daily", "0 0 0 * * *", "2026-11-26 00:00:00"),
        ("*/20 * * * *", "0 */20 * * * *", "2026-11-25 12:20:00"),
        ("50/5 12 * * *", "0 50/5 12 * * *", "2026-11-25 12:50:00"),
        ("0 3 * jan,FEB mon-fri", "0 0 3 * jan,FEB mon-fri", "2027-01-01 03:00:00"),
        # Either of two days.
        ("0 3 1 * sun", "0 0 3 1 * sun", "2026-11-29 03:00:00"),
        ("0 0 29 2 *", "0 0 0 29 2 *", "2028-02-29 00:00:00"),
        ("0 12 * * ?", "0 0 12 * * ?", "2026-11-26 12:00:00"),
    ],
)
def test_seconds_are_put_in_front_and_the_next_moment_is_known(cron, text, following):
    parsed = parse_cron(cron)
    assert parsed.text == text
    assert f"{parsed.next(WEDNESDAY):%Y-%m-%d %H:%M:%S}" == following


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("", "five fields"),
        ("* * * * * * *", "five fields"),
        ("@sometimes", "five fields"),
        ("0 24 * * *", "'24' is no hour; it is 0-23"),
        ("0 3 0 * *", "'0' is no day of month; it is 1-31"),
        ("0 3 * 13 *", "'13' is no month"),
        ("0 3 * * funday", "sun, mon"),
        ("5-1 * * * *", "'5-1' is no minute"),
        ("*/0 * * * *", "'\\*/0' is no minute"),
        ("1,, * * * *", "'' is no minute"),
        ("٣ 3 * * *", "no minute"),
        ("0 0 31 4 *", "never comes"),
    ],
)
def test_what_kubeflow_would_refuse_or_never_run_is_refused(cron, said):
    with pytest.raises(WhenError, match=said):
        parse_cron(cron)


@given(st.text(alphabet="0123456789*/-,? @\x00amn", max_size=30))
def test_any_text_is_a_cron_or_one_sentence(text):
    said = ""
    try:
        parsed = parse_cron(text)
    except WhenError as error:
        said = str(error)
    else:
        assert len(parsed.text.split()) == 6
        assert there(parsed.next(WEDNESDAY)) > WEDNESDAY
    assert said.isprintable()


@pytest.mark.parametrize(
    ("text", "seconds"), [("60", 60), ("90m", 5400), ("6h", 21600), ("1d", 86400), ("2W", 1209600)]
)
def test_intervals(text, seconds):
    assert parse_every(text) == seconds


@pytest.mark.parametrize("text", ["", "59", "-1h", "1.5h", "1h30m", "6 hours", "٦h", "9" * 40])
def test_no_intervals(text):
    with pytest.raises(WhenError, match="at least a minute"):
        parse_every(text)
