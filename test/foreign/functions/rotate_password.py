"""A rotation function as anybody would write it for AWS: four steps, each safe to repeat, and boto3 as it comes.

The secret is {"username", "password"}; a rotation replaces the password.
"""

import json
import secrets

import boto3

service = boto3.client("secretsmanager")


def read(arn, stage, token=None):
    version = {"VersionId": token} if token else {}
    answer = service.get_secret_value(SecretId=arn, VersionStage=stage, **version)
    return json.loads(answer["SecretString"])


def create(arn, token):
    login = read(arn, "AWSCURRENT")
    try:
        read(arn, "AWSPENDING", token)
    except service.exceptions.ResourceNotFoundException:
        login["password"] = secrets.token_urlsafe(24)
        service.put_secret_value(
            SecretId=arn, ClientRequestToken=token, SecretString=json.dumps(login), VersionStages=["AWSPENDING"]
        )


def apply(arn, token):
    print("there is no database to set the password of")


def test(arn, token):
    if not read(arn, "AWSPENDING", token)["password"]:
        raise ValueError("the new password is empty")


def finish(arn, token):
    stages = service.describe_secret(SecretId=arn)["VersionIdsToStages"]
    current = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
    if current == token:
        return
    service.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )


STEPS = {"createSecret": create, "setSecret": apply, "testSecret": test, "finishSecret": finish}


def handler(event, context):
    arn, token = event["SecretId"], event["ClientRequestToken"]
    described = service.describe_secret(SecretId=arn)
    if not described.get("RotationEnabled"):
        raise ValueError(f"rotation is not enabled for {arn}")
    labels = described["VersionIdsToStages"].get(token)
    if labels is None:
        raise ValueError(f"{token} is no version of {arn}")
    if "AWSCURRENT" in labels:
        return
    if "AWSPENDING" not in labels:
        raise ValueError(f"{token} is not pending for {arn}")
    STEPS[event["Step"]](arn, token)
