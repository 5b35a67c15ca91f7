"""What services and automation do all day. Nothing of it is an incident.

It is meant to be hard to tell from one: the rotation mints an access key, the backup and the ETL job delete.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .shapes import DAY, NAT, PROD, REGION, STAGING, Caller, Log, at, iam_user, role_session, service

BOTO = "Boto3/1.38.12 md/Botocore#1.38.12 ua/2.1 os/linux#6.1 lang/python#3.12.3"
JAVA = "aws-sdk-java/2.31.30 md/io#sync ua/2.1 os/Linux#6.1 lang/java#21.0.6"


def automation(log: Log) -> None:
    web_app(log)
    autoscaling(log)
    trail(log)
    etl(log)
    backup(log)
    rotation(log)
    billing_export(log)


def spread(log: Log, start: str, minutes: float, count: int) -> list[datetime]:
    """Return `count` sorted times within `minutes` after `start`."""
    begin = at(start)
    return sorted(begin + timedelta(seconds=int(log.random.uniform(0, minutes * 60))) for _ in range(count))


def web_app(log: Log) -> None:
    """Two instances of the shop, busier by day, each with credentials that EC2 renews every six hours."""
    for number, instance in enumerate(("i-0a11b22c33d44e550", "i-0a11b22c33d44e551")):
        for hour in range(0, 24, 6):
            key, since = log.key(), DAY + timedelta(hours=hour, minutes=2 + number)
            log.assume_role(
                service("ec2.amazonaws.com"), since, "web-app", "AROAWEBAPPROLEEXAMPLE", instance, key, seconds=21600
            )
            who = role_session(
                "web-app", "AROAWEBAPPROLEEXAMPLE", instance, key, since, address=NAT, agent=JAVA, ec2RoleDelivery="2.0"
            )
            for late in range(6):
                busy = 40 if 7 <= hour + late < 22 else 16
                for time in spread(log, f"{hour + late:02}:05", 54, busy):
                    _serve(log, who, time)


def _serve(log: Log, who: Caller, time: datetime) -> None:
    choice = log.random.random()
    if choice < 0.01:
        log.s3(who, time, "GetObject", "acme-prod-assets", "img/missing.webp", error=("AccessDenied", "Access Denied"))
    elif choice < 0.55:
        log.s3(who, time, "GetObject", "acme-prod-assets", f"img/product-{log.random.randrange(4000):04}.webp")
    elif choice < 0.80:
        table = {
            "ARN": f"arn:aws:dynamodb:{REGION}:{PROD}:table/carts",
            "accountId": PROD,
            "type": "AWS::DynamoDB::Table",
        }
        name, read = ("GetItem", True) if log.random.random() < 0.7 else ("PutItem", False)
        log.call(who, time, f"dynamodb:{name}", {"tableName": "carts"}, resources=[table], read=read, data=True)
    elif choice < 0.88:
        name = f"uploads/{time:%Y/%m/%d}/{log.uuid()}.jpg"
        log.s3(who, time, "PutObject", "acme-prod-uploads", name)
    elif choice < 0.96:
        key = {
            "ARN": f"arn:aws:kms:{REGION}:{PROD}:key/0f0f0f0f-1111-2222-3333-444444444444",
            "accountId": PROD,
            "type": "AWS::KMS::Key",
        }
        log.call(who, time, "kms:Decrypt", {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}, resources=[key], read=True)
    else:
        log.call(
            who,
            time,
            "ssm:GetParameters",
            {"names": ["/shop/db-host", "/shop/flags"], "withDecryption": True},
            read=True,
        )


def autoscaling(log: Log) -> None:
    """The cluster autoscaler looks every five minutes, and now and then adds or removes a node."""
    group = {"autoScalingGroupName": "eks-prod-workers"}
    linked = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    for hour in range(24):
        key, since = log.key(), DAY + timedelta(hours=hour, seconds=20)
        who = role_session(
            "cluster-autoscaler",
            "AROAAUTOSCALEREXAMPLE",
            "autoscaler",
            key,
            since,
            address=NAT,
            agent="aws-sdk-go/1.55.6 (go1.22; linux; amd64) cluster-autoscaler",
        )
        for minute in range(2, 60, 5):
            time = since + timedelta(minutes=minute)
            log.call(who, time, "autoscaling:DescribeAutoScalingGroups", {"maxRecords": 100}, read=True)
        if hour in (7, 9, 12, 18):
            time = since + timedelta(minutes=21)
            log.call(
                who, time, "autoscaling:SetDesiredCapacity", group | {"desiredCapacity": 4 + hour // 6}, read=False
            )
        if hour in (14, 20, 22, 23):
            time = since + timedelta(minutes=33)
            instance = f"i-0b22c33d44e55f6{hour:02}"
            log.call(
                who,
                time,
                "autoscaling:TerminateInstanceInAutoScalingGroup",
                {"instanceId": instance, "shouldDecrementDesiredCapacity": True},
                read=False,
            )
            itself = role_session(
                linked,
                "AROASLRAUTOSCAEXAMPLE",
                "AutoScaling",
                log.key(),
                since,
                address="autoscaling.amazonaws.com",
                agent="autoscaling.amazonaws.com",
            )
            itself.identity["invokedBy"] = "autoscaling.amazonaws.com"
            log.call(
                itself,
                time + timedelta(seconds=2),
                "ec2:TerminateInstances",
                {"instancesSet": {"items": [{"instanceId": instance}]}},
                read=False,
            )


def trail(log: Log) -> None:
    """CloudTrail and AWS Config deliver their own files."""
    for account in (PROD, STAGING):
        for hour in range(24):
            for time in spread(log, f"{hour:02}:00", 59, 2):
                who = service("cloudtrail.amazonaws.com", account)
                log.call(who, time, "s3:GetBucketAcl", {"bucketName": "acme-prod-trail"}, read=True)
            name = f"AWSLogs/{account}/CloudTrail/{REGION}/2026/05/12/{account}_{hour:02}.json.gz"
            who = service("cloudtrail.amazonaws.com", account)
            log.s3(who, DAY + timedelta(hours=hour, minutes=57), "PutObject", "acme-prod-trail", name)


def etl(log: Log) -> None:
    """The nightly job of staging: read the lake, write partitions, remove what it left half-written."""
    key, since = log.key(), at("00:30:05")
    log.assume_role(
        service("glue.amazonaws.com", STAGING),
        since,
        "etl-nightly",
        "AROAETLNIGHTLYEXAMPLE",
        "GlueJobRunnerSession",
        key,
        seconds=14400,
        account=STAGING,
    )
    who = role_session(
        "etl-nightly",
        "AROAETLNIGHTLYEXAMPLE",
        "GlueJobRunnerSession",
        key,
        since,
        account=STAGING,
        address="198.51.100.77",
        agent=JAVA,
    )
    log.call(who, at("00:30:20"), "glue:GetJob", {"jobName": "orders-daily"}, read=True)
    for number, time in enumerate(spread(log, "00:31", 120, 150)):
        log.s3(who, time, "GetObject", "acme-staging-lake", f"raw/orders/2026-05-11/part-{number:05}.parquet")
    for number, time in enumerate(spread(log, "02:32", 20, 40)):
        log.s3(who, time, "PutObject", "acme-staging-lake", f"curated/orders/2026-05-11/part-{number:05}.parquet")
    for number, time in enumerate(spread(log, "02:53", 3, 25)):
        log.s3(who, time, "DeleteObject", "acme-staging-lake", f"_temporary/attempt-{number:03}")


def backup(log: Log) -> None:
    """Nightly snapshots, then the old ones go."""
    key, since = log.key(), at("02:00:03")
    log.assume_role(
        service("backup.amazonaws.com"), since, "service-role/backup", "AROABACKUPROLEEXAMPLE", "AWSBackup-nightly", key
    )
    who = role_session(
        "service-role/backup",
        "AROABACKUPROLEEXAMPLE",
        "AWSBackup-nightly",
        key,
        since,
        address="backup.amazonaws.com",
        agent="backup.amazonaws.com",
    )
    for number, time in enumerate(spread(log, "02:01", 15, 10)):
        volume = f"vol-0c33d44e55f66077{number:x}"
        log.call(
            who,
            time,
            "ec2:CreateSnapshot",
            {"volumeId": volume, "description": "AWS Backup"},
            read=False,
            response={"snapshotId": f"snap-0d44e55f66a77088{number:x}"},
        )
    for name, time in zip(("orders-prod", "orders-replica"), spread(log, "02:17", 5, 2), strict=True):
        log.call(
            who,
            time,
            "rds:CreateDBSnapshot",
            {"dBInstanceIdentifier": name, "dBSnapshotIdentifier": f"awsbackup-{name}-20260512"},
            read=False,
        )
    for number, time in enumerate(spread(log, "02:30", 10, 10)):
        log.call(who, time, "ec2:DeleteSnapshot", {"snapshotId": f"snap-0d44e55f66a77011{number:x}"}, read=False)
    for name, time in zip(("orders-prod", "orders-replica"), spread(log, "02:41", 2, 2), strict=True):
        log.call(who, time, "rds:DeleteDBSnapshot", {"dBSnapshotIdentifier": f"awsbackup-{name}-20260412"}, read=False)


def rotation(log: Log) -> None:
    """A Lambda function rotates secrets, and the fortnightly access key of `svc-billing-export`."""
    key, since = log.key(), at("03:10:00")
    log.assume_role(
        service("lambda.amazonaws.com"), since, "secret-rotation", "AROASECRETROTAEXAMPLE", "secret-rotation", key
    )
    who = role_session(
        "secret-rotation",
        "AROASECRETROTAEXAMPLE",
        "secret-rotation",
        key,
        since,
        address=NAT,
        agent=BOTO,
        inScopeOf={
            "issuerType": "AWS::Lambda::Function",
            "credentialsIssuedTo": f"arn:aws:lambda:{REGION}:{PROD}:function:secret-rotation",
        },
    )
    user = {"userName": "svc-billing-export"}
    old, new = "AKIABILLINGEXEXAMPLE", "AKIABILLINGX2EXAMPLE"
    secret = {"secretId": f"arn:aws:secretsmanager:{REGION}:{PROD}:secret:billing/export-key-Qw7RtY"}
    log.call(who, at("03:10:04"), "iam:ListAccessKeys", user, read=True, region="us-east-1")
    log.call(
        who,
        at("03:10:06"),
        "iam:CreateAccessKey",
        user,
        read=False,
        region="us-east-1",
        response={"accessKey": {**user, "status": "Active", "accessKeyId": new}},
    )
    log.call(who, at("03:10:08"), "secretsmanager:PutSecretValue", secret, read=False)
    log.call(
        who,
        at("03:12:30"),
        "iam:UpdateAccessKey",
        {**user, "accessKeyId": old, "status": "Inactive"},
        read=False,
        region="us-east-1",
    )
    log.call(who, at("03:14:02"), "iam:DeleteAccessKey", {**user, "accessKeyId": old}, read=False, region="us-east-1")
    for minute, name in enumerate(("search-prod", "catalog-prod", "mail-relay"), start=20):
        secret = {"secretId": f"arn:aws:secretsmanager:{REGION}:{PROD}:secret:app/{name}-Zx9CvB"}
        for second, call in enumerate(
            ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
        ):
            log.call(who, at(f"03:{minute}:{second * 7 + 2:02}"), f"secretsmanager:{call}", secret, read=second < 2)


def billing_export(log: Log) -> None:
    """The one IAM user: reads invoices, writes the ledger, with the key of this night."""
    who = iam_user(
        "svc-billing-export",
        "AIDABILLINGEXPEXAMPLE",
        "AKIABILLINGX2EXAMPLE",
        address="203.0.113.90",
        agent="aws-cli/2.27.8 md/awscrt#0.26.1 ua/2.1 os/linux#6.1 lang/python#3.13.3",
    )
    log.s3(who, at("06:00:02"), "ListObjects", "acme-prod-invoices")
    for number, time in enumerate(spread(log, "06:01", 9, 60)):
        log.s3(who, time, "GetObject", "acme-prod-invoices", f"2026/q2/invoice-{21000 + number}.pdf")
    for number, time in enumerate(spread(log, "06:11", 2, 4)):
        log.s3(who, time, "PutObject", "acme-prod-ledger", f"2026/05/12/ledger-{number}.csv")
