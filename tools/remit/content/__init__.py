"""Content: rules and their cases, read strictly and turned into data."""

from remit.content.expression import And, Expression, Item, Not, Or, Ref, leaves
from remit.content.loading import Content, load_content, load_rules, read_documents, read_rules
from remit.content.places import ContentError, Place, Problem
from remit.content.root import content_root, display_name, files_of
from remit.content.rule import (
    Correlation,
    Custom,
    Document,
    Filter,
    Frameworks,
    LogSource,
    Requires,
    Rule,
    Schedule,
    Threshold,
)
from remit.content.tree import Scalar

__all__ = [
    "And", "Content", "ContentError", "Correlation", "Custom", "Document", "Expression", "Filter", "Frameworks", "Item",
    "LogSource", "Not", "Or", "Place", "Problem", "Ref", "Requires", "Rule", "Scalar", "Schedule", "Threshold",
    "content_root", "display_name", "files_of", "leaves", "load_content", "load_rules", "read_documents", "read_rules",
]  # fmt: skip
