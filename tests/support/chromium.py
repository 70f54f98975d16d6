"""The browser of the page tests: where it is, and (`python -m tests.support.chromium`) getting it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# First the one that has no windows of its own: the tests then cost half.
_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
)
_APT_PACKAGES = ("chromium-headless-shell", "chromium")
"""The second where apt does not know the first."""
_APT_TIMEOUT_SECONDS = 600


def find_chromium() -> Path | None:
    """The browser named by CHROMIUM, else one on the PATH, else Playwright's own, else None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named)
    for name in _NAMES:
        found = shutil.which(name)
        # Ubuntu's package of that name is a script that asks for the snap.
        if found and _runs(Path(found)):
            return Path(found)
    return _find_playwrights()


def is_needed() -> bool:
    """CI may not skip the browser tests."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _find_playwrights() -> Path | None:
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    for folder in ("chrome-linux", "chrome-linux64", "chrome-mac/Chromium.app/Contents/MacOS"):
        for name in ("chrome", "Chromium"):
            found = sorted(root.glob(f"chromium-*/{folder}/{name}"))
            if found:
                return found[-1]
    return None


def _runs(browser: Path) -> bool:
    try:
        return (
            subprocess.run([browser, "--version"], capture_output=True, timeout=60, check=False).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install() -> None:
    """With apt, as root; does nothing elsewhere. Says on stderr what apt had against it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    sys.stdout.write("Installing Chromium for the browser tests (apt-get install) …\n")
    sys.stdout.flush()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ("apt-get", "install", "-y", "--no-install-recommends")
    try:
        _run(("apt-get", "update"), environment)
        try:
            _run((*install, _APT_PACKAGES[0]), environment)
        except subprocess.CalledProcessError:
            _run((*install, _APT_PACKAGES[1]), environment)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{' '.join(error.cmd)}: {error.stderr.strip()[-500:]}\n")
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"apt-get: {error}\n")


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=_APT_TIMEOUT_SECONDS, check=True
    )


def main() -> int:
    if find_chromium() is None:
        _install()
    if find_chromium() is not None:
        return 0
    way_out = "install Chromium (apt-get install chromium-headless-shell) or set CHROMIUM to its path"
    if is_needed():
        sys.stderr.write(f"CI does not skip the browser tests, and there is no Chromium: {way_out}.\n")
        return 1
    sys.stdout.write(f"Browser tests are skipped: there is no Chromium. To have them, {way_out}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
