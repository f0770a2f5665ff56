package event

import (
	"testing"
	"time"

	"github.com/taskbridge/taskbridge/internal/scan"
)

func TestTime(t *testing.T) {
	for text, want := range map[string]time.Time{
		`{"time":"2026-03-14T09:26:53Z"}`:        time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC),
		`{"time":"2026-03-14T10:26:53.5+01:00"}`: time.Date(2026, 3, 14, 9, 26, 53, 5e8, time.UTC),
		`{"time":"yesterday"}`:                   {},
		`{"time":1773480413}`:                    {},
		`{"time":"9999-12-31T23:00:00-02:00"}`:   {},
		`{}`:                                     {},
		`[`:                                      {},
	} {
		x := ownIdentifier()
		var d scan.Doc
		if err := x.paths.Scan([]byte(text), &d); (err != nil) != (text == `[`) {
			t.Fatal(err)
		}
		if _, got := x.Heading(&d); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}
