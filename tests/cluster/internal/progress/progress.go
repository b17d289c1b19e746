// Package progress prints what is going on, with the seconds it has taken.
package progress

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Reporter prints lines with the time since it was made.
type Reporter struct {
	out   io.Writer
	start time.Time
}

// New returns a reporter whose clock starts now.
func New(out io.Writer) *Reporter { return &Reporter{out: out, start: time.Now()} }

// Step prints one line.
func (r *Reporter) Step(format string, arguments ...any) {
	fmt.Fprintf(r.out, "%6.1fs  %s\n", time.Since(r.start).Seconds(), fmt.Sprintf(format, arguments...))
}

// pollInterval is how often a condition is looked at; tellInterval is how
// often a wait says that it is still waiting.
const (
	pollInterval = 100 * time.Millisecond
	tellInterval = 10 * time.Second
)

// Until looks at a condition until it holds, the context ends, or the check
// returns an error that waiting cannot heal (wrap it with Fatal). What the
// check said last goes into the error.
func (r *Reporter) Until(ctx context.Context, what string, check func(context.Context) error) error {
	tell := time.Now().Add(tellInterval)
	for {
		err := check(ctx)
		if err == nil {
			r.Step("%s", what)
			return nil
		}
		if fatal, is := err.(fatalError); is {
			return fatal.error
		}
		if time.Now().After(tell) {
			r.Step("... still waiting for: %s (%v)", what, err)
			tell = time.Now().Add(tellInterval)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("Waited in vain for: %s. The last answer was: %w", what, err)
		case <-time.After(pollInterval):
		}
	}
}

type fatalError struct{ error }

// Fatal marks an error as one that waiting longer cannot heal.
func Fatal(err error) error { return fatalError{err} }
