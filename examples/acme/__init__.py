"""A synthetic day of Acme's CloudTrail. `python -m examples.acme OUT` writes it."""
