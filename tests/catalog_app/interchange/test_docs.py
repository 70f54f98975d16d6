"""What docs/catalog.md says of files is so."""

import re
from pathlib import Path

import pytest

from tests.support.catalog_yaml import read_text

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "catalog.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
def test_its_examples_have_no_problem(text: str) -> None:
    content, problems, _ = read_text(text)
    assert problems == []
    assert content.sections


def test_it_explains_every_warning() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "catalog_app" / "interchange").glob("*.py"))
    given = re.findall(r'(?:\.warn\(|Severity\.WARNING,|_unknown\()\s*"(\w+)"', code)
    assert len(set(given)) > 10
    assert {warning for warning in given if f"`{warning}`" not in PAGE} == set()
