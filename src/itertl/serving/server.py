"""Running the judge: a socket, uvicorn, and workers that end with it.

serve(settings, Rules(), "127.0.0.1", 8000, tell=print)
"""

import asyncio
import importlib.util
import socket
from collections.abc import Callable
from typing import Any

from itertl.errors import MissingToolError, UsageError
from itertl.tools.sandbox.keeper import offered
from itertl.tools.shop import tool_versions
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.service import Service

CONNECTIONS = 2048  # open at once; more are answered with 503
_KEPT_ALIVE = 30  # seconds that a silent connection stays open
_FAREWELL = 30  # seconds that requests under way have when the server is asked to end
_LOCAL = ("127.0.0.1", "::1", "localhost")


def open_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raise UsageError where the address cannot be had."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}, port {port}: {error.strerror}; give another --host or --port"
        ) from error


def serve(
    settings: VerifySettings, rules: Any, host: str, port: int, tell: Callable[[str], None] = lambda line: None
) -> None:
    """Serve until SIGINT or SIGTERM; `rules` are those of `app.Rules`, `tell` hears the address.

    Raise MissingToolError without fastapi and uvicorn or without Icarus Verilog, UsageError for an address in use.
    """
    require()
    import uvicorn

    from itertl.serving.app import Judge, build

    facts = {"tools": tool_versions(), "sandbox": offered().level, "workers": settings.processes}
    judge = Judge(Service(settings), rules, facts)
    with open_socket(host, port) as listening:
        name, number = listening.getsockname()[:2]
        shown = f"[{name}]" if ":" in name else name
        tell(f"http://{shown}:{number}, worker processes: {settings.processes}, sandbox {facts['sandbox']}")
        if host not in _LOCAL and not rules.token:
            tell("anyone who reaches this address may use it: --token asks for a bearer token")
        server = uvicorn.Server(configured(build(judge)))
        asyncio.run(server.serve(sockets=[listening]))


def configured(app: Any) -> Any:
    """Return uvicorn's settings for an application."""
    import uvicorn

    return uvicorn.Config(
        app,
        log_level="warning",
        ws="none",
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=_KEPT_ALIVE,
        timeout_graceful_shutdown=_FAREWELL,
    )


def require() -> None:
    """Raise MissingToolError without the packages of the extra `serve`."""
    missing = [name for name in ("fastapi", "uvicorn") if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingToolError(f"{' and '.join(missing)} not installed; pip install 'itertl[serve]'")
