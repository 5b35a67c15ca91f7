r"""Searches that ask a Splunk server what its manual leaves open: each prints one row with ok=1 or ok=0.

They ship beside the queries as saved searches that are disabled: run one by hand, once for each version. Where a probe
answers 0, the condition that it decides (see `query.CONDITIONS`) does not hold there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    name: str
    asks: str
    search: str


def _ok(*evals: str, rows: str = "") -> str:
    return f"| makeresults{rows} | " + " | ".join(evals)


PROBES = (
    Probe(
        "any value matches", "mvfilter keeps the matching values of a list, and gives NULL where none does",
        _ok(r'eval v=split("a,Yy",","), ok=if(mvcount(mvfilter(match(v,"(?is)\\AyY\\z")))=1'
            r' AND isnull(mvcount(mvfilter(match(v,"\\Aq\\z")))),1,0)'),
    ),
    Probe(
        "one value matches", "mvfilter takes a single value as a list of one",
        _ok(r'eval v="Yy", ok=if(mvcount(mvfilter(match(v,"(?is)\\Ayy\\z")))=1,1,0)'),
    ),
    Probe(
        "absent field", "the test of an absent field is false, so its negation is true",
        _ok('where NOT (if(mvcount(mvfilter(match(absent,"x")))>0,1,0)=1)', "eval ok=1"),
    ),
    Probe(
        "absent field in a list", "mvappend leaves out what is NULL",
        _ok('eval v=mvappend(absent,"a",null()), ok=if(mvcount(v)=1,1,0)'),
    ),
    Probe(
        "absent field mapped", "mvmap of NULL is NULL, and of one value that value",
        _ok('eval v="A", ok=if(isnull(mvmap(absent,lower(absent))) AND mvmap(v,lower(v))="a",1,0)'),
    ),
    Probe(
        "JSON null", 'KV_MODE: a JSON null is extracted as the text "null"',
        _ok(r'eval _raw="{\"a\":null,\"b\":\"x\"}"', "spath", 'eval ok=if(a="null" AND b="x",1,0)'),
    ),
    Probe(
        "empty text", "empty_values: an empty text is a value",
        _ok(r'eval _raw="{\"b\":\"\"}"', "spath", 'eval ok=if(isnotnull(b) AND b="",1,0)'),
    ),
    Probe(
        "JSON paths", "json_extract gives NULL for null, an array for a path through one, NULL for a path through none",
        _ok(r'eval _raw="{\"a\":[{\"b\":\"x\"},{\"b\":\"y\"}],\"n\":null,\"s\":\"t\"}",'
            r' ok=if(mvcount(json_array_to_mv(json_extract(_raw,"a{}.b")))=2'
            r' AND isnull(json_extract(_raw,"n")) AND isnull(json_extract(_raw,"s{}")),1,0)'),
    ),
    Probe(
        "characters beyond ASCII", "pcre_utf8: the dot of match() is one character, also beyond ASCII",
        _ok(r'eval ok=if(match("aüb","\\Aa.b\\z"),1,0)'),
    ),
    Probe(
        "case beyond ASCII in search", "site_fold: search takes K (U+212A) for k and İ for i, and ſ not for s",
        _ok("eval f=mvappend(\"\u212a\",\"İ\",\"ſ\")", "mvexpand f", 'search f IN ("k", "i", "s")',
            "stats count", "eval ok=if(count=2,1,0)"),
    ),
    Probe(
        "case beyond ASCII in lower", "site_fold: lower() folds Ü",
        _ok('eval ok=if(lower("Ü")="ü",1,0)'),
    ),
    Probe(
        "text that is no address", "cidrmatch of text that is no address is not true",
        _ok('eval ok=if(cidrmatch("10.0.0.0/8","AWS Internal"),0,1)'),
    ),
    Probe(
        "numbers in search", "number_text: search compares digits as text",
        _ok('eval f=mvappend("7","07","7.0")', "mvexpand f", 'search f="7"', "stats count",
            "eval ok=if(count=1,1,0)"),
    ),
    Probe(
        "networks in search", "search compares with a network, of v4 and of v4 addresses in v6",
        _ok('eval ip=mvappend("10.1.2.3","::ffff:10.1.2.3","11.0.0.1","AWS Internal")', "mvexpand ip",
            'search (ip="10.0.0.0/8" OR ip="::ffff:a00:0/104")', "stats count", "eval ok=if(count=2,1,0)"),
    ),
    Probe(
        "stopped expression", "an expression that match_limit stops is no match (and the job says so)",
        _ok(r'eval s="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", ok=if(match(s,"\\A(a+)+\\z"),0,1)'),
    ),
    Probe(
        "backslashes", "a backslash written twice reaches match() once, and hexadecimal escapes work",
        _ok(r'eval ok=if(match("s3:*","\\As3\\x3a\\x2a\\z") AND NOT match("s3:x","\\As3\\x3a\\x2a\\z"),1,0)'),
    ),
    Probe(
        "references in replace", "replace() puts a group of the expression where \\1 stands",
        _ok(r'eval ok=if(replace("7.0","\\A(-?\\d+)\\.0+\\z","\\1")="7",1,0)'),
    ),
    Probe(
        "names with quotes", "a field with a quote in its name is read in single quotes",
        _ok('eval "c\\"d"="y"', "eval v='c\"d', ok=if(v=\"y\",1,0)"),
    ),
    Probe(
        "offsets of times", "strptime reads an offset, whatever the time zone of the user",
        _ok('eval ok=if(strptime("2026-11-01T23:10:00+0000","%Y-%m-%dT%H:%M:%S%z")=1793574600,1,0)'),
    ),
    Probe(
        "rows of streamstats", "streamstats without a window goes over more than 10,000 rows",
        _ok("streamstats count AS c", "stats max(c) AS most", "eval ok=if(most=20001,1,0)", rows=" count=20001"),
    ),
    Probe(
        "previous row of a group", "window=1 global=f takes the previous row of the same group",
        _ok("streamstats count AS i", 'eval g=if(i=2,"b","a")',
            "streamstats current=f window=1 global=f last(i) AS before BY g", "where i=3",
            "eval ok=if(before=1,1,0)", rows=" count=3"),
    ),
    Probe(
        "rows without a group", "streamstats gives nothing to a row without the BY field",
        _ok('eval g=if(random()>=0,null(),"x")', "streamstats count AS c BY g", "eval ok=if(isnull(c),1,0)",
            rows=" count=3"),
    ),
    Probe(
        "windows of time", "time_window slides and includes both ends (no query needs it)",
        _ok("streamstats count AS i", "eval _time=1000000+case(i=1,0,i=2,100,i=3,300,i=4,301)", "sort 0 _time",
            "streamstats time_window=300s count AS c", "where i=4", "eval ok=if(c=3,1,0)", rows=" count=4"),
    ),
)  # fmt: skip


def saved_searches() -> str:
    """The probes as a savedsearches.conf, each disabled and without a schedule."""
    stanzas = [
        "\n".join(
            [
                f"[Remit self-test: {probe.name}]",
                f"description = {probe.asks}",
                f"search = {probe.search}",
                "enableSched = 0",
                "disabled = 1",
            ]
        )
        for probe in PROBES
    ]
    return "# Run by hand once for each version of Splunk: each prints ok=1, or what it says does not hold.\n\n" + (
        "\n\n".join(stanzas) + "\n"
    )
