"""Every icon that a template asks for is in the sprite: a missing one would be an empty space."""

import re
from pathlib import Path

from django.conf import settings

from runs_app.presentation.states import ICONS
from runs_app.templatetags.ui import SPRITE


def test_every_icon_in_use_is_in_the_sprite() -> None:
    sprite = (Path(settings.BASE_DIR) / "static" / SPRITE).read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    used = set(ICONS.values())
    for template in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        used |= set(re.findall(r'{% icon "([^"]+)"', text)) | set(re.findall(r'icon_name="([^"]+)"', text))
    events = Path(settings.BASE_DIR) / "runs_app" / "presentation" / "events.py"
    used |= set(re.findall(r'(?:EventLine|_fixed)\(\s*"([^"]+)"', events.read_text(encoding="utf-8")))
    assert used <= known


def test_no_template_holds_a_script_a_style_or_a_handler() -> None:
    """The security policy would block them without a word to the author."""
    for template in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|hx-on|hx-vals=.js", text), (
            template
        )
