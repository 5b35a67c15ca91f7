"""Parts of a time, in UTC and by arithmetic alone.

`strftime` answers in the time zone of whoever searches, so it would make a rule mean something else for each of them.
The calendar is the proleptic Gregorian one, counted in days from 1 March of the year 0, where the leap day comes last.
"""

from __future__ import annotations

from sigma.types import TimestampPart

# In the quoting of SPL.
_ISO = r'"\\A\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[-+]\\d\\d:\\d\\d)?\\z"'
_OFFSET = r'"[-+]\\d\\d:\\d\\d\\z"'
_SECONDS = r'"\\A\\d{10}\\z"'
_MILLISECONDS = r'"\\A\\d{13}\\z"'
_MARCH = 719468
"""Days from 1 March 0000 to 1 January 1970."""
_JANUARY = 306
"""Days from 1 March to the next 1 January: shifted by them, a year that begins in January begins in March."""


def _year_of_era(day: str) -> str:
    return f"floor(({day}-floor({day}/1460)+floor({day}/36524)-floor({day}/146096))/365)"


_DAY_OF_ERA = "{}-146097*floor({}/146097)"
_YEAR = _year_of_era("{}")
_DAY_OF_YEAR = f"{{}}-(365*{_YEAR}+floor({_YEAR}/4)-floor({_YEAR}/100))"


def epoch() -> str:
    """The seconds since 1970 of the value `{}`; of text that is no time, a text that is no number."""
    zone = f'if(match({{}},{_OFFSET}),replace(substr({{}},-6),":",""),"+0000")'
    read = f'strptime(substr({{}},1,19).{zone},"%Y-%m-%dT%H:%M:%S%z")'
    return (
        f'case(match({{}},{_ISO}),coalesce({read},"-"),match({{}},{_SECONDS}),tonumber({{}}),'
        f'match({{}},{_MILLISECONDS}),tonumber({{}})/1000,true(),"-")'
    )


def steps(part: TimestampPart) -> tuple[str, ...]:
    """From a time to its part: each step an expression over `{}`, what the step before it gave."""
    return (epoch(), *(step.replace("{}", "tonumber({})") for step in _from_seconds(part)))


def _from_seconds(part: TimestampPart) -> tuple[str, ...]:
    days = "floor({}/86400)"
    match part:
        case TimestampPart.MINUTE:
            return ("floor(({}-3600*floor({}/3600))/60)",)
        case TimestampPart.HOUR:
            return ("floor(({}-86400*floor({}/86400))/3600)",)
        case TimestampPart.YEAR:
            return (
                f"{days}+{_MARCH - _JANUARY}",
                f"400*floor({{}}/146097)+{_year_of_era('({}-146097*floor({}/146097))')}+1",
            )
        case TimestampPart.MONTH:
            return (f"{days}+{_MARCH}", _DAY_OF_ERA, _DAY_OF_YEAR, "floor((5*{}+2)/153)", "if({}<10,{}+3,{}-9)")
        case TimestampPart.DAY:
            return (f"{days}+{_MARCH}", _DAY_OF_ERA, _DAY_OF_YEAR, "{}-floor((153*floor((5*{}+2)/153)+2)/5)+1")
        case TimestampPart.WEEK:
            # ISO 8601: the week belongs to the year of its Thursday. Day 0 (1 January 1970) was a Thursday.
            thursday = "{}-(({}+3)-7*floor(({}+3)/7))+3"
            return (days, f"{thursday}+{_MARCH - _JANUARY}", _DAY_OF_ERA, _DAY_OF_YEAR, "floor({}/7)+1")
