import pytest

from components.example_gen.formats import files
from tests.there import there


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("/data/trips/*.csv", ("/data/trips", "*.csv")),
        ("/data/trips [1]/all.csv", ("/data/trips [1]", "all.csv")),
        ("/data/span-{SPAN}/v{VERSION}", ("/data", "span-{SPAN}/v{VERSION}")),
        ("trips.csv", (".", "trips.csv")),
        ("/*.csv", ("/", "*.csv")),
        ("gs://bucket/trips/*.csv", ("gs://bucket/trips", "*.csv")),
    ],
)
def test_patterns_have_a_folder_above_them(pattern, parts):
    assert files.split_pattern(pattern) == parts


def test_brackets_and_other_letters_are_no_pattern(tmp_path):
    folder = tmp_path / "photos [1] {ü}*"
    folder.mkdir()
    for name in ("a[1].csv", "b.csv", ".c.csv"):
        (folder / name).touch()
    assert files.find(str(folder), "a[1].csv") == [str(folder / "a[1].csv")]
    assert len(files.find(str(folder), "*.csv")) == 2
    assert files.find(str(folder), "[ab].csv") == []


def test_links_below_a_folder(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    (inside / "a").mkdir(parents=True)
    outside.mkdir()
    (inside / "a/real.png").touch()
    (outside / "secret.png").touch()
    (inside / "same.png").symlink_to("a/real.png")
    (inside / "secret.png").symlink_to(outside / "secret.png")
    (inside / "loop").symlink_to(inside)
    problems = {entry.path.rpartition("/")[2]: entry.problem for entry in files.walk(str(inside))}
    assert problems["real.png"] is None
    assert problems["same.png"] is None
    assert "leaves the folder" in there(problems["secret.png"])
    assert "link to a folder" in there(problems["loop"])
