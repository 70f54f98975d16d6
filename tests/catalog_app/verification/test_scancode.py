"""The second opinion, by a program that answers as ScanCode does."""

import json
import sys
from pathlib import Path

import pytest

from catalog_app.verification.detection import Detection, TemplateDetector
from catalog_app.verification.scancode import ScanCode, SecondOpinion
from tests.support.license_texts import COMMONS_CLAUSE, license_text

STRANGE = "Strange words of a lawyer. " * 60


def report(
    expression: str | None = "LicenseRef-scancode-strange", *, score: float = 100.0, share: float = 99.0
) -> str:
    """A report of scancode-toolkit 32, as far as it is read."""
    match = {"license_expression_spdx": expression, "score": score, "start_line": 1, "end_line": 20}
    entry = {
        "path": "LICENSE",
        "type": "file",
        "detected_license_expression_spdx": expression,
        "license_detections": [{"matches": [match]}] if expression else [],
        "percentage_of_license_text": share,
    }
    return json.dumps({"headers": [], "files": [entry]})


def opinion(tmp_path: Path, script: str, *, seconds: float = 20.0) -> SecondOpinion:
    program = tmp_path / "scancode"
    program.write_text(f"#!{sys.executable}\nimport os, sys\n{script}\n")
    program.chmod(0o755)
    return SecondOpinion(TemplateDetector(), ScanCode(program, seconds))


def answering(tmp_path: Path, answer: str) -> SecondOpinion:
    return opinion(tmp_path, f"print({answer!r})")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("sys.exit('out of memory')", "ended with status 1: out of memory"),
        ("print('{')", "could not help"),
        ("print('[]')", "its report has no file"),
        ('print(\'{"files": [{"type": "directory"}]}\')', "its report has no file"),
    ],
)
def test_a_program_that_fails_leaves_the_licence_unknown(tmp_path: Path, script: str, words: str) -> None:
    found = opinion(tmp_path, script).detect(STRANGE)
    assert found.expression == ""
    assert found.reason.startswith("300 words that are no licence text that is known.")
    assert words in found.reason


def test_a_program_that_hangs_or_is_gone_leaves_the_licence_unknown(tmp_path: Path) -> None:
    hanging = opinion(tmp_path, "sys.stdin.close(); __import__('signal').pause()", seconds=0.5)
    assert "took longer than 0.5 s" in hanging.detect(STRANGE).reason
    (tmp_path / "scancode").unlink()
    assert "could not help" in hanging.detect(STRANGE).reason


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (report(None), "knows no licence"),
        (report("MIT AND LicenseRef-scancode-unknown"), "not certain"),
        (report("MIT", score=80.0), "not certain"),
        (report("MIT", share=60.0), "words that belong to no licence"),
    ],
)
def test_doubtful_answers_do_not_count(tmp_path: Path, answer: str, words: str) -> None:
    found = answering(tmp_path, answer).detect(STRANGE)
    assert found.expression == ""
    assert words in found.reason


@pytest.mark.parametrize(
    "text", [COMMONS_CLAUSE + license_text("MIT"), "See ../LICENSE.", license_text("ISC")]
)
def test_it_is_not_asked_where_the_first_answer_stands(tmp_path: Path, text: str) -> None:
    asked = tmp_path / "asked"
    second = opinion(tmp_path, f"open({str(asked)!r}, 'w')")
    assert second.detect(text) == TemplateDetector().detect(text)
    assert not asked.exists()


def test_a_certain_answer_counts(tmp_path: Path) -> None:
    found = answering(tmp_path, report()).detect(STRANGE)
    assert found == Detection("LicenseRef-scancode-strange", 1.0, "Found by ScanCode.", (1, 20))


def test_it_gets_the_text_and_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    script = (
        "assert 'DATABASE_URL' not in os.environ\n"
        f"assert open(sys.argv[-1]).read() == {STRANGE!r}\n"
        f"print({report('MIT')!r})"
    )
    second = opinion(tmp_path, script)
    assert second.detect(STRANGE).expression == "MIT"
    assert second.name == "licenseclassifier, then scancode"
