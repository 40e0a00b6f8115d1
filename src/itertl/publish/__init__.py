"""A run's results for others: policies and judged samples as folders that their tools open, with cards, and the hub.

In: a run directory. Out: a folder, or a repository of the hub. Imports: report (which reads runs) and below.

    itertl export runs/quickstart out --what merged        itertl push runs/quickstart NAME --dry-run

Contract: what cannot be exported is refused before anything is loaded; a folder appears whole, and one that holds
anything but an earlier export is left alone.
"""

from itertl.publish.export import Wanted, export
from itertl.publish.hub import push

__all__ = ["Wanted", "export", "push"]
