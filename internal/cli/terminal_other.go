//go:build !darwin && !linux

package cli

import "os"

// terminalWidth is 0: the system does not say it in the way that others do.
func terminalWidth(*os.File) int { return 0 }
