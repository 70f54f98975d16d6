"""The root of all git errors, and what can go wrong when git is started. No message carries a credential."""

from typing import ClassVar


class GitError(Exception):
    """`code` is stable; `is_transient`: the same call may succeed later."""

    code: ClassVar[str] = "git_failed"
    is_transient: ClassVar[bool] = False


class GitCommandFailed(GitError):
    """git ended with a status that the caller has no better name for. Output is redacted and cut."""

    def __init__(self, command: str, exit_code: int, stderr: str) -> None:
        super().__init__(f"git {command} ended with status {exit_code}: {stderr}")
        self.command = command
        self.exit_code = exit_code
        self.stderr = stderr


class GitTimedOut(GitError):
    code = "git_timed_out"
    is_transient = True


class GitUnavailable(GitError):
    """No usable git on this machine."""

    code = "git_unavailable"
