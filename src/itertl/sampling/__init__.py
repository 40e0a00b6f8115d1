"""Drawing candidates from a policy, in this process or through servers.

In: a policy's folder, tasks, a draw. Out: a stream of candidates. Imports: policy and below; never training, tasks,
verify. Importing this package is cheap; torch is imported where sampling needs it.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from itertl.records import Candidate, Task
from itertl.sampling.draw import Draw

__all__ = ["Draw", "sample"]


def sample(policy: Path, tasks: Sequence[Task], draw: Draw, *, done: Iterable[Candidate] = ()) -> Iterator[Candidate]:
    """See `itertl.sampling.in_process.sample`, and `server.sample` or `chat.sample` where the draw has a service."""
    if draw.service is not None and draw.service.chat:
        from itertl.sampling import chat

        return chat.sample(tasks, draw, draw.service, done=done)
    if draw.service is not None:
        from itertl.sampling import server

        return server.sample(policy, tasks, draw, draw.service, done=done)
    from itertl.sampling import in_process

    return in_process.sample(policy, tasks, draw, done=done)
