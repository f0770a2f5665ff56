"""Reads RunTask requests, a JSON object a line, and answers each with a line: what
botocore's own parameter validation has against it, which is nothing for a good one.
This is the validation that `aws ecs run-task --cli-input-json` makes before it sends."""

import json
import sys

import botocore.session
import botocore.validate

service = botocore.session.get_session().get_service_model("ecs")
shape = service.operation_model("RunTask").input_shape
validator = botocore.validate.ParamValidator()

for line in sys.stdin:
    report = validator.validate(json.loads(line), shape)
    print(report.generate_report().replace("\n", "; "))
