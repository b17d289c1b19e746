package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Hierarchy is a mounted control group hierarchy: version 1 has one for each
// controller, version 2 has one for all.
type Hierarchy struct {
	Root    string
	Unified bool
}

// Hierarchies returns the mounted hierarchies that have controllers.
func Hierarchies() ([]Hierarchy, error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("The mounted control groups cannot be read: %w", err)
	}
	var hierarchies []Hierarchy
	for _, hierarchy := range parseHierarchies(string(mounts)) {
		if hierarchy.Unified {
			// Beside version 1 there is an empty version 2 that only systemd
			// looks at.
			controllers, err := os.ReadFile(filepath.Join(hierarchy.Root, "cgroup.controllers"))
			if err != nil || len(strings.Fields(string(controllers))) == 0 {
				continue
			}
		}
		hierarchies = append(hierarchies, hierarchy)
	}
	return hierarchies, nil
}

// parseHierarchies reads /proc/self/mountinfo, see proc_pid_mountinfo(5): the
// mount point is the fifth field, the type the first one behind the dash.
func parseHierarchies(mounts string) []Hierarchy {
	var hierarchies []Hierarchy
	for line := range strings.Lines(mounts) {
		before, after, found := strings.Cut(line, " - ")
		fields, kind := strings.Fields(before), strings.Fields(after)
		if !found || len(fields) < 5 || len(kind) == 0 || !strings.HasPrefix(kind[0], "cgroup") {
			continue
		}
		hierarchies = append(hierarchies, Hierarchy{Root: fields[4], Unified: kind[0] == "cgroup2"})
	}
	return hierarchies
}

// systemGroup holds the cluster's own programs, beside the group that the
// kubelet makes for the pods: in version 2, a group with groups below it can
// hold no process itself.
const systemGroup = "system"

// EnterCgroup makes a control group for the cluster in every hierarchy and
// moves this process into it. From then on, neither the limits nor the end of
// the session that started the cluster concern it.
func EnterCgroup(name string) error {
	hierarchies, err := Hierarchies()
	if err != nil {
		return err
	}
	for _, hierarchy := range hierarchies {
		if err := hierarchy.enter(name); err != nil {
			return err
		}
	}
	return nil
}

func (h Hierarchy) enter(name string) error {
	group := filepath.Join(h.Root, name)
	system := filepath.Join(group, systemGroup)
	if err := os.MkdirAll(system, 0o755); err != nil {
		return fmt.Errorf("The control group %s cannot be made: %w", group, err)
	}
	for _, folder := range []string{group, system} {
		if err := h.open(folder); err != nil {
			return err
		}
	}
	// Zero is the process that writes.
	if err := os.WriteFile(filepath.Join(system, "cgroup.procs"), []byte("0"), 0o644); err != nil {
		return fmt.Errorf("The control group %s cannot be entered: %w", system, err)
	}
	return nil
}

// open makes a new group usable: in version 2 its parent has to pass the
// controllers on, in version 1 it needs processors.
func (h Hierarchy) open(group string) error {
	if h.Unified {
		controllers, err := os.ReadFile(filepath.Join(h.Root, "cgroup.controllers"))
		if err != nil {
			return err
		}
		enable := "+" + strings.Join(strings.Fields(string(controllers)), " +")
		parent := filepath.Dir(group)
		if err := os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte(enable), 0o644); err != nil {
			return fmt.Errorf("The controllers of the control group %s cannot be switched on: %w", parent, err)
		}
		return nil
	}
	// A cpuset begins empty, and nothing can run in an empty one.
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(h.Root, file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(group, file), value, 0o644); err != nil {
			return fmt.Errorf("The control group %s cannot be given its %s: %w", group, file, err)
		}
	}
	return nil
}

// RemoveCgroup removes the group and all groups below it. The kernel lets go
// of the last process a moment after it died, so a busy group is tried again
// until the deadline.
func RemoveCgroup(name string, deadline time.Time) error {
	hierarchies, err := Hierarchies()
	if err != nil {
		return err
	}
	for _, hierarchy := range hierarchies {
		group := filepath.Join(hierarchy.Root, name)
		for {
			err := removeTree(group)
			if err == nil {
				break
			}
			if !errors.Is(err, syscall.EBUSY) || time.Now().After(deadline) {
				return fmt.Errorf("The control group %s cannot be removed: %w", group, err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return nil
}

func removeTree(group string) error {
	entries, err := os.ReadDir(group)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			if err := removeTree(filepath.Join(group, entry.Name())); err != nil {
				return err
			}
		}
	}
	return syscall.Rmdir(group)
}
