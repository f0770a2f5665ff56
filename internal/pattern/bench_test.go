package pattern

import (
	"fmt"
	"runtime"
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

// s3Rules are n patterns as a mapping for uploads has them: a bucket each, and
// a prefix, a suffix, a size or two of them; every tenth is for another kind of
// event of its own source.
func s3Rules(n int) [][]byte {
	rules := make([][]byte, n)
	for i := range rules {
		key := fmt.Sprintf(`{"prefix":"incoming/tenant-%05d/"}`, i)
		switch i % 5 {
		case 1:
			key = fmt.Sprintf(`{"suffix":".part-%d.csv.gz"}`, i)
		case 2:
			key = fmt.Sprintf(`{"wildcard":"incoming/*/report-%d-*.csv.gz"}`, i)
		}
		text := fmt.Sprintf(`{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["acme-data-imports-%05d"]},"object":{"key":[%s]`, i/4, key)
		switch {
		case i%10 == 9:
			rules[i] = fmt.Appendf(nil, `{"source":["com.example.service-%d"],"detail-type":["Import Requested"],"detail":{"state":[{"anything-but":"DONE"}]}}`, i)
			continue
		case i%3 == 0:
			text += fmt.Sprintf(`,"size":[{"numeric":[">",%d]}]`, i)
		}
		rules[i] = []byte(text + "}}}")
	}
	return rules
}

// on fills in the number of the rule.
func numbered(n int, format string) [][]byte {
	rules := make([][]byte, n)
	for i := range rules {
		rules[i] = fmt.Appendf(nil, format, i)
	}
	return rules
}

func words(n int, format string) [][]byte {
	rules := make([][]byte, n)
	for i := range rules {
		a, b, c := 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26
		rules[i] = []byte(fmt.Sprintf(format, string(rune(a)), string(rune(b)), string(rune(c))))
	}
	return rules
}

func benchmarkMatch(b *testing.B, rules [][]byte, event string, want int) {
	b.Helper()
	var (
		paths scan.Paths
		d     scan.Doc
		s     State
	)
	m, err := Compile(&paths, rules...)
	if err != nil {
		b.Fatal(err)
	}
	data := []byte(event)
	b.ReportAllocs()
	for b.Loop() {
		if err := paths.Scan(data, &d); err != nil {
			b.Fatal(err)
		}
		hits, err := m.Match(&d, &s)
		if err != nil || want >= 0 && len(hits) != want {
			b.Fatalf("got %v, %v, want %d matches", hits, err, want)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) { benchmarkMatch(b, s3Rules(n), s3Event, -1) })
	}
}

func BenchmarkFamily(b *testing.B) {
	for _, f := range []struct {
		name  string
		rules [][]byte
	}{
		{"exact", numbered(1000, `{"detail":{"bucket":{"name":["acme-data-imports-%05d"]}}}`)},
		{"prefix", numbered(1000, `{"detail":{"object":{"key":[{"prefix":"incoming/tenant-%05d/"}]}}}`)},
		{"suffix", numbered(1000, `{"detail":{"object":{"key":[{"suffix":"-%06d.csv.gz"}]}}}`)},
		{"equals-ignore-case", numbered(1000, `{"detail":{"bucket":{"name":[{"equals-ignore-case":"ACME-data-imports-%05d"}]}}}`)},
		{"wildcard", words(1000, `{"detail":{"object":{"key":[{"wildcard":"*%[1]s%[2]s%[3]s*%[3]s%[2]s%[1]s*"}]}}}`)},
		{"wildcard-letters", words(1000, `{"detail":{"object":{"key":[{"wildcard":"*%[1]s*%[2]s*"}]}}}`)},
		{"anything-but", numbered(1000, `{"detail":{"bucket":{"name":[{"anything-but":"acme-data-imports-%05d"}]}}}`)},
		{"anything-but-prefix", numbered(1000, `{"detail":{"object":{"key":[{"anything-but":{"prefix":"incoming/tenant-%05d/"}}]}}}`)},
		{"numeric", numbered(1000, `{"detail":{"object":{"size":[{"numeric":[">",%d,"<",5250000]}]}}}`)},
		{"cidr", numbered(250, `{"detail":{"source-ip-address":[{"cidr":"203.0.%d.0/24"}]}}`)},
		{"exists", numbered(1000, `{"detail":{"field-%d":[{"exists":true}]}}`)},
	} {
		b.Run(f.name, func(b *testing.B) { benchmarkMatch(b, f.rules, s3Event, -1) })
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
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
