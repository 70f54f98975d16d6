"""Real steps: what they get, how they end and what they leave, under each isolation there is."""

import os
from pathlib import Path

import pytest

from runs_app.ci.local import LocalCommandRunner
from runs_app.ci.types import Isolation, StepOutcome, StepSpec
from tests.support.ci_bench import Bench, Sink, make_bench

JUNIT = """<testsuite name="s">
<testcase classname="c" name="t"><failure message="MESSAGE"/></testcase>
</testsuite>
"""


class SinkIsBroken(Exception):
    pass


def test_a_program_that_the_machine_lacks_is_not_the_candidates_fault(bench: Bench) -> None:
    result = bench.run(("no-such-program-anywhere", "--version"))
    assert result.outcome is StepOutcome.ERRORED
    assert "no-such-program-anywhere" in result.detail


def test_a_script_that_the_candidate_lacks_is_a_failure(bench: Bench) -> None:
    result = bench.run(("./run-tests",))
    assert (result.outcome, result.exit_code) == (StepOutcome.FAILED, 127)
    assert "run-tests" in bench.sink.text


def test_a_script_that_is_not_executable_is_a_failure(bench: Bench) -> None:
    (bench.workspace / "run-tests").write_text("#!/bin/sh\n")
    assert bench.run(("./run-tests",)).exit_code == 126


def test_a_script_without_an_interpreter_line_is_one_for_the_shell(bench: Bench) -> None:
    (bench.workspace / "run-tests").write_text('echo "$1" && exit 4\n')
    (bench.workspace / "run-tests").chmod(0o755)
    assert bench.run(("./run-tests", "word")).exit_code == 4
    assert bench.sink.text == "word\n"


def test_a_missing_workspace_is_not_the_candidates_fault(bench: Bench) -> None:
    bench.workspace.rmdir()
    result = bench.run("true")
    assert result.outcome is StepOutcome.ERRORED
    assert "workspace" in result.detail


def test_a_missing_scratch_root_is_not_the_candidates_fault(bench: Bench) -> None:
    bench.scratch_root.rmdir()
    result = bench.run("true")
    assert result.outcome is StepOutcome.ERRORED
    assert "no scratch folder" in result.detail


def test_exit_codes_decide(bench: Bench) -> None:
    assert bench.run("exit 0").outcome is StepOutcome.PASSED
    result = bench.run("exit 3")
    assert (result.outcome, result.exit_code, result.detail) == (StepOutcome.FAILED, 3, "exit code 3")


def test_death_by_a_signal_is_named(bench: Bench) -> None:
    result = bench.run("kill -KILL $$")
    assert (result.outcome, result.exit_code) == (StepOutcome.FAILED, 137)
    assert result.detail == "exit code 137 (SIGKILL)"


def test_a_timeout_ends_the_step(bench: Bench) -> None:
    result = bench.run("echo begun; trap '' TERM; sleep 600", timeout_seconds=1)
    assert (result.outcome, result.exit_code) == (StepOutcome.TIMED_OUT, None)
    assert result.detail == "killed after 1 s"
    assert 1 <= result.duration_seconds < 10
    assert bench.sink.text == "begun\n"


def test_cancelling_ends_the_step(bench: Bench) -> None:
    bench.is_cancelled = lambda: "begun" in bench.sink.text
    result = bench.run("echo begun; sleep 600")
    assert result.outcome is StepOutcome.CANCELLED
    assert result.duration_seconds < 10


def test_a_step_that_was_cancelled_before_it_began_is_not_run(bench: Bench) -> None:
    bench.is_cancelled = lambda: True
    assert bench.run("sleep 600").outcome is StepOutcome.CANCELLED


def test_an_error_of_the_sink_passes_through(bench: Bench) -> None:
    def refuse(_: str) -> None:
        raise SinkIsBroken

    bench.sink = Sink(on_write=refuse)
    with pytest.raises(SinkIsBroken):
        bench.run("echo begun; sleep 600")
    assert list(bench.scratch_root.iterdir()) == []


def test_the_environment_is_made_from_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SSH_AUTH_SOCK", "AUTOPACK_HOME", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"):
        monkeypatch.setenv(name, "of the worker")
    bench.run(("env",), env=(("MODE", "fast"), ("LANG", "de_DE.UTF-8")))
    lines = bench.sink.text.splitlines()
    names = {line.partition("=")[0] for line in lines}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {
        *("CI", "CI_TRY_ID", "HOME", "LANG", "LOGNAME", "MODE", "PATH", "SHELL", "TMPDIR", "USER")
    }
    assert {"MODE=fast", "LANG=de_DE.UTF-8", "CI=true"} <= set(lines)


def test_words_are_not_read_by_a_shell(bench: Bench) -> None:
    bench.run(("printf", "%s|", "$HOME", "a b", "`id`", "*", ";"))
    assert bench.sink.text == "$HOME|a b|`id`|*|;|"


def test_standard_input_is_empty_and_no_other_descriptor_is_open(bench: Bench) -> None:
    (bench.workspace / "fds.py").write_text(
        "import os, sys\n"
        "print(sorted(int(f) for f in os.listdir('/proc/self/fd'))[:-1], repr(sys.stdin.read()))\n"
    )
    bench.run("python3 fds.py")
    assert bench.sink.text == "[0, 1, 2] ''\n"


