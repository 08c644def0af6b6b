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


def test_folders_are_named_without_files_and_litter(tmp_path):
    for name in ("b", "a", ".hidden", "__MACOSX"):
        (tmp_path / name).mkdir()
    (tmp_path / "c.csv").write_bytes(b"1,2\n")
    assert files.folders(str(tmp_path)) == ["a", "b"]
    assert [files.is_folder(str(tmp_path / name)) for name in ("a", "c.csv")] == [True, False]


@pytest.mark.parametrize(
    "name",
    ["__MACOSX", "__MACOSX/", ".DS_Store", ".git/", "Thumbs.db", "@eaDir/", "$RECYCLE.BIN"],
)
def test_litter_is_known_however_a_bucket_lists_it(name):
    assert files.is_litter(name)
    assert not files.is_litter(name.lstrip("._").lower())


def test_a_file_has_its_bytes_and_a_folder_has_none(tmp_path):
    file = tmp_path / "c.csv"
    file.write_bytes(b"1,2\n")
    assert files.size(str(file)) == 4
    with files.opened(str(file)) as stream:
        assert stream.read() == b"1,2\n"
    with pytest.raises(OSError, match=str(tmp_path)), files.opened(str(tmp_path)):
        pass


def test_names_that_no_person_gave_are_litter():
    assert [name for name in ("a", ".a", "Thumbs.db", "a.") if files.is_litter(name)] == [
        ".a",
        "Thumbs.db",
    ]


@pytest.mark.parametrize(
    ("folder", "path", "found"),
    [
        ("/data", "a/b.png", "/data/a/b.png"),
        ("/data", "./a//b.png", "/data/a/b.png"),
        ("gs://bucket/data", "a/b.png", "gs://bucket/data/a/b.png"),
        ("/data", "../b.png", None),
        ("/data", "a/../../b.png", None),
        ("/data", "/etc/passwd", None),
        ("/data", "gs://bucket/b.png", None),
        ("/data", "", None),
    ],
)
def test_a_path_below_a_folder_leads_nowhere_else(folder, path, found):
    assert files.below(folder, path) == found


@pytest.fixture
def elsewhere():
    """A folder in TensorFlow's file system in memory, which is reached as a bucket is."""
    from tfx.dsl.io import fileio

    root = "ram://files"
    for name in (
        "b.png",
        "a/x.jpg",
        "a/x.jpg.json",
        "a/.hidden.jpg",
        "__MACOSX/y.png",
        "c [1]/z.png",
    ):
        path = f"{root}/{name}"
        fileio.makedirs(path.rpartition("/")[0])
        with fileio.open(path, "wb") as file:
            file.write(name.encode())
    yield root
    fileio.rmtree(root)


def test_files_elsewhere_are_walked_like_those_of_this_machine(elsewhere):
    found = [*files.walk(elsewhere)]
    assert [each.path.removeprefix(f"{elsewhere}/") for each in found] == [
        *("b.png", "a/x.jpg", "a/x.jpg.json", "c [1]/z.png"),
    ]
    assert not any(each.problem for each in found)
    without = [each.path for each in files.walk(elsewhere, (".jpg", ".png"))]
    assert without == [each.path for each in found if not each.path.endswith(".json")]
    assert files.folders(elsewhere) == ["a", "c [1]"]


def test_files_elsewhere_are_found_by_patterns_without_brackets(elsewhere):
    assert files.find(elsewhere, "*.png") == [f"{elsewhere}/b.png"]
    assert files.find(elsewhere, "c [1]/*.png") == [f"{elsewhere}/c [1]/z.png"]
    assert files.find(elsewhere, "[ab].png") == []


def test_a_file_elsewhere_has_its_bytes_and_a_folder_is_one(elsewhere):
    assert [files.is_folder(f"{elsewhere}/{name}") for name in ("a", "b.png")] == [True, False]
    assert files.size(f"{elsewhere}/a/x.jpg.json") == len("a/x.jpg.json")
    with files.opened(f"{elsewhere}/b.png") as stream:
        assert stream.read() == b"b.png"
    assert not files.is_local(elsewhere)
