"""Commit messages are deterministic and hold nothing that a terminal or a trailer parser could trip over."""

from hypothesis import given
from hypothesis import strategies as st

from runs_app.gitops.message import SUBJECT_LIMIT, compose_commit_message


def test_control_characters_and_line_breaks_cannot_forge_anything() -> None:
    message = compose_commit_message(
        subject="Fix\x1b[31m it\n\nSigned-off-by: Eve",
        body="one\r\ntwo\0\x07\n",
        trailers={"Run": "r1\nApproved-by: Eve", "bad key:\n": "v", "": "dropped"},
    )
    assert message == ("Fix[31m it Signed-off-by: Eve\n\none\ntwo\n\nRun: r1 Approved-by: Eve\nbad-key: v\n")


def test_a_long_subject_is_cut() -> None:
    subject = compose_commit_message(subject="word " * 40).splitlines()[0]
    assert len(subject) <= SUBJECT_LIMIT
    assert subject.endswith("…")


def test_an_empty_subject_gets_a_word() -> None:
    assert compose_commit_message(subject=" \n\t") == "Change\n"


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text(), max_size=3))
def test_every_message_is_sound_and_repeatable(subject: str, body: str, trailers: dict[str, str]) -> None:
    message = compose_commit_message(subject=subject, body=body, trailers=trailers)
    assert message == compose_commit_message(subject=subject, body=body, trailers=trailers)
    assert message.endswith("\n")
    assert "\0" not in message
    assert "\r" not in message
    assert message.split("\n")[0].strip()
