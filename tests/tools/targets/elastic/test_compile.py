"""What the queries look like, and what is refused. That they are right is tested on the real server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.tools.targets.elastic.conftest import Compile

from remit.targets import Refused, targets
from remit_enrichment.errors import BadInput


@pytest.mark.parametrize(
    ("item", "query"),
    [
        ({"eventName": "CreateUser"}, 'eventName.lc:"createuser"'),
        ({"eventName": ["CreateUser", "Delete*"]}, 'eventName.lc:("createuser" OR delete*)'),
        ({"eventName|contains|all": ["User", "Key"]}, "eventName.lc:(*user* AND *key*)"),
        ({"eventName|cased": "CreateUser"}, 'eventName:"CreateUser"'),
        ({"eventName|neq": "CreateUser"}, 'NOT eventName.lc:"createuser"'),
        ({"eventName": None}, "(NOT _exists_:eventName)"),
        ({"eventName": "*"}, "_exists_:eventName"),
        ({"requestParameters.port": 22}, '(requestParameters.port:"22" OR requestParameters.port.num:22)'),
        ({"requestParameters.n": -1.5}, '(requestParameters.n:"-1.5" OR requestParameters.n.num:"-1.5")'),
        ({"sourceIPAddress|cidr": "10.0.0.0/8"}, 'sourceIPAddress.ip:"10.0.0.0/8"'),
        ({"sourceIPAddress|cidr": "::ffff:10.0.0.0/104"}, 'sourceIPAddress.ip:"10.0.0.0/8"'),
        ({"items{}.name": "a"}, 'items.name.lc:"a"'),
    ],
)
def test_a_query_on_our_own_template_is_short(compiled: Compile, item: dict[str, Any], query: str) -> None:
    assert compiled({"s": item, "condition": "s"}).query == query


def test_parentheses_stand_only_where_they_decide(compiled: Compile) -> None:
    detection = {
        "a": {"x": "1x"},
        "b": {"x": "2x"},
        "c": {"y": None},
        "condition": "(a and not b and c) or (b and not c) or not a",
    }

    assert compiled(detection).query == (
        '(x.lc:"1x" AND NOT x.lc:"2x" AND NOT _exists_:y) OR (x.lc:"2x" AND _exists_:y) OR (NOT x.lc:"1x")'
    )


def test_esql_carries_the_same_text(compiled: Compile) -> None:
    query = compiled({"s": {"eventName": "CreateUser"}, "condition": "s"}, language="esql")

    assert query.query == (
        'FROM remit-raw-* METADATA _id, _index, _version\n| WHERE QSTR("""eventName.lc:"createuser"""")'
    )


@pytest.mark.parametrize(
    ("item", "construct", "line"),
    [
        ({"": ["some word"]}, "keywords", 8),
        ({"x|contains": "a????????????b"}, "wildcards", 9),
    ],
)
def test_what_cannot_be_said_is_refused_by_name_and_place(
    compiled: Compile, item: dict[str, Any], construct: str, line: int
) -> None:
    detection: dict[str, Any] = {"s": item.get("") or item, "condition": "s"}

    with pytest.raises(Refused) as refused:
        compiled(detection)

    assert refused.value.construct == construct
    assert refused.value.where.startswith(f"rules/x.yml:{line}:")
    assert "remit hunt" in refused.value.way_out


@pytest.mark.parametrize("path", ["requestParameters", "userIdentity.sessionContext", "nhi", "nhi.verdict", "my.a"])
def test_the_presence_of_an_object_is_refused(compiled: Compile, path: str) -> None:
    detection = {"s": {path: None, "my.a.b": "x"}, "condition": "s"}

    with pytest.raises(Refused, match="there is an object"):
        compiled(detection)


def test_a_placeholder_without_values_is_refused(compiled: Compile) -> None:
    with pytest.raises(Refused, match="%agents% has no values"):
        compiled({"s": {"x|expand": "%agents%"}, "condition": "s"})


def test_an_index_option_is_taken_as_given_and_checked(compiled: Compile) -> None:
    detection = {"s": {"x": "a"}, "condition": "s"}

    assert compiled(detection, index="logs-a,logs-b-*").index == "logs-a,logs-b-*"
    with pytest.raises(BadInput, match="no index pattern"):
        compiled(detection, index="a | LIMIT 1")


# --- the mapping of Elastic's integration -----------------------------------------------------------------------------

VENDOR = "aws_cloudtrail"


@pytest.mark.parametrize(
    ("item", "query"),
    [
        ({"eventName": "createaccesskey"}, 'event.action:"CreateAccessKey"'),
        ({"eventName": "Ab1"}, "event.action:/[Aa][Bb]1/"),
        ({"sourceIPAddress": "10.1.2.3"}, 'source.address:"10.1.2.3"'),
        ({"sourceIPAddress|cidr": "10.0.0.0/8"}, 'source.ip:"10.0.0.0/8"'),
        ({"readOnly": True}, "aws.cloudtrail.read_only:true"),
        (
            {"requestParameters.groupId": "007"},
            'aws.cloudtrail.flattened.request_parameters.groupId:"007"',
        ),
        (
            {"requestParameters.userName": "a1"},
            "aws.cloudtrail.request_parameters:/.*[{ ]userName=[Aa]1[,}].*/",
        ),
    ],
)
def test_a_query_on_a_vendors_mapping_uses_what_its_pipeline_declares(
    compiled: Compile, item: dict[str, Any], query: str
) -> None:
    assert compiled({"s": item, "condition": "s"}, pipeline=VENDOR).query == query


def test_a_query_that_depends_on_more_than_the_mapping_says_so(compiled: Compile) -> None:
    query = compiled({"s": {"requestParameters.userName": "a"}, "condition": "s"}, pipeline=VENDOR)

    assert query.proof == "conditional"
    assert any("8,191" in condition for condition in query.conditions)
    assert any("`userName=`" in condition for condition in query.conditions)


@pytest.mark.parametrize(
    ("detection", "construct"),
    [
        ({"s": {"requestParameters": "x"}, "condition": "s"}, "field `requestParameters`"),
        ({"s": {"userIdentity.userName": "x"}, "condition": "s"}, "field `userIdentity.userName`"),
        ({"s": {"nhi.identity.id": "x"}, "condition": "s"}, "field `nhi.identity.id`"),
        ({"s": {"errorCode": ""}, "condition": "s"}, "empty text"),
        ({"s": {"eventName": "a"}, "f": {"requestParameters.k": "b"}, "condition": "s and not f"}, "not"),
        ({"s": {"sourceIPAddress|cidr": "10.0.0.0/8", "eventName|cidr": "10.0.0.0/8"}, "condition": "s"}, "cidr"),
        ({"s": {"readOnly|contains": "tr"}, "condition": "s"}, "text"),
    ],
)
def test_what_a_vendors_mapping_cannot_answer_is_refused(
    compiled: Compile, detection: dict[str, Any], construct: str
) -> None:
    with pytest.raises(Refused) as refused:
        compiled(detection, pipeline=VENDOR)

    assert refused.value.construct == construct


def test_a_pipeline_refuses_a_rule_of_another_log_source(compiled: Compile) -> None:
    with pytest.raises(Refused, match="for CloudTrail only"):
        compiled({"s": {"eventName": "a"}, "condition": "s"}, pipeline=VENDOR, logsource={"product": "okta"})


def test_a_pipeline_of_the_user_comes_on_top_of_ours(compiled: Compile, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    mine.write_text(
        "name: mine\npriority: 50\nvars: {elastic_fields: {site.zone: {type: keyword}}}\ntransformations:\n"
        "  - {id: i, type: set_state, key: index, val: my-cloudtrail}\n"
        "  - {id: z, type: field_name_mapping, mapping: {zone: site.zone}}\n"
    )

    query = compiled({"s": {"eventName": "CreateUser", "zone": "1"}, "condition": "s"}, pipeline=mine)

    assert query.query == 'event.action:"CreateUser" AND site.zone:"1"'
    assert query.index == "my-cloudtrail"
    assert query.pipeline == f"aws_cloudtrail+{mine}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("transformations: [{type: no_such}]", "no Sigma processing pipeline"),
        ("vars: {elastic_fields: {a: {type: wat}}}\ntransformations: []", "Invalid enum value 'wat'"),
        ("vars: {elastic_fields: {a: {type: keyword, typo: 1}}}\ntransformations: []", "unknown field `typo`"),
    ],
)
def test_a_bad_pipeline_is_an_error_of_its_file(compiled: Compile, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yml").write_text(text)

    with pytest.raises(BadInput, match=said):
        compiled({"s": {"eventName": "a"}, "condition": "s"}, pipeline=tmp_path / "bad.yml")


def test_an_unknown_pipeline_is_an_error_that_names_the_known_ones(compiled: Compile) -> None:
    with pytest.raises(BadInput, match="raw, aws_cloudtrail"):
        compiled({"s": {"x": "a"}, "condition": "s"}, pipeline="aws_cloudtrial")


# --- the template -----------------------------------------------------------------------------------------------------


def test_the_template_maps_what_the_queries_read_and_nothing_else(compiled: Compile) -> None:
    queries = [
        compiled({"s": {"a.b.c": "x", "n": 7, "ip|cidr": "10.0.0.0/8"}, "condition": "s"}),
        compiled({"s": {"a.b.c|cased": "x", "d|exists": True}, "condition": "s"}),
        compiled({"s": {"eventName": "x"}, "condition": "s"}, pipeline=VENDOR),
    ]

    template = json.loads(targets()["elasticsearch"].companions(queries)["index-template.json"])

    mappings = template["template"]["mappings"]
    assert template["index_patterns"] == ["remit-raw-*"]
    assert {key: mappings[key] for key in ("subobjects", "dynamic", "date_detection")} == {
        "subobjects": False, "dynamic": False, "date_detection": False,
    }  # fmt: skip
    fields = {path: sorted(field.get("fields", {})) for path, field in mappings["properties"].items()}
    assert fields == {"a": [], "a.b": [], "a.b.c": ["lc"], "d": [], "ip": ["ip"], "n": ["num"]}


def test_queries_on_a_vendors_data_need_no_template(compiled: Compile) -> None:
    query = compiled({"s": {"eventName": "x"}, "condition": "s"}, pipeline=VENDOR)

    assert targets()["elasticsearch"].companions([query]) == {}


def test_compiling_twice_gives_the_same_bytes(compiled: Compile) -> None:
    detection = {"s": {"eventName": ["b", "a"], "x|contains": ["d", "c"]}, "f": {"y": None}, "condition": "s and not f"}

    assert compiled(detection) == compiled(detection)


@pytest.mark.parametrize("name", ["request*", "a?b", "*", "{}", "a.{}.*", " ", "."])
def test_a_field_name_that_the_server_reads_as_a_pattern_or_not_at_all_is_refused(compiled: Compile, name: str) -> None:
    with pytest.raises(Refused) as refused:
        compiled({"s": {name: "x"}, "condition": "s"})

    assert refused.value.construct.startswith("field-name")
