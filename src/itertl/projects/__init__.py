"""Real projects: filelists, includes, libraries, packages and macros, as the trusted surroundings of one module.

In: files, folders and filelists. Out: tasks with a project around them. Imports: records and below; never
verify, tasks.

To read it in order: `filelists` reads what tools are told of a project, `load` finds in it what one module needs.
"""
