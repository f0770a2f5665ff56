package pattern

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

func TestZZRows(t *testing.T) {
	name := os.Getenv("ROWS")
	if name == "" {
		t.Skip()
	}
	f, _ := os.Open(name)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	bad := map[string]int{}
	rows := 0
	for lines.Scan() {
		var row struct {
			ID, Pattern, Event, Family, Accident string
			Match                                *bool
			Invalid                              bool
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows++
		if row.Event == "" {
			row.Event = "{}"
		}
		got, err := match(t, row.Pattern, row.Event)
		if row.Invalid != (err != nil) || row.Match != nil && got != *row.Match {
			bad[row.Family+"/"+row.Accident]++
			if bad[row.Family+"/"+row.Accident] <= 4 && row.Accident == "" {
				t.Errorf("%s %s: got %t %v want %s: %s on %s", row.ID, row.Family, got, err, lines.Bytes()[max(0, len(lines.Bytes())-60):], row.Pattern, row.Event)
			}
		}
	}
	t.Logf("%d rows, %v", rows, bad)
}
