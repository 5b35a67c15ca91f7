"""What the tools do with a registry: hints to its authors, importers, publishing."""
