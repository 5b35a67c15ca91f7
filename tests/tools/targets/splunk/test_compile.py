from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.spl.evaluator import matches
from tests.conformance.spl.grammar import parse

from remit.content import load_rules
from remit.targets import Query, Refused
from remit.targets.splunk import TARGET
from remit_enrichment.errors import BadInput

Compile = Callable[..., Query]


def one(compiled: Compile, item: dict[str, Any], **options: Any) -> Query:
    query = compiled({"s": item, "condition": "s"}, **options)
    parse(query.query)
    return query


def test_plain_values_are_one_readable_search(compiled: Compile) -> None:
    query = compiled(
        {
            "s": {
                "eventSource": "iam.amazonaws.com",
                "eventName": ["CreateUser", "CreateRole"],
                "userIdentity.arn|endswith": ":user/kim",
            },
            "f": {"sourceIPAddress|startswith": "10.0."},
            "condition": "s and not f",
        }
    )

    assert query.query == (
        '`remit_index` eventSource="iam.amazonaws.com" eventName IN ("CreateUser", "CreateRole")'
        ' userIdentity.arn="*:user/kim" NOT sourceIPAddress="10.0.*"'
    )
    assert query.proof == "conditional"
    assert query.conditions == ("KV_MODE", "extraction_cutoff", "site_fold")
    parse(query.query)


def test_and_and_or_are_parenthesised_because_search_takes_or_first(compiled: Compile) -> None:
    query = compiled(
        {
            "a": {"eventName": "A", "eventSource": "B"},
            "b": {"eventName": "C"},
            "c": {"awsRegion": "D"},
            "condition": "(a or b) and not (a and c)",
        }
    )

    assert query.query == (
        '`remit_index` ((eventName="A" eventSource="B") OR eventName="C")'
        ' NOT (eventName="A" eventSource="B" awsRegion="D")'
    )
    parse(query.query)


def test_a_path_of_unknown_kind_is_asked_under_both_names(compiled: Compile) -> None:
    query = one(compiled, {"scopes|contains": "admin"}, product="x")

    assert query.query == '`remit_index` (scopes="*admin*" OR "scopes{}"="*admin*")'


def test_a_declared_array_is_asked_by_its_name_with_braces(compiled: Compile) -> None:
    query = one(compiled, {"requestParameters.ipPermissions.items.ipRanges.items.cidrIp|endswith": "/0"})

    assert '"requestParameters.ipPermissions.items{}.ipRanges.items{}.cidrIp"="*/0"' in query.query


def test_a_text_that_search_would_read_as_a_network_is_a_regular_expression(compiled: Compile) -> None:
    text = one(compiled, {"sourceIPAddress": "10.0.0.0/8"})
    network = one(compiled, {"sourceIPAddress|cidr": "10.0.0.0/8"})

    assert 'match(r0,"(?i)\\\\A10\\\\.0\\\\.0\\\\.0/8\\\\z")' in text.query
    assert network.query == '`remit_index` sourceIPAddress="10.0.0.0/8"'


def test_what_the_rule_wrote_with_braces_is_the_same_field(compiled: Compile) -> None:
    with_braces = one(compiled, {"resources{}.ARN": "x"})

    assert with_braces.query == one(compiled, {"resources.ARN": "x"}).query


@pytest.mark.parametrize(
    ("value", "pcre"),
    [
        ('a"b', r"\\A[aA]\\x22[bB]\\z"),
        ("C:\\dir", r"\\A[cC]:\\x5c[dD](?:i|I|İ)[rR]\\z"),
        ("1\\*", r"\\A1\\x2a\\z"),
        ("1\\?2", None),  # a question mark is no wildcard in `search`: plain
        ("1?2", r"(?s)\\A1.2\\z"),
        ("1*2", r"(?s)\\A1.*2\\z"),
        ("$1$ `2`", r"\\A\\x241\\x24 \\x602\\x60\\z"),
        ("[1] | 2", r"\\A\\x5b1\\x5d \\x7c 2\\z"),
        ("1\n2", r"\\A1\\x0a2\\z"),
        ("ü", r"\\A(?:ü|Ü)\\z"),
        ("1&2", r"\\A1\\x262\\z"),
        (" 1", r"\\A 1\\z"),
        ("1  2", r"\\A1  2\\z"),
        ("1", None),
    ],
)
def test_a_value_that_a_search_term_cannot_say_is_a_regular_expression(
    compiled: Compile, value: str, pcre: str | None
) -> None:
    query = one(compiled, {"userAgent": value}).query

    if pcre is None:
        assert query.startswith('`remit_index` userAgent="')
        assert "\n" not in query
    else:
        assert query == (
            "`remit_index`\n| eval r0='userAgent'\n"
            f'| where if(mvcount(mvfilter(match(r0,"{pcre}")))>0,1,0)=1\n| fields - r0'
        )


