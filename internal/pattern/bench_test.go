package pattern

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// s3Event is an S3 event as EventBridge delivers it, 866 bytes.
const s3Event = `{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created","source":"aws.s3","account":"123456789012",` +
	`"time":"2026-11-12T00:00:00Z","region":"eu-central-1","resources":["arn:aws:s3:::acme-data-imports-00042"],"detail":{"version":"0",` +
	`"bucket":{"name":"acme-data-imports-00042"},"object":{"key":"incoming/tenant-00042/2026/11/12/report-2026-11-12T00-00-00Z-part-000017.csv.gz",` +
	`"size":5242880,"etag":"b1946ac92492d2347c6235b4d2611184","version-id":"IYV3p45BT0ac8hjHg1houSdS1a.Mro8e","sequencer":"617f08299329d189"},` +
	`"request-id":"N4N7GDK58NMKJ12R","requester":"123456789012","source-ip-address":"203.0.113.10","reason":"PutObject"},` +
	`"replay-name":"replay-of-2026-11-12","trace-header":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:0|68fd508a:5|c512fbe3:2|91ab3f0d:1"}`

// s3Rules are n patterns for uploads as a large mapping has them: all name the
// same kind of event, and most a bucket of their own with another condition.
func s3Rules(n int) [][]byte {
	const bucket = `"bucket":{"name":["acme-data-imports-%05d"]},`
	details := []string{
		bucket + `"object":{"key":[{"prefix":"incoming/tenant-%05d/"}]}`,
		bucket + `"object":{"key":[{"suffix":".csv.gz"}]}`,
		bucket + `"object":{"size":[{"numeric":[">",%d00,"<",%d000000]}]}`,
		`"object":{"key":[{"wildcard":"incoming/*/report-%d-*.csv.gz"}]}`,
		bucket + `"object":{"key":[{"anything-but":{"prefix":"tmp-%d/"}}]}`,
		bucket + `"source-ip-address":[{"cidr":"203.0.%h.0/24"}]`,
		`"$or":[{"bucket":{"name":["acme-data-imports-%05d"]}},{"requester":["9000000%05d"]}]`,
		`"bucket":{"name":[{"equals-ignore-case":"ACME-data-imports-%05d"}]}`,
		`"object":{"key":[{"prefix":"incoming/tenant-%05d/"},{"suffix":".part-%d.gz"}],"size":[{"numeric":[">",0]}]}`,
		bucket + `"reason":[{"anything-but":["CopyObject","x%d"]}],"object":{"version-id":[{"exists":true}]}`,
	}
	rules := make([][]byte, n)
	for i := range rules {
		rules[i] = fill(`{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{`+details[i%len(details)]+`}}`, i)
	}
	return rules
}

// fill puts the number of a pattern into its text: %d and %05d are the number, %h
// is its lowest byte, and %a, %b, %c are letters that count.
func fill(text string, i int) []byte {
	letter := func(i int) string { return string(rune('a' + i%26)) }
	return []byte(strings.NewReplacer("%05d", fmt.Sprintf("%05d", i), "%d", fmt.Sprint(i), "%h", fmt.Sprint(i%256),
		"%a", letter(i), "%b", letter(i/26), "%c", letter(i/676)).Replace(text))
}

func filled(n int, text string) [][]byte {
	rules := make([][]byte, n)
	for i := range rules {
		rules[i] = fill(text, i)
	}
	return rules
}

// A family is many patterns that use one operator on one field.
type family struct {
	name  string
	rules [][]byte
	event string
	hits  int // patterns that match event
}

