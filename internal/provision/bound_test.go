package provision

import (
	"math"
	"strings"
	"testing"
)

func TestBound(t *testing.T) {
	for _, v := range []float64{1, 900, 60} {
		if err := Timeouts.Check("timeout", v); err != nil {
			t.Errorf("%v: %v", v, err)
		}
	}
	for _, v := range []float64{0, 901, 1.5, -1, math.NaN(), math.Inf(1)} {
		if err := Timeouts.Check("timeout", v); err == nil || !strings.HasPrefix(err.Error(), "timeout takes 1 to 900, got ") {
			t.Errorf("%v: got %v", v, err)
		}
	}
}
