"""ScanCode as a second opinion, where it is installed: for texts that the first detector does not know."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from catalog_app.licensing import parse_license
from catalog_app.verification.detection import Detection, LicenseDetector

TIMEOUT_SECONDS: Final = 120.0
_LEAST_SCORE = 95.0
_LEAST_SHARE = 90.0
"""Of the file's words, in percent, that belong to the licences found."""
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SCANCODE_CACHE", "SCANCODE_LICENSE_INDEX_CACHE")


class ScanCodeFailed(Exception):
    """It did not run, did not end, or did not say what it says."""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Asks `second` where `first` knows no licence, unless that is because of a rider: that is final."""

    first: LicenseDetector
    second: "ScanCode"

    @property
    def name(self) -> str:
        return f"{self.first.name}, then {self.second.name}"

    def detect(self, text: str) -> Detection:
        found = self.first.detect(text)
        if found.expression or found.is_pointer or found.has_rider:
            return found
        try:
            return self.second.detect(text)
        except ScanCodeFailed as error:
            return replace(found, reason=f"{found.reason} ScanCode could not help: {error}.")


@dataclass(frozen=True, slots=True)
class ScanCode:
    """The `scancode` program (scancode-toolkit 32 and newer), run once for each text: it takes seconds and
    more than a gigabyte of memory."""

    executable: Path
    timeout_seconds: float = TIMEOUT_SECONDS

    @property
    def name(self) -> str:
        return "scancode"

    def detect(self, text: str) -> Detection:
        """Raises ScanCodeFailed."""
        with TemporaryDirectory(prefix="autopack-scancode-") as folder:
            file = Path(folder) / "LICENSE"
            file.write_text(text)
            return _judge(_find_file(self._run(file)))

    def _run(self, file: Path) -> object:
        command = [str(self.executable), "--license", "--quiet", "--json", "-", str(file)]
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        try:
            outcome = subprocess.run(
                command,
                cwd=file.parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                timeout=self.timeout_seconds,
            )
            return json.loads(outcome.stdout)
        except subprocess.TimeoutExpired:
            raise ScanCodeFailed(f"it took longer than {self.timeout_seconds:g} s") from None
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip()[-300:]
            raise ScanCodeFailed(f"it ended with status {error.returncode}: {said}") from None
        except (OSError, ValueError) as error:
            raise ScanCodeFailed(str(error)) from None


def _find_file(report: object) -> Mapping[str, Any]:
    files = report.get("files") if isinstance(report, dict) else None
    for entry in files if isinstance(files, list) else []:
        if isinstance(entry, dict) and entry.get("type") == "file":
            return entry
    raise ScanCodeFailed("its report has no file")


def _judge(entry: Mapping[str, Any]) -> Detection:
    """Only what covers the text and is certain; a licence beside other words may have a rider."""
    written = entry.get("detected_license_expression_spdx")
    expression = parse_license(written).expression if isinstance(written, str) else ""
    share = entry.get("percentage_of_license_text")
    matches = [
        match
        for detection in entry.get("license_detections") or []
        for match in detection.get("matches") or []
    ]
    if not expression or not matches:
        return Detection("", reason="ScanCode knows no licence in the text either.")
    score = min(float(match.get("score", 0)) for match in matches)
    if "unknown" in expression.lower() or score < _LEAST_SCORE:
        return Detection(
            "", reason=f"ScanCode is not certain: {expression} with a score of {score:g} of 100."
        )
    if not isinstance(share, int | float) or share < _LEAST_SHARE:
        return Detection("", reason=f"ScanCode found {expression}, and words that belong to no licence.")
    lines = (
        min(int(match.get("start_line", 1)) for match in matches),
        max(int(match.get("end_line", 1)) for match in matches),
    )
    return Detection(expression, score / 100, "Found by ScanCode.", lines)
