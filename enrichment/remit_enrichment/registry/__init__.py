"""The registry: who owns which identity, what it may do, and which task it works on, as of any time."""
