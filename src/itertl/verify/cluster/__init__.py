"""Verification on the nodes of a Ray cluster: the same jobs and answers as the pool of this machine, by another road.

    ClusterPool  --Order-->  gateway (a process, the Ray driver)  --task-->  node: its own confined workers

In: jobs and the address of a cluster. Out: their answers, whatever happened to nodes on the way. Imports: verify,
records, tools and below.

Ray is imported in the gateway, on the nodes, and in a process that has initialised it already; never elsewhere.
"""
