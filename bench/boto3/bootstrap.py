"""The glue function in Python: boto3, one launch in the code, and the loop of a runtime.

The loop is leaner than that of AWS's own runtime: what is measured is the start of Python and boto3.
"""
import http.client
import json
import os

import boto3

ecs = boto3.client("ecs")


def handler(event):
    detail = event["detail"]
    bucket, obj = detail["bucket"]["name"], detail["object"]
    key = obj["key"]
    if not key.startswith("incoming/"):
        return {"taskArns": []}
    variables = {"BUCKET": bucket, "KEY": key, "VERSION": obj.get("version-id", "null"), "SIZE": str(obj["size"])}
    out = ecs.run_task(
        cluster="media",
        launchType="FARGATE",
        taskDefinition="transcode",
        startedBy="transcode",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": ["subnet-0a1b2c3d4e5f60718"],
                "securityGroups": ["sg-0123456789abcdef0"],
                "assignPublicIp": "DISABLED",
            }
        },
        overrides={
            "cpu": "4096" if obj["size"] > 1 << 30 else "1024",
            "containerOverrides": [
                {
                    "name": "worker",
                    "command": ["transcode", "--in", f"s3://{bucket}/{key}"],
                    "environment": [{"name": n, "value": v} for n, v in variables.items()],
                }
            ],
        },
    )
    return {"taskArns": [t["taskArn"] for t in out["tasks"]]}


def main():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        api.request("GET", "/2018-06-01/runtime/invocation/next")
        response = api.getresponse()
        invocation, payload = response.headers["Lambda-Runtime-Aws-Request-Id"], response.read()
        try:
            where, reply = "response", handler(json.loads(payload))
        except Exception as e:  # what a runtime does
            where, reply = "error", {"errorType": type(e).__name__, "errorMessage": str(e)}
        api.request("POST", f"/2018-06-01/runtime/invocation/{invocation}/{where}", json.dumps(reply))
        api.getresponse().read()


main()
