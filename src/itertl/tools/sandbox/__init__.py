"""Confinement of what runs untrusted code: Landlock, seccomp, a user id of its own, or bubblewrap around it."""
