"""From a CloudTrail name to the IAM action that AWS documents.

CloudTrail logs the API operation under the service's host; IAM knows both by other names now and then. Sources:
iam-dataset, `aws/map.json` (`cloudtrail_service_mappings` and the methods whose action has another name); Amazon S3
user guide, "Required permissions for Amazon S3 API operations".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SERVICES: Mapping[str, str] = {
    "agreement-marketplace": "aws-marketplace",
    "amazonmq": "mq",
    "application-insights": "applicationinsights",
    "billingconsole": "billing",
    "chime-sdk-media-pipelines": "chime",
    "chime-sdk-voice": "chime",
    "cloudcontrolapi": "cloudformation",
    "contact-lens": "connect",
    "discovery-marketplace": "aws-marketplace",
    "management-marketplace": "aws-marketplace-management",
    "marketplacecatalog": "aws-marketplace",
    "migrationhub": "mgh",
    "monitoring": "cloudwatch",
    "opensearchservice": "es",
    "participant-connect": "connect",
    "pinpoint": "mobiletargeting",
    "pricelist": "pricing",
    "qconnect": "wisdom",
    "rdsdata": "rds-data",
    "reporting-marketplace": "aws-marketplace",
    "servicecatalog-appregistry": "servicecatalog",
    "tagging": "tag",
    "taxconsole": "tax",
    "transcribestreaming": "transcribe",
}

ACTIONS: Mapping[str, str] = {
    "bedrock:converse": "bedrock:invokemodel",
    "bedrock:conversestream": "bedrock:invokemodelwithresponsestream",
    "budgets:createbudget": "budgets:modifybudget",
    "budgets:deletebudget": "budgets:modifybudget",
    "budgets:describebudget": "budgets:viewbudget",
    "budgets:describebudgets": "budgets:viewbudget",
    "budgets:updatebudget": "budgets:modifybudget",
    "kms:reencrypt": "kms:reencryptfrom",
    "lambda:invoke": "lambda:invokefunction",
    "s3:completemultipartupload": "s3:putobject",
    "s3:copyobject": "s3:putobject",
    "s3:createmultipartupload": "s3:putobject",
    "s3:deletebucketcors": "s3:putbucketcors",
    "s3:deletebucketencryption": "s3:putencryptionconfiguration",
    "s3:deletebucketlifecycle": "s3:putlifecycleconfiguration",
    "s3:deletebucketpublicaccessblock": "s3:putbucketpublicaccessblock",
    "s3:deletebucketreplication": "s3:putreplicationconfiguration",
    "s3:deletebuckettagging": "s3:putbuckettagging",
    "s3:deleteobjects": "s3:deleteobject",
    "s3:deletepublicaccessblock": "s3:putbucketpublicaccessblock",
    "s3:getbucketencryption": "s3:getencryptionconfiguration",
    "s3:getbucketlifecycle": "s3:getlifecycleconfiguration",
    "s3:getbucketlifecycleconfiguration": "s3:getlifecycleconfiguration",
    "s3:getbucketnotificationconfiguration": "s3:getbucketnotification",
    "s3:getbucketreplication": "s3:getreplicationconfiguration",
    "s3:getobjectlockconfiguration": "s3:getbucketobjectlockconfiguration",
    "s3:getpublicaccessblock": "s3:getbucketpublicaccessblock",
    "s3:headbucket": "s3:listbucket",
    "s3:listbuckets": "s3:listallmybuckets",
    "s3:listmultipartuploads": "s3:listbucketmultipartuploads",
    "s3:listobjects": "s3:listbucket",
    "s3:listobjectsv2": "s3:listbucket",
    "s3:listobjectversions": "s3:listbucketversions",
    "s3:listparts": "s3:listmultipartuploadparts",
    "s3:putbucketencryption": "s3:putencryptionconfiguration",
    "s3:putbucketlifecycle": "s3:putlifecycleconfiguration",
    "s3:putbucketlifecycleconfiguration": "s3:putlifecycleconfiguration",
    "s3:putbucketreplication": "s3:putreplicationconfiguration",
    "s3:putobjectlockconfiguration": "s3:putbucketobjectlockconfiguration",
    "s3:putpublicaccessblock": "s3:putbucketpublicaccessblock",
    "s3:selectobjectcontent": "s3:getobject",
    "s3:uploadpart": "s3:putobject",
    "s3:uploadpartcopy": "s3:putobject",
}

_DATE = re.compile(r"(?<=[a-z])20\d\d_?\d\d_?\d\d(?:v\d+)?$")
_BUCKET_CONFIGURATION = re.compile(r"^s3:(get|put|delete|list)bucket(\w+configuration)s?$")


def iam_name(name: str) -> str:
    """Lower-cased IAM action of a CloudTrail name; the name itself, lower-cased, where it needs no other."""
    service, _, action = name.lower().partition(":")
    action = _DATE.sub("", action)
    full = f"{SERVICES.get(service, service)}:{action}"
    alias = ACTIONS.get(full)
    if alias:
        return alias
    if match := _BUCKET_CONFIGURATION.match(full):  # analytics, inventory, metrics ... lose the word `bucket` in IAM
        verb = "get" if match[1] == "list" else "put" if match[1] == "delete" else match[1]
        return f"s3:{verb}{match[2]}"
    return full
