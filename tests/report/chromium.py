"""A page in a real browser, without a window and without a network.

    with Browser(profile) as browser:
        browser.open(page, width=390) ; browser.value("document.title") ; browser.picture(Path("out.png"))

Chromium is spoken to over two pipes, in messages of its DevTools protocol that end in a zero byte.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
PATIENCE = 600  # seconds until a page that is never ready fails its test


class Browser:
    """One page of a browser of its own."""

    def __init__(self, profile: Path) -> None:
        """Start it with `profile` as its folder."""
        own_in, self._out = os.pipe()
        self._in, own_out = os.pipe()
        command = [CHROMIUM or "", *QUIET, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        # the browser reads from descriptor 3 and writes to 4
        shell = ["bash", "-c", f'exec "$@" 3<&{own_in} 4>&{own_out}', "bash", *command]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(shell, stdout=quiet, stderr=quiet, pass_fds=(own_in, own_out))
        os.close(own_in)
        os.close(own_out)
        self._number, self._session, self._rest = 0, "", b""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return what the browser answers."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._rest:
                part = os.read(self._in, 1 << 16)
                assert part, "the browser has ended"
                self._rest += part
            text, _, self._rest = self._rest.partition(b"\0")
            answer = json.loads(text)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def value(self, script: str) -> Any:
        """Return the value of an expression, awaited."""
        found = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.value(script):
            assert time.monotonic() < end, f"never became true: {script}"
            time.sleep(0.02)

    def open(self, page: Path, fragment: str = "", width: int = 1400, height: int = 900, dark: bool = False) -> None:
        """Show a page at a width in CSS pixels, and wait until its script is done."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 700
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Page.navigate", url="about:blank")
        self.ask("Page.navigate", url=page.resolve().as_uri() + fragment)
        self.until("location.protocol === 'file:' && document.documentElement?.dataset.ready === 'true'")

    def press(self, key: str) -> None:
        """Press a key."""
        codes = {"Tab": 9, "Enter": 13, "ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "End": 35, "Home": 36}
        told = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **told, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **told)

    @property
    def errors(self) -> str | None:
        """What the page's script has recorded as having gone wrong."""
        found: str | None = self.value("document.documentElement.dataset.errors ?? null")
        return found

    def picture(self, out: Path, selector: str = "") -> None:
        """Write what is shown, or the whole element, to a PNG file."""
        clip = {}
        if selector:
            box = f"(() => {{ const b = document.querySelector('{selector}').getBoundingClientRect(); "
            box += "return {x: b.x + scrollX, y: b.y + scrollY, width: b.width, height: b.height, scale: 1}; })()"
            clip = {"clip": self.value(box), "captureBeyondViewport": True}
        out.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", **clip)["data"]))

    def printed(self) -> bytes:
        """Return the page as a PDF file."""
        return base64.b64decode(self.ask("Page.printToPDF")["data"])


def dump(page: Path, profile: Path, fragment: str = "") -> str:
    """Return the document as it is after the page's script has run."""
    with Browser(profile) as browser:
        browser.open(page, fragment)
        document: str = browser.value("document.documentElement.outerHTML")
    return document


def counted(document: str) -> str:
    """Return how many samples the filter shows, and of how many."""
    found = re.search(r'<output id="filter-count"[^>]*>([^<]*)</output>', document)
    assert found
    return found[1].removesuffix(" samples")
