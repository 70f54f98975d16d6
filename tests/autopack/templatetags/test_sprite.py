"""Every icon that a template or a state asks for is in the sprite: a missing one would be an empty space."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from autopack.choices import Choice
from autopack.templatetags.ui import SPRITE


def _read_sprite() -> set[str]:
    text = (Path(settings.BASE_DIR) / "static" / SPRITE).read_text(encoding="utf-8")
    return set(re.findall(r'<symbol id="([^"]+)"', text))


def test_every_icon_in_use_is_in_the_sprite() -> None:
    used: set[str] = set()
    for template in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        used |= set(re.findall(r'{% icon "([^"]+)"', text)) | set(re.findall(r'icon_name="([^"]+)"', text))
    events = Path(settings.BASE_DIR) / "runs_app" / "presentation" / "events.py"
    used |= set(re.findall(r'(?:EventLine|_fixed)\(\s*"([^"]+)"', events.read_text(encoding="utf-8")))
    assert used <= _read_sprite()


@pytest.mark.parametrize("app", ["autopack", "catalog_app", "runs_app"])
def test_every_state_has_an_icon_of_the_sprite(app: str) -> None:
    known = vars(import_module(f"{app}.choices")).values()
    kinds = [kind for kind in known if isinstance(kind, type) and issubclass(kind, Choice)]
    assert {member.icon for kind in kinds for member in kind} <= _read_sprite()


def test_no_template_holds_a_script_a_style_or_a_handler() -> None:
    """The security policy would block them without a word to the author."""
    for template in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|hx-on|hx-vals=.js", text), (
            template
        )
