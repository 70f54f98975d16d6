"""JUnit reports come from the step, so they may be anything."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs_app.ci.errors import ReportError
from runs_app.ci.junit import (
    MAX_FAILURES,
    MAX_KEY_LENGTH,
    MAX_MESSAGE_LENGTH,
    MAX_REPORT_BYTES,
    make_key,
    mark_report,
    parse_report,
    read_report,
)

REPORT = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.1">
<testcase classname="tests.test_a" name="test_ok" time="0.001" />
<testcase classname="tests.test_a" name="test_bad[1-x]" time="0.001">
<failure message="assert 1 == 2">def test_bad():
&gt;   assert 1 == 2</failure></testcase>
<testcase classname="tests.test_b" name="test_setup"><error type="OSError" message="no disk">...</error>
</testcase>
<testcase classname="tests.test_b" name="test_later"><skipped type="pytest.skip" message="later"/></testcase>
</testsuite></testsuites>
"""
BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a0 "lol">'
    + b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10))
    + b"]><testsuites>&a9;</testsuites>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuites>&x;</testsuites>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not well-formed"),
        (b"<testsuites>", "not well-formed"),
        (b"\x00\xff", "not well-formed"),
        (b"<html></html>", "starts with <html>"),
        (BILLION_LAUGHS, "document type"),
        (OUTSIDE, "document type"),
        (b"<testsuites>&nope;</testsuites>", "not well-formed"),
        (b"<testsuite>" * 100, "nested too deeply"),
        (b'<?xml version="1.0" encoding="utf-99"?><testsuites/>', "not well-formed|cannot be decoded"),
        (b'<?xml version="1.0" encoding="rot13"?><testsuites/>', "not well-formed|cannot be decoded"),
    ],
)
def test_hostile_xml_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        parse_report(content)


@settings(deadline=None)
@given(
    st.binary(max_size=200) | st.text(alphabet='<>/="& testcasefailuresuite', max_size=200).map(str.encode)
)
def test_any_bytes_are_a_report_or_refused(content: bytes) -> None:
    for whole in (content, b"<testsuites><testsuite>" + content + b"</testsuite></testsuites>"):
        try:
            parse_report(whole)
        except ReportError:
            continue


def test_a_report_behind_a_link_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "junit.xml").write_bytes(REPORT)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "folder").symlink_to(outside)
    (workspace / "junit.xml").symlink_to(outside / "junit.xml")
    for path in ("junit.xml", "folder/junit.xml"):
        with pytest.raises(ReportError, match="symlink"):
            read_report(workspace, path, before=None)
        assert mark_report(workspace, path) is None


@pytest.mark.parametrize("path", ["../junit.xml", "/etc/passwd", "", "a/../../b"])
def test_a_path_out_of_the_workspace_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ReportError, match="not a path inside"):
        read_report(tmp_path, path, before=None)


def test_what_is_not_a_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    (tmp_path / "folder.xml").mkdir()
    for path in ("pipe.xml", "folder.xml"):
        with pytest.raises(ReportError, match="not a regular file"):
            read_report(tmp_path, path, before=None)


def test_a_missing_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="was not written"):
        read_report(tmp_path, "build/junit.xml", before=None)


def test_a_report_from_before_the_step_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_bytes(REPORT)
    before = mark_report(tmp_path, "junit.xml")
    assert before is not None
    with pytest.raises(ReportError, match="not written by this try"):
        read_report(tmp_path, "junit.xml", before=before)


def test_a_new_report_in_the_place_of_an_old_one_is_read(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_bytes(REPORT)
    before = mark_report(tmp_path, "junit.xml")
    (tmp_path / "new.xml").write_bytes(REPORT)
    (tmp_path / "new.xml").replace(tmp_path / "junit.xml")
    assert read_report(tmp_path, "junit.xml", before=before).tests == 4


def test_a_report_over_the_size_limit_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "junit.xml").open("wb") as stream:
        stream.truncate(MAX_REPORT_BYTES + 1)
    with pytest.raises(ReportError, match="larger than"):
        read_report(tmp_path, "junit.xml", before=None)


def test_a_report_is_counted_from_its_tests() -> None:
    report = parse_report(REPORT)
    assert (report.tests, report.failures, report.errors, report.skipped) == (4, 1, 1, 1)
    bad, setup = report.failed
    assert bad.key == "pytest::tests.test_a::test_bad[1-x]"
    assert bad.name == "test_bad[1-x]"
    assert bad.message.startswith("assert 1 == 2\ndef test_bad():\n>   assert 1 == 2")
    assert setup.message == "OSError: no disk\n..."


def test_suites_may_nest_and_stand_alone() -> None:
    report = parse_report(
        b'<testsuite name="outer"><testcase name="a"><failure/></testcase><testsuite name="inner">'
        b'<testcase name="a"><failure/></testcase></testsuite>'
        b'<testcase name="b"><error/></testcase></testsuite>'
    )
    assert [test.key for test in report.failed] == ["outer::::a", "inner::::a", "outer::::b"]


def test_a_failure_and_an_error_of_one_test_count_once() -> None:
    report = parse_report(
        b'<testsuite name="s"><testcase name="a"><failure message="f"/><error message="teardown"/></testcase>'
        b'<testcase name="a"><failure message="again"/></testcase></testsuite>'
    )
    assert (report.tests, report.failures, report.errors) == (2, 2, 0)
    assert [(test.key, test.message) for test in report.failed] == [("s::::a", "f")]


def test_failures_and_messages_are_bounded() -> None:
    cases = b"".join(
        b'<testcase name="t%d"><failure message="%s">%s</failure></testcase>' % (i, b"m" * 9000, b"x" * 9000)
        for i in range(MAX_FAILURES + 50)
    )
    report = parse_report(b"<testsuite>" + cases + b"</testsuite>")
    assert report.failures == MAX_FAILURES + 50
    assert len(report.failed) == MAX_FAILURES
    assert all(len(test.message) <= MAX_MESSAGE_LENGTH for test in report.failed)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("test_repr[<Thing at 0x7f3a2c1d>]", "test_repr[<Thing at 0x7fbb00aa11>]"),
        ("reads /tmp/pytest-of-me/pytest-1/a.txt", "reads /tmp/pytest-of-me/pytest-2/a.txt"),
        ("opens the page (12 ms)", "opens the page (0.4 s)"),
        ("starts at 2026-01-02T03:04:05Z", "starts at 2026-01-02T03:04:06.7Z"),
        ("two  words", "two words"),
    ],
)
def test_what_differs_between_runs_is_not_in_the_key(first: str, second: str) -> None:
    assert make_key("s", "c", first) == make_key("s", "c", second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("test_a[10ms]", "test_a[20ms]"), ("test_a[1-x]", "test_a[1-y]"), ("test_a[0x10]", "test_a[0x20]")],
)
def test_parameters_stay_in_the_key(first: str, second: str) -> None:
    assert make_key("s", "c", first) != make_key("s", "c", second)


def test_long_keys_are_cut_and_stay_distinct() -> None:
    keys = {make_key("s", "c", "n" * 5000 + end) for end in "ab"}
    assert len(keys) == 2
    assert all(len(key) == MAX_KEY_LENGTH for key in keys)
