# Provisioning. The CDK app needs Node beside Go, the linters Python 3.

.PHONY: package sam-template sam-lint sam-compare synth cdk-test cdk-lint cdk-moto deploy diff

package: build ## dist/taskbridge.zip, the same bytes for the same source and mapping
	dist/taskbridge package -o dist/taskbridge.zip $(MAPPING)

sam-template: dist/taskbridge ## write template.yaml anew from MAPPING
	dist/taskbridge sam $(EXAMPLE_ENV) -o template.yaml $(MAPPING)

sam-lint: .venv/cfn-lint ## check template.yaml with cfn-lint (needs Python 3)
	.venv/bin/cfn-lint template.yaml

synth: ## the CDK app's template in infra/cdk/cdk.out, checked by CDK (needs Node)
	@command -v node >/dev/null || { echo 'synth: needs Node'; exit 1; }
	cd infra/cdk && $(GO) run .

cdk-test: ## tests of the CDK app (needs Node)
	cd infra/cdk && $(GO) vet -tags sam,moto ./... && CDK_VALIDATION=false $(GO) test ./...

cdk-lint: .venv/cfn-lint synth ## check what synth wrote with cfn-lint (needs Node and Python 3)
	.venv/bin/cfn-lint --ignore-checks W3005 -- infra/cdk/cdk.out/*.template.json # CDK writes DependsOn where a GetAtt says it already

sam-compare: .venv/cfn-lint ## compare what SAM and CDK deploy (needs Node and Python 3)
	.venv/bin/python tools/sam_transform.py template.yaml dist/template.transformed.json
	cd infra/cdk && CDK_VALIDATION=false $(GO) test -count 1 -tags sam -run SAM ./taskbridge

cdk-moto: .venv/moto/installed ## deploy a trimmed stack to moto's CloudFormation (needs Node and Python 3)
	cd infra/cdk && CDK_VALIDATION=false $(GO) test -count 1 -tags moto -run Moto ./taskbridge

deploy: infra/cdk/node_modules ## deploy the CDK app (needs Node and credentials)
	cd infra/cdk && npx --no-install cdk deploy

diff: infra/cdk/node_modules ## what deploy would change (needs Node and credentials)
	cd infra/cdk && npx --no-install cdk diff

infra/cdk/node_modules: infra/cdk/package-lock.json
	cd infra/cdk && npm ci --no-audit --no-fund
	@touch $@
