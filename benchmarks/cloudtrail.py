"""Generate CloudTrail as a large company has it, with its registry: events of 1.5 KB by many identities."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

ACCOUNT = "111122223333"
ACTIONS = (
    ("s3.amazonaws.com", "GetObject", True, 40),
    ("s3.amazonaws.com", "PutObject", False, 15),
    ("s3.amazonaws.com", "DeleteObject", False, 4),
    ("kms.amazonaws.com", "Decrypt", True, 15),
    ("sts.amazonaws.com", "AssumeRole", True, 10),
    ("ec2.amazonaws.com", "DescribeInstances", True, 10),
    ("secretsmanager.amazonaws.com", "GetSecretValue", True, 4),
    ("iam.amazonaws.com", "CreateUser", False, 1),
    ("rds.amazonaws.com", "ModifyDBInstance", False, 1),
)


def write_registry(folder: Path, identities: int) -> None:
    """Write a registry in which every fourth identity is an agent with a charter and a task."""
    folder.mkdir(parents=True, exist_ok=True)
    since = "2026-01-01T00:00:00Z"
    allow, deny = {"classes": ["read", "discovery", "write", "secrets_read"]}, {"classes": ["delete"]}
    window = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-31T00:00:00Z"}
    with (folder / "registry.jsonl").open("w") as out:

        def write(line: dict[str, object]) -> None:
            out.write(json.dumps(line) + "\n")

        for n in range(200):
            write({"type": "owner", "id": f"team-{n}@example.com", "kind": "team", "name": f"Team {n}"})
        for n in range(50):
            write({"type": "charter", "id": f"charter-{n}", "allow": allow, "deny": deny})
        covered: dict[str, object] = {"type": "coverage", "platform": "aws", "accounts": [ACCOUNT]}
        write(covered | dict.fromkeys(("identities", "agents", "tasks"), since))
        for number in range(identities):
            role: dict[str, object] = {
                "type": "identity",
                "id": f"aws:role:arn:aws:iam::{ACCOUNT}:role/role-{number}",
                "kind": "role",
                "name": f"role {number}",
                "owner": f"team-{number % 200}@example.com",
                "aliases": [f"AROA{number:017d}"],
            }
            if number % 4 == 0:
                role |= {"kind": "ai_agent", "charter": f"charter-{number % 50}"}
                task: dict[str, object] = {"type": "task", "id": f"TASK-{number}", "identity": role["id"]}
                task |= {"window": window, "registered_at": window["start"]}
                write(task | {"bind": {"credential_ids": [f"ASIA{number:016d}"]}})
            write(role)


def events(count: int, identities: int, seed: int = 1) -> Iterator[bytes]:
    """Yield that many events, one a line, over ten hours, the identities in use as a few heavy and many light ones."""
    rng = random.Random(seed)
    weights = [action[3] for action in ACTIONS]
    for number in range(count):
        who = int(identities * rng.random() ** 3)
        source, name, read_only, _ = rng.choices(ACTIONS, weights)[0]
        second = 36_000 * number // count
        when = f"2026-03-04T{8 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
        role = f"arn:aws:iam::{ACCOUNT}:role/role-{who}"
        event: dict[str, object] = {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": f"AROA{who:017d}:session-{who}",
                "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/role-{who}/session-{who}",
                "accountId": ACCOUNT,
                "accessKeyId": f"ASIA{who:016d}",
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": f"AROA{who:017d}",
                        "arn": role,
                        "accountId": ACCOUNT,
                        "userName": f"role-{who}",
                    },
                    "attributes": {"creationDate": "2026-03-04T07:00:00Z", "mfaAuthenticated": "false"},
                },
            },
            "eventTime": when,
            "eventSource": source,
            "eventName": name,
            "awsRegion": "eu-west-1",
            "sourceIPAddress": f"10.{who % 256}.{who // 256 % 256}.7",
            "userAgent": "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#5.10 md/arch#x86_64 lang/python#3.11.8",
            "requestParameters": {"bucketName": f"bucket-{who % 500}", "key": f"data/{rng.getrandbits(64):016x}"},
            "responseElements": None,
            "additionalEventData": {
                "SignatureVersion": "SigV4",
                "CipherSuite": "TLS_AES_128_GCM_SHA256",
                "bytesTransferredIn": 0,
                "AuthenticationMethod": "AuthHeader",
                "x-amz-id-2": f"{rng.getrandbits(256):064x}",
                "bytesTransferredOut": rng.randrange(100_000),
            },
            "requestID": f"{rng.getrandbits(64):016X}",
            "eventID": f"{rng.getrandbits(128):032x}",
            "readOnly": read_only,
            "resources": [
                {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::bucket-{who % 500}/data/{rng.getrandbits(64):016x}"},
                {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::bucket-{who % 500}"},
            ],
            "eventType": "AwsApiCall",
            "managementEvent": False,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Data",
            "tlsDetails": {"tlsVersion": "TLSv1.3", "clientProvidedHostHeader": "s3.eu-west-1.amazonaws.com"},
        }
        if name == "AssumeRole":
            minted = int(identities * rng.random() ** 3)
            event["requestParameters"] = {
                "roleArn": f"arn:aws:iam::{ACCOUNT}:role/role-{minted}",
                "roleSessionName": f"session-{minted}",
            }
            event["responseElements"] = {
                "credentials": {"accessKeyId": f"ASIA{minted:016d}", "expiration": "Mar 4, 2026, 8:00:00 PM"},
                "assumedRoleUser": {
                    "assumedRoleId": f"AROA{minted:017d}:session-{minted}",
                    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/role-{minted}/session-{minted}",
                },
            }
        yield json.dumps(event, separators=(",", ":")).encode()
