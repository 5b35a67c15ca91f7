"""Hunt: run rules over logs and write alerts."""
