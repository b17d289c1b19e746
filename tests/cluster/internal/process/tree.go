package process

import (
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// Process is a process as the machine sees it.
type Process struct {
	PID     int
	Program string
}

// Children returns the processes whose parent is the process with an id,
// oldest id first. Program is the base name of the first argument.
func Children(parent int) ([]Process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var children []Process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, err := readStat(pid)
		if err != nil || stat.parent != parent {
			continue // it ended meanwhile, or is somebody else's
		}
		arguments, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		if err != nil {
			continue
		}
		program, _, _ := strings.Cut(string(arguments), "\x00")
		children = append(children, Process{PID: pid, Program: filepath.Base(program)})
	}
	sort.Slice(children, func(a, b int) bool { return children[a].PID < children[b].PID })
	return children, nil
}
