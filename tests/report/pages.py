"""What tests ask of any page: text that tries to be more than text, and the data that the page's script reads."""

import json
import re
from typing import Any

from itertl.report.packed import unpack

HOSTILE = (
    "</script><script>document.documentElement.dataset.errors='pwned'</script>"
    "<img src=x onerror=alert(1)> ]]> <!-- ' \" & \x00 \x1b[31m \u202e \u2028 \ud800 ${style} $style"
)


def sample_data(page: str) -> dict[str, Any]:
    """Return the content of the sample browser."""
    head = re.search(r'<script type="application/json" id="sample-data">(.*?)</script>', page, re.DOTALL)
    assert head
    stored = dict(re.findall(r'<script type="text/plain" id="([\w-]+)">([\w+/=]*)</script>', page))
    return unpack(json.loads(head[1]), stored)
