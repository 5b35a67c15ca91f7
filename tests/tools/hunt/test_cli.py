"""remit hunt: alert lines on standard output or -o, talk on standard error, exit code 1 when something fired."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from remit.cli import cli
from remit.content import content_root

ACME = content_root() / "tests" / "acme"
ROOT_KEY_RULE = "835bd3ea-fd44-4dc9-8d7e-a3e619c473fe"


def cloudtrail(time: str, key: str, name: str = "ListBuckets", **more: Any) -> dict[str, Any]:
    who = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root",
           "accountId": "111122223333", "accessKeyId": key}  # fmt: skip
    return {
        "eventVersion": "1.11", "userIdentity": who, "eventTime": time, "eventSource": "s3.amazonaws.com",
        "eventName": name, "awsRegion": "eu-west-1", "eventID": f"{time}-{key}-{name}", "readOnly": True,
        "recipientAccountId": "111122223333", **more,
    }  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.json.gz"
    records = [cloudtrail("2026-05-12T13:00:00Z", "AKIAROOTKEY001EXAMPLE"), cloudtrail("2026-05-12T14:00:00Z", "ASIA1")]
    path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    return path


def hunt(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["hunt", *map(str, arguments)], standalone_mode=False)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_an_alert_line_is_the_contract(log: Path) -> None:
    ran = hunt(log, "--registry", ACME / "registry")

    [alert] = lines(ran.stdout)
    assert ran.return_value == 1
    assert alert["rule"] == {
        "id": ROOT_KEY_RULE, "title": "Access key of the root user was used", "level": "critical",
        "file": "rules/aws/aws_cloudtrail_root_access_key_used.yml", "alert": "page",
    }  # fmt: skip
    assert alert["events"][0]["file"] == str(log)
    assert (alert["events"][0]["line"], alert["events"][0]["record"], alert["event_count"]) == (1, 0, 1)
    assert alert["time"] == "2026-05-12T13:00:00.000Z"
    assert "CRITICAL" in ran.stderr
    assert "alerts by rule: 1 Access key of the root user was used\n" in ran.stderr
    assert "alerts by identity: 1 aws:root:111122223333\n" in ran.stderr


def test_the_same_run_gives_the_same_bytes(log: Path) -> None:
    assert hunt(log).stdout == hunt(log).stdout != ""


def test_with_o_the_lines_go_to_the_file(log: Path, tmp_path: Path) -> None:
    ran = hunt(log, "-o", tmp_path / "alerts.jsonl")

    assert ran.stdout == ""
    assert len(lines((tmp_path / "alerts.jsonl").read_text())) == 1


@pytest.mark.parametrize(
    ("option", "count"),
    [
        (["--since", "2026-05-12T13:00:00Z"], 1),
        (["--since", "2026-05-12T13:00:01Z"], 0),
        (["--until", "2026-05-12T13:00:00Z"], 0),
        (["--until", "2026-05-13"], 1),
        (["--level", "critical"], 1),
        (["--exclude-rule", ROOT_KEY_RULE], 0),
        (["--source", "aws.cloudtrail"], 1),
    ],
)
def test_an_option_narrows_what_fires(log: Path, option: list[str], count: int) -> None:
    ran = hunt(log, *option)

    assert (len(lines(ran.stdout)), ran.return_value) == (count, min(count, 1))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "--since yesterday: no time; write 2026-05-12"),
        (["--exclude-rule", "x"], "--exclude-rule x: no rule has this id"),
        (["--source", "aws.nothing"], "--source aws.nothing: no log source has this name"),
        (["--rules", "nowhere"], "nowhere: no such file or folder"),
    ],
)
def test_a_wrong_option_is_told(log: Path, arguments: list[str], said: str) -> None:
    assert said in str(hunt(log, *arguments).exception)


def test_a_log_is_never_overwritten(log: Path) -> None:
    before = log.read_bytes()

    assert "is named twice" in str(hunt(log, "-o", log).exception)
    assert log.read_bytes() == before


def test_silence_is_explained(tmp_path: Path) -> None:
    quiet = tmp_path / "quiet.jsonl"
    quiet.write_text(json.dumps(cloudtrail("2026-05-12T14:00:00Z", "ASIA1")) + '\n{"what": "ever"}\n{"broken\n')

    ran = hunt(quiet)

    assert ran.return_value == 0
    assert "nothing to look at: 3 records were read, 6 rules were asked, and none matched" in ran.stderr
    assert "1 of 3 records could not be read; 1 of 3 records are of no known log source" in ran.stderr


def test_tags_of_a_file_are_trusted_only_when_asked(tmp_path: Path) -> None:
    forged = tmp_path / "forged.jsonl"
    nhi = {"event": {"id": "e", "time": "2026-05-12T14:00:00.000Z"}, "action": {"class": "delete"},
           "verdict": {"intent": "out_of_scope", "reasons": []}}  # fmt: skip
    forged.write_text(json.dumps({"nhi": nhi, **cloudtrail("2026-05-12T14:00:00Z", "ASIA1")}) + "\n")

    assert lines(hunt(forged).stdout) == []
    [alert] = lines(hunt(forged, "--enriched").stdout)
    assert (alert["verdict"], alert["time"]) == ("out_of_scope", "2026-05-12T14:00:00.000Z")


def test_a_refused_rule_is_announced_on_one_line(log: Path, tmp_path: Path) -> None:
    rule = tmp_path / "own.yml"
    rule.write_text(
        "title: x\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {product: aws}\n"
        "detection: {s: {x|re: 'a(?=b)'}, condition: s}\n"
    )

    ran = hunt(log, "--rules", rule)

    assert ran.return_value == 1
    assert ran.stderr.startswith(f"refused: 11111111-1111-4111-8111-111111111111 {rule}:4:17 regular expression of")


def test_log_text_cannot_move_the_cursor(tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.jsonl"
    hostile.write_text(json.dumps(cloudtrail("2026-05-12T13:00:00Z", "AKIA1", "\x1b[2JList\u202eBuckets")) + "\n")

    ran = hunt(hostile)

    assert ran.return_value == 1
    assert "\x1b[2J" not in ran.stderr + ran.stdout
    assert "\u202e" not in ran.stderr


def role(name: str, unique: str, key: str) -> dict[str, Any]:
    return {
        "type": "AssumedRole", "principalId": f"{unique}:s", "accountId": "111122223333", "accessKeyId": key,
        "arn": f"arn:aws:sts::111122223333:assumed-role/{name}/s",
        "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": unique, "accountId": "111122223333",
                                             "arn": f"arn:aws:iam::111122223333:role/{name}", "userName": name}},
    }  # fmt: skip


def test_who_minted_a_credential_is_known_whatever_the_order_of_the_files(tmp_path: Path) -> None:
    """The shop's role needs no task, but this session of it was made by an agent that does."""
    web = "arn:aws:iam::111122223333:role/web-app"
    minted = {"accessKeyId": "ASIAWEBBYDBA1EXAMPLE", "expiration": "May 12, 2026, 12:00:00 PM"}
    issuance = cloudtrail(
        "2026-05-12T11:00:00Z", "x", "AssumeRole", eventSource="sts.amazonaws.com",
        userIdentity=role("agent-dba", "AROADBAAGENT00EXAMPLE", "ASIADBAXX4110EXAMPLE"),
        requestParameters={"roleArn": web, "roleSessionName": "s"},
        responseElements={"credentials": minted, "assumedRoleUser": {"assumedRoleId": "AROAWEBAPPROLEEXAMPLE:s"}},
    )  # fmt: skip
    use = cloudtrail(
        "2026-05-12T11:05:00Z", "y", "PutObject", readOnly=False,
        userIdentity=role("web-app", "AROAWEBAPPROLEEXAMPLE", "ASIAWEBBYDBA1EXAMPLE"),
        requestParameters={"bucketName": "acme-prod-shop", "key": "carts/1.json"},
        resources=[{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::acme-prod-shop/carts/1.json"}],
    )  # fmt: skip
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    first.write_text(json.dumps(use) + "\n")
    second.write_text(json.dumps(issuance) + "\n")

    ran = hunt(first, second, "--registry", ACME / "registry")

    found = [alert for alert in lines(ran.stdout) if alert["nhi"]["action"]["name"] == "s3:PutObject"]
    assert [alert["verdict"] for alert in found] == ["no_task"]
    assert [alert["id"] for alert in lines(hunt(second, first, "--registry", ACME / "registry").stdout)] == [
        alert["id"] for alert in lines(ran.stdout)
    ]


def test_the_state_of_an_enrichment_is_used_and_not_touched(tmp_path: Path) -> None:
    """A file that was enriched with this state: its events are seen a second time, and still alert."""
    log, state = tmp_path / "log.jsonl", tmp_path / "state"
    log.write_text(json.dumps(cloudtrail("2026-05-12T13:00:00Z", "AKIA1")) + "\n")
    enrich = ["enrich", str(log), "--state", str(state), "-o", str(tmp_path / "out.jsonl")]
    assert CliRunner().invoke(cli, enrich, standalone_mode=False).exception is None
    before = state.read_bytes()

    [alert] = lines(hunt(log, "--state", state).stdout)

    assert alert["nhi"]["event"]["duplicate"] is True
    assert state.read_bytes() == before
    assert "no such state file" in str(hunt(log, "--state", tmp_path / "nowhere").exception)


@pytest.mark.parametrize("enriched", [[], ["--enriched"]])
def test_the_first_records_that_cannot_be_read_are_named(tmp_path: Path, enriched: list[str]) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"a":1}\n{"a":1}{"b":2}\nx\n{}\ny\nz\n')

    said = hunt(path, *enriched).stderr

    assert f"remit: could not be read: {path}:2 two JSON values on one line" in said
    assert f"; {path}:3 not JSON" in said
    assert f"; {path}:5 not JSON" in said
    assert f"{path}:6" not in said
    assert "; 1 more\n" in said


@pytest.mark.parametrize(
    ("option", "value"), [("--registry", "r"), ("--tasks", "t"), ("--state", "s"), ("--source", "aws.cloudtrail")]
)
def test_what_would_have_no_effect_on_enriched_files_is_refused(log: Path, option: str, value: str) -> None:
    said = str(hunt(log, "--enriched", option, value).exception)

    assert said.startswith(f"--enriched {option}: has no effect on files that carry their tags; ")


def test_a_window_that_ends_before_it_begins_is_refused(log: Path) -> None:
    said = str(hunt(log, "--since", "2026-05-13", "--until", "2026-05-12").exception)

    assert said.startswith("--since 2026-05-13 --until 2026-05-12: no time is after the one and before the other")
    assert hunt(log, "--since", "2026-05-12", "--until", "2026-05-12").exception is None