def test_output_comes_in_order(bench: Bench) -> None:
    bench.run('i=0; while [ $i -lt 3000 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done')
    expected = "".join(f"out {i}\nerr {i}\n" for i in range(3000))
    assert bench.sink.text == expected


def test_output_is_seen_while_the_step_runs_even_without_a_newline(bench: Bench) -> None:
    go = bench.workspace / "go"
    bench.sink.on_write = lambda text: go.touch() if "Continue?" in text else None
    result = bench.run("printf 'Continue? '; while ! test -e go; do sleep 0.02; done; echo yes")
    assert result.outcome is StepOutcome.PASSED
    assert bench.sink.text == "Continue? yes\n"


def test_output_over_the_cap_keeps_head_and_tail(tmp_path: Path, isolation: Isolation) -> None:
    bench = make_bench(tmp_path / "home", isolation, head_bytes=1000, tail_bytes=500)
    result = bench.run("seq 1 100000")
    text = bench.sink.text
    assert result.is_output_truncated
    assert result.output_bytes == len("".join(f"{i}\n" for i in range(1, 100001)))
    assert text.startswith("1\n2\n3\n")
    assert text.endswith("\n99999\n100000\n")
    assert "output limit reached" in text
    assert "bytes cut here" in text
    assert len(text) < 1700


def test_secrets_are_redacted(tmp_path: Path, isolation: Isolation) -> None:
    bench = make_bench(tmp_path / "home", isolation, secret_values=["of-the-project"])
    bench.run(
        'echo "1 $DEPLOY_TOKEN 2"; printf "of-the-"; sleep 0.2; echo project; echo $MODE; env',
        env=(("DEPLOY_TOKEN", "hunter22"), ("MODE", "production")),
    )
    assert "hunter22" not in bench.sink.text
    assert "of-the-project" not in bench.sink.text
    assert bench.sink.text.startswith("1 [redacted] 2\n[redacted]\nproduction\n")


def test_scratch_folders_are_fresh_and_leave_nothing(bench: Bench) -> None:
    for _ in range(2):
        result = bench.run(
            'test -z "$(ls -A "$HOME")" && touch "$HOME/a" "$TMPDIR/b" && mkdir "$HOME/locked" '
            '&& touch "$HOME/locked/c" && chmod 0 "$HOME/locked" && mktemp'
        )
        assert result.outcome is StepOutcome.PASSED
    assert list(bench.scratch_root.iterdir()) == []
    assert list(bench.workspace.iterdir()) == []


def test_what_a_step_writes_is_the_workers_to_remove(bench: Bench) -> None:
    bench.run("mkdir -p build && echo done > build/result")
    result = bench.workspace / "build" / "result"
    assert result.read_text() == "done\n"
    assert result.stat().st_uid == os.geteuid()


def test_the_workspace_keeps_its_path(bench: Bench) -> None:
    bench.run("pwd -P")
    assert bench.sink.text == f"{bench.workspace.resolve()}\n"


def test_a_fresh_report_is_read_and_a_stale_one_is_not(bench: Bench) -> None:
    (bench.workspace / "junit.xml").write_text("<testsuites/>")
    stale = bench.run("exit 1", junit_path="junit.xml")
    assert stale.junit is None
    assert "junit.xml was not written by this try" in stale.detail
    (bench.workspace / "template.xml").write_text(JUNIT)
    fresh = bench.run("cat template.xml > junit.xml; exit 1", junit_path="junit.xml")
    assert fresh.junit is not None
    assert [test.key for test in fresh.junit.failed] == ["s::c::t"]


def test_a_broken_report_changes_no_outcome(bench: Bench) -> None:
    result = bench.run("ln -s /etc/passwd junit.xml", junit_path="junit.xml")
    assert result.outcome is StepOutcome.PASSED
    assert result.junit is None
    assert "symlink" in result.detail


def test_a_report_is_redacted(bench: Bench) -> None:
    (bench.workspace / "template.xml").write_text(JUNIT)
    script = 'sed "s/MESSAGE/got $API_KEY/" template.xml > junit.xml; exit 1'
    result = bench.run(script, junit_path="junit.xml", env=(("API_KEY", "hunter22"),))
    assert result.junit is not None
    assert result.junit.failed[0].message == "got [redacted]"


def test_the_report_on_the_sandbox_says_what_is_hidden(tmp_path: Path) -> None:
    report = LocalCommandRunner(tmp_path, isolation=Isolation.UNSHARE).describe_sandbox([tmp_path])
    assert (report.isolation, report.hidden_paths) == (Isolation.UNSHARE, (str(tmp_path),))
    report = LocalCommandRunner(tmp_path, isolation=Isolation.NONE).describe_sandbox([tmp_path])
    assert (report.isolation, report.hidden_paths) == (Isolation.NONE, ())


def test_steps_may_run_at_the_same_time(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "home", Isolation.NONE)
    inner = StepSpec(name="inner", argv=("echo inner",), is_shell=True)

    def run_another(_: str) -> None:
        bench.sink.on_write = lambda _: None
        result = bench.runner.run_step(
            inner,
            workspace=bench.workspace,
            hidden_paths=(),
            sink=Sink(),
            is_cancelled=lambda: False,
        )
        assert result.outcome is StepOutcome.PASSED

    bench.sink.on_write = run_another
    assert bench.run("echo outer").outcome is StepOutcome.PASSED
