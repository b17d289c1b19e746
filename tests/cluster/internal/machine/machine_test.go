package machine

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"terraform.local/s3www/cluster/internal/config"
)

func TestParseHierarchies(t *testing.T) {
	mounts := `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:25 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
31 30 0:26 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu
32 30 0:27 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
not a mount
`
	want := []Hierarchy{{Root: "/sys/fs/cgroup/cpu"}, {Root: "/sys/fs/cgroup/unified", Unified: true}}
	if got := parseHierarchies(mounts); !reflect.DeepEqual(got, want) {
		t.Errorf("parseHierarchies = %+v", got)
	}
}

func TestEffectiveCapabilities(t *testing.T) {
	got, err := effectiveCapabilities("Name:\tx\nCapPrm:\t0\nCapEff:\t0000000000201003\n")
	if err != nil || got != 0x201003 {
		t.Errorf("effectiveCapabilities = %x, %v", got, err)
	}
	if _, err := effectiveCapabilities("Name:\tx\n"); err == nil {
		t.Error("a status without capabilities was accepted")
	}
}

func TestSubnetInUseIsRefused(t *testing.T) {
	loopback := config.Config{Name: "x", Subnet: netip.MustParsePrefix("127.0.0.0/30")}
	err := CheckSubnet(loopback)
	if err == nil || !strings.Contains(err.Error(), "in use by the device lo") {
		t.Errorf("CheckSubnet = %v", err)
	}
	if err := CheckSubnet(config.Config{Subnet: netip.MustParsePrefix("203.0.113.0/24")}); err != nil {
		t.Errorf("a network for documentation only is in use: %v", err)
	}
}

// A child process runs the same test again and is the one that enters: a test
// that moved itself could not remove the group.
func TestCgroupIsEnteredAndRemoved(t *testing.T) {
	const name = "s3www-cluster-unit-test"
	if os.Getenv("ENTER_CGROUP") != "" {
		if err := EnterCgroup(name); err != nil {
			t.Fatal(err)
		}
		inside, err := os.ReadFile("/proc/self/cgroup")
		if err != nil {
			t.Fatal(err)
		}
		hierarchies, err := Hierarchies()
		if err != nil {
			t.Fatal(err)
		}
		if entered := strings.Count(string(inside), "/"+name+"/"+systemGroup+"\n"); entered != len(hierarchies) {
			t.Errorf("of %d hierarchies, these were entered:\n%s", len(hierarchies), inside)
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root makes control groups")
	}
	child := exec.Command("/proc/self/exe", "-test.run=^TestCgroupIsEnteredAndRemoved$")
	child.Env = append(os.Environ(), "ENTER_CGROUP=yes")
	if output, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	if err := RemoveCgroup(name, time.Now().Add(5*time.Second)); err != nil {
		t.Fatal(err)
	}
	hierarchies, err := Hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	for _, hierarchy := range hierarchies {
		if _, err := os.Stat(filepath.Join(hierarchy.Root, name)); !os.IsNotExist(err) {
			t.Errorf("%s still has the group", hierarchy.Root)
		}
	}
}
