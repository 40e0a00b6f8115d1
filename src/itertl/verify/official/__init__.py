"""Verdicts under the testbench that a suite brings: its own rule, bug for bug, and a strict one beside it."""
