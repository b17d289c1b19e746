package progress

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestUntil(t *testing.T) {
	var out bytes.Buffer
	tries := 0
	err := New(&out).Until(context.Background(), "It holds", func(context.Context) error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || tries != 3 || !strings.Contains(out.String(), "It holds\n") {
		t.Errorf("Until = %v after %d tries, and printed %q", err, tries, out.String())
	}
}

func TestUntilGivesUpWithTheReason(t *testing.T) {
	reporter := New(&bytes.Buffer{})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	reason := errors.New("the reason")
	err := reporter.Until(ctx, "It holds", func(context.Context) error { return reason })
	if !errors.Is(err, reason) || !strings.Contains(err.Error(), "It holds") {
		t.Errorf("Until = %v", err)
	}
	err = reporter.Until(context.Background(), "It holds", func(context.Context) error { return Fatal(reason) })
	if err != reason { //nolint:errorlint // the very error
		t.Errorf("Until = %v", err)
	}
}
