package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/internal/provision"
)

// A reader takes the value of a setting: as JSON has it, or as text from -c. The
// error says what the setting takes.
type reader func(name string, value any) error

func expected(name, want string, value any) error {
	got, _ := json.Marshal(value) // it came from JSON
	return fmt.Errorf("%s takes %s, got %s", name, want, got)
}

func text(to *string) reader {
	return func(name string, value any) error {
		s, ok := value.(string)
		if !ok || s == "" {
			return expected(name, "text", value)
		}
		*to = s
		return nil
	}
}

func flag(to *bool) reader {
	return func(name string, value any) error {
		switch value {
		case true, "true":
			*to = true
		case false, "false":
			*to = false
		default:
			return expected(name, "true or false", value)
		}
		return nil
	}
}

func within(b provision.Bound) func(*float64) reader {
	return func(to *float64) reader {
		return func(name string, value any) error {
			n, err := strconv.ParseFloat(fmt.Sprint(value), 64)
			if err != nil {
				return expected(name, fmt.Sprintf("%d to %d", b.Low, b.High), value)
			}
			*to = n
			return b.Check(name, n)
		}
	}
}

// pointer reads what a prop points to.
func pointer[T any](to **T, read func(*T) reader) reader {
	return func(name string, value any) error {
		*to = new(T)
		return read(*to)(name, value)
	}
}

func choice(values map[string]func()) reader {
	return func(name string, value any) error {
		s, _ := value.(string)
		set := values[s]
		if set == nil {
			return expected(name, strings.Join(slices.Sorted(maps.Keys(values)), " or "), value)
		}
		set()
		return nil
	}
}

func seconds(to *awscdk.Duration) reader {
	var n float64
	read := within(provision.Timeouts)(&n)
	return func(name string, value any) error {
		if err := read(name+" in seconds", value); err != nil {
			return err
		}
		*to = awscdk.Duration_Seconds(&n)
		return nil
	}
}

// retentions are CDK's names for [provision.LogRetentions], in their order.
var retentions = []awslogs.RetentionDays{
	awslogs.RetentionDays_ONE_DAY, awslogs.RetentionDays_THREE_DAYS, awslogs.RetentionDays_FIVE_DAYS, awslogs.RetentionDays_ONE_WEEK,
	awslogs.RetentionDays_TWO_WEEKS, awslogs.RetentionDays_ONE_MONTH, awslogs.RetentionDays_TWO_MONTHS, awslogs.RetentionDays_THREE_MONTHS,
	awslogs.RetentionDays_FOUR_MONTHS, awslogs.RetentionDays_FIVE_MONTHS, awslogs.RetentionDays_SIX_MONTHS, awslogs.RetentionDays_ONE_YEAR,
	awslogs.RetentionDays_THIRTEEN_MONTHS, awslogs.RetentionDays_EIGHTEEN_MONTHS, awslogs.RetentionDays_TWO_YEARS, awslogs.RetentionDays_THREE_YEARS,
	awslogs.RetentionDays_FIVE_YEARS, awslogs.RetentionDays_SIX_YEARS, awslogs.RetentionDays_SEVEN_YEARS, awslogs.RetentionDays_EIGHT_YEARS,
	awslogs.RetentionDays_NINE_YEARS, awslogs.RetentionDays_TEN_YEARS,
}

func retention(to *awslogs.RetentionDays) reader {
	return func(name string, value any) error {
		for i, days := range provision.LogRetentions {
			if fmt.Sprint(value) == strconv.Itoa(days) {
				*to = retentions[i]
				return nil
			}
		}
		return expected(name, "one of "+strings.Trim(strings.ReplaceAll(fmt.Sprint(provision.LogRetentions), " ", ", "), "[]")+" (CloudWatch Logs' choices of days)", value)
	}
}

var keyARN = regexp.MustCompile("^" + provision.KeyARN + "$")

func key(to *string) reader {
	return func(name string, value any) error {
		s, _ := value.(string)
		if !keyARN.MatchString(s) {
			return expected(name, "the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID", value)
		}
		*to = s
		return nil
	}
}

// list reads a list of texts; with -c they are separated by commas.
func list(to *[]string) reader {
	return func(name string, value any) error {
		if s, ok := value.(string); ok && s != "" {
			*to = strings.Split(s, ",")
			return nil
		}
		items, ok := value.([]any)
		for _, item := range items {
			s, isText := item.(string)
			ok = ok && isText && s != ""
			*to = append(*to, s)
		}
		if !ok {
			return expected(name, "a list of texts (with -c separated by commas)", value)
		}
		return nil
	}
}

func pointers(to *[]*string) reader {
	var items []string
	read := list(&items)
	return func(name string, value any) error {
		err := read(name, value)
		if err == nil {
			*to = *jsii.Strings(items...)
		}
		return err
	}
}

// object reads an object; with -c it is JSON text.
func object(to *map[string]any) reader {
	return func(name string, value any) error {
		got := value
		if s, ok := value.(string); ok && json.Unmarshal([]byte(s), &got) != nil {
			got = nil
		}
		members, ok := got.(map[string]any)
		if !ok {
			return expected(name, "an object (with -c as JSON text)", value)
		}
		*to = members
		return nil
	}
}

// texts reads an object whose members are texts.
func texts(to *map[string]*string) reader {
	return func(name string, value any) error {
		var members map[string]any
		if err := object(&members)(name, value); err != nil {
			return err
		}
		var errs []error
		*to = map[string]*string{}
		for _, member := range slices.Sorted(maps.Keys(members)) {
			s, ok := members[member].(string)
			if !ok {
				errs = append(errs, expected(name+"."+member, "text", members[member]))
			}
			(*to)[member] = &s
		}
		return errors.Join(errs...)
	}
}
