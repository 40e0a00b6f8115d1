"""Where problems come from: the generated gym, JSONL files in our format and RTLCoder's, and filters on both."""
