"""The page of an evaluation: pass@k, outcomes by both rules, problems and samples."""
