"""Where samples come from, and whether that is there."""

import shutil
from collections.abc import Iterator

from itertl.check.finding import Finding, Status
from itertl.config import Config
from itertl.errors import ItertlError
from itertl.machine import doctor
from itertl.sampling.draw import Service

SERVER_SECONDS = 10.0


def service(config: Config) -> Iterator[Finding]:
    """Yield where samples come from, and whether that is there."""
    server = config.server
    if server.urls:
        for url in Service.of(server).servers:  # type: ignore[union-attr]
            yield _server(url, server.model or "")
    elif server.vllm_python is not None:
        code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('vllm') is None)"
        there = doctor.succeeds([server.vllm_python, "-c", code])
        fix = "make an environment with vllm, and give the path of its python as server.vllm_python"
        found = f"{server.vllm_python} {'has' if there else 'does not run, or does not have'} vllm"
        yield Finding("server", Status.OK if there else Status.FAIL, found, "" if there else fix)
    elif server.command:
        program = server.command[0]
        there = shutil.which(program) is not None
        found = f"{program} {'is' if there else 'is not'} installed"
        yield Finding("server", Status.OK if there else Status.FAIL, found, "" if there else "install it")
    else:
        yield Finding("sampling", Status.OK, "in this process")


def _server(url: str, model: str) -> Finding:
    from itertl.sampling.checks import offered_models
    from itertl.sampling.client import Client, LoadingError, UnreachableError
    from itertl.sampling.waiting import NO_MODEL, PATIENCE

    waits = f"start it, or correct server.urls; where it loads its model a run waits for it, up to {PATIENCE:g} s"
    try:
        with Client([url], concurrency=1, deadline=SERVER_SECONDS) as client:
            names = [str(row.get("id")) for row in offered_models(client, url)]
    except LoadingError as error:
        return Finding("server", Status.FAIL, f"{url} is not there yet: {error.found}", waits)
    except UnreachableError as error:  # says what to do itself
        return Finding("server", Status.FAIL, str(error))
    except ItertlError as error:
        return Finding("server", Status.FAIL, str(error), "start it, or correct server.urls")
    if not names:
        return Finding("server", Status.FAIL, f"{url} is not there yet: {NO_MODEL}", waits)
    start = model.partition("{digest}")[0]
    if any(name == model or (start != model and name.startswith(start)) for name in names):
        return Finding("server", Status.OK, f"{url} offers {', '.join(names)}")
    return Finding("server", Status.FAIL, f"{url} offers {', '.join(names)}", f"serve {model!r} there")
