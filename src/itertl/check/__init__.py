"""Is a config fit to run, on this machine or on another one? Looks at everything that a run needs, and trains nothing.

In: a config. Out: findings, in the order in which a run would meet them. Imports: tracking, training (to look up
objectives), sampling and below; never loop.

Contract: `examine` loads the tokenizer and the model's config, never weights; it draws no sample and leaves nothing
behind. A finding fails only for what is known to be wrong. What this machine cannot tell (a hub model that is not
here, memory of a GPU that is not here) is a warning that says what to look at.

    itertl check configs/qwen2.5-coder-1.5b.yaml
"""

from itertl.check.everything import examine
from itertl.check.finding import Finding, Status, passed, render

__all__ = ["Finding", "Status", "examine", "passed", "render"]