func families() []family {
	s3 := func(name string, n, hits int, field, entry string) family {
		path := strings.Split(field, ".")
		text := `{"detail":{"` + strings.Join(path, `":{"`) + `":[` + entry + `]` + strings.Repeat("}", len(path)) + "}"
		return family{name, filled(n, text), s3Event, hits}
	}
	const n = 1000
	return []family{
		s3("exact", n, 1, "bucket.name", `"acme-data-imports-%05d"`),
		s3("list-of-20", n, 0, "bucket.name", strings.Repeat(`"a%d",`, 20)+`"b%d"`),
		s3("number", n, 0, "object.size", `%d`),
		s3("ip", n, 0, "source-ip-address", `"203.0.%h.1"`),
		s3("prefix", n, 1, "object.key", `{"prefix":"incoming/tenant-%05d/"}`),
		s3("prefix-ignore-case", n, 1, "object.key", `{"prefix":{"equals-ignore-case":"INCOMING/tenant-%05d/"}}`),
		s3("suffix", n, 1, "object.key", `{"suffix":"0%05d.csv.gz"}`),
		s3("suffix-ignore-case", n, 1, "object.key", `{"suffix":{"equals-ignore-case":"0%05d.CSV.gz"}}`),
		s3("equals-ignore-case", n, 1, "bucket.name", `{"equals-ignore-case":"ACME-data-imports-%05d"}`),
		s3("wildcard", n, 0, "object.key", `{"wildcard":"*%a%b%c*%c%b%a*"}`),
		s3("wildcard-letters", n, 195, "object.key", `{"wildcard":"*%a*%b*"}`),
		s3("wildcard-alike", n, 1, "object.key", `{"wildcard":"incoming/tenant-%05d/*.gz"}`),
		s3("anything-but", n, 999, "bucket.name", `{"anything-but":"acme-data-imports-%05d"}`),
		s3("anything-but-prefix", n, 999, "object.key", `{"anything-but":{"prefix":"incoming/tenant-%05d/"}}`),
		s3("anything-but-wildcard", n, 999, "object.key", `{"anything-but":{"wildcard":"*tenant-%05d*"}}`),
		s3("numeric-overlapping", n, 1000, "object.size", `{"numeric":[">",%d,"<",5250000]}`),
		s3("numeric-apart", n, 0, "object.size", `{"numeric":[">=",5%05d0,"<",5%05d9]}`),
		s3("cidr", 250, 1, "source-ip-address", `{"cidr":"203.0.%h.0/24"}`),
		s3("exists", n, 0, "field-%d", `{"exists":true}`),
		s3("absent", n, 1000, "field-%d", `{"exists":false}`),
		{"or", filled(n, `{"detail":{"$or":[{"bucket":{"name":["acme-data-imports-%05d"]}},{"reason":["x"]}]}}`), s3Event, 1},
		{"lists", filled(100, `{"detail":{"items":{"name":["n%d"],"size":[{"numeric":[">=",%d]}]}}}`),
			`{"detail":{"items":` + jsonList(20, func(i int) string {
				return fmt.Sprintf(`{"name":"n%d","size":%d,"tags":[{"key":"a","value":"b"}]}`, i, i*i)
			}) + `}}`, 20},
	}
}

// prepared returns what matches event against rules once, and the number of
// patterns that match.
func prepared(tb testing.TB, rules [][]byte, event string) func() int {
	tb.Helper()
	var (
		paths scan.Paths
		d     scan.Doc
		s     State
	)
	m, err := Compile(&paths, rules...)
	if err != nil {
		tb.Fatal(err)
	}
	data := []byte(event)
	return func() int {
		if err := paths.Scan(data, &d); err != nil {
			tb.Fatal(err)
		}
		hits, err := m.Match(&d, &s)
		if err != nil {
			tb.Fatal(err)
		}
		return len(hits)
	}
}

// BenchmarkMatch scans and matches one event against mappings of many rules.
func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			once := prepared(b, s3Rules(n), s3Event)
			b.ReportAllocs()
			for b.Loop() {
				once()
			}
		})
	}
}

// BenchmarkFamily is BenchmarkMatch for one operator after the other.
func BenchmarkFamily(b *testing.B) {
	for _, f := range families() {
		b.Run(f.name, func(b *testing.B) {
			once := prepared(b, f.rules, f.event)
			b.ReportAllocs()
			for b.Loop() {
				once()
			}
		})
	}
}

// BenchmarkCompile is what the function spends on its patterns at start, and the
// heap that they then occupy.
func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{20, 1000, 10000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			rules := s3Rules(n)
			var m *Matcher
			before := heap()
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if m, err = Compile(new(scan.Paths), rules...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(heap()-before)/1e6, "heap-MB")
			runtime.KeepAlive(m)
			runtime.KeepAlive(rules)
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// TestFamilies demands of what the benchmarks do that it is right and that it
// makes no allocations.
func TestFamilies(t *testing.T) {
	for _, f := range append(families(), family{"s3", s3Rules(1000), s3Event, 1}) {
		once := prepared(t, f.rules, f.event)
		if got := once(); got != f.hits {
			t.Errorf("%s: %d patterns match, want %d", f.name, got, f.hits)
		}
		if n := testing.AllocsPerRun(3, func() { once() }); n != 0 {
			t.Errorf("%s: %v allocations an event", f.name, n)
		}
	}
}
