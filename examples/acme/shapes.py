"""The shapes of CloudTrail events, after AWS's documentation.

- Record contents and `userIdentity`: docs.aws.amazon.com/awscloudtrail/latest/userguide/,
  cloudtrail-event-reference-record-contents.html and cloudtrail-event-reference-user-identity.html
- STS and IAM calls: docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
- S3 data events: docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html
- Everything else: "the parameters are documented in the API reference of the service", names in lower camel case.

Every value is made up: documentation accounts, keys that end in EXAMPLE, documentation address ranges.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

PROD, STAGING, REGION = "111122223333", "444455556666", "eu-west-1"
DAY = datetime(2026, 5, 12, tzinfo=UTC)
NAT = "203.0.113.24"
"""Acme's way out to AWS: what its own machines show as their address."""

Json = dict[str, Any]


def at(clock: str) -> datetime:
    """Return the time of the day that `HH:MM` or `HH:MM:SS` names."""
    hours, minutes, seconds = [*(int(part) for part in clock.split(":")), 0][:3]
    return DAY + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def spelled(time: datetime) -> str:
    """Return a time as CloudTrail writes it in the response elements of STS and IAM."""
    return f"{time.strftime('%b')} {time.day}, {time.year}, {time.strftime('%I:%M:%S %p').lstrip('0')}"


@dataclass(frozen=True)
class Caller:
    """One principal with one credential: what `userIdentity`, address and user agent are made of."""

    identity: Json
    address: str
    agent: str
    account: str = PROD


def role_session(
    role: str,
    unique: str,
    session: str,
    key: str,
    since: datetime,
    *,
    account: str = PROD,
    address: str,
    agent: str,
    mfa: bool = False,
    **more: Any,
) -> Caller:
    """Return the caller that a role session is. `role` is path and name, `more` goes into `sessionContext`."""
    name = role.rsplit("/", 1)[-1]
    issuer = {
        "type": "Role",
        "principalId": unique,
        "arn": f"arn:aws:iam::{account}:role/{role}",
        "accountId": account,
        "userName": name,
    }
    identity = {
        "type": "AssumedRole",
        "principalId": f"{unique}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": issuer,
            "attributes": {"creationDate": iso(since), "mfaAuthenticated": "true" if mfa else "false"},
            **more,
        },
    }
    return Caller(identity, address, agent, account)


def iam_user(name: str, unique: str, key: str, *, address: str, agent: str) -> Caller:
    identity = {
        "type": "IAMUser",
        "principalId": unique,
        "arn": f"arn:aws:iam::{PROD}:user/{name}",
        "accountId": PROD,
        "accessKeyId": key,
        "userName": name,
    }
    return Caller(identity, address, agent)


def service(host: str, account: str = PROD) -> Caller:
    return Caller({"type": "AWSService", "invokedBy": host}, host, host, account)


def ingress(group: str, port: int, network: str) -> Json:
    """Return the request parameters that open one TCP port of a security group to one network."""
    permission = {
        "ipProtocol": "tcp",
        "fromPort": port,
        "toPort": port,
        "groups": {},
        "ipRanges": {"items": [{"cidrIp": network}]},
        "ipv6Ranges": {},
        "prefixListIds": {},
    }
    return {"groupId": group, "ipPermissions": {"items": [permission]}}


@dataclass
class Log:
    """The events written so far, and the seeded source of everything random in them."""

    random: random.Random
    events: list[Json] = field(default_factory=list)

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def key(self) -> str:
        """Return a temporary access key id of twenty characters, marked as an example."""
        return "ASIA" + "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=9)) + "EXAMPLE"

    def call(
        self,
        who: Caller,
        time: datetime,
        action: str,
        parameters: Json | None = None,
        *,
        response: Json | None = None,
        resources: list[Json] | None = None,
        read: bool,
        region: str = REGION,
        data: bool = False,
        error: tuple[str, str] | None = None,
        kind: str = "AwsApiCall",
        **more: Any,
    ) -> Json:
        """Write one event. `action` is `service:EventName`; `more` are further top-level members."""
        host, name = action.split(":")
        event: Json = {
            "eventVersion": "1.11",
            "userIdentity": who.identity,
            "eventTime": iso(time),
            "eventSource": f"{host}.amazonaws.com",
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": who.address,
            "userAgent": who.agent,
        }
        if error:
            event |= {"errorCode": error[0], "errorMessage": error[1]}
        event |= {
            "requestParameters": parameters,
            "responseElements": None if error else response,
            "requestID": self.uuid(),
            "eventID": self.uuid(),
            "readOnly": read,
        }
        if resources:
            event["resources"] = resources
        event |= {
            "eventType": kind,
            "managementEvent": not data,
            "recipientAccountId": who.account,
            "eventCategory": "Data" if data else "Management",
            **more,
        }
        self.events.append(event)
        return event

    def s3(self, who: Caller, time: datetime, name: str, bucket: str, key: str | None = None, **more: Any) -> Json:
        """Write one S3 data event on an object, or on the bucket where there is no key."""
        host = f"{bucket}.s3.{REGION}.amazonaws.com"
        parameters = {"bucketName": bucket, "Host": host} | ({"key": key} if key else {"list-type": "2", "prefix": ""})
        item = {"ARN": f"arn:aws:s3:::{bucket}/{key}"} if key else {"ARNPrefix": f"arn:aws:s3:::{bucket}/"}
        size = self.random.randrange(400, 900_000)
        moved = {
            "bytesTransferredIn": size if name == "PutObject" else 0,
            "bytesTransferredOut": size if name == "GetObject" else 0,
        }
        return self.call(
            who,
            time,
            f"s3:{name}",
            parameters,
            read=name not in ("PutObject", "DeleteObject"),
            data=True,
            resources=[
                {"type": "AWS::S3::Object", **item},
                {"accountId": who.account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
            ],
            additionalEventData={"SignatureVersion": "SigV4", "AuthenticationMethod": "AuthHeader", **moved},
            **more,
        )

    def assume_role(
        self,
        who: Caller,
        time: datetime,
        role: str,
        unique: str,
        session: str,
        key: str,
        *,
        seconds: int = 3600,
        account: str = PROD,
        web: tuple[str, str, str] | None = None,
    ) -> Json:
        """Write the issuance of a role session. `web` is provider, audience and subject of a web identity."""
        arn = f"arn:aws:iam::{account}:role/{role}"
        name = role.rsplit("/", 1)[-1]
        response: Json = {
            "credentials": {
                "accessKeyId": key,
                "sessionToken": "SYNTHETIC",
                "expiration": spelled(time + timedelta(seconds=seconds)),
            },
            "assumedRoleUser": {
                "assumedRoleId": f"{unique}:{session}",
                "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
            },
        }
        if web:
            response |= {"provider": web[0], "audience": web[1], "subjectFromWebIdentityToken": web[2]}
        return self.call(
            who,
            time,
            "sts:AssumeRoleWithWebIdentity" if web else "sts:AssumeRole",
            {"roleArn": arn, "roleSessionName": session, "durationSeconds": seconds},
            response=response,
            read=True,
            resources=[{"accountId": account, "type": "AWS::IAM::Role", "ARN": arn}],
        )
