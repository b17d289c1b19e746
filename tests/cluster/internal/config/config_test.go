package config

import (
	"strings"
	"testing"
)

func TestFromEnvironment(t *testing.T) {
	t.Setenv(nameVariable, "two")
	t.Setenv(subnetVariable, "10.99.7.9/24")
	t.Setenv(stateVariable, "/somewhere")
	t.Setenv(nodesVariable, "3")
	got, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	if got.MachineIP.String() != "10.99.7.1" || got.ClusterIP.String() != "10.99.7.2" || got.Subnet.String() != "10.99.7.0/24" {
		t.Errorf("the addresses are %s and %s in %s", got.MachineIP, got.ClusterIP, got.Subnet)
	}
	if got.Kubeconfig() != "/somewhere/two/kubeconfig" || got.MachineLink() != "s3w-two" || got.Cgroup() != "s3www-cluster-two" {
		t.Errorf("the cluster is %+v", got)
	}
	if len(got.Nodes) != 3 {
		t.Fatalf("the nodes are %+v", got.Nodes)
	}
	first, last := got.Nodes[0], got.Nodes[2]
	if first.Address != got.ClusterIP || first.Path("config") != got.Path("config") || first.Cgroup() != got.Cgroup() {
		t.Errorf("the first node is %+v", first)
	}
	if last.Name != "node3" || last.Address.String() != "10.99.7.4" || last.PodCIDR != "10.244.2.0/24" || last.Path("config") != "/somewhere/two/nodes/node3/config" || last.Logs() != "/somewhere/two/logs/node3" {
		t.Errorf("the last node is %+v", last)
	}
	if before, exists := got.Before(last); !exists || before.Name != "node2" {
		t.Errorf("before it registers %+v, %v", before, exists)
	}
	if len(linkPrefix)+maxNameLength > 15 {
		t.Error("a device's name has at most 15 characters")
	}
}

func TestBadSettingsAreRefusedByName(t *testing.T) {
	for _, bad := range []struct{ variable, value string }{
		{nameVariable, "UPPER"}, {nameVariable, "../x"}, {nameVariable, "-x"}, {nameVariable, "much-too-long"},
		{subnetVariable, "10.0.0.0"}, {subnetVariable, "10.0.0.0/31"}, {subnetVariable, "fd00::/64"}, {subnetVariable, "x"},
		{nodesVariable, "0"}, {nodesVariable, "10"}, {nodesVariable, "two"},
	} {
		t.Run(bad.variable+"="+bad.value, func(t *testing.T) {
			t.Setenv(bad.variable, bad.value)
			_, err := FromEnvironment()
			if err == nil || !strings.Contains(err.Error(), bad.variable) || !strings.Contains(err.Error(), bad.value) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
