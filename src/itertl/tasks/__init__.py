"""Where problems come from: the generated gym, JSONL files in our format and RTLCoder's, and filters on both."""

from itertl.tasks.files import read_tasks
from itertl.tasks.load import load_tasks, of_iteration, of_split, with_reference

__all__ = ["load_tasks", "of_iteration", "of_split", "read_tasks", "with_reference"]
