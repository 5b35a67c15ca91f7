"""Read logs: files, folders, globs, standard input, in every shape that events travel in."""

from remit_enrichment.readers.files import read_blocks, read_file
from remit_enrichment.readers.order import expand, read, read_paths
from remit_enrichment.readers.record import Chunk, Record

__all__ = ["Chunk", "Record", "expand", "read", "read_blocks", "read_file", "read_paths"]
