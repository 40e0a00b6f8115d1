"""`itertl serve-verdicts`: the judge behind HTTP, see `itertl.serving`."""

import dataclasses
import os

from rich.console import Console

from itertl.errors import UsageError
from itertl.score import resolve
from itertl.serving.server import require, serve
from itertl.verify.settings import VerifySettings

TOKEN = "ITERTL_TOKEN"
AHEAD = 2  # batches of designs that each worker process has before it


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What the caller wants: address, `places` for designs under way, `body_mb` in MiB, whether there is a token."""

    host: str
    port: int
    places: int
    body_mb: int
    score: str
    token: bool


def serve_verdicts(asked: Asked, settings: VerifySettings, console: Console) -> None:
    """Serve until the process is asked to end; raise UsageError where a token is asked for and none is there."""
    require()
    from itertl.serving.app import Rules

    token = os.environ.get(TOKEN, "") if asked.token else ""
    if asked.token and not token:
        raise UsageError(f"--token needs the token in the variable {TOKEN}, which is not set")
    resolve(asked.score)
    slots = AHEAD * settings.batch * settings.processes
    rules = Rules(asked.places, slots, asked.body_mb << 20, score=asked.score, token=token)
    serve(
        settings,
        rules,
        asked.host,
        asked.port,
        lambda line: console.print(line, highlight=False, markup=False, soft_wrap=True),
    )
