package main

import (
	"context"
	"io"
	"os"
	"time"
)

const parentInterval = 500 * time.Millisecond

// cancelWithParent cancels when standard input is closed, which the system does when the process at its other end is
// killed, or when the parent process is another one than at the start: for parents whose standard input was passed on.
func cancelWithParent(ctx context.Context, cancel context.CancelFunc) {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	parent := os.Getppid()
	tick := time.NewTicker(parentInterval)
	defer tick.Stop()
	for os.Getppid() == parent {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	cancel()
}
