"""What a server has done, in the text format that Prometheus reads."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator

from itertl.records import Verdict

TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclasses.dataclass(slots=True)
class Metrics:
    """Counts since the start: requests by status, verdicts by outcome, seconds of simulation, clients that left."""

    requests: Counter[int] = dataclasses.field(default_factory=Counter)
    outcomes: Counter[str] = dataclasses.field(default_factory=Counter)
    seconds: float = 0.0
    gone: int = 0

    def note(self, verdicts: Iterable[Verdict]) -> None:
        """Count verdicts that were given."""
        for verdict in verdicts:
            self.outcomes[verdict.outcome] += 1
            self.seconds += verdict.seconds

    def text(self, **gauges: float) -> str:
        """Return all counts, and `gauges` of the moment, one a line."""
        return "".join(f"{line}\n" for line in self._lines(gauges))

    def _lines(self, gauges: dict[str, float]) -> Iterator[str]:
        yield "# TYPE itertl_requests_total counter"
        yield from (f'itertl_requests_total{{status="{s}"}} {n}' for s, n in sorted(self.requests.items()))
        yield "# TYPE itertl_verdicts_total counter"
        yield from (f'itertl_verdicts_total{{outcome="{o}"}} {n}' for o, n in sorted(self.outcomes.items()))
        yield "# TYPE itertl_verdict_seconds_total counter"
        yield f"itertl_verdict_seconds_total {self.seconds:.6f}"
        yield "# TYPE itertl_clients_gone_total counter"
        yield f"itertl_clients_gone_total {self.gone}"
        for name, value in gauges.items():
            yield f"# TYPE itertl_{name} gauge"
            yield f"itertl_{name} {value:g}"
