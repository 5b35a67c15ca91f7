"""Rules, correlations and filters as data: what the loader hands to the oracle, hunt and every target."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct

from remit.alerts import AlertKind
from remit.content.expression import Expression, Item, leaves, resolve
from remit.content.places import Place

if TYPE_CHECKING:
    from sigma.rule import SigmaRule

Enrichment = Literal["none", "registry", "tasks", "state"]


class LogSource(Struct, frozen=True, kw_only=True):
    category: str | None = None
    product: str | None = None
    service: str | None = None
    definition: str | None = None


class Requires(Struct, frozen=True, kw_only=True):
    """What must be there for the rule to see anything."""

    enrichment: Enrichment = "none"
    """Which tags: none, those of the registry, of the tasks, or of the state."""
    telemetry: str = ""
    """Which log, and the setting that turns it on."""


class Schedule(Struct, frozen=True, kw_only=True):
    """How a SIEM runs the rule: durations such as `5m`, `1h`."""

    interval: str = "5m"
    lookback: str = "10m"


class Frameworks(Struct, frozen=True, kw_only=True):
    """Ids in the frameworks that analysts report by."""

    attack: tuple[str, ...] = ()
    atlas: tuple[str, ...] = ()
    owasp_nhi: tuple[str, ...] = ()
    owasp_asi: tuple[str, ...] = ()


class Custom(Struct, frozen=True, kw_only=True):
    """What the alert needs beyond Sigma: the `custom` block of the file."""

    alert: AlertKind = "queue"
    supersedes: tuple[str, ...] = ()
    requires: Requires = Requires()
    risk_score: int | None = None
    """0 to 100."""
    entity_fields: tuple[str, ...] = ()
    context_fields: tuple[str, ...] = ()
    triage: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    schedule: Schedule = Schedule()
    frameworks: Frameworks = Frameworks()


class Header(Struct, frozen=True, kw_only=True):
    """What describes a rule, a correlation or a filter."""

    id: str
    title: str
    level: str
    """informational, low, medium, high, critical; `medium` where the file says none."""
    status: str | None
    file: str
    """Relative to the content's root where it lies there: `rules/aws/x.yml`; else as given."""
    place: Place
    name: str | None = None
    description: str = ""
    author: str | None = None
    license: str | None = None
    date: str | None = None
    modified: str | None = None
    references: tuple[str, ...] = ()
    related: tuple[dict[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    taxonomy: str | None = None
    custom: Custom = Custom()
    custom_source: dict[str, Any] = {}
    """The `custom` block as plain data, for templates that read attributes of a SigmaRule."""

    @property
    def alert(self) -> AlertKind:
        return self.custom.alert


class Rule(Header, frozen=True, kw_only=True, dict=True):
    """One detection rule. `dict=True` only so that `expression` is computed once."""

    logsource: LogSource
    detections: dict[str, Expression]
    """By name, in file order; without references."""
    condition: Expression
    """Over references to `detections`; a list of conditions is joined by or, selectors are resolved."""
    condition_place: Place

    @cached_property
    def expression(self) -> Expression:
        """The whole logic: the condition with every reference replaced."""
        return resolve(self.condition, self.detections)

    def items(self) -> tuple[Item, ...]:
        """Every item that the condition uses, from left to right."""
        return tuple(leaf for leaf in leaves(self.expression) if isinstance(leaf, Item))

    def sigma(self) -> SigmaRule:
        """Return a fresh pySigma rule of the same meaning; a converter may change it as it likes.

        Detections are renamed `d0`, `d1` ... and the condition is written anew, so that pySigma cannot misread a name.
        Those that the condition does not use are left out. Each detection item's `source` is its place.
        """
        from remit.content.sigma import to_sigma

        return to_sigma(self)


CorrelationType = Literal[
    "event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile",
    "value_median",
]  # fmt: skip


class Threshold(Struct, frozen=True):
    """What the number of a window has to be: every bound must hold, so two of them are a range."""

    bounds: tuple[tuple[str, float], ...]
    """Operator (gt, gte, lt, lte, eq, neq) and number."""
    fields: tuple[str, ...] = ()
    """The counted field or fields of the value types."""
    percentile: float | None = None


class Correlation(Header, frozen=True, kw_only=True):
    """A rule over what other rules match within a span of time."""

    type: CorrelationType
    refs: tuple[str, ...]
    """Ids or names of the rules that it is about, as written and in that order."""
    group_by: tuple[str, ...] = ()
    timespan: int
    """Milliseconds."""
    aliases: dict[str, dict[str, str]] = {}
    """Alias -> rule as written in `refs` -> field."""
    condition: Threshold | Expression
    """A number's bounds, or logic over references to `refs` (of temporal types)."""
    condition_place: Place
    generate: bool = False
    """The rules that it is about alert by themselves, too."""
    bases: tuple[Rule | Correlation, ...] = ()
    """What `refs` refer to, in their order; filled in when content is loaded."""


class Filter(Header, frozen=True, kw_only=True):
    """A site's exception: its condition is added to the rules that it names."""

    logsource: LogSource
    refs: tuple[str, ...] | None
    """Ids or names of the rules; None: every rule of the log source."""
    detections: dict[str, Expression]
    condition: Expression
    condition_place: Place


Document: TypeAlias = Rule | Correlation | Filter
