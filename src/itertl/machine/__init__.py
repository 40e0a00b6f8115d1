"""The machine: what it has and lacks, and what can move a result here.

In: nothing. Out: findings, device, versions. Imports: tools (asked for their versions), tables, errors.
"""
