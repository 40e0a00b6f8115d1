"""Verdicts under the testbench that a suite brings: its own rule, bug for bug, and a strict one beside it.

In: tasks with a testbench, candidates, the suite's rule. Out: two verdicts each. Imports: verify, disk, records, tools
and below.
"""
