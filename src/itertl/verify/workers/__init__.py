"""Worker processes that judge candidates: the pool around them, the messages between, the service that stays.

In: jobs with sources and limits. Out: verdicts, in any order, whatever a job did to its worker. Imports:
verify, disk, records, tools and below.
"""
