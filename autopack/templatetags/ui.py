"""Template tags and filters of the dashboard that know no app."""

import json
from datetime import datetime, timedelta
from importlib import import_module

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from autopack.choices import Choice

register = template.Library()

SPRITE = "vendor/tabler-icons-3.51.0/sprite.svg"
NOTHING = "\N{EN DASH}"
SPINNING = frozenset({"loader-2"})


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """A decorative icon from the sprite; the text beside it carries the meaning."""
    classes = f"ap-icon {'ap-spin' if name in SPINNING else ''} {css_class}".strip()
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        " ".join(classes.split()),
        static(SPRITE),
        name,
    )


@register.inclusion_tag("partials/state.html")
def state(choice: Choice | None, is_bare: bool = False) -> dict[str, object]:
    """A state with colour, icon and words."""
    if choice is None:
        return {"words": ""}
    return {"words": choice.words, "colour": choice.colour, "icon": choice.icon, "is_bare": is_bare}


@register.filter
def choice(value: str, enum_name: str) -> Choice | None:
    """A stored value as a member of an enum; None for a value that the enum does not have.

    The enum is named with its app, as in `runs_app.PhaseState`, and stands in the app's `choices`.
    """
    app, _, name = enum_name.partition(".")
    enum: type[Choice] = getattr(import_module(f"{app}.choices"), name)
    members = {member.value: member for member in enum}
    return members.get(value)


@register.filter
def words(choice: Choice) -> str:
    """A state in words, for the middle of a sentence."""
    return choice.words_inside


@register.simple_tag
def ago(at: datetime | None) -> SafeString | str:
    """A time relative to now, with the exact one as its title. The browser keeps it up to date."""
    if at is None:
        return NOTHING
    return format_html(
        '<time class="ap-nowrap" datetime="{}" title="{}" data-ago>{}</time>',
        at.isoformat(),
        at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        relative_time(at, timezone.now()),
    )


@register.simple_tag
def elapsed(start: datetime | None, end: datetime | None = None) -> SafeString | str:
    """How long something took, or has been taking: then the browser counts on."""
    if start is None:
        return NOTHING
    if end is not None:
        return duration((end - start).total_seconds())
    return format_html(
        '<span class="ap-num" data-since="{}">{}</span>',
        start.isoformat(),
        duration((timezone.now() - start).total_seconds()),
    )


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds for people: `84 ms`, `12.3s`, `2m 05s`, `1h 04m`."""
    if seconds is None:
        return NOTHING
    if seconds < 1:
        return f"{round(seconds * 1000)} ms" if seconds >= 0.001 else "under 1 ms"
    if seconds < 60:
        return f"{seconds:.1f}s" if seconds < 10 else f"{int(seconds)}s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    return f"{minutes // 60}h {minutes % 60:02d}m"


@register.filter
def compact(number: float | None) -> str:
    """A count for people: `950`, `12.4k`, `5M`."""
    if number is None:
        return NOTHING
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.1f}".rstrip("0").rstrip(".") + unit
    return str(int(number))


@register.filter
def short(object_id: str) -> str:
    """The first ten digits of a git object name."""
    return object_id[:10]


def relative_time(at: datetime, now: datetime) -> str:
    gap = now - at
    size = abs(gap)
    if size < timedelta(seconds=5):
        return "just now"
    for limit, unit, length in (
        (timedelta(minutes=1), "sec.", timedelta(seconds=1)),
        (timedelta(hours=1), "min.", timedelta(minutes=1)),
        (timedelta(days=1), "hr.", timedelta(hours=1)),
        (timedelta(days=7), "days", timedelta(days=1)),
        (timedelta(days=30), "wk.", timedelta(days=7)),
        (timedelta.max, "mo.", timedelta(days=30)),
    ):
        if size < limit:
            count = size // length
            return f"{count} {unit} ago" if gap > timedelta(0) else f"in {count} {unit}"
    return at.date().isoformat()


@register.inclusion_tag("partials/copy.html")
def copy(text: str, label: str = "Copy") -> dict[str, str]:
    """A button that puts `text` on the clipboard."""
    return {"text": text, "label": label}


@register.inclusion_tag("partials/meter.html")
def meter(label: str, used: float | None, cap: float | None, is_goal: bool = False) -> dict[str, object]:
    """How much of a budget is used: orange from 80 %, red when it is gone. A goal is green when reached."""
    share = (used or 0) / cap if cap else 0.0
    if is_goal:
        level = "ap-green" if share >= 1 else ""
    else:
        level = "ap-over" if share >= 1 else "ap-near" if share >= 0.8 else ""
    return {"label": label, "used": used or 0, "cap": cap, "level": level}


@register.filter
def pretty_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
