"""Every page of the explorer, as a client without a browser gets it."""

from __future__ import annotations

import functools
import json
import re
import shutil
import sqlite3
import threading
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import tensorflow as tf
from tensorflow_model_analysis.proto import metrics_for_slice_pb2
from werkzeug.test import Client, TestResponse

from inspection.store import open_history
from inspection.web.pages.search import search
from tests.inspection.hostile import SCRIPT, make_hostile
from tests.inspection.recorded_runs import (
    FAILED,
    FIRST,
    NOTHING_NEW,
    PUSHED,
    RECORDED,
    SECOND,
    SERVING,
    SLICE,
)
from tests.inspection.web.pages_shown import explore
from tests.there import there


@pytest.fixture(scope="module")
def client() -> Client:
    return explore(RECORDED)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return explore(make_hostile(RECORDED, tmp_path_factory.mktemp("hostile") / "workspace"))


class _Page(HTMLParser):
    """Links, tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append(tag)
        found = dict(attributes)
        self.attributes |= found.keys()
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])


@functools.cache
def parsed(text: str) -> _Page:
    """Several tests look at the same pages."""
    return _Page(text)


def crawl(client: Client) -> dict[str, TestResponse]:
    """Every page that a reader can reach from the first one."""
    found: dict[str, TestResponse] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = client.get(path)
        if found[path].mimetype == "text/html" and not path.endswith("/report"):
            links = parsed(found[path].text).links
            waiting += [link for link in links if link.startswith("/")]
    return found


@pytest.fixture(scope="module")
def pages(client: Client) -> dict[str, TestResponse]:
    return crawl(client)


@pytest.mark.medium
def test_every_record_is_reached_by_links_and_every_link_leads_somewhere(pages):
    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    history = open_history(str(RECORDED))
    wanted = {f"/runs/r{id}" for id in history.runs} | {f"/steps/s{id}" for id in history.steps}
    wanted |= {f"/artifacts/a{id}" for id in history.artifacts}
    # Runs without steps, which Kubeflow's contexts are, and what nothing is connected to, are
    # found by searching.
    assert wanted - pages.keys() == set()


@pytest.mark.medium
def test_pages_send_strict_headers_and_hold_no_script_of_their_own(pages):
    for page in pages.values():
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        if "sandbox" not in policy:
            assert "unsafe" not in policy
            # Such a policy refuses them, and a page would look broken.
            attributes = parsed(page.text).attributes
            assert "style" not in attributes
            assert not any(name.startswith("on") for name in attributes)


def test_the_first_page_lists_runs_with_outcomes_and_trends(client):
    text = client.get("/").text
    assert "6 runs; the last one, 20261123T095103.253444, did not finish" in text
    for run in (PUSHED, NOTHING_NEW, SLICE, SERVING, FAILED):
        assert f'href="/runs/{run}"' in text
    assert text.count('<svg class="spark"') == 5
    assert "nothing new" in text
    assert "rolled back" in text


def test_runs_of_one_pipeline_can_be_chosen(client):
    assert f'href="/runs/{PUSHED}"' not in client.get("/?pipeline=other").text
    assert PUSHED in client.get("/?pipeline=fashion-mnist").text
    assert client.get("/?page=-3").status_code == client.get("/?page=x").status_code == 200


def test_a_run_says_what_became_of_it_and_draws_its_steps(client):
    text = client.get(f"/runs/{SLICE}").text
    assert "was refused: Evaluator: SparseCategoricalAccuracy on slice label=6 (Shirt)" in text
    assert text.count('<a class="node step') == 10
    assert text.count("cached") >= 5
    assert f"/compare?before={NOTHING_NEW}&amp;now={SLICE}" in text


def test_a_failed_run_says_where_why_and_how_to_go_on(client):
    text = client.get(f"/runs/{FAILED}").text
    assert "Why it failed" in text
    assert "raw = inputs" in text
    assert "the command line that started it" in text


def test_a_step_shows_what_the_log_has_of_its_time(tmp_path):
    root = shutil.copytree(RECORDED, tmp_path / "workspace")
    [step] = [s for s in open_history(str(root)).steps.values() if s.state == "failed"]
    run = open_history(str(root)).runs[there(step.run)]
    written = there(step.started).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    (root / "logs" / f"{run.name}.log").write_text(f"{written},1 ERROR here: <b>it</b> broke\n")
    assert "ERROR here: &lt;b&gt;it&lt;/b&gt; broke" in explore(root).get(f"/steps/s{step.id}").text


def test_runs_are_filtered_and_say_what_changed(client):
    text = client.get("/?fate=refused&order=oldest").text
    assert "2 of 6 runs are what was asked for." in text
    assert text.index(f'href="/runs/{SLICE}"') < text.index(f'href="/runs/{SERVING}"')
    assert f'href="/runs/{PUSHED}"' not in text
    assert "Trainer: setting custom_config.training.seed: 0 → 1" in text
    nothing = client.get("/?since=1s&fate=live").text
    assert "0 of 6 runs" in nothing
    assert '<option value="live" selected>' in nothing
    assert client.get("/?page=-1&order=sideways&since=nonsense&fate=%00").status_code == 200


def test_a_step_says_why_it_was_not_cached(client):
    text = client.get("/steps/s26").text
    assert "setting custom_config.training.seed differs from <a" in text
    assert '<a class="id" href="/steps/s6">s6</a>' in text  # in the headline, too
    assert text.count('class="node ') > 10


def test_a_lineage_goes_one_way_when_asked(client):
    both, up, down = (
        client.get(f"/artifacts/a5?reach={reach}").text.count('class="node ')
        for reach in ("both", "up", "down")
    )
    assert up < both
    assert down < both


def test_a_model_tells_its_data_hub_module_and_how_to_make_it_again(client):
    text = client.get("/artifacts/a7").text
    assert "fingerprint 21b895b369c7" in text
    assert "models/modules/fashion_mnist_encoder" in text
    assert "python local_runner.py --root rebuilt" in text
    assert "numpy" in text


def test_an_evaluation_shows_slices_with_thresholds_and_baseline(client):
    text = client.get("/steps/s29/evaluation").text
    assert "label=6 (Shirt)" in text
    assert text.count('class="value bad"') == 9
    assert text.count('class="baseline"') == 11 + 1  # and the key
    assert "at most 0.2 worse than 0.8200" in text


def test_the_serving_checks_own_findings_are_an_evaluation_too(client):
    text = client.get("/steps/s38/evaluation").text
    assert "latency p50" in text
    assert 'class="failed"' in text


def test_statistics_compare_splits_and_other_statistics(client, tmp_path):
    text = client.get("/artifacts/a3/statistics").text
    assert "outlined: split train" in text
    assert "distance 0.0000" in text
    compared = client.get("/artifacts/a3/statistics?with=a3").text
    assert "outlined: a3" in compared


def test_the_serving_report_is_shown_but_may_not_act(client):
    answer = client.get("/artifacts/a9/report")
    assert answer.text.startswith("<!doctype html>")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_training_curves_name_the_command_or_the_address(client):
    assert "tensorboard --logdir" in client.get("/artifacts/a6").text
    linked = explore(RECORDED, tensorboard="http://127.0.0.1:6006")
    assert 'href="http://127.0.0.1:6006"' in linked.get("/artifacts/a6").text


def test_anomalies_are_told(client):
    assert "split eval is as the schema says" in client.get("/artifacts/a4").text


def test_a_comparison_has_differences_only(client):
    text = client.get(f"/compare?before={PUSHED}&now={SLICE}").text
    assert "custom_config.training.seed" in text
    assert "learning_rate" not in text
    assert "+0.2000" in text


def test_serving_shows_what_was_live_when_and_where_versions_came_from(client):
    text = client.get("/serving").text
    assert f"Version {FIRST} is live" in text
    assert "complaints about shirts" in text
    assert text.count('<rect class="live"') == 1
    assert f"python -m serving restore {SECOND}" in text
    version = client.get(f"/serving/fashion_mnist/{FIRST}").text
    assert "content_digest" in version
    assert "PushedModel" in version


def test_a_server_that_disagrees_with_the_ledger_is_told(client):
    class Status(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = {"version": str(SECOND), "state": "AVAILABLE", "status": {}}
            body = json.dumps({"model_version_status": [status]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Status) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        text = explore(RECORDED, server=url).get("/serving").text
        thread.join()
    assert f"The server serves version {SECOND}, but on disk version {FIRST} is live" in text
    assert "does not answer" in explore(RECORDED, server=url).get("/serving").text


def test_the_confusion_matrix_is_shown_with_labels(tmp_path):
    root = tmp_path / "workspace"
    shutil.copytree(RECORDED, root)
    plots = metrics_for_slice_pb2.PlotsForSlice()
    value = plots.plot_keys_and_values.add().value
    matrix = value.multi_class_confusion_matrix_at_thresholds.matrices.add()
    for actual, predicted, count in ((0, 0, 34), (0, 6, 6), (6, 6, 15)):
        matrix.entries.add(
            actual_class_id=actual, predicted_class_id=predicted, num_weighted_examples=count
        )
    [path] = (root / "artifacts/Evaluator/evaluation/29").glob("plots*")
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(plots.SerializeToString())
    text = explore(root).get("/steps/s29/evaluation").text
    assert "Confusion matrix" in text
    assert "T-shirt/top as Shirt: 15.0 %" in text


def test_metrics_over_runs(client):
    text = client.get("/metrics?metric=test_accuracy").text
    assert "in the last of 3 evaluations" in text
    assert "No evaluation has &#39;nonsense&#39;" in client.get("/metrics?metric=nonsense").text


def test_what_can_be_deleted_is_only_told(client):
    assert "Nothing is deleted here" in client.get("/garbage").text


@pytest.mark.parametrize(
    ("text", "to"),
    [("r24", "/runs/r24"), (str(FIRST), "/artifacts/a13"), ("095033", "/runs/r24"), ("s7",) * 2],
)
def test_searching_for_a_name_leads_there(client, text, to):
    answer = client.get("/search", query_string={"q": text})
    assert answer.status_code == 302
    assert answer.location.endswith(to)


def test_searching_looks_into_names_uris_and_properties(client):
    text = client.get("/search?q=21b895b369").text
    assert "/artifacts/a1" in text
    assert "fingerprint" in text
    assert "Nothing in the store has qqq" in client.get("/search?q=qqq").text


@pytest.mark.medium
@pytest.mark.parametrize(
    "text",
    ["fingerprint", "Trainer", "MODEL", "0", "1.5", "%", "a_b", "seed", "é", "/artifacts/", "{"],
)
def test_searching_finds_what_looking_at_all_finds(text):
    quick, thorough = open_history(str(RECORDED)), open_history(str(RECORDED))
    thorough._read_holding = None
    found = [(hit.record.id, hit.what, hit.text) for hit in search(quick, text)]
    assert found == [(hit.record.id, hit.what, hit.text) for hit in search(thorough, text)]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/runs/r999", "There is no run r999; the last one is r36."),
        ("/runs/s7", "s7 is no run; see /steps/s7."),
        ("/runs/nonsense", "There is no &#39;nonsense&#39;"),
        ("/artifacts/a1/statistics", "name their folder with --root"),
        ("/artifacts/a1/report", "a1 has no report"),
        ("/serving/other/1", "There is no base path of other; there is fashion_mnist."),
        (f"/serving/fashion_mnist/{SECOND}", "no longer in the base path"),
        ("/compare?before=r2", "Name two runs"),
        ("/nothing", "was not found"),
        ("/static/../app.py", "was not found"),
        ("/static/secret.txt", "There is no secret.txt here"),
    ],
)
def test_what_is_not_there_gets_a_sentence_on_a_page(client, path, said):
    answer = client.get(path)
    assert answer.status_code == 404
    assert said in answer.text
    assert 'href="/"' in answer.text


def test_nothing_can_be_written(client):
    for method in (client.post, client.put, client.delete):
        assert method("/runs/r2").status_code == 405


def test_another_sites_name_for_this_server_is_refused(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.medium
def test_what_comes_from_a_store_is_only_text(hostile):
    for path, page in crawl(hostile).items():
        assert page.status_code in (200, 404), path
        assert SCRIPT not in page.text, path
        found = parsed(page.text)
        assert found.tags.count("script") == (0 if "report" in path else 1), path
        assert not any(name.startswith("on") for name in found.attributes), path
        assert not any(link.startswith(("javascript", "file", "data")) for link in found.links)
        assert "\x1b" not in page.text
        assert "\x00" not in page.text


def test_files_outside_of_the_workspace_are_not_shown(hostile):
    text = hostile.get("/artifacts/a1").text
    assert "file:///etc/passwd" in text
    assert "outside the folder that may be read" in text


def test_a_run_that_is_added_appears_without_a_restart(tmp_path):
    root = tmp_path / "workspace"
    shutil.copytree(RECORDED, root)
    client = explore(root)
    assert "6 runs" in client.get("/").text
    with sqlite3.connect(root / "metadata.db") as store:
        store.execute("UPDATE Context SET name = 'renamed' WHERE id = 36")
    store.close()
    assert "renamed" in client.get("/").text


def test_a_store_that_is_gone_gets_a_sentence(tmp_path):
    answer = explore(tmp_path).get("/")
    assert answer.status_code == 503
    assert "There is no metadata store at" in answer.text


@pytest.mark.medium
def test_a_base_path_is_not_needed(tmp_path):
    shutil.copy(RECORDED / "metadata.db", tmp_path)
    client = explore(tmp_path)
    assert "Only the store was asked" in client.get("/serving").text
    assert {page.status_code for page in crawl(client).values()} <= {200, 404}


def test_a_report_of_each_run_is_one_file(client):
    for run in (PUSHED, SLICE, FAILED):
        answer = client.get(f"/runs/{run}/report")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="run_{run}.html"'
        assert not re.search(r'(?:src|href)="(?!#)', answer.text)


def test_many_runs_are_compared_on_a_page(client):
    page = client.get("/compare?run=r2&run=r24&run=latest")
    assert page.status_code == 200
    assert "3 runs compared" in page.text
    assert 'class="parallel"' in page.text
    without = client.get("/compare?run=r2&run=r24&run=latest&without=refused")
    assert "r24</a> left out: refused" in without.text
    assert client.get("/compare?run=r2").status_code == 404


def test_the_list_is_filtered_by_any_setting_and_says_what_it_does_not_understand(client):
    assert "3 of 6 runs" in client.get("/?where=training.seed%3D1").text
    assert "is no condition" in client.get("/?where=seed").text
    assert "1 of 6 runs" in client.get("/?state=failed").text
    assert client.get("/?order=SparseCategoricalAccuracy").status_code == 200


def test_a_metric_has_a_chart_with_axes(client):
    page = client.get("/metrics?metric=SparseCategoricalAccuracy&slice=label%3D6").text
    assert "SparseCategoricalAccuracy on label=6" in page
    assert '<svg class="over-runs"' in page
    assert 'class="refused"' in page
    without = client.get("/metrics?metric=SparseCategoricalAccuracy&without=refused").text
    assert 'circle class="refused"' not in without
