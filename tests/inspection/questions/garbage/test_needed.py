"""What a base path holds, whoever put it there and however it is named, stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inspection.collected import collected, offered
from tests.inspection.questions.garbage.three_runs import three_runs
from tests.inspection.store_writer import Out, publish, stock_run


def test_a_version_in_a_base_path_of_nobody_may_be_of_any_run(store):
    three_runs(store, store.root / "serving" / "taxi")
    assert offered(store.root)
    base = store.root / "serving" / "by_hand"
    publish(base, "1")
    answer = collected(store.root)
    assert offered(store.root) == set()
    assert f"what version 1 in {base} was made from" in answer["answer"]


@pytest.mark.medium
@pytest.mark.parametrize("name", ["saved_model.pb", "variables", "assets.extra"])
def test_what_a_served_version_links_to_stays(store, name):
    base = store.root / "serving" / "taxi"
    _, refused, _ = three_runs(store, base)
    assert refused["model"] in offered(store.root)
    [model] = store.client.get_artifacts_by_id([refused["model"]])
    (base / "1700000001" / name).unlink(missing_ok=True)
    (base / "1700000001" / name).symlink_to(Path(model.uri) / "content")
    assert offered(store.root) == set(refused.values()) - {refused["model"]}


@pytest.mark.parametrize("scheme", ["file://", "file://localhost"])
def test_a_base_path_that_is_written_as_an_address_is_at_hand(store, scheme):
    base = store.root / "serving" / "taxi"
    pushed = stock_run(store, "taxi", "1", base=f"{scheme}{base}", version="7")
    publish(base, "7")
    for name in ("2", "3"):
        refused = stock_run(store, "taxi", name, base=f"{scheme}{base}", blessed=False)
    assert len(offered(store.root)) == len(refused)
    assert not {*pushed.values(), *refused.values()} & offered(store.root)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("told", "stays"),
    [
        ({}, True),
        ({"pushed": "True", "pushed_destination": "/srv/models/5"}, True),
        ({"pushed": 1.0, "pushed_destination": "projects/p/endpoints/5"}, True),
        ({"pushed": "0"}, False),
        ({"outcome": "refused"}, False),
    ],
)
def test_a_model_stays_unless_its_pusher_says_that_it_was_not_pushed(store, told, stays):
    for number in (1, 2, 3):
        name, base = f"taxi-{number}", store.root / "serving" / "taxi"
        made = stock_run(store, "taxi", name, base=base, version=str(number), blessed=number == 1)
        out = {"pushed": Out("PushedModel", told)}
        store.run("taxi", name).node("Deployer", {"model": made["model"]}, out)
        if number == 2:
            model = made["model"]
    assert (model not in offered(store.root)) is stays


def test_what_was_found_out_about_a_model_speaks_for_its_other_form(store):
    base = store.root / "serving" / "taxi"
    first = stock_run(store, "taxi", "1", base=base, version="1", blessed=False)
    run = store.run("taxi", "rewriting")
    found = run.node("Rewriter", {"model": first["model"]}, {"model": Out("Model")})
    told = {"pushed": 1, "pushed_destination": f"{base}/7"}
    publish(base, "7")
    found |= run.node("Pusher", {"model": found["model"]}, {"pushed": Out("PushedModel", told)})
    for number in (2, 3):
        stock_run(store, "taxi", f"later {number}", base=base, blessed=False)
    assert not {*found.values(), *first.values()} & offered(store.root)
