// Package process tells processes apart for good: a process id alone can
// belong to somebody else a moment later.
package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Identity names one process for ever: its id, when it started (in clock
// ticks since boot) and during which boot.
type Identity struct {
	PID       int    `json:"pid"`
	StartTime uint64 `json:"start_time"`
	BootID    string `json:"boot_id"`
}

// Identify returns the identity of the running process with an id.
func Identify(pid int) (Identity, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return Identity{}, fmt.Errorf("The machine's boot id cannot be read: %w", err)
	}
	stat, err := readStat(pid)
	if err != nil {
		return Identity{}, err
	}
	return Identity{PID: pid, StartTime: stat.startTime, BootID: strings.TrimSpace(string(boot))}, nil
}

// Running says whether that very process runs. A zombie does not.
func (i Identity) Running() bool {
	now, err := Identify(i.PID)
	if err != nil || now != i {
		return false
	}
	stat, err := readStat(i.PID)
	return err == nil && stat.state != "Z" && stat.state != "X"
}

// Kill ends that very process and no other. It is no error if it is gone.
func (i Identity) Kill() error {
	// FindProcess holds the process by a descriptor, so the comparison that
	// follows stays true until the signal is sent.
	held, err := os.FindProcess(i.PID)
	if err != nil {
		return nil //nolint:nilerr // no such process: nothing to end
	}
	defer held.Release() //nolint:errcheck // only closes a descriptor
	if !i.Running() {
		return nil
	}
	if err := held.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("The process %d cannot be ended: %w", i.PID, err)
	}
	return nil
}

// Save writes the identity to a file, whole or not at all.
func (i Identity) Save(path string) error {
	text, err := json.Marshal(i)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("The process record cannot be written: %w", err)
	}
	return os.Rename(path+".new", path)
}

// Load reads an identity from a file. It returns false when there is none.
func Load(path string) (Identity, bool, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Identity{}, false, nil
	}
	if err != nil {
		return Identity{}, false, fmt.Errorf("The process record cannot be read: %w", err)
	}
	var identity Identity
	if err := json.Unmarshal(text, &identity); err != nil {
		return Identity{}, false, fmt.Errorf("The process record %s is damaged (%w). Find out what still runs, end it, and remove the file.", path, err)
	}
	return identity, true, nil
}

type stat struct {
	state     string
	parent    int
	startTime uint64
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return stat{}, fmt.Errorf("There is no process %d: %w", pid, err)
	}
	return parseStat(string(text))
}

// parseStat reads a line of /proc/<pid>/stat. The second field is the
// program's name in parentheses, in which anything can stand, so counting
// begins behind the last one.
func parseStat(line string) (stat, error) {
	_, rest, found := cutLast(line, ')')
	fields := strings.Fields(rest)
	if !found || len(fields) < 20 {
		return stat{}, fmt.Errorf("The kernel's description of a process is not understood: %q", line)
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return stat{}, fmt.Errorf("The parent in %q is not a number: %w", line, err)
	}
	start, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return stat{}, fmt.Errorf("The start time in %q is not a number: %w", line, err)
	}
	return stat{state: fields[0], parent: parent, startTime: start}, nil
}

func cutLast(text string, separator byte) (before, after string, found bool) {
	at := strings.LastIndexByte(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+1:], true
}
