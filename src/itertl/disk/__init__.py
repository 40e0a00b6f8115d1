"""What lies on disk: artefacts that are whole or absent, rows, the run directory, locks, stores and indices.

In: records and paths. Out: records, streams and folders. Imports: machine (versions, for a run) and below.
"""
