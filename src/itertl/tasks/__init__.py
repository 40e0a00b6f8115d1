"""Where problems come from: the gym, files, filters, and what repeats what.

In: seeds, files, the config's section. Out: tasks. Imports: verify (which filters references), projects and below;
never policy.
"""
