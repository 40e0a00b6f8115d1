"""Servers that are named and still load their model: they are waited for, and the wait is told.

waiting for http://127.0.0.1:8000: connection refused, 12 s of 300
"""

import time

from itertl.disk.sides import check_ended
from itertl.errors import ServerError
from itertl.progress import SECONDS, progress
from itertl.sampling.checks import offered_models
from itertl.sampling.client import AwayError, Client, LoadingError

PATIENCE = 300.0  # seconds: large weights load within them, and a mistyped port is found out before the day is over
PAUSE = 1.0  # seconds between two looks
NO_MODEL = "no model in /v1/models"


def await_servers(client: Client, seconds: float) -> None:
    """Return once a server answers, and leave out those that do not by then.

    A refused or broken connection, HTTP 502 and 503, and an empty list of models are waited for, no longer than
    `seconds` or PATIENCE. Raise ServerError where no server has come up by the end, and at once where none can, as at
    an unknown host. Whatever else a server answers, it is there: the caller judges that.
    """
    limit = min(seconds, PATIENCE)
    began = time.monotonic()
    loading = _loading(client)
    while loading and time.monotonic() - began < limit:
        url, reason = next(iter(loading.items()))
        with progress(f"waiting for {url}: {reason}", round(limit), unit=SECONDS) as advance:
            told = 0
            while loading.get(url) == reason and (passed := time.monotonic() - began) < limit:
                advance(int(passed) - told)
                told = int(passed)
                check_ended()
                time.sleep(min(PAUSE, limit))
                loading = _loading(client)
    for url, reason in loading.items():
        if reason != NO_MODEL:  # a chat may have models that it does not list
            client.leave_out(url, f"waited {limit:g} s for {url}: {reason}; start the server, or correct its address")


def _loading(client: Client) -> dict[str, str]:
    """Return why the servers cannot answer yet, by address; nothing where one answers, the others are left out then."""
    found = {}
    for url in client.urls:
        try:
            found[url] = "" if offered_models(client, url) else NO_MODEL
        except LoadingError as error:
            found[url] = error.found
        except AwayError as error:
            client.leave_out(url, str(error))
        except ServerError:
            found[url] = ""
    loading = {url: reason for url, reason in found.items() if reason}
    if len(loading) == len(found):
        return loading
    for url, reason in loading.items():
        client.leave_out(url, f"{reason} at {url}, while another server answers")
    return {}
