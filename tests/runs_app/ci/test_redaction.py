"""Secrets do not get through, however the stream is cut; ordinary text does."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs_app.ci.redaction import Redactor, is_secret_name, list_secret_values, mask_steps, redact

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nq1w2e3r4t5==\n-----END RSA PRIVATE KEY-----"
TOKENS = (
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz0123456789",
    "glpat-ABCdef123456_7890-xy",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-1234567890123-abcdefABCDEF",
    "sk-proj-abcDEF1234567890abcDEF12",
    "sk-ant-api03-abcDEF1234567890abcDEF12",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "ap_k3x9_9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "AIzaSyA-1234567890abcdefghijklmnopqrstu",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
)
HARMLESS = (
    "tests/test_a.py .......F [ 40%]",
    "task-runner-with-a-long-kebab-case-name-2000",
    "map_reduce_over_all_the_items_1",
    "sk-folding-cube-container-wide",
    "ap_hook_translate_name_first",
    "https://example.org/a@b and git@example.org:x/y.git",
    "ssh://git@example.org/x.git",
    "Successfully installed bearer-1.0",
    "-----BEGIN CERTIFICATE-----",
    "commit 16c7e42f292c6912e7710c838347ae178b4a0000",
)


@pytest.mark.parametrize("token", TOKENS)
def test_well_known_tokens_are_redacted(token: str) -> None:
    for before, after in (("", ""), ("token=", "\n"), ('"', '",'), ("(", ")")):
        assert redact(f"{before}{token}{after}") == f"{before}[redacted]{after}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
        ("authorization: Basic dXNlcjpwYXNz\n", "authorization: Basic [redacted]\n"),
        ('{"Authorization": "Api-Key abcd1234"}', '{"Authorization": "Api-Key [redacted]"}'),
        ("X-Api-Key: abcd1234", "X-Api-Key: [redacted]"),
        ("curl -H 'PRIVATE-TOKEN: abcd1234' x", "curl -H 'PRIVATE-TOKEN: [redacted]' x"),
        ("sent bearer 0123456789abcdef0 to", "sent bearer [redacted] to"),
        ("clone https://u:p4ss@example.org/x", "clone https://[redacted]@example.org/x"),
        ("https://oauth2token@example.org", "https://[redacted]@example.org"),
        ("postgres://me:pw@db:5432/x", "postgres://[redacted]@db:5432/x"),
        (f"key:\n{KEY}\nend", "key:\n[redacted]\nend"),
        (KEY.replace("\n", "\\n"), "[redacted]"),
        (KEY[:60], "[redacted]"),
    ],
)
def test_credentials_in_context_are_redacted(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


def test_given_values_are_redacted_in_every_spelling() -> None:
    text = "a p@ss w0rd b p%40ss%20w0rd c line-one-of-it d line-two-of-it"
    secrets = ["p@ss w0rd", "line-one-of-it\nline-two-of-it\n"]
    assert redact(text, secrets) == "a [redacted] b [redacted] c [redacted] d [redacted]"


def test_a_value_too_short_to_be_a_secret_is_not_redacted() -> None:
    assert redact("a b c 123", ["b", "", "123"]) == "a b c 123"


def test_the_longer_of_two_values_wins() -> None:
    assert redact("hunter22", ["hunter", "hunter22"]) == "[redacted]"


def test_text_that_is_not_utf8_survives() -> None:
    text = b"caf\xe9 hunter22 \xff".decode("utf-8", "surrogateescape")
    assert redact(text, ["hunter22"]).encode("utf-8", "surrogateescape") == b"caf\xe9 [redacted] \xff"


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN",
        "SECRET_KEY",
        "DB_PASSWORD",
        "AWS_ACCESS_KEY_ID",
        "NPM_AUTH",
        "API_KEY",
        "SENTRY_DSN",
        "MY_PAT",
    ],
)
def test_secret_names_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["PATH", "HOME", "MODE", "KEYBOARD", "PATTERN", "AUTHOR", "MONKEY"])
def test_other_names_are_not_secret(name: str) -> None:
    assert not is_secret_name(name)


def test_secret_values_come_from_names_and_urls() -> None:
    env = [
        ("API_TOKEN", "hunter22"),
        ("DEBUG_TOKEN", "off"),
        ("MODE", "production"),
        ("CACHE", "redis://me:s3cret@cache/0"),
        ("ODD", "http://[broken"),
    ]
    assert list_secret_values(env) == ("hunter22", "s3cret")


def stream(chunks: list[bytes], secrets: list[str], *, releases: bool = False) -> bytes:
    redactor = Redactor(secrets)
    shown = b""
    for chunk in chunks:
        shown += redactor.feed(chunk)
        if releases:
            shown += redactor.release()
    return shown + redactor.finish()


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({min(place, len(whole)) for place in places} | {0, len(whole)})
    return [whole[start:end] for start, end in itertools.pairwise(ends)]


_pieces = st.sampled_from(
    (
        *TOKENS,
        *HARMLESS,
        KEY,
        KEY[:40],
        "Authorization: Bearer ",
        "abcdefgh12345678",
        "https://u:p@",
        "hunter22",
        "hunter",
        "two\nlines of a secret",
        " ",
        "\n",
        "\r",
        "sk-",
        "-----BEGIN ",
        "://",
        "é",
    )
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_pieces, max_size=12).map("".join), st.lists(st.integers(0, 600), max_size=20))
def test_a_stream_is_redacted_as_the_whole_is(text: str, places: list[int]) -> None:
    secrets = ["hunter22", "two\nlines of a secret"]
    whole = text.encode()
    assert stream(cut(whole, places), secrets) == Redactor(secrets).redact(text).encode()


@pytest.mark.parametrize("token", [*TOKENS, "hunter22-of-the-project"])
def test_no_cut_lets_a_secret_through(token: str) -> None:
    whole = f"before {token} after\n".encode()
    for place in range(len(whole)):
        chunks = [whole[:place], whole[place:]]
        assert stream(chunks, ["hunter22-of-the-project"]) == b"before [redacted] after\n"


def test_byte_by_byte_is_enough() -> None:
    whole = f"a {KEY} b Authorization: Token abcd https://u:p@h {TOKENS[0]}\n".encode()
    chunks = [whole[i : i + 1] for i in range(len(whole))]
    assert (
        stream(chunks, [])
        == b"a [redacted] b Authorization: Token [redacted] https://[redacted]@h [redacted]\n"
    )


def test_an_idle_stream_gives_up_what_is_only_doubtful() -> None:
    redactor = Redactor(["hunter22"])
    shown = redactor.feed(b"Password for h")
    assert b"Password for h".startswith(shown)
    assert shown + redactor.release() == b"Password for h"


def test_an_idle_stream_keeps_what_is_nearly_a_secret() -> None:
    redactor = Redactor(["hunter22"])
    for begun in (b"x hunte", b" ghp_16C7e42F", b" https://user:pa", b" Authorization: Bearer a"):
        redactor.feed(begun)
        assert redactor.release() == b""
        redactor.finish()


def test_what_is_held_back_is_bounded() -> None:
    for start in (b"ghp_", b"https://", b"authorization: ", b"-----BEGIN PRIVATE KEY-----"):
        redactor = Redactor()
        held = 0
        for _ in range(200):
            held += 1000 - len(redactor.feed(start + b"a" * (1000 - len(start))))
            start = b""
        assert held < 40_000


def test_a_lot_of_output_is_redacted_quickly() -> None:
    line = b"2026-01-02 03:04:05 INFO request GET https://example.org/api/v1/items?page=2 took 12 ms\n"
    redactor = Redactor(["hunter22"])
    size = sum(len(redactor.feed(line * 700)) for _ in range(80)) + len(redactor.finish())
    assert size == len(line) * 700 * 80


def test_steps_are_shown_without_their_secrets() -> None:
    env = {"DEPLOY_TOKEN": "s3cr3t", "PIN_KEY": 7, "HOST": "db", "URL": "https://me:hunter22@host/x", "N": 1}
    plain = {"name": "lint", "run": ["make"]}
    masked = mask_steps([{"name": "deploy", "shell": "./deploy", "env": env}, plain])
    assert masked == [
        {
            "name": "deploy",
            "shell": "./deploy",
            "env": {
                "DEPLOY_TOKEN": "[redacted]",
                "PIN_KEY": "[redacted]",
                "HOST": "db",
                "URL": "https://[redacted]@host/x",
                "N": 1,
            },
        },
        plain,
    ]
    assert env["DEPLOY_TOKEN"] == "s3cr3t"
