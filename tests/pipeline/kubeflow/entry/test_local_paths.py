"""Object-store URIs and the launcher's local paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kubeflow.entry.local_paths import launchers_paths, local_path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("gs://bucket/root/model", "/gcs/bucket/root/model"),
        ("s3://bucket/model", "/s3/bucket/model"),
        ("minio://mlpipeline/v2/artifacts", "/minio/mlpipeline/v2/artifacts"),
        ("oci://registry/team/model:1", "/oci/registry_team_model:1/models"),
        ("/data/model", "/data/model"),
        ("https://example.com/model", "https://example.com/model"),
    ],
)
def test_every_scheme_has_the_launchers_folder(uri: str, path: str):
    assert local_path(uri) == path


keys = st.text("abc/_-.", min_size=1, max_size=12).map(lambda key: f"bucket/{key.strip('/')}x")


@given(st.lists(st.tuples(st.sampled_from(["gs", "s3", "minio"]), keys), min_size=1), keys)
def test_there_and_back(artifacts: list[tuple[str, str]], below: str):
    uris = [f"{scheme}://{key}" for scheme, key in artifacts]
    places = launchers_paths(uris, "/launcher")
    for uri in uris:
        assert places.to_remote(places.to_local(uri)) == uri
        assert places.to_remote(places.to_local(f"{uri}/{below}")) == f"{uri}/{below}"
