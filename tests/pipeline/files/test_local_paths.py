"""Addresses of artifacts, and of what lies below them, as paths here and back."""

from pipeline.files.local_paths import LocalPaths


def test_the_longest_artifact_wins():
    places = LocalPaths({"gs://b/run": "/gcs/b/run", "gs://b/run/model": "/models"})
    assert places.to_remote("/models/Format-Serving") == "gs://b/run/model/Format-Serving"
    assert places.to_remote("/gcs/b/run/models") == "gs://b/run/models"


def test_what_is_no_artifact_stays():
    places = LocalPaths({"gs://b/run/model": "/gcs/b/run/model"})
    assert places.to_local("gs://b/serving/3") == "gs://b/serving/3"
    assert places.to_local({"steps": 3, "names": ["gs://b/run/model"]}) == {
        "steps": 3,
        "names": ["/gcs/b/run/model"],
    }
