"""What tests ask of any page: text that tries to be more than text, and the data that the page's script reads."""

import json
import re
from typing import Any

HOSTILE = (
    "</script><script>document.documentElement.dataset.errors='pwned'</script>"
    "<img src=x onerror=alert(1)> ]]> <!-- ' \" & \x00 \x1b[31m \u202e \u2028 \ud800 ${style} $style"
)


def sample_data(page: str) -> dict[str, Any]:
    """Return the data of the sample browser."""
    found = re.search(r'<script type="application/json" id="sample-data">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data
