"""Markdown of anybody as a page: nothing of it runs, nothing of it is lost."""

import pytest

from catalog_app.presentation.markdown_text import render_markdown


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "![x](https://example.org/pixel.png)",
        "<a href='x' onclick='y'>z</a>",
        "`<style>`\n\n<style>*{}</style>",
        '[x](https://example.org "a\\" onmouseover=alert(1) b")',
    ],
)
def test_nothing_runs_or_is_fetched(text: str) -> None:
    html = render_markdown(text)
    for tag in ("<script", "<img", "<style", "<a onclick", 'href="javascript', 'href="data:'):
        assert tag not in html
    assert " onmouseover=" not in html.replace("&quot;", "").split('title="')[0]


def test_what_is_written_is_shown() -> None:
    html = render_markdown(
        "# Plan\n\n| a | b |\n|---|---|\n| 1 | <b> |\n\n3. third\n\n[x](https://example.org)"
    )
    assert "<h1>Plan</h1>" in html
    assert "<td>&lt;b&gt;</td>" in html
    assert '<ol start="3">' in html
    assert 'href="https://example.org" rel="noopener noreferrer"' in html
