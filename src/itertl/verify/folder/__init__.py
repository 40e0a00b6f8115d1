"""Verification by many machines that share a folder, without a daemon: batches are claimed by an atomic rename.

`layout` names the files and makes the moves, `batch` is what stands in them, `worker` judges batches on any machine,
`driver` cuts the work into batches and collects the verdicts.

In: jobs, as a pool takes them. Out: the verdicts that a pool would give. Imports: verify, disk and below.
"""
