// Package machine is what a cluster needs from the machine it runs on, and
// what of it is visible there: one network link and one control group.
package machine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// programs are what must be installed, and the Debian package of each.
var programs = []struct{ name, debianPackage string }{
	{"busybox", "busybox-static"},
	{"conntrack", "conntrack"},
	{"containerd", "containerd"},
	{"ctr", "containerd"},
	{"curl", "curl"},
	{"etcd", "etcd-server"},
	{"ip", "iproute2"},
	{"iptables", "iptables"},
	{"runc", "runc"},
}

// capabilities are the ones without which no pod starts, by their number in
// linux/capability.h.
var capabilities = []struct {
	bit  uint
	name string
}{
	{0, "CAP_CHOWN"}, {1, "CAP_DAC_OVERRIDE"}, {3, "CAP_FOWNER"}, {5, "CAP_KILL"}, {6, "CAP_SETGID"}, {7, "CAP_SETUID"},
	{8, "CAP_SETPCAP"}, {12, "CAP_NET_ADMIN"}, {13, "CAP_NET_RAW"}, {18, "CAP_SYS_CHROOT"}, {21, "CAP_SYS_ADMIN"}, {27, "CAP_MKNOD"},
}

// CNIFolders are where distributions put the CNI plugins.
var CNIFolders = []string{"/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"}

// Check says everything that the machine lacks, all at once.
func Check() error {
	missing := []error{checkCapabilities(), checkKernel(), checkPrograms()}
	if err := errors.Join(missing...); err != nil {
		return fmt.Errorf("This machine cannot run the local cluster:\n%w\nSet KUBECONFIG to use another cluster instead.", err)
	}
	return nil
}

// CNIFolder returns the folder with the CNI plugins.
func CNIFolder() (string, error) {
	for _, folder := range CNIFolders {
		if _, err := os.Stat(folder + "/ptp"); err == nil {
			return folder, nil
		}
	}
	return "", fmt.Errorf("The CNI plugins are in none of %s. Run `make setup`, or install Debian's package containernetworking-plugins.", strings.Join(CNIFolders, ", "))
}

func checkPrograms() error {
	var missing []error
	for _, program := range programs {
		if _, err := exec.LookPath(program.name); err != nil {
			missing = append(missing, fmt.Errorf("The program %s is not installed. Run `make setup`, or install Debian's package %s.", program.name, program.debianPackage))
		}
	}
	if _, err := CNIFolder(); err != nil {
		missing = append(missing, err)
	}
	return errors.Join(missing...)
}

func checkCapabilities() error {
	if os.Geteuid() != 0 {
		return errors.New("Only root can make network namespaces and start containers. Run the command as root.")
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return fmt.Errorf("The capabilities of this process cannot be read: %w", err)
	}
	effective, err := effectiveCapabilities(string(status))
	if err != nil {
		return err
	}
	var missing []string
	for _, capability := range capabilities {
		if effective&(1<<capability.bit) == 0 {
			missing = append(missing, capability.name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("This root lacks the capabilities %s, as in a container that is not privileged.", strings.Join(missing, ", "))
	}
	return nil
}

func effectiveCapabilities(status string) (uint64, error) {
	for line := range strings.Lines(status) {
		if value, found := strings.CutPrefix(line, "CapEff:"); found {
			return strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		}
	}
	return 0, errors.New("The kernel does not say which capabilities this process has.")
}

func checkKernel() error {
	var missing []error
	for _, namespace := range []string{"net", "pid", "mnt"} {
		if _, err := os.Stat("/proc/self/ns/" + namespace); err != nil {
			missing = append(missing, fmt.Errorf("The kernel has no %s namespaces.", namespace))
		}
	}
	if !hasFileSystem("overlay") {
		// A kernel with modules loads it on demand, but only if it is there.
		_ = exec.Command("modprobe", "overlay").Run()
		if !hasFileSystem("overlay") {
			missing = append(missing, errors.New("The kernel has no overlay file system (module `overlay`)."))
		}
	}
	hierarchies, err := Hierarchies()
	if err != nil {
		return err
	}
	if len(hierarchies) == 0 {
		missing = append(missing, errors.New("No control groups are mounted below /sys/fs/cgroup."))
	}
	return errors.Join(missing...)
}

func hasFileSystem(name string) bool {
	list, err := os.ReadFile("/proc/filesystems")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		if len(fields) > 0 && fields[len(fields)-1] == name {
			return true
		}
	}
	return false
}
