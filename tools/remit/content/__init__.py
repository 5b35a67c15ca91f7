"""Content: rules and their cases, read strictly and turned into data."""

from remit.content.expression import And, Expression, Item, Not, Or, Ref, leaves
from remit.content.loading import load_rules, read_rules
from remit.content.places import ContentError, Place, Problem
from remit.content.root import content_root, display_name, files_of
from remit.content.rule import Custom, Frameworks, LogSource, Requires, Rule, Schedule
from remit.content.tree import Scalar

__all__ = [
    "And", "ContentError", "Custom", "Expression", "Frameworks", "Item", "LogSource", "Not", "Or", "Place", "Problem",
    "Ref", "Requires", "Rule", "Scalar", "Schedule", "content_root", "display_name", "files_of", "leaves", "load_rules",
    "read_rules",
]  # fmt: skip
