package lifecycle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/machine"
	"terraform.local/s3www/cluster/internal/process"
	"terraform.local/s3www/cluster/internal/progress"
)

// downTimeout bounds how long the kernel may take to end the processes and
// let go of their control groups.
const downTimeout = 30 * time.Second

// Down ends the cluster and removes everything of it.
func Down(cluster config.Config, out io.Writer) error {
	if os.Geteuid() != 0 {
		return errors.New("Only root can take the cluster down. Run the command as root.")
	}
	reporter := progress.New(out)
	release, err := lock(cluster)
	if err != nil {
		return err
	}
	defer release()
	_, err = os.Stat(cluster.State)
	existed := err == nil
	if err := remove(cluster); err != nil {
		return err
	}
	for _, folder := range append([]string{cluster.StateRoot}, cluster.Above...) {
		err := syscall.Rmdir(folder)
		if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) {
			break // another cluster's, or somebody else's
		}
		if err != nil {
			return fmt.Errorf("The folder %s cannot be removed: %w", folder, err)
		}
	}
	if existed {
		reporter.Step("The cluster `%s` is down and nothing of it is left", cluster.Name)
	} else {
		reporter.Step("There was no cluster `%s`", cluster.Name)
	}
	return nil
}

// remove ends the recorded process, and only that one; the kernel ends
// everything that is in its namespaces with it, and removes their mounts,
// devices and rules. What the machine itself holds goes by the cluster's name.
func remove(cluster config.Config) error {
	deadline := time.Now().Add(downTimeout)
	record, found, err := process.Load(recordPath(cluster))
	if err != nil {
		return err
	}
	if found {
		if err := record.Kill(); err != nil {
			return err
		}
		for record.Running() {
			if time.Now().After(deadline) {
				return fmt.Errorf("The cluster's process %d does not end. Look at /proc/%d/stack.", record.PID, record.PID)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	if err := machine.RemoveLink(cluster); err != nil {
		return err
	}
	if err := machine.RemoveCgroup(cluster.Cgroup(), deadline); err != nil {
		return err
	}
	if err := checkNoMounts(cluster.State); err != nil {
		return err
	}
	if err := os.RemoveAll(cluster.State); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("The state folder cannot be removed: %w", err)
	}
	return nil
}

// checkNoMounts refuses to remove a folder that something is mounted in: the
// cluster's own mounts are gone by now, so it would be somebody else's.
func checkNoMounts(folder string) error {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 4 && strings.HasPrefix(fields[4], folder+"/") {
			return fmt.Errorf("Something is mounted at %s, which the cluster did not do, so its folder is not removed. Unmount it and try again.", fields[4])
		}
	}
	return nil
}
