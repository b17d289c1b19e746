package node

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"terraform.local/s3www/cluster/internal/config"
)

// privateFolders get an empty file system of the cluster's own, because
// kubelet, containerd, CNI and iptables write to fixed paths below them.
var privateFolders = []string{"/run", "/var/lib", "/var/log"}

// CheckState refuses a state folder that the cluster could not see.
func CheckState(cluster config.Config) error {
	for _, folder := range privateFolders {
		if cluster.State == folder || strings.HasPrefix(cluster.State, folder+"/") {
			return fmt.Errorf("The state folder %s is below %s, which is another folder inside the cluster. Set S3WWW_STATE_DIR to a folder elsewhere.", cluster.State, folder)
		}
	}
	return nil
}

// isolateMounts cuts the mount namespace off the machine's: nothing that is
// mounted from here on is seen outside, and pods see what is mounted here.
func isolateMounts() error {
	steps := []struct {
		source, target, kind string
		flags                uintptr
	}{
		{"", "/", "", syscall.MS_REC | syscall.MS_PRIVATE},
		{"", "/", "", syscall.MS_REC | syscall.MS_SHARED},
		{"proc", "/proc", "proc", syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC},
	}
	for _, step := range steps {
		if err := syscall.Mount(step.source, step.target, step.kind, step.flags, ""); err != nil {
			return fmt.Errorf("The mounts cannot be separated from the machine's (%s): %w", step.target, err)
		}
	}
	for _, folder := range privateFolders {
		if err := syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=0755"); err != nil {
			return fmt.Errorf("%s cannot be made the cluster's own: %w", folder, err)
		}
	}
	return nil
}

// kernelTunables are settings that the kubelet insists on. They belong to the
// whole machine, so the kubelet is shown files that hold what it wants.
var kernelTunables = map[string]string{
	"/proc/sys/vm/overcommit_memory":      "1",
	"/proc/sys/vm/panic_on_oom":           "0",
	"/proc/sys/kernel/panic":              "10",
	"/proc/sys/kernel/panic_on_oops":      "1",
	"/proc/sys/kernel/keys/root_maxkeys":  "1000000",
	"/proc/sys/kernel/keys/root_maxbytes": "25000000",
}

// coverFiles hides files of the machine behind files of the cluster's own.
func coverFiles(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for path, value := range kernelTunables {
		if _, err := os.Stat(path); err != nil {
			continue // this kernel does not have it
		}
		if err := cover(folder, path, path, value+"\n"); err != nil {
			return err
		}
	}
	return coverResolver(folder)
}

// resolver makes looking up a registry fail at once instead of after a
// timeout: the cluster's own DNS server knows no name of the world.
const resolver = "nameserver 127.0.0.1\n"

func coverResolver(folder string) error {
	const path = "/etc/resolv.conf"
	target, err := filepath.EvalSymlinks(path)
	if err == nil {
		return cover(folder, path, target, resolver)
	}
	// A link into /run, which is empty here.
	target, err = os.Readlink(path)
	if err != nil {
		return nil //nolint:nilerr // no file at all: resolvers ask 127.0.0.1 then
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(path), target)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	return os.WriteFile(target, []byte(resolver), 0o644)
}

func cover(folder, path, target, content string) error {
	source := filepath.Join(folder, strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "."))
	if err := os.WriteFile(source, []byte(content), 0o644); err != nil {
		return err
	}
	if err := syscall.Mount(source, target, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("%s cannot be covered: %w", path, err)
	}
	return nil
}
