"""A page in a real browser, without a window and without a network."""

import re
import shutil
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=5000",
)  # fmt: skip


def dump(page: Path, profile: Path, fragment: str = "") -> str:
    """Return the document as it is after the page's script has run."""
    url = page.resolve().as_uri() + fragment
    command = [CHROMIUM or "", *QUIET, f"--user-data-dir={profile}", "--dump-dom", url]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return done.stdout.decode()


def counted(document: str) -> str:
    """Return how many samples the filter shows, and of how many."""
    found = re.search(r'<output id="filter-count"[^>]*>([^<]*)</output>', document)
    assert found
    return found[1]
