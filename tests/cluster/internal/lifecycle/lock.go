// Package lifecycle brings a cluster up, takes it down and says how it is.
package lifecycle

import (
	"fmt"
	"os"
	"syscall"

	"terraform.local/s3www/cluster/internal/config"
)

// lock keeps two commands off the same clusters. The folder itself is the
// lock, so that nothing more is left behind.
func lock(cluster config.Config) (release func(), err error) {
	for {
		if err := os.MkdirAll(cluster.StateRoot, 0o700); err != nil {
			return nil, fmt.Errorf("The state folder cannot be made: %w", err)
		}
		folder, err := os.Open(cluster.StateRoot)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
			folder.Close()
			return nil, fmt.Errorf("The state folder %s cannot be locked: %w", cluster.StateRoot, err)
		}
		// The one who had the lock may have removed the folder.
		held, err := folder.Stat()
		if err != nil {
			folder.Close()
			return nil, err
		}
		if now, err := os.Stat(cluster.StateRoot); err == nil && os.SameFile(held, now) {
			return func() { folder.Close() }, nil
		}
		folder.Close()
	}
}