def test_a_field_that_is_ascii_needs_no_letter_classes(compiled: Compile) -> None:
    query = one(compiled, {"eventName": "Create?ser"})

    assert 'match(r0,"(?is)\\\\ACreate.ser\\\\z")' in query.query
    assert query.conditions == ("KV_MODE", "extraction_cutoff")


def test_case_sensitive_values_have_no_search_term(compiled: Compile) -> None:
    query = one(compiled, {"eventName|cased": "CreateUser"})

    assert 'match(r0,"\\\\ACreateUser\\\\z")' in query.query


def test_only_the_items_that_need_it_leave_the_search(compiled: Compile) -> None:
    query = compiled(
        {
            "s": {"eventName": "CreateUser", "userAgent|contains": '"x"'},
            "f": {"awsRegion": "eu-west-1"},
            "condition": "s and not f",
        }
    )

    assert query.query.splitlines()[0] == '`remit_index` eventName="CreateUser" NOT awsRegion="eu-west-1"'
    parse(query.query)


def test_a_json_null_is_no_value(compiled: Compile) -> None:
    assert one(compiled, {"eventName": None}).query == '`remit_index` (NOT eventName=* OR eventName="null")'
    assert one(compiled, {"eventName|exists": True}).query == '`remit_index` (eventName=* NOT eventName="null")'
    negated = compiled({"s": {"eventName": None}, "condition": "not s"})
    assert negated.query == '`remit_index` (eventName=* NOT eventName="null")'


def test_presence_is_a_value_other_than_null_or_one_inside_of_what_lies_there(compiled: Compile) -> None:
    query = one(compiled, {"x|exists": True}, product="x")

    assert query.query.startswith(
        '`remit_index`\n| eval r0=\'x\', r0=mvfilter(NOT match(r0,"\\\\Anull\\\\z")), r1=json_extract(_raw,"x")'
        "\n| where (isnotnull(r0) OR if(mvcount(mvfilter(match(r1,"
    )


@pytest.mark.parametrize("path", ["requestParameters", "userIdentity.sessionContext"])
@pytest.mark.parametrize(("value", "exists"), [({}, False), (None, False), ({"a": None}, False), ({"a": "x"}, True)])
def test_an_object_is_there_where_a_value_lies_in_it(compiled: Compile, path: str, value: object, exists: bool) -> None:
    outer, _, member = path.partition(".")
    event = json.dumps({outer: {member: value} if member else value}).encode()

    for item, expected in ({f"{path}|exists": True}, exists), ({f"{path}|exists": False}, not exists), (
        {path: None}, not exists
    ):  # fmt: skip
        assert matches(one(compiled, item, pipeline="aws_cloudtrail").query, event) is expected


def test_an_object_of_tags_is_there_where_a_tag_lies_in_it(compiled: Compile) -> None:
    tagged, untagged = (
        json.dumps({"nhi": tags}).encode() for tags in ({"task": {"id": "T-1"}}, {"event": {"id": "e"}})
    )

    assert [matches(one(compiled, {"nhi.task": None}).query, event) for event in (tagged, untagged)] == [False, True]


def test_a_wildcard_does_not_match_the_text_of_a_json_null(compiled: Compile) -> None:
    assert one(compiled, {"userAgent|contains": "ul"}).query == (
        '`remit_index` (userAgent="*ul*" NOT userAgent="null")'
    )


