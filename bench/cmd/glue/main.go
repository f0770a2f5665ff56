// The glue function that many teams have: a YAML file with text/template in its
// values, which is read at start and filled in for each event.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"text/template"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"go.yaml.in/yaml/v3"
)

// file is the YAML file: rules with an exact bucket and a prefix, and a RunTask
// input as text.
type file struct {
	Rules []*rule `yaml:"rules"`
}

type rule struct {
	Bucket string `yaml:"bucket"`
	Prefix string `yaml:"prefix"`
	Task   string `yaml:"task"` // RunTask's JSON, a template

	task *template.Template
}

func main() {
	f, err := load(os.Getenv("GLUE_CONFIG"))
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	client := ecs.NewFromConfig(cfg)
	lambda.Start(func(ctx context.Context, e map[string]any) (any, error) { return f.handle(ctx, client, e) })
}

func load(path string) (*file, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &file{}
	if err := yaml.Unmarshal(text, f); err != nil {
		return nil, err
	}
	functions := template.FuncMap{"json": func(v any) (string, error) {
		b, err := json.Marshal(v)
		return string(b), err
	}}
	for _, r := range f.Rules {
		if r.task, err = template.New(r.Bucket).Funcs(functions).Parse(r.Task); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *file) handle(ctx context.Context, client *ecs.Client, e map[string]any) (any, error) {
	detail, _ := e["detail"].(map[string]any)
	bucket, _ := detail["bucket"].(map[string]any)
	object, _ := detail["object"].(map[string]any)
	key, _ := object["key"].(string)
	var arns []string
	for _, r := range f.Rules {
		if bucket["name"] != r.Bucket || !strings.HasPrefix(key, r.Prefix) {
			continue
		}
		var text bytes.Buffer
		if err := r.task.Execute(&text, e); err != nil {
			return nil, err
		}
		in := &ecs.RunTaskInput{}
		if err := json.Unmarshal(text.Bytes(), in); err != nil {
			return nil, err
		}
		out, err := client.RunTask(ctx, in)
		if err != nil {
			return nil, err
		}
		for i := range out.Tasks {
			arns = append(arns, *out.Tasks[i].TaskArn)
		}
		fmt.Fprintln(os.Stderr, "launched", arns)
	}
	return map[string]any{"taskArns": arns}, nil
}
