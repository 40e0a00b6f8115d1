"""Every file name of a run directory and of an evaluation's, once.

runs/NAME/   the first two groups below, an iteration's in iter_01/, an evaluation's in iter_01/SUITE/
OUT/         the first group, ROWS and RESULT; what belongs to the suite in SUITE/
"""

CONFIG = "config.yaml"
ENVIRONMENT = "env.json"
EVENTS = "events.jsonl"
LOG = "log.txt"
LOCK = "run.lock"
PULSE = "pulse.json"  # what is under way while a process works here; gone when it ended by itself
FORESEEN = "foreseen.jsonl"  # the stages of the run and how many of what each makes
TRACKED = "tracked.json"  # how many rows each tracker has been given

ABOUT = {CONFIG, ENVIRONMENT, EVENTS, LOG, LOCK, PULSE, FORESEEN, TRACKED}  # of a run, and none of its results

TASKS = "tasks.jsonl"
AUDIT = "audit.jsonl"
CANDIDATES = "candidates.jsonl"
VERDICTS = "verdicts.jsonl"  # one for each distinct design
TESTBENCH = "testbench.jsonl"  # one for each distinct completion, of a suite's own testbench
GROUPS = "groups.jsonl"
BASE = "base"
POLICY = "policy"
EVALUATION = "evaluation.json"
COMPARISON = "final.json"

TRAINING = "training.jsonl"  # in a policy's folder: a line a step
KEPT = "kept.json"  # in a policy's folder: what bfloat16 keeps of the training that made it
MISMATCH = "mismatch.json"  # in a policy's folder: how far training moved it from the samples that it learned from

ROWS = "rows.jsonl"  # one for each candidate, in their order
RESULT = "result.json"
SYNTHESES = "synthesis.jsonl"
QUALITY = "quality.json"

SETTING = "temperature-"  # begins the folder of one of several settings
OURS = {LOCK, RESULT}  # one of these lies in every folder of a run or an evaluation

REPORT = "report.html"
SCHEMATICS = "schematics.jsonl"  # of a few designs, as the report holds them; whoever deletes it has them drawn anew