def test_tags_are_never_null_and_lie_before_the_extraction_cutoff(compiled: Compile) -> None:
    query = one(compiled, {"nhi.task.id": None})

    assert query.query == "`remit_index` NOT nhi.task.id=*"
    assert "extraction_cutoff" not in query.conditions


def test_numbers_and_booleans_are_their_text(compiled: Compile) -> None:
    assert one(compiled, {"readOnly": False}).query == '`remit_index` readOnly="false"'
    assert one(compiled, {"requestParameters.ipPermissions.items.fromPort": 22}).query.endswith('fromPort"="22"')
    assert one(compiled, {"userAgent": 7}).query == '`remit_index` userAgent IN ("7", "7.0")'


def test_the_add_on_fills_in_an_error_code_that_the_event_has_not(compiled: Compile) -> None:
    options = {"pipeline": "aws_cloudtrail"}

    assert one(compiled, {"errorCode": None}, **options).query == (
        '`remit_aws_cloudtrail` (NOT errorCode=* OR errorCode IN ("null", "success"))'
    )
    assert one(compiled, {"errorCode": "*"}, **options).query == (
        '`remit_aws_cloudtrail` (errorCode=* NOT errorCode IN ("null", "success"))'
    )
    with pytest.raises(Refused, match="absent-text"):
        one(compiled, {"errorCode|contains": "suc"}, **options)
    assert one(compiled, {"errorCode": "AccessDenied"}, **options).query.endswith('errorCode="AccessDenied"')


def test_the_text_of_an_absent_member_is_no_question_where_absence_will_do(compiled: Compile) -> None:
    query = compiled(
        {"s": {"eventName": "x"}, "a": {"errorCode": ["Success", "Throttled"]}, "b": {"errorCode": None},
         "condition": "s and (a or b)"}
    )  # fmt: skip

    assert query.query == (
        '`remit_index` eventName="x" (errorCode="Throttled" OR NOT errorCode=* OR errorCode IN ("null", "success"))'
    )


def test_tagged_events_keep_the_sourcetype_and_so_what_the_add_on_fills_in(compiled: Compile) -> None:
    assert one(compiled, {"errorCode": None}).query == (
        '`remit_index` (NOT errorCode=* OR errorCode IN ("null", "success"))'
    )


def test_tags_are_not_in_the_events_of_an_add_on(compiled: Compile) -> None:
    with pytest.raises(Refused, match="tags-not-there"):
        one(compiled, {"nhi.verdict.intent": "no_task"}, pipeline="aws_cloudtrail")


def test_a_pipeline_refuses_the_rules_of_another_log_source(compiled: Compile) -> None:
    with pytest.raises(Refused, match="log-source"):
        one(compiled, {"x": "y"}, pipeline="aws_cloudtrail", product="okta", service="okta")


@pytest.mark.parametrize(
    ("item", "construct"),
    [
        ({"x": "null"}, "null-text"),
        ({"a.b.c.d.e": "x"}, "field-array-depth"),
        ({"x|fieldref|startswith": "y"}, "fieldref-array"),
        ({"x|re": "(?=a)b"}, "regex-construct"),
        ({"x|re": r"(a)\1"}, "regex-construct"),
        ({"x|re": "(a+)+b"}, "regex-heavy"),
        ({"x|re|i": "[à-ö]"}, "regex-wide-range"),
        ({"it's": "x"}, "field-name"),
        ({"_raw": "x"}, "field-name"),
        ({"x|expand": "%agents%"}, "expand-unset"),
        (["keyword"], "keywords-json"),
    ],
)
def test_what_has_no_exact_form_is_refused_by_name_with_a_way_out(compiled: Compile, item: Any, construct: str) -> None:
    with pytest.raises(Refused) as refused:
        compiled({"s": item, "condition": "s"}, product="x")

    assert refused.value.construct == construct
    assert refused.value.where.startswith("rules/x.yml")
    assert refused.value.why
    assert refused.value.way_out


def test_a_member_that_has_the_name_of_a_field_of_splunk_is_read_from_the_json(compiled: Compile) -> None:
    query = one(compiled, {"source": "x"}, product="x").query

    whole, elements = 'json_extract(_raw,"source")', 'json_extract(_raw,"source{}")'
    assert f"| eval r0=if(isnull({elements}),{whole},json_array_to_mv({elements}))\n" in query


