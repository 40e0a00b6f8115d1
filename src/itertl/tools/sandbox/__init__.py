"""Confinement of what candidates run in: Landlock, seccomp, user, limits, and the keeper that ends it."""
