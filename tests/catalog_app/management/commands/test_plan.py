"""`manage.py plan`."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog_app.models import Plan
from tests.support.lookup import use_encoder
from tests.support.planned import make_catalog

pytestmark = pytest.mark.django_db

BRIEF = "# Shop\n\nFor our customers.\n\n## Features\n\n- Login\n- Paint the bike shed\n"


@pytest.fixture
def brief(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    use_encoder(monkeypatch, None)
    make_catalog()
    path = tmp_path / "brief.md"
    path.write_text(BRIEF)
    return str(path)


def plan(*arguments: str) -> int:
    """The exit status."""
    try:
        call_command("plan", *arguments)
    except SystemExit as ended:
        return int(ended.code or 0)
    except CommandError as error:
        return int(error.returncode)
    return 0


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_what_cannot_be_planned_is_refused_in_one_line_each(brief: str, tmp_path: Path) -> None:
    for arguments, said in (
        ([str(tmp_path / "none.md")], "none.md: No such file"),
        ([written(tmp_path, "empty.md", "")], "No feature was asked for."),
        ([brief, "--catalog", "other"], "other"),
        ([brief, "--project", "nothing"], "nothing"),
        ([brief, "--answers", written(tmp_path, "broken.yaml", "{")], "broken.yaml:"),
        ([brief, "--answers", written(tmp_path, "odd.yaml", "remove: [a car]")], "'a car'"),
        ([brief, "--answers", written(tmp_path, "key.yaml", "removes: [login]")], "removes"),
        ([written(tmp_path, "slug.md", "| Feature | Slug |\n|---|---|\n| In | logni |")], "mean login"),
        ([brief, "--answers", written(tmp_path, "slug.yaml", "add: [{slug: logni}]")], "mean login"),
        ([brief, "--answers", written(tmp_path, "words.yaml", "words: Make it blue sky.")], "blue sky"),
    ):
        with pytest.raises(CommandError, match=said) as caught:
            call_command("plan", *arguments)
        assert caught.value.returncode == 2
    (tmp_path / "latin.md").write_bytes(b"caf\xe9")
    assert plan(str(tmp_path / "latin.md")) == 2


def test_a_plan_is_printed_and_not_kept(
    brief: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan(brief) == 0
    output = capsys.readouterr().out
    assert output.startswith("# Shop\n")
    assert not Plan.objects.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO(BRIEF))
    assert plan("-") == 0
    assert capsys.readouterr().out == output


def test_the_status_says_that_something_is_to_be_done_first(
    brief: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan(brief, "--mode", "draft") == 1
    assert "1 source is to be verified before a run may start." in capsys.readouterr().err


def test_a_folder_gets_the_plan_as_it_is_after_the_answers(
    brief: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = "project_type: web_app\nbuild_new: [login]\nwords: without the bike shed and without a wiki\n"
    answers = written(tmp_path, "answers.yaml", changes)
    out = tmp_path / "out"
    assert plan(brief, "--mode", "draft", "--answers", answers, "--output", str(out)) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{out}: wrote plan.md, plan.json.\n"
    assert "Nothing here is “wiki”." in printed.err
    assert "bike shed" not in (out / "plan.md").read_text()
    assert plan(brief, "--mode", "draft", "--answers", answers, "--output", str(out)) == 0
    assert capsys.readouterr().out == f"{out}: is this plan already.\n"