def test_words_that_search_reads_itself_are_asked_in_where(compiled: Compile) -> None:
    assert "| where" in one(compiled, {"latest": "x"}, product="x").query
    assert "| where" in one(compiled, {"NOT": "x"}, product="x").query


def test_an_index_is_names_or_a_macro_and_nothing_that_could_be_spl(compiled: Compile) -> None:
    assert one(compiled, {"eventName": "x"}, index="aws,aws_old").query.startswith('(index="aws" OR index="aws_old") ')
    assert one(compiled, {"eventName": "x"}, index="`mine`").query.startswith("`mine` ")
    vendor = one(compiled, {"eventName": "x"}, index="aws", pipeline="aws_cloudtrail")
    assert vendor.query.startswith('index="aws" sourcetype="aws:cloudtrail" ')
    with pytest.raises(BadInput):
        one(compiled, {"eventName": "x"}, index='a" | delete')


def test_an_unknown_pipeline_names_those_that_there_are(compiled: Compile, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="aws_cloudtrail"):
        one(compiled, {"eventName": "x"}, pipeline="nosuch")
    broken = tmp_path / "p.yml"
    broken.write_text("vars: {splunk_fields: {a: strange}}")
    with pytest.raises(BadInput, match="strange"):
        one(compiled, {"eventName": "x"}, pipeline=broken)


def test_a_value_of_digits_is_compared_as_text_only_where_the_server_does_so(compiled: Compile) -> None:
    assert "number_text" in one(compiled, {"recipientAccountId": "123456789012"}).conditions
    assert "number_text" not in one(compiled, {"recipientAccountId|startswith": "1234"}).conditions


def test_the_example_of_the_page_is_what_comes_out(compiled: Compile) -> None:
    query = compiled(
        {
            "s": {"eventName": "PutUserPolicy", "requestParameters.policyDocument|contains": '"\\*"'},
            "f": {"userIdentity.type": "Root"},
            "condition": "s and not f",
        }
    )

    assert f"```\n{query.query}\n```" in (Path(__file__).parents[4] / "docs" / "splunk.md").read_text("utf-8")


def test_a_pipeline_of_a_user_comes_on_top_of_ours(compiled: Compile, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    mine.write_text(
        "vars: {splunk_macro: our_trail, admins: [kim, sam]}\n"
        "transformations:\n- {type: value_placeholders}\n"
        "- {type: field_name_mapping, mapping: {who: userIdentity.arn}}\n"
    )
    query = one(compiled, {"who|expand": "%admins%", "errorCode": None}, pipeline=str(mine))

    assert query.query == (
        '`our_trail` userIdentity.arn IN ("kim", "sam") (NOT errorCode=* OR errorCode IN ("null", "success"))'
    )
    assert query.pipeline == "aws_cloudtrail+mine"
    other = one(compiled, {"who|expand": "%admins%"}, pipeline=mine, product="okta")
    assert other.pipeline == "raw+mine"


def test_long_lists_are_alternations_of_bounded_size(compiled: Compile) -> None:
    query = one(compiled, {"userAgent": [f'"{i}"' for i in range(450)]})

    assert query.query.count("match(") == 3


def test_a_refusal_names_the_line_of_the_item(tmp_path: Path) -> None:
    file = tmp_path / "rule.yml"
    file.write_text(
        "title: t\nlogsource: {product: aws}\ndetection:\n  s:\n    a: b\n    c|expand: '%agents%'\n  condition: s\n"
    )
    rule = load_rules([file])[0]

    with pytest.raises(Refused) as refused:
        TARGET.compile(rule, pipeline="raw", index=None, language=None)

    assert refused.value.where == f"{file}:6:5"


def test_macros_beside_the_queries_are_to_be_set_by_the_site(compiled: Compile) -> None:
    queries = [one(compiled, {"eventName": "x"}), one(compiled, {"eventName": "x"}, index="aws")]

    companions = TARGET.companions(queries)

    assert "[remit_index]\ndefinition = index=remit\n" in companions["macros.conf"]
    assert "macros.conf" not in TARGET.companions(queries[1:])
