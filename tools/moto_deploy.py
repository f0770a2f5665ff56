"""Deploys a CloudFormation template to moto, inside this process, and prints what
the services' own APIs say is there, as JSON.

usage: moto_deploy.py TEMPLATE

moto's CloudFormation knows no schedules, alarms, dashboards and invoke configs:
they are left out. It knows no queue policies either: they are put in place by
SQS's own API, with references resolved. It takes an event pattern as an object
only.
"""
import ast
import io
import json
import os
import sys
import zipfile

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="eu-central-1", MOTO_ACCOUNT_ID="111122223333")

import boto3
from moto import mock_aws

LEFT_OUT = ("AWS::CloudWatch::", "AWS::Scheduler::", "AWS::SQS::QueuePolicy", "AWS::Lambda::EventInvokeConfig")
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "eu-central-1", "AWS::AccountId": "111122223333", "AWS::StackName": "stack"}


def trimmed(template):
    """The template as moto takes it, and the queue policies that it does not take."""
    policies = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::SQS::QueuePolicy"]
    template["Resources"] = {k: r for k, r in template["Resources"].items() if not r["Type"].startswith(LEFT_OUT)}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Code"] = {"S3Bucket": "assets", "S3Key": "code.zip"}
        if resource["Type"] == "AWS::Events::Rule":
            resource["Properties"]["EventPattern"] = json.loads(resource["Properties"]["EventPattern"])
    for section in ("Outputs", "Rules", "Parameters"):
        template.pop(section, None)
    return template, policies


def resolved(value, queues):
    """A part of a template with its references resolved."""
    if isinstance(value, list):
        return [resolved(v, queues) for v in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return PSEUDO.get(value["Ref"]) or queues[value["Ref"]]["url"]
    if "Fn::GetAtt" in value:
        return queues[value["Fn::GetAtt"][0]]["arn"]
    if "Fn::Join" in value:
        return value["Fn::Join"][0].join(resolved(value["Fn::Join"][1], queues))
    return {k: resolved(v, queues) for k, v in value.items()}


def main(path):
    with open(path) as f:
        template, policies = trimmed(json.load(f))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("bootstrap", "#!/bin/sh\n")
    s3, cfn, events, awslambda, iam, sqs = (boto3.client(n) for n in ("s3", "cloudformation", "events", "lambda", "iam", "sqs"))
    s3.create_bucket(Bucket="assets", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="assets", Key="code.zip", Body=archive.getvalue())
    cfn.create_stack(StackName="stack", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])

    queues = {}
    for resource in cfn.describe_stack_resources(StackName="stack")["StackResources"]:
        if resource["ResourceType"] == "AWS::SQS::Queue":
            url = resource["PhysicalResourceId"]
            arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            queues[resource["LogicalResourceId"]] = {"url": url, "arn": arn}
    for policy in policies:
        for url in resolved(policy["Queues"], queues):
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(resolved(policy["PolicyDocument"], queues))})

    rules = events.list_rules()["Rules"]
    for rule in rules:
        rule["Targets"] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    roles = {}
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        documents = [iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"] for p in iam.list_role_policies(RoleName=name)["PolicyNames"]]
        # moto keeps a document that CloudFormation gave it as Python's text.
        roles[role["Arn"]] = [d if isinstance(d, dict) else ast.literal_eval(d) for d in documents]
    json.dump({
        "Status": cfn.describe_stacks(StackName="stack")["Stacks"][0]["StackStatus"],
        "Rules": rules,
        "Queues": [sqs.get_queue_attributes(QueueUrl=q["url"], AttributeNames=["All"])["Attributes"] for q in queues.values()],
        "Roles": roles,
        "Functions": awslambda.list_functions()["Functions"],
        "Mappings": awslambda.list_event_source_mappings()["EventSourceMappings"],
    }, sys.stdout, default=str)


with mock_aws():
    main(sys.argv[1])
