package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"terraform.local/s3www/cluster/internal/process"
)

// program returns the built command, which finds its tools beside itself.
func program(t *testing.T) string {
	t.Helper()
	path := os.Getenv("S3WWW_CLUSTER_COMMAND")
	if path == "" {
		if os.Getenv("CI") == "" {
			t.Skip("S3WWW_CLUSTER_COMMAND does not name the built command; `make test` sets it")
		}
		t.Fatal("S3WWW_CLUSTER_COMMAND does not name the built command, and CI leaves no test out.")
	}
	return path
}

// second is a cluster of the test's own, of two nodes, beside the one that
// others use.
type second struct {
	t              *testing.T
	program, state string
}

const (
	secondName   = "beside"
	secondSubnet = "10.99.213.0/24"
)

func (s second) run(arguments ...string) (string, error) {
	command := exec.Command(s.program, arguments...)
	command.Env = append(os.Environ(), "S3WWW_CLUSTER="+secondName, "S3WWW_CLUSTER_SUBNET="+secondSubnet, "S3WWW_CLUSTER_NODES=2", "S3WWW_STATE_DIR="+s.state)
	output, err := command.CombinedOutput()
	return string(output), err
}

func (s second) must(arguments ...string) string {
	s.t.Helper()
	output, err := s.run(arguments...)
	if err != nil {
		s.t.Fatalf("cluster %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return output
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// traces lists everything on the machine that a cluster could leave behind.
func traces(t *testing.T) []string {
	t.Helper()
	var all []string
	devices, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, device := range devices {
		all = append(all, "device "+device.Name)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		all = append(all, "mount "+strings.Fields(line)[4])
	}
	for _, pattern := range []string{"/sys/fs/cgroup/*", "/sys/fs/cgroup/*/*", "/run/*", "/run/netns/*", "/run/containerd/*", "/var/lib/*", "/var/lib/cni/*", "/var/lib/kubelet/*", "/var/log/*", "/opt/*", "/etc/cni/*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, paths...)
	}
	for _, name := range []string{"vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys", "net/ipv4/ip_forward"} {
		value, err := os.ReadFile("/proc/sys/" + name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name+" "+strings.TrimSpace(string(value)))
	}
	if rules, err := exec.Command("iptables-save").Output(); err == nil {
		// Its comments hold the time, its chains count packets.
		all = append(all, regexp.MustCompile(`(?m)^#.*$|\[\d+:\d+\]`).ReplaceAllString(string(rules), ""))
	}
	return all
}

// processes lists the processes that run in the state folder.
func processes(t *testing.T, state string) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		folder, _ := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		arguments, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		if strings.HasPrefix(folder, state) || strings.Contains(string(arguments), state) {
			found = append(found, entry.Name()+" "+string(arguments))
		}
	}
	return found
}

func TestLifeOfAClusterBesideAnother(t *testing.T) {
	s := second{t: t, program: program(t), state: filepath.Join(t.TempDir(), "state")}
	before := traces(t)
	t.Cleanup(func() { s.run("down") }) //nolint:errcheck // the test has failed if this is needed

	if output, err := s.run("status"); err == nil || !strings.Contains(output, "not up") {
		t.Errorf("status before up: %v\n%s", err, output)
	}
	s.must("up")
	record, found, err := process.Load(filepath.Join(s.state, secondName, "process.json"))
	if err != nil || !found || !record.Running() {
		t.Fatalf("the record is %+v, %v, %v", record, found, err)
	}

	// A second time there is nothing to do.
	start := time.Now()
	s.must("up")
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("a second up took %s", took)
	}

	// A component that is ended comes back, on the second node too.
	for _, component := range []string{"kube-apiserver", "node2/kubelet"} {
		line := regexp.MustCompile(`(?m)^` + component + ` +process (\d+)$`)
		old := line.FindString(s.must("status"))
		s.must("signal", component, "KILL")
		eventually(t, component+" comes back as another process", func() bool {
			output, err := s.run("status")
			return err == nil && line.FindString(output) != "" && line.FindString(output) != old
		})
		if output := s.must("logs", component); output == "" {
			t.Errorf("%s has no log", component)
		}
	}
	if output, err := s.run("signal", "nobody", "KILL"); err == nil || !strings.Contains(output, "kube-apiserver") {
		t.Errorf("a signal to nobody: %v\n%s", err, output)
	}

	// A crash of the whole cluster leaves rubbish; the next up clears it away.
	if err := syscall.Kill(record.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the crashed cluster is not up", func() bool {
		_, err := s.run("status")
		return err != nil
	})
	s.must("up")

	// A record that names somebody else's process (its id was used again)
	// must not end that one.
	bystander := exec.Command("sleep", "300")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	defer bystander.Wait()         //nolint:errcheck // it was killed
	defer bystander.Process.Kill() //nolint:errcheck // it runs
	s.must("down")
	folder := filepath.Join(s.state, secondName)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	stale := fmt.Sprintf(`{"pid":%d,"start_time":1,"boot_id":%q}`, bystander.Process.Pid, record.BootID)
	if err := os.WriteFile(filepath.Join(folder, "process.json"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must("down")
	if identity, err := process.Identify(bystander.Process.Pid); err != nil || !identity.Running() {
		t.Error("down ended a process that was not its own")
	}

	for _, trace := range traces(t) {
		if !slices.Contains(before, trace) {
			t.Errorf("this is left: %s", trace)
		}
	}
	if left := processes(t, s.state); len(left) > 0 {
		t.Errorf("these processes are left: %q", left)
	}
	if _, err := os.Stat(s.state); !os.IsNotExist(err) {
		t.Errorf("the state folder is left: %v", err)
	}
}
