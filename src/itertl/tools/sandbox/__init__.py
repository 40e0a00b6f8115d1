"""Confinement of what candidates run in: Landlock, seccomp, user, limits, and the keeper that ends it.

In: a level that is asked for, limits. Out: a process confined for good, and what is in force. Imports: tools, errors.
"""
