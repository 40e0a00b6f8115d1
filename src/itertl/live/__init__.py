"""What a person sees of a run while it runs, and after: read from the run's files alone, from any machine.

In: a run directory. Out: a picture of it, drawn for a terminal. Imports: report (which reads damaged and half-written
files) and below; never loop, plan, check.

    itertl watch runs/quickstart
"""

from itertl.live.picture import Look, Picture
from itertl.live.show import Show, follow

__all__ = ["Look", "Picture", "Show", "follow"]
