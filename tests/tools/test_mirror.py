"""Which files lack a test at their place, told of small projects and of this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mirror import THROUGH, Project, main, problems

LOGIC = "def answer():\n    return 42\n"


@pytest.fixture
def project(tmp_path: Path):
    def make(**files: str) -> Project:
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Project.of(tmp_path)

    return make


def test_the_exit_code_tells(project, tmp_path, capsys):
    project(serving__a=LOGIC, tests__serving__test_a="")
    (tmp_path / THROUGH).write_text("through: {}\nwithout: {}\n")
    assert main([str(tmp_path)]) == 0
    project(serving__b=LOGIC)
    assert main([str(tmp_path)]) == 1
    assert "serving/b.py has no test at its place" in capsys.readouterr().out


def test_a_file_without_a_test_is_named_with_the_place_of_one(project):
    assert problems(project(serving__a=LOGIC), {}) == [
        "serving/a.py has no test at its place: write tests/serving/test_a.py, or list it in"
        " tests/through.yaml"
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tests__serving__test_a", ""),
        ("tests__serving__test_a_of_many", ""),
        ("tests__serving__test_b", "from serving import a\n"),
        ("tests__serving__deep__test_b", "from serving.a import answer\n"),
        ("tests__serving__test_b", 'NAME = "serving.a"\n'),
    ],
)
def test_places_of_a_test(project, name, text):
    assert problems(project(serving__a=LOGIC, **{name: text}), {}) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tests__test_a", ""),
        ("tests__models__test_b", "from serving import a\n"),
        ("tests__serving__test_ab", ""),
    ],
)
def test_no_places_of_a_test(project, name, text):
    assert len(problems(project(serving__a=LOGIC, **{name: text}), {})) == 1


def test_what_defines_no_function_needs_none(project):
    text = "import dataclasses\n\n\n@dataclasses.dataclass\nclass A:\n    a: int = 3\n"
    assert problems(project(serving__a=text), {}) == []


def test_a_file_may_be_tested_through_another_that_uses_it(project):
    made = project(
        serving__a=LOGIC,
        serving__b="from serving.a import answer\n\n\ndef ask():\n    return answer()\n",
        tests__serving__test_b="from serving.b import ask\n",
        tests__serving__test_c="",
    )
    listed = {"through": {"tests/serving/test_b.py": ["serving/a.py"]}}
    assert problems(made, listed) == []
    listed = {"through": {"tests/serving/test_c.py": ["serving/a.py"]}}
    assert problems(made, listed) == [
        f"{THROUGH} says that tests/serving/test_c.py reaches serving/a.py; it does not import it"
    ]


def test_what_fixtures_import_is_reached_too(project):
    made = project(
        serving__a=LOGIC,
        tests__conftest="from serving import a\n",
        tests__serving__test_b="",
    )
    assert problems(made, {"through": {"tests/serving/test_b.py": ["serving/a.py"]}}) == []


def test_what_is_gone_is_taken_out(project):
    listed = {
        "through": {"tests/serving/test_b.py": ["serving/a.py"]},
        "without": {"Some reason": ["serving/c.py"]},
    }
    assert problems(project(serving__a=LOGIC), listed) == [
        f"{THROUGH} lists serving/c.py, which is gone: take it out",
        f"{THROUGH} names the test tests/serving/test_b.py, which is gone",
    ]


def test_commands_that_are_put_together_are_followed(project):
    made = project(
        serving__b='def ask(name):\n    import_module(f"serving.commands.{name}")\n',
        serving__commands__a=LOGIC,
        tests__test_b="from serving import b\n",
    )
    assert "serving/commands/a.py" in made.reached("tests/test_b.py")
