"""What people do, and their deployments. Nothing of it is an incident.

A deployment changes a security group and a role, people administer through SSO, and a forgotten role only reads.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .automation import BOTO, spread
from .shapes import NAT, PROD, Caller, Json, Log, at, ingress, role_session, service

OFFICE = "192.0.2.61"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0"


def people_and_deployments(log: Log) -> None:
    deployments(log)
    people(log)
    legacy_report(log)


def deployments(log: Log) -> None:
    """Five deployments by GitHub Actions, one of them of infrastructure."""
    provider = f"arn:aws:iam::{PROD}:oidc-provider/token.actions.githubusercontent.com"
    for number, start in enumerate(("08:12", "10:31", "13:47", "15:22", "17:05")):
        key, since = log.key(), at(start)
        subject = "repo:acme-example/shop:ref:refs/heads/main"
        session = f"gha-{90214 + 37 * number}"
        federated = Caller(
            {
                "type": "WebIdentityUser",
                "principalId": f"{provider}:sts.amazonaws.com:{subject}",
                "userName": subject,
                "identityProvider": provider,
            },
            "203.0.113.140",
            "aws-sdk-js/3.799.0 ua/2.1 os/linux#6.8 lang/js",
        )
        log.assume_role(
            federated,
            since,
            "ci-deploy",
            "AROACIDEPLOY00EXAMPLE",
            session,
            key,
            web=(provider, "sts.amazonaws.com", subject),
        )
        who = role_session(
            "ci-deploy",
            "AROACIDEPLOY00EXAMPLE",
            session,
            key,
            since,
            address="203.0.113.140",
            agent=BOTO,
            webIdFederationData={"federatedProvider": provider, "attributes": {}},
        )
        _deploy(log, who, since + timedelta(seconds=20), number)


def _deploy(log: Log, who: Caller, time: datetime, number: int) -> None:
    def later(seconds: int = 9) -> datetime:
        nonlocal time
        time += timedelta(seconds=log.random.randint(2, seconds))
        return time

    for part in ("web", "api", "worker"):
        log.s3(who, later(), "PutObject", "acme-prod-artifacts", f"shop/{number}/{part}.zip")
    stack = {"stackName": f"shop-{'network' if number == 2 else 'services'}"}
    log.call(who, later(), "cloudformation:CreateChangeSet", stack | {"changeSetName": f"gha-{number}"}, read=False)
    for _ in range(8):
        log.call(
            who, later(), "cloudformation:DescribeChangeSet", stack | {"changeSetName": f"gha-{number}"}, read=True
        )
    log.call(who, later(), "cloudformation:ExecuteChangeSet", stack | {"changeSetName": f"gha-{number}"}, read=False)
    if number == 2:
        parameters = ingress("sg-0b2c3d4e5f6071829", 5432, "10.20.0.0/16")
        log.call(who, later(), "ec2:AuthorizeSecurityGroupIngress", parameters, response={"_return": True}, read=False)
        log.call(
            who,
            later(),
            "iam:AttachRolePolicy",
            {"roleName": "web-app", "policyArn": f"arn:aws:iam::{PROD}:policy/shop-read-flags"},
            read=False,
            region="us-east-1",
        )
    else:
        for part in ("web", "api"):
            log.call(
                who,
                later(),
                "lambda:UpdateFunctionCode20150331v2",
                {"functionName": f"shop-{part}", "publish": True, "dryRun": False},
                read=False,
            )
    for _ in range(10):
        log.call(who, later(20), "cloudformation:DescribeStacks", stack, read=True)
    for part in ("web", "api", "worker"):
        log.s3(who, later(), "DeleteObject", "acme-prod-artifacts", f"shop/{number - 30}/{part}.zip")


def people(log: Log) -> None:
    """Four people at work through SSO: mostly looking, sometimes changing something themselves."""
    reserved = "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_"
    for name, number, permission, start, looks in (
        ("lars.berg", 4, "AdministratorAccess_0a1b2c3d4e5f6071", "08:40", 45),
        ("maya.chen", 1, "PlatformEngineer_1b2c3d4e5f607182", "09:15", 60),
        ("tomas.novak", 2, "DataEngineer_2c3d4e5f60718293", "10:50", 40),
        ("priya.raman", 3, "ReadOnly_3d4e5f6071829304", "14:45", 25),
    ):
        unique, key, since = f"AROASSOPERSON{number}EXAMPLE", log.key(), at(start)
        who = role_session(
            f"{reserved}{permission}",
            unique,
            f"{name}@acme.example",
            key,
            since,
            address=OFFICE,
            agent=BROWSER,
            mfa=True,
        )
        who.identity["onBehalfOf"] = {
            "userId": f"b2c5f4a4-0000-4000-8000-{number:012}",
            "identityStoreArn": f"arn:aws:identitystore::{PROD}:identitystore/d-9067642ac7",
        }
        console: Json = {"sessionCredentialFromConsole": "true"}
        log.call(
            who,
            since,
            "signin:ConsoleLogin",
            None,
            response={"ConsoleLogin": "Success"},
            read=False,
            kind="AwsConsoleSignIn",
            additionalEventData={"MFAUsed": "Yes", "MobileVersion": "No"},
        )
        for time in spread(log, start, 150, looks):
            call = log.random.choice(
                (
                    "ec2:DescribeInstances",
                    "rds:DescribeDBInstances",
                    "ecs:ListServices",
                    "iam:ListRoles",
                    "lambda:ListFunctions20150331",
                    "monitoring:DescribeAlarms",
                    "logs:DescribeLogGroups",
                    "cloudtrail:LookupEvents",
                    "ec2:DescribeSecurityGroups",
                    "s3:ListBuckets",
                )
            )
            log.call(who, time, call, None, read=True, **console)
        if name == "lars.berg":
            log.call(
                who,
                at("09:31:10"),
                "iam:CreateRole",
                {"roleName": "audit-2026", "path": "/"},
                read=False,
                region="us-east-1",
                **console,
            )
        if name == "maya.chen":
            log.call(
                who, at("10:02:40"), "monitoring:PutMetricAlarm", {"alarmName": "search-latency"}, read=False, **console
            )
        if name == "tomas.novak":
            log.call(
                who,
                at("11:40:09"),
                "rds:DeleteDBSnapshot",
                {"dBSnapshotIdentifier": "manual-orders-2025"},
                read=False,
                **console,
            )


def legacy_report(log: Log) -> None:
    """A role in nobody's registry. It only reads, so it stays quiet."""
    key, since = log.key(), at("04:00:00")
    log.assume_role(
        service("ec2.amazonaws.com"),
        since,
        "legacy-report",
        "AROALEGACYREPOEXAMPLE",
        "i-0e55f66a77b880991",
        key,
        seconds=21600,
    )
    who = role_session(
        "legacy-report",
        "AROALEGACYREPOEXAMPLE",
        "i-0e55f66a77b880991",
        key,
        since,
        address=NAT,
        agent="aws-sdk-java/1.11.700 Linux/4.14 Java_HotSpot/1.8.0",
        ec2RoleDelivery="1.0",
    )
    log.s3(who, at("04:00:30"), "ListObjects", "acme-prod-reports")
    for number, time in enumerate(spread(log, "04:01", 12, 22)):
        log.s3(who, time, "GetObject", "acme-prod-reports", f"2026/05/11/sheet-{number:02}.csv")
