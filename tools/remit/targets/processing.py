"""Read a Sigma processing pipeline, strictly, for whichever target."""

from __future__ import annotations

from pathlib import Path

import yaml
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingPipeline

from remit_enrichment.errors import BadInput

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_TODO = "give a YAML file with `transformations`, in the form of those in pipelines/"


def read_pipeline(path: Path) -> ProcessingPipeline:
    """Return the pipeline of a file.

    Raises:
        BadInput: it cannot be read, or holds something else.
    """
    try:
        document = yaml.load(path.read_text("utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _no_pipeline(path, " ".join(str(error).split())) from error
    if not isinstance(document, dict):
        raise _no_pipeline(path, "it is no mapping")
    try:
        return ProcessingPipeline.from_dict(document)
    except (SigmaError, AttributeError, TypeError, KeyError, ValueError) as error:
        raise _no_pipeline(path, str(error)) from error


def _no_pipeline(path: Path, why: str) -> BadInput:
    return BadInput(f"no Sigma processing pipeline: {why}", where=str(path), todo=_TODO)
