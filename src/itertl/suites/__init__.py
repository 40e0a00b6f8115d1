"""Published suites: where they come from, how they are read, prompted and judged, and what is wrong with them.

In: a name and a folder of data. Out: tasks. Imports: tasks, verify (for the types of rules) and below; never policy.
"""
