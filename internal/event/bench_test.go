package event

import "testing"

func BenchmarkParse(b *testing.B) {
	s3 := s3Notification(s3RecordOf("ObjectCreated:Put", "incoming/2026/my+video.mp4"))
	for _, bench := range []struct {
		name    string
		payload []byte
		events  int
	}{
		{"direct", sample(b, "s3-eventbridge.json"), 1},
		{"s3-notification", sample(b, "s3-notification.json"), 1},
		{"sqs-10-eventbridge", []byte(sqsBatch(repeat(string(sample(b, "custom-import-requested.json")))...)), 10},
		{"sqs-10-s3-notification", []byte(sqsBatch(repeat(s3)...)), 10},
		{"sqs-mixed", sample(b, "sqs-mixed.fails.json"), 8},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bench.payload)))
			for b.Loop() {
				batch, err := Parse(bench.payload, Accept{})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for _, item := range batch.Items {
					n += len(item.Events)
				}
				if n != bench.events {
					b.Fatalf("got %d events, want %d", n, bench.events)
				}
			}
		})
	}
}

func BenchmarkIdentity(b *testing.B) {
	for _, file := range []string{"s3-eventbridge.json", "custom-import-requested.json", "scheduled-rule.json"} {
		e := only(b, sample(b, file))
		b.Run(file, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if e.Identity() == "" {
					b.Fatal("no identity")
				}
			}
		})
	}
}

func repeat(s string) []string {
	list := make([]string, 10)
	for i := range list {
		list[i] = s
	}
	return list
}
