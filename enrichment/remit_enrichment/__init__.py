"""Read an event once, say whose machine identity acted, on what authority and for which task."""

__version__ = "0.1.0"
