"""Writes what SAM's transform makes of a template, as CloudFormation would deploy it.

usage: sam_transform.py TEMPLATE OUT
"""
import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")

from cfnlint.decode import decode
from samtranslator.translator.transform import transform


class ManagedPolicies:
    def load(self):
        return {}


template, problems = decode(sys.argv[1])
if problems:
    sys.exit("\n".join(map(str, problems)))
template = json.loads(json.dumps(template))
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/key"  # sam package uploads the folder
os.makedirs(os.path.dirname(sys.argv[2]) or ".", exist_ok=True)
with open(sys.argv[2], "w") as out:
    json.dump(transform(template, {}, ManagedPolicies()), out, indent=2)
